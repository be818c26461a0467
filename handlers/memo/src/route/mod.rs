//! The endpoints, one file each, and what their answers share.

pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod list;
pub(crate) mod patch;
pub(crate) mod put;
pub(crate) mod read;
pub(crate) mod restore;
pub(crate) mod tags;

use std::time::Duration;

use service::etag::preconditions;
use service::{Problem, Request, Response, random};

use crate::Memos;
use crate::caller::Caller;
use crate::memo::Memo;
use crate::store::{Change, Changed};

/// How often a write is tried while others of the same memo come first.
const ATTEMPTS: u32 = 24;

/// Does `step` to the live memo `id`, whose preconditions hold, and gives what it gives.
///
/// When another request comes first, it is tried again on what that one left, preconditions included: so who named a
/// version gets 412, and who named none, or any, is not refused for a race (RFC 9110 section 13.1.1).
async fn write<T>(
    memos: &Memos,
    (caller, request): (&Caller, &Request),
    id: &str,
    step: impl AsyncFn(Memo) -> Result<(Changed, T), Problem>,
) -> Result<T, Problem> {
    for attempt in 0..ATTEMPTS {
        let old = memos.store.memo(caller, id).await?;
        preconditions(request, Some(&old.etag()))?;
        match step(old).await? {
            (Changed::Yes, done) => return Ok(done),
            (Changed::Stale | Changed::Beside, _) => pause(attempt).await?,
            (Changed::Contended, _) => return Err(Problem::unavailable()),
        }
    }
    Err(Problem::unavailable())
}

/// Writes `new` in the place of `old`, which gives it.
async fn rewrite(memos: &Memos, caller: &Caller, old: &Memo, new: Memo) -> Result<(Changed, Memo), Problem> {
    Ok((memos.store.change(caller, &Change::Rewrite { old, new: &new }).await?, new))
}

/// Waits before another try: a random time, up to 5 ms doubled with each of the first tries.
async fn pause(attempt: u32) -> Result<(), Problem> {
    let most = 5_000 << attempt.min(4);
    tokio::time::sleep(Duration::from_micros(u64::from_be_bytes(random::bytes()?) % most)).await;
    Ok(())
}

/// `memo` as it stands now.
fn current(status: u16, memo: &Memo) -> Result<Response, Problem> {
    Ok(Response::json(status, memo)?.header("ETag", memo.etag()))
}

/// 201 with the new memo's place.
fn created(request: &Request, id: &str, response: Response) -> Result<Response, Problem> {
    Ok(response.header("Location", format!("{}/v1/memos/{id}", request.base_url()?)))
}
