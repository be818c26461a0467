//! `PUT /v1/users/me/password`: a new password for the current one.

use service::caller::unauthorized;
use service::etag::preconditions;
use service::fields::{Fields, text};
use service::store::Outcome;
use service::{Problem, Request, Response};

use crate::audit::{self, Event};
use crate::identity::Identity;
use crate::password::{self, Verdict};
use crate::store::Session;
use crate::throttle::{self, Attempt};
use crate::{Auth, BODY, email};

/// Changes the password and ends the other sessions: what they hold, and a login that is under way, is no good any more.
pub(crate) async fn put(auth: &Auth, request: &Request) -> Result<Response, Problem> {
    request.query(&[])?;
    let identity = Identity::of(auth, request).await?;
    let Identity { profile, session } = &identity;
    // A password has no tag: nobody is shown anything of it.
    preconditions(request, None)?;
    let mut fields = Fields::new(request.json(BODY, &["application/json"])?);
    let current = fields.required("current", |value| password::normal(text(value)?));
    let addresses = email::spellings(&profile.email, &profile.email);
    let new = fields.required("new", |value| password::new(text(value)?, auth.floor, &addresses));
    let (current, new) = fields.finish(current.zip(new))?;
    demand(auth, request, &identity, &current).await?;

    let others = Session::list(&auth.table, profile, request.seconds()).await?;
    let others = others.iter().filter(|other| other.family != session.family);
    let ended = others.map(|other| Session::end(profile.id, other.family));
    let writes = [profile.change_password(password::hash(&new)?), session.outlive(profile.id)].into_iter();
    match auth.table.transact(writes.chain(ended).collect()).await? {
        Outcome::Written => {
            audit::record(request, Event::PasswordChanged, profile.id, Some(session.family));
            Ok(Response::new(204))
        }
        // The password was changed from elsewhere, or the session ended, meanwhile: the token is no good any more.
        Outcome::Refused(_) => Err(unauthorized()),
    }
}

/// Demands that `given` is the password of `identity`: 403 when it is not, 429 after too many attempts. Another status
/// than 401, which is about the token.
pub(crate) async fn demand(auth: &Auth, request: &Request, identity: &Identity, given: &str) -> Result<(), Problem> {
    let attempt = Attempt::password(identity.profile.id);
    throttle::reserve(auth, request, std::slice::from_ref(&attempt), Some(identity)).await?;
    match password::verify(given, Some(&identity.profile.password))? {
        Verdict::Wrong => {
            audit::record_of(request, Event::PasswordRefused, Some(identity));
            Err(Problem::new(403, "wrong-password", "The current password is wrong."))
        }
        Verdict::Right | Verdict::Outdated => throttle::clear(auth, request, &attempt).await,
    }
}
