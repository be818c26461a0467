//! A key's life: `next`, published before it signs; `active`; `retired`, which verifies what it signed; then gone.
//!
//! A `next` key that says `active_from` takes over at that time by itself, without a write: so what a set says of its keys
//! and what they are is not the same. The signers' rules are those of `handlers/jwt/src/life.rs`.

use jiff::{Timestamp, Unit};
use serde_json::{Map, Value};

use super::key_set::{PrivateKey, PrivateSet};

/// Where a key is in its life, as its set says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Life {
    status: Status,
    created_at: Timestamp,
    active_from: Option<Timestamp>,
    retired_at: Option<Timestamp>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Status {
    Next,
    Active,
    Retired,
}

/// Where a key is in its life, as time has made it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It signs from then on; `None`: its set does not say when.
    Next { from: Option<Timestamp> },
    /// It signs, until the next one does.
    Active { since: Timestamp, until: Option<Timestamp> },
    /// It signs no more since then.
    Retired { since: Timestamp },
}

impl Status {
    const ALL: [Self; 3] = [Self::Next, Self::Active, Self::Retired];

    fn name(self) -> &'static str {
        match self {
            Self::Next => "next",
            Self::Active => "active",
            Self::Retired => "retired",
        }
    }
}

impl Standing {
    /// As the sets call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Next { .. } => Status::Next.name(),
            Self::Active { .. } => Status::Active.name(),
            Self::Retired { .. } => Status::Retired.name(),
        }
    }
}

impl Life {
    /// That of a key which signs since `now`.
    pub(super) fn active(now: Timestamp) -> Self {
        Self { status: Status::Active, created_at: now, active_from: None, retired_at: None }
    }

    /// That of a key which is made `now` and signs from `from` on.
    pub(super) fn next(now: Timestamp, from: Timestamp) -> Self {
        Self { status: Status::Next, created_at: now, active_from: Some(from), retired_at: None }
    }

    /// Reads it from a key's members.
    pub(super) fn read(members: &Map<String, Value>) -> Option<Self> {
        let time = |member: &str| -> Option<Option<Timestamp>> {
            match members.get(member) {
                None | Some(Value::Null) => Some(None),
                Some(value) => value.as_str()?.parse().ok().map(Some),
            }
        };
        let status = members.get("status")?.as_str()?;
        Some(Self {
            status: Status::ALL.into_iter().find(|known| known.name() == status)?,
            created_at: time("created_at")??,
            active_from: time("active_from")?,
            retired_at: time("retired_at")?,
        })
    }

    /// Writes it into a key's members; times in RFC 3339, in whole seconds of UTC.
    pub(super) fn write(&self, members: &mut Map<String, Value>) {
        let times = [
            ("created_at", Some(self.created_at)),
            ("active_from", self.active_from),
            ("retired_at", self.retired_at),
        ];
        members.insert("status".to_owned(), self.status.name().into());
        for (member, time) in times {
            if let Some(time) = time {
                members.insert(member.to_owned(), second(time).to_string().into());
            }
        }
    }

    pub(super) fn is_active(&self) -> bool {
        self.status == Status::Active
    }

    /// Whether the key was made at `time` or later to sign at once.
    fn is_active_since(&self, time: Timestamp) -> bool {
        self.is_active() && self.active_from.is_none() && self.created_at >= second(time)
    }

    /// From when on the key signs; `None` for one that does not.
    fn signs_from(&self) -> Option<Timestamp> {
        match self.status {
            Status::Next => self.active_from,
            Status::Active => Some(self.active_from.unwrap_or(Timestamp::MIN)),
            Status::Retired => None,
        }
    }
}

fn second(time: Timestamp) -> Timestamp {
    time.round(Unit::Second).unwrap_or(time)
}

