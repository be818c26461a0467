//! `GET /v1/memos/{id}`: one memo.

use service::{Problem, Request, Response};

use super::current;
use crate::Memos;
use crate::caller::Caller;

pub(crate) async fn answer(memos: &Memos, caller: &Caller, request: &Request) -> Result<Response, Problem> {
    let memo = memos.store.memo(caller, &request.path_id("id")?.to_string()).await?;
    // A client may keep the answer, and asks whether it is still current before it uses it.
    Ok(current(200, &memo)?.header("Cache-Control", "private, no-cache"))
}
