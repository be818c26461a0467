//! `POST /v1/sessions`: login.

use service::fields::{Fields, text};
use service::{Problem, Request, Response, random};
use ulid::Ulid;

use crate::audit::{self, Event};
use crate::password::{self, Verdict};
use crate::scope::Scope;
use crate::store::{Profile, Session};
use crate::throttle::{self, Attempt};
use crate::{Auth, BODY, email, grant};

/// The most sessions that a user has at a time.
const SESSIONS: usize = 50;
/// How often a login is tried that loses to others of the same user.
const ATTEMPTS: usize = 24;

struct Login {
    email: String,
    password: String,
    scope: Scope,
}

/// Begins a session for who knows the password. What is wrong with a login is not told: 401 is one body for an unknown
/// address and a wrong password, and both cost a hash.
pub(crate) async fn post(auth: &Auth, request: &Request) -> Result<Response, Problem> {
    request.query(&[])?;
    let Login { email, password, scope } = read(request)?;
    let attempts = Attempt::login(&email, request.source_ip());
    throttle::reserve(auth, request, &attempts, None).await?;

    let known = Profile::find(&auth.table, &email).await?;
    let user = known.unwrap_or(Ulid::nil());
    let profile = Profile::get(&auth.table, user).await?;
    let verdict = password::verify(&password, profile.as_ref().map(|profile| &*profile.password))?;
    let Some(profile) = profile.filter(|_| verdict != Verdict::Wrong) else {
        match known {
            Some(user) => audit::record(request, Event::LoginRefused, user, None),
            None => audit::record_unknown(request, Event::LoginRefused),
        }
        return Err(unauthorized());
    };

    throttle::clear(auth, request, &attempts[0]).await?;
    let session = Session::begin(random::ulid(request.now)?, scope, profile.epoch, request.seconds());
    let rehashed = (verdict == Verdict::Outdated).then(|| password::hash(&password)).transpose()?;
    // Before the session is stored: one whose tokens cannot be made would be nobody's.
    let answer = grant::respond(auth, request, (user, &session), &session.scope).await?;
    if begin(auth, profile, &session, rehashed.as_deref()).await? {
        audit::record(request, Event::LoggedIn, user, Some(session.family));
        Ok(answer)
    } else {
        // The password was changed, or the account deleted, while this login went on.
        Err(unauthorized())
    }
}

fn read(request: &Request) -> Result<Login, Problem> {
    let mut fields = Fields::new(request.json(BODY, &["application/json"])?);
    let email = fields.required("email", |value| email::normalise(text(value)?));
    let password = fields.required("password", |value| password::normal(text(value)?));
    let scope = fields.optional("scope", |value| Scope::parse(text(value)?));
    let all = (|| Some(Login { email: email?, password: password?, scope: scope?.unwrap_or_default() }))();
    fields.finish(all)
}

/// Stores `session`, and ends the oldest ones beyond [`SESSIONS`]; not if the user is in another epoch by now, or gone.
async fn begin(auth: &Auth, user: Profile, session: &Session, rehashed: Option<&str>) -> Result<bool, Problem> {
    let mut user = user;
    for _ in 0..ATTEMPTS {
        let alive = Session::list(&auth.table, &user, session.auth_time).await?;
        let beyond = (alive.len() + 1).saturating_sub(SESSIONS);
        let ended = alive.iter().take(beyond).map(|oldest| Session::end(user.id, oldest.family));
        let writes = [user.log_in(rehashed), session.put(user.id)].into_iter().chain(ended).collect();
        if auth.table.transact(writes).await?.is_written() {
            return Ok(true);
        }
        match Profile::get(&auth.table, user.id).await? {
            // Another login came first, and its session counts.
            Some(now) if now.epoch == session.epoch => user = now,
            Some(_) | None => return Ok(false),
        }
    }
    Err(Problem::unavailable())
}

fn unauthorized() -> Problem {
    let problem = Problem::new(401, "invalid-credentials", "The e-mail address or the password is wrong.");
    // A 401 has to name a scheme (RFC 9110 section 15.5.2); this is the one that the service knows.
    problem.with("WWW-Authenticate", "Bearer")
}
