//! Who asks: the authorizer's context, checked again, since a cached answer of it can outlive the token.

use crate::problem::Problem;
use crate::request::Request;

/// The holder of the access token that the authorizer verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The token's `sub`.
    pub user: String,
    /// The token's `sid`; empty when the context has none.
    pub session: String,
}

impl Caller {
    /// The caller of `request`: 401 without a context of the authorizer or with one that expired, 403 when its scope
    /// lacks `scope`.
    pub fn of(request: &Request, scope: Option<&str>) -> Result<Self, Problem> {
        // Of two lines the gateway knows a cached answer by one, and the authorizer takes neither.
        if request.single_header("Authorization").is_err() {
            return Err(unauthorized());
        }
        let user = request.authorizer("sub").filter(|sub| !sub.is_empty()).ok_or_else(unauthorized)?;
        let expires: u64 = request.authorizer("exp").and_then(|exp| exp.parse().ok()).ok_or_else(unauthorized)?;
        if expires <= request.seconds() {
            return Err(unauthorized());
        }
        let granted = request.authorizer("scope").unwrap_or_default();
        if let Some(scope) = scope.filter(|scope| !granted.split(' ').any(|granted| granted == *scope)) {
            let challenge = format!("Bearer error=\"insufficient_scope\", scope=\"{scope}\"");
            let detail = format!("The access token's scope lacks {scope}.");
            return Err(Problem::new(403, "insufficient-scope", detail).with("WWW-Authenticate", challenge));
        }
        let session = request.authorizer("sid").unwrap_or_default().to_owned();
        Ok(Self { user: user.to_owned(), session })
    }
}

/// 401: what the token opens is closed, or it is none (RFC 6750 section 3.1).
pub fn unauthorized() -> Problem {
    Problem::new(401, "invalid-token", "The access token is missing, invalid or expired.")
        .with("WWW-Authenticate", "Bearer error=\"invalid_token\"")
}
