//! `PUT /v1/memos/{id}`: replaces a memo whole; with `If-None-Match: *` makes one under the client's id.

use service::etag::EntityTags;
use service::{Problem, Request, Response};

use super::{changed, created, current, if_match};
use crate::Memos;
use crate::caller::Caller;
use crate::memo::{self, BODY, Memo, Text};
use crate::store::{Change, Changed};

pub(crate) async fn answer(memos: &Memos, caller: &Caller, request: &Request) -> Result<Response, Problem> {
    let id = memo::id(request)?;
    let text = Text::read(request.json(BODY, &["application/json"])?)?;
    let unless = request.header("If-None-Match").map(|value| EntityTags::parse(&value));
    if unless == Some(EntityTags::Any) {
        let new = Memo::new(id, text, request.now);
        return match memos.store.change(caller, &Change::Create { new: &new, beside: None }).await? {
            Changed::Yes => created(request, &new.id, current(201, &new)?),
            Changed::Stale | Changed::Beside => Err(changed(memos.store.memo(caller, &new.id).await.ok().as_ref())),
        };
    }
    let old = memos.store.memo(caller, &id.to_string()).await?;
    if_match(request, &old)?;
    if unless.is_some_and(|tags| tags.matches_weakly(&old.etag())) {
        return Err(changed(Some(&old)));
    }
    let new = old.rewritten(text, request.now);
    match memos.store.change(caller, &Change::Rewrite { old: &old, new: &new }).await? {
        Changed::Yes => current(200, &new),
        Changed::Stale | Changed::Beside => Err(changed(Some(&memos.store.memo(caller, &old.id).await?))),
    }
}
