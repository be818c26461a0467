//! `GET /v1/memos/{id}`: one memo, or 304 when the client has it.

use service::etag::EntityTags;
use service::{Problem, Request, Response};

use super::current;
use crate::Memos;
use crate::caller::Caller;
use crate::memo;

pub(crate) async fn answer(memos: &Memos, caller: &Caller, request: &Request) -> Result<Response, Problem> {
    let memo = memos.store.memo(caller, &memo::id(request)?.to_string()).await?;
    let known = request.header("If-None-Match").map(|value| EntityTags::parse(&value));
    if known.is_some_and(|tags| tags.matches_weakly(&memo.etag())) {
        return Ok(cacheable(Response::new(304).header("ETag", memo.etag())));
    }
    current(200, &memo).map(cacheable)
}

/// A client may keep the answer, and asks whether it is still current before it uses it.
fn cacheable(response: Response) -> Response {
    response.header("Cache-Control", "private, no-cache")
}
