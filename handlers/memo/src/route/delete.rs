//! `DELETE /v1/memos/{id}`: takes a memo away; it is kept for 30 days.

use service::{Problem, Request, Response};

use super::{changed, if_match};
use crate::Memos;
use crate::caller::Caller;
use crate::memo;
use crate::store::{Change, Changed};

pub(crate) async fn answer(memos: &Memos, caller: &Caller, request: &Request) -> Result<Response, Problem> {
    let id = memo::id(request)?.to_string();
    let old = memos.store.memo(caller, &id).await?;
    if_match(request, &old)?;
    match memos.store.change(caller, &Change::Delete { old: &old, now: request.seconds() }).await? {
        Changed::Yes => Ok(Response::new(204)),
        Changed::Stale | Changed::Beside => Err(changed(Some(&memos.store.memo(caller, &id).await?))),
    }
}
