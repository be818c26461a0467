//! `DELETE /v1/memos/{id}`: takes a memo away; it is kept for 30 days.

use service::{Problem, Request, Response};

use super::{carry_out, if_match};
use crate::Memos;
use crate::caller::Caller;
use crate::memo;
use crate::store::Change;

pub(crate) async fn answer(memos: &Memos, caller: &Caller, request: &Request) -> Result<Response, Problem> {
    let id = memo::id(request)?.to_string();
    let old = memos.store.memo(caller, &id).await?;
    if_match(request, &old)?;
    carry_out(memos, caller, &old, &Change::Delete { old: &old, now: request.seconds() }).await?;
    Ok(Response::new(204))
}
