//! `POST /oauth/token`: a refresh token for new tokens (RFC 6749 section 6), once.

use std::collections::BTreeMap;

use serde_json::json;
use service::store::{Held, Outcome, Write};
use service::{Problem, Request, Response, is_media_type};

use crate::refresh::RefreshToken;
use crate::scope::Scope;
use crate::store::{Profile, Session, session_key, user_key};
use crate::{Auth, BODY, grant};

/// An error in the form of RFC 6749 section 5.2.
struct OAuthError {
    status: u16,
    error: &'static str,
    description: &'static str,
}

/// What ends a token request without tokens.
enum Failure {
    OAuth(OAuthError),
    Problem(Problem),
}

impl<E: Into<Problem>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::Problem(error.into())
    }
}

/// Answers a token request.
pub(crate) async fn post(auth: &Auth, request: &Request) -> Result<Response, Problem> {
    match refresh(auth, request).await {
        Ok(response) => Ok(response),
        Err(Failure::Problem(problem)) => Err(problem),
        Err(Failure::OAuth(OAuthError { status, error, description })) => {
            Response::json(status, &json!({ "error": error, "error_description": description }))
        }
    }
}

async fn refresh(auth: &Auth, request: &Request) -> Result<Response, Failure> {
    let form = form(request)?;
    match form.get("grant_type").map(String::as_str) {
        Some("refresh_token") => {}
        Some(_) => return Err(oauth("unsupported_grant_type", "The only grant type is refresh_token.")),
        None => return Err(oauth("invalid_request", "grant_type is missing.")),
    }
    let text = form.get("refresh_token").ok_or_else(|| oauth("invalid_request", "refresh_token is missing."))?;
    let now = request.seconds();
    let token = RefreshToken::parse(text, &*auth.refresh.get(now).await?).ok_or_else(invalid_grant)?;
    let session = Session::get(&auth.table, token.user, token.family, now).await?.ok_or_else(invalid_grant)?;
    if session.generation != token.generation {
        return Err(reuse(auth, &token).await);
    }
    let scope = match form.get("scope") {
        None => session.scope.clone(),
        Some(asked) => narrowed(asked, &session.scope)?,
    };
    let session = rotate(auth, &token, session, now).await?;
    Ok(grant::respond(auth, request, (token.user, &session), &scope).await?)
}

/// Makes the token's generation the last one that is not good any more. Of several that try, one succeeds.
async fn rotate(auth: &Auth, token: &RefreshToken, session: Session, now: u64) -> Result<Session, Failure> {
    let next = Session { generation: session.generation + 1, expires_at: session.extended(now), ..session };
    let rotation = Write::update(
        &user_key(token.user),
        &session_key(token.family),
        "generation = :next, expires_at = :expires_at",
    )
    .when("generation = :this AND expires_at > :now")
    .value(":this", u64::from(token.generation))
    .value(":next", u64::from(next.generation))
    .value(":expires_at", next.expires_at)
    .value(":now", now);
    match auth.table.transact(vec![Profile::check(token.user, next.epoch), rotation]).await? {
        Outcome::Written => Ok(next),
        Outcome::Refused(held) if held.last() == Some(&Held::Yes) => {
            tracing::info!(user = %token.user, session = %token.family, "the password changed: the session ends");
            Err(end(auth, token).await)
        }
        Outcome::Refused(_) => Err(reuse(auth, token).await),
    }
}

/// Ends the session of a token that was used before: its user or a thief holds a copy (RFC 9700 section 4.14.2).
async fn reuse(auth: &Auth, token: &RefreshToken) -> Failure {
    tracing::warn!(user = %token.user, session = %token.family, "a refresh token was used again: its session ends");
    end(auth, token).await
}

async fn end(auth: &Auth, token: &RefreshToken) -> Failure {
    match auth.table.write(Write::delete(&user_key(token.user), &session_key(token.family))).await {
        Ok(_) => invalid_grant(),
        Err(error) => error.into(),
    }
}

fn narrowed(asked: &str, granted: &Scope) -> Result<Scope, Failure> {
    let scope = Scope::parse(asked).ok().filter(|scope| scope.is_within(granted));
    scope.ok_or_else(|| oauth("invalid_scope", "The scope is unknown, or beyond what was granted."))
}

/// The parameters of the body: unknown ones are left alone, empty ones count as absent, none may stand twice (RFC 6749
/// section 3.2).
fn form(request: &Request) -> Result<BTreeMap<String, String>, Failure> {
    let media_type = request.single_header("Content-Type").ok().flatten().unwrap_or_default();
    if !is_media_type(media_type, "application/x-www-form-urlencoded") {
        return Err(oauth("invalid_request", "The body has to be application/x-www-form-urlencoded."));
    }
    let body = request.body(BODY).map_err(|problem| {
        let error = OAuthError {
            status: problem.status,
            error: "invalid_request",
            description: "The body is unreadable or too large.",
        };
        Failure::OAuth(error)
    })?;
    let mut form = BTreeMap::new();
    for (name, value) in form_urlencoded::parse(&body).filter(|(_, value)| !value.is_empty()) {
        if form.insert(name.into_owned(), value.into_owned()).is_some() {
            return Err(oauth("invalid_request", "A parameter stands twice."));
        }
    }
    Ok(form)
}

fn invalid_grant() -> Failure {
    oauth("invalid_grant", "The refresh token is not valid, or not any more.")
}

fn oauth(error: &'static str, description: &'static str) -> Failure {
    Failure::OAuth(OAuthError { status: 400, error, description })
}