/// What the keys with these lives are at `now`.
fn standings(lives: &[Life], now: Timestamp) -> Vec<Standing> {
    let mut signers: Vec<(Timestamp, usize)> =
        lives.iter().enumerate().rev().filter_map(|(index, life)| Some((life.signs_from()?, index))).collect();
    // Of two that begin at the same time the one that stands first in the set signs.
    signers.sort_by_key(|(from, _)| *from);
    let begun = signers.iter().rev().find(|(from, _)| *from <= now).or_else(|| signers.first());
    let signer = begun.map(|(_, index)| *index);
    let since = |life: &Life| life.active_from.unwrap_or(life.created_at);
    // A set always has an active key: `PrivateSet::parse`.
    let active_since = signer.map_or(now, |signer| since(&lives[signer]));
    let next = |after: Timestamp| signers.iter().map(|(from, _)| *from).find(|from| *from > after);
    let standing = |(index, life): (usize, &Life)| match (life.status, life.signs_from()) {
        _ if signer == Some(index) => Standing::Active { since: since(life), until: next(now) },
        (_, Some(from)) if from > now => Standing::Next { from: Some(from) },
        (_, Some(from)) => Standing::Retired { since: next(from).filter(|next| *next <= now).unwrap_or(active_since) },
        (Status::Next, None) => Standing::Next { from: None },
        (Status::Active | Status::Retired, None) => Standing::Retired { since: life.retired_at.unwrap_or(active_since) },
    };
    lives.iter().enumerate().map(standing).collect()
}

impl PrivateSet {
    /// Its keys by their ids, as they are at `now`.
    pub(super) fn standings(&self, now: Timestamp) -> Vec<(String, Standing)> {
        // Each has a life: `PrivateSet::parse`.
        let lives: Vec<Life> = self.keys.iter().filter_map(|key| Life::read(&key.0)).collect();
        self.ids().map(str::to_owned).zip(standings(&lives, now)).collect()
    }

    /// Whether all its keys were replaced at `time` or later by one.
    pub(super) fn is_replaced_since(&self, time: Timestamp) -> bool {
        match self.keys.as_slice() {
            [only] => self.generation > 0 && Life::read(&only.0).is_some_and(|life| life.is_active_since(time)),
            _ => false,
        }
    }

    /// The same set, whose keys say what they are at `now`.
    #[must_use]
    pub(super) fn told(mut self, now: Timestamp) -> Self {
        let standings = self.standings(now);
        for (PrivateKey(members), (_, standing)) in self.keys.iter_mut().zip(standings) {
            let Some(life) = Life::read(members) else { continue };
            match standing {
                Standing::Next { .. } => life,
                Standing::Active { .. } => Life { status: Status::Active, ..life },
                Standing::Retired { since } => Life { status: Status::Retired, retired_at: Some(since), ..life },
            }
            .write(members);
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + 60 * minute).unwrap()
    }

    /// Since minute 0, and since minute 20 or to be.
    fn rotated() -> [Life; 2] {
        [Life::active(at(0)), Life::next(at(10), at(20))]
    }

    #[test]
    fn a_next_key_is_active_once_its_time_has_come_and_the_one_before_it_retired() {
        let before = [Standing::Active { since: at(0), until: Some(at(20)) }, Standing::Next { from: Some(at(20)) }];
        assert_eq!(standings(&rotated(), at(19)), before);
        let after = [Standing::Retired { since: at(20) }, Standing::Active { since: at(20), until: None }];
        assert_eq!(standings(&rotated(), at(20)), after);
    }

    #[test]
    fn a_key_is_retired_since_its_own_successor_signs() {
        let lives = [Life::active(at(0)), Life::next(at(10), at(20)), Life::next(at(30), at(40))];
        let retired = |since| Standing::Retired { since: at(since) };
        let active = Standing::Active { since: at(40), until: None };
        assert_eq!(standings(&lives, at(50)), [retired(20), retired(40), active]);
    }

    #[test]
    fn a_next_key_without_a_time_waits() {
        let lives = [Life::active(at(0)), Life { active_from: None, ..Life::next(at(0), at(0)) }];
        assert_eq!(standings(&lives, at(99))[1], Standing::Next { from: None });
    }

    #[test]
    fn a_retired_key_that_does_not_say_since_when_is_so_since_the_active_one_signs() {
        let lives = [Life { status: Status::Retired, ..Life::active(at(0)) }, Life::active(at(5))];
        assert_eq!(standings(&lives, at(9))[0], Standing::Retired { since: at(5) });
    }

    #[test]
    fn of_two_active_keys_the_one_that_stands_first_signs() {
        let names = standings(&[Life::active(at(0)), Life::active(at(1))], at(2)).into_iter().map(Standing::name);
        assert_eq!(names.collect::<Vec<_>>(), ["active", "retired"]);
    }

    #[test]
    fn a_life_reads_back_as_it_was_written() {
        for life in rotated() {
            let mut members = Map::new();
            life.write(&mut members);
            assert_eq!(Life::read(&members), Some(life));
        }
    }
}
