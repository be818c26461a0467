//! The end of an account: a tombstone, which every write checks, then all that the user had, in bounded rounds.
//!
//! Each round does what is left, so it can be cut short anywhere and repeated by anyone.

use futures_util::future::try_join_all;
use serde::Deserialize;
use serde_json::{Value, json};
use service::store::{StoreError, Table, Write};
use ulid::Ulid;

/// How many items are deleted at the same time.
const BATCH: u16 = 25;
/// How many batches there are in a round: less work than a caller waits for.
const BATCHES: usize = 20;
/// The most rounds of one invocation.
const ROUNDS: usize = 16;
/// How long the tombstone is kept behind the deletion, in seconds: far longer than any token of the user.
const KEPT: u64 = 24 * 60 * 60;
/// What a user's partition holds beside `META`, as in the crate's documentation.
const PREFIXES: [&str; 4] = ["M#", "D#", "TAG#", "IDEM#"];

/// An account that was deleted.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Departure {
    /// The user's id, a ULID.
    user: String,
    /// When, in seconds since the Unix epoch.
    at: u64,
    /// How many rounds to work at most; the caller waits for one by default.
    #[serde(default = "one")]
    rounds: usize,
}

fn one() -> usize {
    1
}

/// Deletes what `departure` leaves behind, or as much of it as its rounds allow: `{"finished":…,"deleted":…}`.
pub(crate) async fn erase(table: &Table, departure: &Departure) -> Result<Value, String> {
    // In another spelling it would be another partition, and the user's memos would stay.
    if !Ulid::from_string(&departure.user).is_ok_and(|id| id.to_string() == departure.user) {
        return Err(format!("{:?} is no user's id", departure.user));
    }
    round(table, departure).await.map_err(|error| error.to_string())
}

async fn round(table: &Table, departure: &Departure) -> Result<Value, StoreError> {
    let pk = format!("U#{}", departure.user);
    let tombstone = "tombstone = if_not_exists(tombstone, :at), expires_at = :end";
    let tombstone = Write::update(&pk, "META", tombstone).value(":at", departure.at);
    table.write(tombstone.value(":end", departure.at.saturating_add(KEPT))).await?;
    let mut deleted = 0;
    let mut batches = departure.rounds.clamp(1, ROUNDS) * BATCHES;
    for prefix in PREFIXES {
        loop {
            let keys = table.keys(&pk, prefix, BATCH).await?;
            if keys.is_empty() {
                break;
            }
            if batches == 0 {
                tracing::warn!(user = departure.user, deleted, "an account has more than one invocation deletes");
                return Ok(json!({ "finished": false, "deleted": deleted }));
            }
            batches -= 1;
            try_join_all(keys.iter().map(|sk| table.write(Write::delete(&pk, sk)))).await?;
            deleted += keys.len();
        }
    }
    tracing::info!(user = departure.user, deleted, audit = "account-erased", "account-erased");
    Ok(json!({ "finished": true, "deleted": deleted }))
}
