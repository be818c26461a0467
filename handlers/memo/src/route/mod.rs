//! The endpoints, one file each, and what their answers share.

pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod list;
pub(crate) mod patch;
pub(crate) mod put;
pub(crate) mod read;

use service::etag::EntityTags;
use service::{Problem, Request, Response};

use crate::memo::Memo;

/// 412 with the current entity tag, unless If-Match is absent or names it.
fn if_match(request: &Request, memo: &Memo) -> Result<(), Problem> {
    match request.header("If-Match") {
        Some(value) if !EntityTags::parse(&value).matches_strongly(&memo.etag()) => Err(changed(Some(memo))),
        Some(_) | None => Ok(()),
    }
}

/// 412: the memo is not what the client believes; its entity tag, where there is one.
fn changed(memo: Option<&Memo>) -> Problem {
    let problem = Problem::new(412, "precondition-failed", "The memo is not in the state that the request expects.");
    memo.into_iter().fold(problem, |problem, memo| problem.with("ETag", memo.etag()))
}

/// `memo` as it stands now.
fn current(status: u16, memo: &Memo) -> Result<Response, Problem> {
    let response = Response::json(status, memo)?;
    Ok(response.header("ETag", memo.etag()).header("Cache-Control", "private, no-cache"))
}

/// 201 with the new memo's place.
fn created(request: &Request, id: &str, response: Response) -> Result<Response, Problem> {
    Ok(response.header("Location", format!("{}/v1/memos/{id}", request.base_url()?)))
}
