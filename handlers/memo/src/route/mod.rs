//! The endpoints, one file each, and what their answers share.

pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod list;
pub(crate) mod patch;
pub(crate) mod put;
pub(crate) mod read;

use service::etag::EntityTags;
use service::{Problem, Request, Response};

use crate::Memos;
use crate::caller::Caller;
use crate::memo::Memo;
use crate::store::{Change, Changed};

/// 412 with the current entity tag, unless If-Match is absent or names it.
fn if_match(request: &Request, memo: &Memo) -> Result<(), Problem> {
    match request.header("If-Match") {
        Some(value) if !EntityTags::parse(&value).matches_strongly(&memo.etag()) => Err(changed(Some(memo))),
        Some(_) | None => Ok(()),
    }
}

/// Carries out `change` of the memo `old`: 412, or 404 when it is gone, if another request came first.
async fn carry_out(memos: &Memos, caller: &Caller, old: &Memo, change: &Change<'_>) -> Result<(), Problem> {
    match memos.store.change(caller, change).await? {
        Changed::Yes => Ok(()),
        Changed::Stale | Changed::Beside => Err(changed(Some(&memos.store.memo(caller, &old.id).await?))),
        Changed::Contended => Err(Problem::unavailable()),
    }
}

/// 412: the memo is not what the client believes; its entity tag, where there is one.
fn changed(memo: Option<&Memo>) -> Problem {
    let problem = Problem::new(412, "precondition-failed", "The memo is not in the state that the request expects.");
    memo.into_iter().fold(problem, |problem, memo| problem.with("ETag", memo.etag()))
}

/// `memo` as it stands now.
fn current(status: u16, memo: &Memo) -> Result<Response, Problem> {
    Ok(Response::json(status, memo)?.header("ETag", memo.etag()))
}

/// 201 with the new memo's place.
fn created(request: &Request, id: &str, response: Response) -> Result<Response, Problem> {
    Ok(response.header("Location", format!("{}/v1/memos/{id}", request.base_url()?)))
}
