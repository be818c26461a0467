//! Who asks, and what of the token's scope an endpoint needs.

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
    /// The caller of `request`: 401 without a token that is good now, 403 when its scope lacks `scope`.
    pub(crate) fn of(request: &Request, scope: Scope) -> Result<Self, Problem> {
        let service::caller::Caller { user, session: _ } = service::caller::Caller::of(request, Some(scope.name()))?;
        Ok(Self { user })
    }

    /// The partition that holds everything of the user.
    pub(crate) fn partition(&self) -> String {
        format!("U#{}", self.user)
    }
}
