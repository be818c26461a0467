//! `DELETE /v1/users/me`: the end of an account, here and, by way of the outbox, in the other services.

use service::etag::preconditions;
use service::fields::{Fields, text};
use service::store::Outcome;
use service::{Problem, Request, Response};

use crate::audit::{self, Event};
use crate::identity::Identity;
use crate::own_password::demand;
use crate::password;
use crate::store::{Departure, Session};
use crate::{Auth, BODY, MEMO, TRANSACTION};

/// How often a deletion is tried that loses to other requests about the account.
const ATTEMPTS: usize = 8;

/// Deletes the user, their sessions and the claim on their address, and notes in the same transaction that the other
/// services have to follow.
pub(crate) async fn delete(auth: &Auth, request: &Request) -> Result<Response, Problem> {
    request.query(&[])?;
    let mut identity = Identity::of(auth, request).await?;
    let mut fields = Fields::new(request.json(BODY, &["application/json"])?);
    let password = fields.required("password", |value| password::normal(text(value)?));
    let password = fields.finish(password)?;
    demand(auth, request, &identity, &password).await?;
    for _ in 0..ATTEMPTS {
        let Identity { profile, session: _ } = &identity;
        preconditions(request, Some(&profile.etag()))?;
        let departure = Departure { user: profile.id, at: request.seconds() };
        let mut writes = profile.delete();
        writes.push(departure.put());
        // Those too that have expired, the newest first. Without the user they are all as good as gone: of what finds no room,
        // or begins meanwhile, TTL takes what little it tells, times and a scope.
        let sessions = Session::stored(&auth.table, profile.id).await?;
        let room = TRANSACTION - writes.len();
        writes.extend(sessions.iter().rev().take(room).map(|session| Session::end(profile.id, session.family)));
        if auth.table.transact(writes).await? == Outcome::Written {
            audit::record(request, Event::AccountDeleted, profile.id, None);
            // The account is gone, and that is the answer, whether the memo service hears of it now or later.
            request.deadline.spare(auth.outbox.announce(departure, request.function(MEMO))).await;
            return Ok(Response::new(204));
        }
        // The name or the password was changed meanwhile: with the password, this session went.
        identity = Identity::of(auth, request).await?;
    }
    Err(Problem::unavailable())
}
