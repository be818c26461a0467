//! `POST /oauth/token`: a refresh token for new tokens (RFC 6749 section 6), once.

use service::store::{Held, Outcome};
use service::{Problem, Request, Response};

use crate::audit::{self, Event};
use crate::form::{Failure, Form};
use crate::refresh::RefreshToken;
use crate::scope::Scope;
use crate::store::{Profile, Session};
use crate::{Auth, grant};

/// Answers a token request.
pub(crate) async fn post(auth: &Auth, request: &Request) -> Result<Response, Problem> {
    refresh(auth, request).await.or_else(Failure::answer)
}

async fn refresh(auth: &Auth, request: &Request) -> Result<Response, Failure> {
    let form = Form::read(request)?;
    if form.demand("grant_type", "grant_type is missing.")? != "refresh_token" {
        return Err(Failure::new("unsupported_grant_type", "The only grant type is refresh_token."));
    }
    let text = form.demand("refresh_token", "refresh_token is missing.")?;
    let now = request.seconds();
    let Some(token) = RefreshToken::parse(text, &*auth.refresh.get(now).await?) else {
        audit::record_unknown(request, Event::RefreshRefused);
        return Err(invalid_grant());
    };
    let Some(session) = Session::get(&auth.table, token.user, token.family, now).await? else {
        audit::record(request, Event::RefreshRefused, token.user, Some(token.family));
        return Err(invalid_grant());
    };
    if session.generation != token.generation {
        return Err(reuse(auth, request, &token).await);
    }
    let scope = match form.get("scope") {
        None => session.scope.clone(),
        Some(asked) => narrowed(asked, &session.scope)?,
    };
    let next = session.refreshed(now);
    // Before the rotation: a token that is used up without an answer is used again, and taken for a thief's.
    let answer = grant::respond(auth, request, (token.user, &next), &scope).await?;
    // Nor when the answer to the rotation may come too late to be told.
    if request.deadline.is_near() {
        return Err(Problem::unavailable().into());
    }
    rotate(auth, request, &token, &next).await?;
    audit::record(request, Event::Refreshed, token.user, Some(token.family));
    Ok(answer)
}

/// Changes of the password that one refresh may meet on its way.
const CHANGES: usize = 3;

/// Makes `next` what the session of `token` is, and the token's generation the last one that is not good any more. Of
/// several that try, one succeeds.
async fn rotate(auth: &Auth, request: &Request, token: &RefreshToken, next: &Session) -> Result<(), Failure> {
    let (table, now) = (&auth.table, request.seconds());
    let mut epoch = next.epoch;
    for _ in 0..CHANGES {
        let writes = vec![Profile::check(token.user, epoch), next.rotate(token.user, now)];
        match table.transact(writes).await? {
            Outcome::Written => return Ok(()),
            Outcome::Refused(held) if held.last() == Some(&Held::Yes) => {}
            Outcome::Refused(_) => return Err(reuse(auth, request, token).await),
        }
        // The account was deleted, or the password changed, which no session outlives but the one that did it.
        if Session::end_of_epoch(table, (token.user, token.family), epoch).await? {
            audit::record(request, Event::SessionEnded, token.user, Some(token.family));
            return Err(invalid_grant());
        }
        match Session::get(table, token.user, token.family, now).await? {
            Some(session) => epoch = session.epoch,
            None => return Err(invalid_grant()),
        }
    }
    Err(Problem::unavailable().into())
}

/// Ends the session of a token that was used before: its user or a thief holds a copy (RFC 9700 section 4.14.2).
async fn reuse(auth: &Auth, request: &Request, token: &RefreshToken) -> Failure {
    audit::record(request, Event::RefreshTokenReused, token.user, Some(token.family));
    match auth.table.write(Session::end(token.user, token.family)).await {
        Ok(_) => invalid_grant(),
        Err(error) => error.into(),
    }
}

fn narrowed(asked: &str, granted: &Scope) -> Result<Scope, Failure> {
    let scope = Scope::parse(asked).ok().filter(|scope| scope.is_within(granted));
    scope.ok_or_else(|| Failure::new("invalid_scope", "The scope is unknown, or beyond what was granted."))
}

fn invalid_grant() -> Failure {
    Failure::new("invalid_grant", "The refresh token is not valid, or not any more.")
}
