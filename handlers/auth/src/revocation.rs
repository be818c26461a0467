//! `POST /oauth/revoke`: ends the session of a token (RFC 7009).

use service::{Problem, Request, Response};
use ulid::Ulid;

use crate::Auth;
use crate::audit::{self, Event};
use crate::form::{Failure, Form};
use crate::presented::Presented;
use crate::store::Session;

/// Ends the session of any token that this service made, however old: 200, as for a token that nobody made (section
/// 2.2), so that the answer tells nothing.
pub(crate) async fn post(auth: &Auth, request: &Request) -> Result<Response, Problem> {
    revoke(auth, request).await.or_else(Failure::answer)
}

async fn revoke(auth: &Auth, request: &Request) -> Result<Response, Failure> {
    let form = Form::read(request)?;
    let token = form.demand("token", "token is missing.")?;
    if let Some((user, family)) = session(auth, request, token).await?
        && Session::end_stored(&auth.table, user, family).await?
    {
        audit::record(request, Event::SessionEnded, user, Some(family));
    }
    Ok(Response::new(200))
}

/// The session of the token `text`, and its user.
async fn session(auth: &Auth, request: &Request, text: &str) -> Result<Option<(Ulid, Ulid)>, Problem> {
    Ok(match Presented::read(auth, request, text).await? {
        Presented::Refresh(token) => Some((token.user, token.family)),
        Presented::Access(claims) => Ulid::from_string(&claims.sub).ok().zip(Ulid::from_string(&claims.sid).ok()),
        Presented::Neither => None,
    })
}
