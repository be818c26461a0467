//! `POST /v1/memos/{id}/restore`: brings a deleted memo back, as it was, in its next version.

use service::etag::preconditions;
use service::{Problem, Request, Response};

use super::current;
use crate::Memos;
use crate::caller::Caller;
use crate::store::{Change, Changed};

pub(crate) async fn answer(memos: &Memos, caller: &Caller, request: &Request) -> Result<Response, Problem> {
    let id = request.path_id("id")?.to_string();
    let Some(old) = memos.store.deleted(caller, &id, request.seconds()).await? else {
        return Err(missing(memos, caller, &id).await?);
    };
    preconditions(request, Some(&old.etag()))?;
    let new = old.rewritten(old.text.clone(), request.now);
    match memos.store.change(caller, &Change::Restore { old: &old, new: &new, now: request.seconds() }).await? {
        Changed::Yes => current(200, &new),
        // Another request restored it, and may have changed it since.
        Changed::Stale | Changed::Beside => Err(missing(memos, caller, &id).await?),
        Changed::Contended => Err(Problem::unavailable()),
    }
}

/// Why there is nothing to restore: 409 when the memo is there, 404 when it never was or is gone for good.
async fn missing(memos: &Memos, caller: &Caller, id: &str) -> Result<Problem, Problem> {
    let live = memos.store.memo(caller, id).await?;
    let problem = Problem::new(409, "not-deleted", "The memo is not deleted.");
    Ok(problem.with("ETag", live.etag()))
}
