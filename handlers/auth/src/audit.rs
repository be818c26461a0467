//! What happened to whose account, in the log: one line an event, `audit` its name, without anything secret.
//!
//! Users are told by their id, never by their address; and who is not known by their place on the network alone.

use service::Request;
use ulid::Ulid;

/// Something that an operator may have to answer for later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    Registered,
    LoggedIn,
    LoginRefused,
    Throttled,
    Refreshed,
    /// A refresh token was used a second time: its user or a thief holds a copy.
    RefreshTokenReused,
    SessionEnded,
    SessionsEnded,
    PasswordChanged,
    PasswordRefused,
    Renamed,
    AccountDeleted,
}

impl Event {
    fn name(self) -> &'static str {
        match self {
            Self::Registered => "registered",
            Self::LoggedIn => "logged-in",
            Self::LoginRefused => "login-refused",
            Self::Throttled => "throttled",
            Self::Refreshed => "refreshed",
            Self::RefreshTokenReused => "refresh-token-reused",
            Self::SessionEnded => "session-ended",
            Self::SessionsEnded => "sessions-ended",
            Self::PasswordChanged => "password-changed",
            Self::PasswordRefused => "password-refused",
            Self::Renamed => "renamed",
            Self::AccountDeleted => "account-deleted",
        }
    }

    /// Whether an operator may want to look at it now.
    fn is_suspect(self) -> bool {
        matches!(self, Self::LoginRefused | Self::Throttled | Self::RefreshTokenReused | Self::PasswordRefused)
    }
}

/// Records that `event` happened to `user`, in `session` if it is about one.
pub(crate) fn record(request: &Request, event: Event, user: Ulid, session: Option<Ulid>) {
    write(request, event, &user.to_string(), &session.map(|session| session.to_string()).unwrap_or_default());
}

/// Records that `event` happened to nobody who is known.
pub(crate) fn record_unknown(request: &Request, event: Event) {
    write(request, event, "", "");
}

fn write(request: &Request, event: Event, user: &str, session: &str) {
    let (audit, ip) = (event.name(), request.source_ip());
    if event.is_suspect() {
        tracing::warn!(audit, user, session, ip, "{audit}");
    } else {
        tracing::info!(audit, user, session, ip, "{audit}");
    }
}
