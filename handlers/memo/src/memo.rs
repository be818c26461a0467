//! What a memo is: its members, and how it is read from an item.

use jiff::Timestamp;
use serde::Serialize;
use service::store::{Item, Malformed};
use ulid::Ulid;

pub use crate::text::Text;

/// The largest body of a request, in bytes.
pub(crate) const BODY: usize = 128 * 1024;

/// A memo, as it is answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Memo {
    pub id: String,
    #[serde(flatten)]
    pub text: Text,
    /// RFC 3339, UTC.
    pub created_at: String,
    /// RFC 3339, UTC.
    pub updated_at: String,
    /// 1 when new, one more with every write; see [`first_version`].
    pub version: u64,
}

impl Memo {
    /// A new memo with `id`, made at `now`.
    pub(crate) fn new(id: Ulid, text: Text, now: Timestamp) -> Self {
        let version = first_version(id, now);
        let now = instant(now);
        Self { id: id.to_string(), text, created_at: now.clone(), updated_at: now, version }
    }

    /// The next version of the memo, with `text`, written at `now`.
    pub(crate) fn rewritten(&self, text: Text, now: Timestamp) -> Self {
        Self { text, updated_at: instant(now), version: self.version + 1, ..self.clone() }
    }

    /// The strong entity tag.
    pub(crate) fn etag(&self) -> String {
        format!("\"v{}\"", self.version)
    }

    /// The memo that `item` holds.
    pub(crate) fn from_item(item: &Item) -> Result<Self, Malformed> {
        Ok(Self {
            id: item.text("id")?.to_owned(),
            text: Text {
                title: item.text("title")?.to_owned(),
                content: item.text("content")?.to_owned(),
                tags: item.texts("tags")?,
                pinned: item.boolean("pinned")?,
                archived: item.boolean("archived")?,
            },
            created_at: item.text("created_at")?.to_owned(),
            updated_at: item.text("updated_at")?.to_owned(),
            version: item.number("version")?,
        })
    }

    /// The memo as an item with the key (`pk`, `sk`).
    pub(crate) fn item(&self, pk: &str, sk: &str) -> Item {
        Item::new(pk, sk)
            .set("id", self.id.as_str())
            .set("title", self.text.title.as_str())
            .set("content", self.text.content.as_str())
            .set("tags", &self.text.tags[..])
            .set("pinned", self.text.pinned)
            .set("archived", self.text.archived)
            .set("created_at", self.created_at.as_str())
            .set("updated_at", self.updated_at.as_str())
            .set("version", self.version)
    }
}

/// RFC 3339 in UTC with milliseconds.
fn instant(now: Timestamp) -> String {
    format!("{now:.3}")
}

/// How far the time of an id and the making of its memo are apart at most for the memo to begin at version 1, in
/// milliseconds: less than half as long as a deleted memo keeps its id taken, which is counted in whole seconds.
const FRESH: u64 = crate::store::KEPT * 1_000 / 2 - 500;

/// The version at which the memo `id` begins that is made at `now`.
///
/// Another one may have had the id, which is free again 30 days after that one was deleted, and no entity tag is to name
/// both (RFC 9110 section 8.8.1). Of all memos under one id, one at most was made near the id's own time: it counts from
/// 1. The others count from the milliseconds since the Unix epoch, which no earlier one can have reached.
fn first_version(id: Ulid, now: Timestamp) -> u64 {
    let now = u64::try_from(now.as_millisecond()).unwrap_or_default();
    if now.abs_diff(id.timestamp_ms()) < FRESH { 1 } else { now }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;
    use crate::store::KEPT;

    #[test]
    fn two_memos_of_one_id_never_begin_at_the_same_version() {
        let id = Ulid::from_parts(1_800_000_000_000, 0);
        let middle = Timestamp::from_millisecond(1_800_000_000_000).unwrap();
        let kept = SignedDuration::from_secs(i64::try_from(KEPT).unwrap());
        for late in -1_100..1_100 {
            let first = middle - kept / 2 + SignedDuration::from_millis(late);
            // Deleted at once, it leaves its id in the second that is so much later.
            let second = Timestamp::from_second(first.as_second()).unwrap() + kept;
            assert_ne!(first_version(id, first), first_version(id, second), "{first} and {second}");
        }
        assert_eq!(first_version(id, middle), 1);
    }
}
