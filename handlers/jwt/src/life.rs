//! A key's life: `next`, published before it signs; `active`; `retired`, which verifies what it signed; then gone.
//!
//! A `next` key that says `active_from` takes over at that time by itself: so a rotation is one write of the set, as long
//! before that time as signers and verifiers may hold an older copy, and every signer changes at the same moment.

use jiff::Timestamp;
use serde::de::{Deserialize, Deserializer, Error};

/// Where a key is in its life, as its set says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
pub struct Life {
    status: Status,
    /// Seconds since the Unix epoch.
    #[serde(default, deserialize_with = "instant")]
    active_from: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
enum Status {
    Next,
    Active,
    Retired,
}

impl Life {
    /// From when on the key signs, in seconds since the Unix epoch; `None` for one that does not.
    fn signs_from(self) -> Option<u64> {
        match self.status {
            Status::Next => self.active_from,
            Status::Active => Some(self.active_from.unwrap_or_default()),
            Status::Retired => None,
        }
    }
}

/// The keys of a set that sign, each from a time on.
#[derive(Clone, Debug)]
pub struct Signers<K>(Vec<(u64, K)>);

impl<K> Signers<K> {
    /// The signers among `keys`; `None` unless one of them is `active`.
    pub fn of(keys: impl IntoIterator<Item = (Life, K)>) -> Option<Self> {
        let (mut signers, mut is_active) = (Vec::new(), false);
        for (life, key) in keys {
            is_active |= life.status == Status::Active;
            signers.extend(life.signs_from().map(|from| (from, key)));
        }
        // Of two that begin at the same time the one that stands first signs, as a set is read in its order.
        signers.reverse();
        signers.sort_by_key(|(from, _)| *from);
        is_active.then_some(Self(signers))
    }

    /// The key that signs at `now`, seconds since the Unix epoch: the last that has begun to. Where this machine's clock
    /// is before all of them, the first.
    pub fn at(&self, now: u64) -> &K {
        let begun = self.0.iter().rev().find(|(from, _)| *from <= now);
        let (_, key) = begun.unwrap_or(&self.0[0]);
        key
    }
}

/// An RFC 3339 time in UTC, in seconds.
fn instant<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    let Some(text) = Option::<String>::deserialize(deserializer)? else { return Ok(None) };
    let time: Timestamp = text.parse().map_err(|_| D::Error::custom("active_from is no RFC 3339 time"))?;
    Ok(Some(u64::try_from(time.as_second()).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn life(text: &str) -> Life {
        serde_json::from_str(text).unwrap()
    }

    const ACTIVE: &str = r#"{"status":"active"}"#;
    const NEXT: &str = r#"{"status":"next","active_from":"2027-01-15T08:00:00Z"}"#;
    const TURN: u64 = 1_800_000_000;

    #[test]
    fn the_next_key_takes_over_at_its_time() {
        let signers = Signers::of([(life(ACTIVE), "old"), (life(NEXT), "new")]).unwrap();
        assert_eq!((*signers.at(TURN - 1), *signers.at(TURN)), ("old", "new"));
    }

    #[test]
    fn a_next_key_without_a_time_and_a_retired_one_never_sign() {
        let keys = [(r#"{"status":"next"}"#, 1), (r#"{"status":"retired","active_from":null}"#, 2), (ACTIVE, 3)];
        let signers = Signers::of(keys.map(|(text, key)| (life(text), key))).unwrap();
        assert_eq!((*signers.at(0), *signers.at(u64::MAX)), (3, 3));
    }

    #[test]
    fn of_two_active_keys_the_one_that_stands_first_signs() {
        assert_eq!(*Signers::of([(life(ACTIVE), 1), (life(ACTIVE), 2)]).unwrap().at(TURN), 1);
    }

    #[test]
    fn a_clock_before_every_key_signs_with_the_first() {
        let late = r#"{"status":"active","active_from":"2027-01-15T08:00:00Z"}"#;
        assert_eq!(*Signers::of([(life(late), 1)]).unwrap().at(TURN - 9), 1);
    }

    #[test]
    fn a_set_has_to_have_an_active_key() {
        assert!(Signers::of([(life(NEXT), 1)]).is_none());
    }

    #[test]
    fn a_time_that_is_none_is_refused() {
        assert!(serde_json::from_str::<Life>(r#"{"status":"next","active_from":"soon"}"#).is_err());
    }
}
