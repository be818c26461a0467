//! `OUTBOX#account/USER#<user>`: accounts that are gone here and have to go from the other services too.
//!
//! An item is written in the transaction that deletes the account, so that none is forgotten, and stays until the other
//! service said that it has nothing left of the user.

use service::store::{Item, Malformed, Range, StoreError, Table, Write};
use ulid::Ulid;

const PARTITION: &str = "OUTBOX#account";
const PREFIX: &str = "USER#";

/// An account that was deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Departure {
    pub(crate) user: Ulid,
    /// When it was deleted, in seconds since the Unix epoch.
    pub(crate) at: u64,
}

impl Departure {
    /// The departure as a new item.
    pub(crate) fn put(self) -> Write {
        Write::put(Item::new(PARTITION, &key(self.user)).set("deleted_at", self.at))
    }

    /// Takes the departure out: the other service is done.
    pub(crate) fn done(self) -> Write {
        Write::delete(PARTITION, &key(self.user))
    }

    /// At most `limit` departures behind the user `after`, in the order of their ids.
    pub(crate) async fn list(table: &Table, after: Option<Ulid>, limit: u16) -> Result<Vec<Self>, StoreError> {
        let after = after.map(key);
        let range = Range { pk: PARTITION, prefix: PREFIX, after: after.as_deref(), descending: false, limit };
        Ok(table.query(&range).await?.items.iter().map(Self::read).collect::<Result<_, _>>()?)
    }

    fn read(item: &Item) -> Result<Self, Malformed> {
        let user = item.text("sk")?.strip_prefix(PREFIX).and_then(|user| Ulid::from_string(user).ok());
        let user = user.ok_or_else(|| Malformed::new("sk", "user's key"))?;
        Ok(Self { user, at: item.number("deleted_at")? })
    }
}

fn key(user: Ulid) -> String {
    format!("{PREFIX}{user}")
}
