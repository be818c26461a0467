//! `DELETE /v1/memos/{id}`: takes a memo away; it is kept for 30 days.

use service::{Problem, Request, Response};

use super::write;
use crate::Memos;
use crate::caller::Caller;
use crate::store::Change;

pub(crate) async fn answer(memos: &Memos, caller: &Caller, request: &Request) -> Result<Response, Problem> {
    let id = request.path_id("id")?.to_string();
    let step = async |old| {
        let change = Change::Delete { old: &old, now: request.seconds() };
        Ok((memos.store.change(caller, &change).await?, ()))
    };
    write(memos, (caller, request), &id, step).await?;
    Ok(Response::new(204))
}
