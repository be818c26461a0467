//! `GET`, `DELETE /v1/sessions` and `DELETE /v1/sessions/{id}`: a user's own sessions.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::json;
use service::etag::preconditions;
use service::{Problem, Request, Response};
use ulid::Ulid;

use crate::audit::{self, Event};
use crate::identity::Identity;
use crate::store::Session;
use crate::{Auth, TRANSACTION};

/// A session as its user sees it.
#[derive(Serialize)]
struct Shown {
    id: String,
    scope: String,
    /// RFC 3339, UTC.
    created_at: String,
    /// When it ends unless it is refreshed: RFC 3339, UTC.
    expires_at: String,
    /// Whether the token of this very request belongs to it.
    current: bool,
}

/// Answers with all sessions that are alive, the newest first: a user has so few that there are no pages.
pub(crate) async fn list(auth: &Auth, request: &Request) -> Result<Response, Problem> {
    request.query(&[])?;
    let Identity { profile, session: current } = Identity::of(auth, request).await?;
    let sessions = Session::list(&auth.table, &profile, request.seconds()).await?;
    let shown: Vec<_> = sessions.iter().rev().map(|session| show(session, current.family)).collect();
    Response::json(200, &json!({ "sessions": shown }))
}

/// Ends the session that the path names: 404 unless it is one of the caller's that is alive.
pub(crate) async fn delete(auth: &Auth, request: &Request) -> Result<Response, Problem> {
    request.query(&[])?;
    let Identity { profile, session: _ } = Identity::of(auth, request).await?;
    let id = request.path_id("id")?;
    if let Err(refused) = preconditions(request, None) {
        // 404 comes before 412 (RFC 9110 section 13.2.1).
        let session = Session::live(&auth.table, &profile, id, request.seconds()).await?;
        return Err(session.map_or_else(Problem::not_found, |_| refused));
    }
    // A transaction, which DynamoDB carries out once: a deletion by itself that is made again finds nothing.
    let ended = auth.table.transact(vec![Session::end_live(&profile, id, request.seconds())]).await?;
    if !ended.is_written() {
        return Err(Problem::not_found());
    }
    audit::record(request, Event::SessionEnded, profile.id, Some(id));
    Ok(Response::new(204))
}

/// Ends all sessions, the caller's own among them: one transaction.
pub(crate) async fn delete_all(auth: &Auth, request: &Request) -> Result<Response, Problem> {
    request.query(&[])?;
    let Identity { profile, session: _ } = Identity::of(auth, request).await?;
    preconditions(request, None)?;
    let sessions = Session::list(&auth.table, &profile, request.seconds()).await?;
    // The caller's session was alive a moment ago; if another request has ended all of them since, all is done.
    let ends: Vec<_> = sessions.iter().map(|session| Session::end(profile.id, session.family)).collect();
    for part in ends.chunks(TRANSACTION) {
        auth.table.transact(part.to_vec()).await?;
    }
    audit::record(request, Event::SessionsEnded, profile.id, None);
    Ok(Response::new(204))
}

fn show(session: &Session, current: Ulid) -> Shown {
    Shown {
        id: session.family.to_string(),
        scope: session.scope.to_string(),
        created_at: instant(session.auth_time),
        expires_at: instant(session.expires_at),
        current: session.family == current,
    }
}

fn instant(seconds: u64) -> String {
    let time = i64::try_from(seconds).ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
    time.unwrap_or_default().to_string()
}
