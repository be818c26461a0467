//! What a login or a refresh gives: an access token and the session's next refresh token.

use jwt::Claims;
use serde::Serialize;
use service::{Problem, Request, Response, random};
use ulid::Ulid;

use crate::Auth;
use crate::refresh::RefreshToken;
use crate::scope::Scope;
use crate::store::Session;

/// How long an access token lives, in seconds.
const LIFE: u64 = 600;
/// The one client: there is no registration of others.
pub(crate) const CLIENT: &str = "memoctl-first-party";

/// The token response (RFC 6749 section 5.1).
#[derive(Serialize)]
struct TokenResponse {
    access_token: String,
    token_type: &'static str,
    /// Seconds.
    expires_in: u64,
    refresh_token: String,
    scope: String,
}

/// Answers with the tokens of `session` of `user`: an access token that holds `scope`, and a refresh token of the
/// session's generation.
pub(crate) async fn respond(
    auth: &Auth,
    request: &Request,
    (user, session): (Ulid, &Session),
    scope: &Scope,
) -> Result<Response, Problem> {
    let now = request.seconds();
    let issuer = request.issuer()?;
    let claims = Claims {
        iss: issuer.to_owned(),
        sub: user.to_string(),
        aud: vec![issuer.to_owned(), format!("{issuer}/v1/memos")],
        client_id: CLIENT.to_owned(),
        iat: now,
        nbf: now,
        exp: now + LIFE,
        jti: random::ulid(request.now)?.to_string(),
        scope: scope.to_string(),
        auth_time: session.auth_time,
        sid: session.family.to_string(),
    };
    let access_token = claims.sign(auth.signing.get(now).await?.active(now)).map_err(|error| {
        tracing::error!(%error, "cannot sign a token");
        Problem::internal()
    })?;
    let refresh = RefreshToken { user, family: session.family, generation: session.generation };
    let answer = TokenResponse {
        access_token,
        token_type: "Bearer",
        expires_in: LIFE,
        refresh_token: refresh.to_text(auth.refresh.get(now).await?.active(now)),
        scope: scope.to_string(),
    };
    // RFC 6749 section 5.1 asks for both; every answer has the other.
    Ok(Response::json(200, &answer)?.header("Pragma", "no-cache"))
}
