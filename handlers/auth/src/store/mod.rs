//! The items of the table: `USER#id/PROFILE`, `EMAIL#normal/UNIQ`, `USER#id/SESS#family`, `OUTBOX#account/USER#id`.
//!
//! `throttle` has its own: `TH#kind#hash/COUNT`.

mod outbox;
mod profile;
mod session;

use ulid::Ulid;

pub(crate) use outbox::Departure;
pub(crate) use profile::Profile;
pub(crate) use session::Session;

/// The partition of the user `id`.
fn user_key(id: Ulid) -> String {
    format!("USER#{id}")
}
