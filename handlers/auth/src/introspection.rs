//! `POST /oauth/introspect`: what is known of a token (RFC 7662), to the user whose token it is.

use jwt::Claims;
use serde_json::{Value, json};
use service::{Problem, Request, Response};
use ulid::Ulid;

use crate::Auth;
use crate::form::{Failure, Form};
use crate::grant::CLIENT;
use crate::identity::Identity;
use crate::presented::Presented;
use crate::refresh::RefreshToken;
use crate::store::{Profile, Session};

/// Tells whether a token is active, and changes nothing: looking at a used refresh token ends no session. Of anyone
/// else's token it tells what it tells of none.
pub(crate) async fn post(auth: &Auth, request: &Request) -> Result<Response, Problem> {
    introspect(auth, request).await.or_else(Failure::answer)
}

async fn introspect(auth: &Auth, request: &Request) -> Result<Response, Failure> {
    let Identity { profile, session: _ } = Identity::of_any_scope(auth, request).await.map_err(Failure::of_token)?;
    let form = Form::read(request)?;
    let text = form.demand("token", "token is missing.")?;
    let told = match Presented::read(auth, request, text).await? {
        Presented::Access(claims) => access(auth, request, &profile, claims).await?,
        Presented::Refresh(token) => refresh(auth, request, &profile, token).await?,
        Presented::Neither => None,
    };
    Ok(Response::json(200, &told.unwrap_or_else(|| json!({ "active": false })))?)
}

async fn access(auth: &Auth, request: &Request, user: &Profile, claims: Claims) -> Result<Option<Value>, Problem> {
    let now = request.seconds();
    let own = claims.sub == user.id.to_string() && claims.is_current(now);
    let Some(family) = Ulid::from_string(&claims.sid).ok().filter(|_| own) else { return Ok(None) };
    let session = Session::live(&auth.table, user, family, now).await?;
    Ok(session.map(|_| {
        let Claims { iss, sub, aud, client_id, iat, nbf, exp, jti, scope, .. } = claims;
        json!({
            "active": true, "token_type": "Bearer", "scope": scope, "client_id": client_id, "sub": sub, "aud": aud,
            "iss": iss, "jti": jti, "iat": iat, "nbf": nbf, "exp": exp,
        })
    }))
}

async fn refresh(
    auth: &Auth,
    request: &Request,
    user: &Profile,
    token: RefreshToken,
) -> Result<Option<Value>, Problem> {
    if token.user != user.id {
        return Ok(None);
    }
    let session = Session::live(&auth.table, user, token.family, request.seconds()).await?;
    let issuer = request.issuer()?;
    Ok(session.filter(|session| session.generation == token.generation).map(|session| {
        json!({
            "active": true, "scope": session.scope.to_string(), "client_id": CLIENT, "sub": user.id.to_string(),
            "iss": issuer, "exp": session.expires_at,
        })
    }))
}
