//! `PUT /v1/memos/{id}`: replaces a memo whole; with `If-None-Match: *` makes one under the client's id.

use service::etag::{EntityTags, changed};
use service::{Problem, Request, Response};

use super::{created, current, rewrite, write};
use crate::Memos;
use crate::caller::Caller;
use crate::memo::{BODY, Memo, Text};
use crate::store::{Change, Changed};

pub(crate) async fn answer(memos: &Memos, caller: &Caller, request: &Request) -> Result<Response, Problem> {
    let id = request.path_id("id")?;
    let text = Text::read(request.json(BODY, &["application/json"])?)?;
    let is_new = request.header("If-None-Match").is_some_and(|value| EntityTags::parse(&value) == EntityTags::Any);
    // With If-Match too, it demands a memo and none: then the preconditions refuse whatever is there.
    if is_new && request.header("If-Match").is_none() {
        return create(memos, caller, request, &Memo::new(id, text, request.now)).await;
    }
    let id = id.to_string();
    let new = write(memos, (caller, request), &id, async |old| {
        rewrite(memos, caller, &old, old.rewritten(text.clone(), request.now)).await
    });
    current(200, &new.await?)
}

/// Makes `new`; 412 when its id is taken, by a deleted memo that can be restored too.
async fn create(memos: &Memos, caller: &Caller, request: &Request, new: &Memo) -> Result<Response, Problem> {
    match memos.store.change(caller, &Change::Create { new, now: request.seconds(), beside: None }).await? {
        Changed::Yes => created(request, &new.id, current(201, new)?),
        Changed::Stale | Changed::Beside => {
            Err(changed(memos.store.find(caller, &new.id).await?.map(|old| old.etag()).as_deref()))
        }
        Changed::Contended => Err(Problem::unavailable()),
    }
}
