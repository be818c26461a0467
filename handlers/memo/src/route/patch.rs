//! `PATCH /v1/memos/{id}`: a JSON merge patch (RFC 7396).

use service::{Problem, Request, Response};

use super::{carry_out, current, if_match};
use crate::Memos;
use crate::caller::Caller;
use crate::memo::{self, BODY};
use crate::store::Change;

pub(crate) async fn answer(memos: &Memos, caller: &Caller, request: &Request) -> Result<Response, Problem> {
    let id = memo::id(request)?.to_string();
    let body = request.json(BODY, &["application/merge-patch+json", "application/json"])?;
    let old = memos.store.memo(caller, &id).await?;
    if_match(request, &old)?;
    let new = old.rewritten(old.text.patched(body)?, request.now);
    carry_out(memos, caller, &old, &Change::Rewrite { old: &old, new: &new }).await?;
    current(200, &new)
}
