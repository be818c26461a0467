//! `PATCH /v1/memos/{id}`: a JSON merge patch (RFC 7396).

use service::{Problem, Request, Response};

use super::{current, rewrite, write};
use crate::Memos;
use crate::caller::Caller;
use crate::memo::BODY;

pub(crate) async fn answer(memos: &Memos, caller: &Caller, request: &Request) -> Result<Response, Problem> {
    let id = request.path_id("id")?.to_string();
    let body = request.json(BODY, &["application/merge-patch+json", "application/json"])?;
    let new = write(memos, (caller, request), &id, async |old| {
        let new = old.rewritten(old.text.patched(body.clone())?, request.now);
        rewrite(memos, caller, &old, new).await
    });
    current(200, &new.await?)
}
