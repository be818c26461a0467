//! What happened to whose account, in the log: one line an event, `audit` its name, without anything secret.
//!
//! Users are told by their id, never by their address; and who is not known by their place on the network alone.

use service::Request;
use ulid::Ulid;

use crate::identity::Identity;

/// Something that an operator may have to answer for later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    Registered,
    /// The address had an account.
    RegistrationRefused,
    LoggedIn,
    LoginRefused,
    Throttled,
    Refreshed,
    /// A refresh token that nobody made, or of a session that ended.
    RefreshRefused,
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
            Self::RegistrationRefused => "registration-refused",
            Self::LoggedIn => "logged-in",
            Self::LoginRefused => "login-refused",
            Self::Throttled => "throttled",
            Self::Refreshed => "refreshed",
            Self::RefreshRefused => "refresh-refused",
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
        match self {
            Self::RegistrationRefused
            | Self::LoginRefused
            | Self::Throttled
            | Self::RefreshRefused
            | Self::RefreshTokenReused
            | Self::PasswordRefused => true,
            Self::Registered
            | Self::LoggedIn
            | Self::Refreshed
            | Self::SessionEnded
            | Self::SessionsEnded
            | Self::PasswordChanged
            | Self::Renamed
            | Self::AccountDeleted => false,
        }
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

/// Records that `event` happened to `who`, if anybody is known.
pub(crate) fn record_of(request: &Request, event: Event, who: Option<&Identity>) {
    match who {
        Some(Identity { profile, session }) => record(request, event, profile.id, Some(session.family)),
        None => record_unknown(request, event),
    }
}

fn write(request: &Request, event: Event, user: &str, session: &str) {
    let (audit, ip) = (event.name(), request.source_ip());
    if event.is_suspect() {
        tracing::warn!(audit, user, session, ip, "{audit}");
    } else {
        tracing::info!(audit, user, session, ip, "{audit}");
    }
}
