//! `GET /v1/memos/{id}`: one memo, or 304 when the client has it.

use service::etag::is_known;
use service::{Problem, Request, Response};

use super::current;
use crate::Memos;
use crate::caller::Caller;

pub(crate) async fn answer(memos: &Memos, caller: &Caller, request: &Request) -> Result<Response, Problem> {
    let memo = memos.store.memo(caller, &request.path_id("id")?.to_string()).await?;
    if is_known(request, &memo.etag())? {
        return Ok(cacheable(Response::new(304).header("ETag", memo.etag())));
    }
    current(200, &memo).map(cacheable)
}

/// A client may keep the answer, and asks whether it is still current before it uses it.
fn cacheable(response: Response) -> Response {
    response.header("Cache-Control", "private, no-cache")
}
