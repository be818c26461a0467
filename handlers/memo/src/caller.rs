//! Who asks: the authorizer's context, checked again, since a cached answer of it can outlive the token.

use service::{Problem, Request};

/// What a route needs of the token's scope.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Scope {
    Read,
    Write,
}

impl Scope {
    fn name(self) -> &'static str {
        match self {
            Self::Read => "memos:read",
            Self::Write => "memos:write",
        }
    }
}

/// The user whose memos these are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Caller {
    /// The token's `sub`.
    pub(crate) user: String,
}

impl Caller {
    /// The caller of `request`: 401 without a context of the authorizer or with one that expired, 403 when its scope
    /// lacks `scope`.
    pub(crate) fn of(request: &Request, scope: Scope) -> Result<Self, Problem> {
        let unauthorized = || {
            Problem::new(401, "invalid-token", "The access token is missing, invalid or expired.")
                .with("WWW-Authenticate", "Bearer error=\"invalid_token\"")
        };
        let user = request.authorizer("sub").filter(|sub| !sub.is_empty()).ok_or_else(unauthorized)?;
        let expires: u64 = request.authorizer("exp").and_then(|exp| exp.parse().ok()).ok_or_else(unauthorized)?;
        if expires <= request.seconds() {
            return Err(unauthorized());
        }
        let granted = request.authorizer("scope").unwrap_or_default();
        if !granted.split(' ').any(|granted| granted == scope.name()) {
            let challenge = format!("Bearer error=\"insufficient_scope\", scope=\"{}\"", scope.name());
            let detail = format!("The access token's scope lacks {}.", scope.name());
            return Err(Problem::new(403, "insufficient-scope", detail).with("WWW-Authenticate", challenge));
        }
        Ok(Self { user: user.to_owned() })
    }

    /// The partition that holds everything of the user.
    pub(crate) fn partition(&self) -> String {
        format!("U#{}", self.user)
    }
}
