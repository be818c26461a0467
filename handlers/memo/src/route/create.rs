//! `POST /v1/memos`: a new memo, once for each Idempotency-Key.

use serde::Deserialize;
use service::etag::preconditions;
use service::{Problem, Request, Response, random};

use super::{created, current};
use crate::Memos;
use crate::caller::Caller;
use crate::idempotency::Key;
use crate::memo::{BODY, Memo, Text};
use crate::store::{Change, Changed};

/// How often a lost race for the Idempotency-Key is looked into.
const RACES: usize = 3;

pub(crate) async fn answer(memos: &Memos, caller: &Caller, request: &Request) -> Result<Response, Problem> {
    // It is about the list, which has no tag.
    preconditions(request, None)?;
    let text = Text::read(request.json(BODY, &["application/json"])?)?;
    let key = Key::of(request, &request.body(BODY)?)?;
    let new = Memo::new(random::ulid(request.now)?, text, request.now);
    let response = created(request, &new.id, current(201, &new)?)?;
    let now = request.seconds();
    let Some(key) = key else {
        return match memos.store.change(caller, &Change::Create { new: &new, now, beside: None }).await? {
            Changed::Yes => Ok(response),
            // A new ULID that is taken means 80 random bits that came twice.
            Changed::Stale | Changed::Beside | Changed::Contended => Err(Problem::unavailable()),
        };
    };
    for _ in 0..RACES {
        if let Some(answer) = key.answered(&memos.store.table, caller).await? {
            return replay(request, answer);
        }
        let beside = Some(key.store(caller, &response.body));
        match memos.store.change(caller, &Change::Create { new: &new, now, beside }).await? {
            Changed::Yes => return Ok(response),
            Changed::Stale | Changed::Beside | Changed::Contended => {}
        }
    }
    Err(Problem::new(409, "idempotency-conflict", "Another request with this Idempotency-Key is being answered."))
}

/// What of a stored answer its headers need.
#[derive(Deserialize)]
struct Created {
    id: String,
}

/// The answer that the first request of the key got.
fn replay(request: &Request, answer: String) -> Result<Response, Problem> {
    let Created { id } = serde_json::from_str(&answer).map_err(|error| {
        tracing::error!(%error, "a stored answer is no memo");
        Problem::internal()
    })?;
    let response = Response::new(201)
        .body("application/json", answer)
        .header("ETag", "\"v1\"")
        .header("Idempotency-Replayed", "true");
    created(request, &id, response)
}
