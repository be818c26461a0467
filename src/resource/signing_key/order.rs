//! What `memoctl keys` does with the keys of a set: new ones are made, old ones dropped.
//!
//! Whatever is published holds every key that can sign. So a new key is published first, then goes into the private set,
//! and what is dropped leaves the public set last: between two of these writes nothing signs what nobody can verify.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::SigningKey;
use super::key_set::{PrivateKey, PrivateSet, PublicSet};
use super::life::{Life, Standing};
use super::parameter::{Contents, Half};
use crate::aws::{Aws, Error};
use crate::resource::{Kind as _, release};
use crate::stack::Algorithm;

/// How long a new key is published before it signs: signers and verifiers keep a set for 5 minutes, and so do the HTTP
/// caches of what is published.
pub const TAKES_OVER: Duration = Duration::from_mins(10);

/// Characters of a standard parameter.
const PARAMETER: usize = 4_096;

/// What is to be done with the keys of a set, once it is what it was when that was decided.
#[derive(Clone, Debug)]
pub struct Order {
    pub act: Act,
    /// The versions of the parameters that were read.
    pub read: (i64, Option<i64>),
}

/// See [`Order`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// Does what is left of an earlier one that was cut short.
    Finish,
    /// Makes a key that takes over in [`TAKES_OVER`].
    Rotate,
    /// Drops these, of which nothing is left to verify.
    Retire(BTreeSet<String>),
    /// Drops one key at once, or all of them. Something has to sign, so where none is left that does, a new one is made.
    Drop(Option<String>),
}

/// The order that a signing key is to carry out, if any. Two are always equal: of what is live there is none.
#[derive(Clone, Debug, Default)]
pub struct Orders(pub Option<Arc<Order>>);

impl PartialEq for Orders {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Act {
    fn name(&self) -> &'static str {
        match self {
            Self::Finish => "finish what was begun with",
            Self::Rotate => "rotate",
            Self::Retire(_) | Self::Drop(_) => "retire keys of",
        }
    }

    /// What becomes of `set` at `now`.
    fn of(&self, set: PrivateSet, algorithm: Algorithm, now: Timestamp) -> Result<PrivateSet, getrandom::Error> {
        let taken = set.clone();
        let ids = || taken.ids().chain(taken.gone.iter().map(String::as_str));
        let made = |life: &Life| PrivateKey::generate(algorithm, ids(), life);
        let mut set = set.told(now);
        match self {
            Self::Finish => return Ok(taken),
            Self::Rotate => {
                let wait = SignedDuration::try_from(TAKES_OVER).unwrap_or(SignedDuration::MAX);
                set.keys.push(made(&Life::next(now, now.checked_add(wait).unwrap_or(Timestamp::MAX)))?);
            }
            Self::Retire(ids) => set.retain(|id| !ids.contains(id)),
            Self::Drop(id) => {
                set.retain(|other| id.as_ref().is_some_and(|id| other != id));
                set.generation = set.generation.saturating_add(1);
                let signs = |key: &PrivateKey| Life::read(&key.0).is_some_and(|life| life.is_active());
                if !set.keys.iter().any(signs) {
                    set.keys.push(made(&Life::active(now))?);
                }
            }
        }
        Ok(set)
    }
}

impl Contents {
    /// The keys by their ids, as they are at `now`.
    pub fn keys(&self, now: Timestamp) -> Vec<(String, Standing)> {
        self.private.standings(now)
    }

    /// Whether it had a key of that id, which was dropped.
    pub fn had(&self, id: &str) -> bool {
        self.private.gone.iter().any(|gone| gone == id)
    }

    /// Whether all keys were replaced at once at `time` or later.
    pub fn is_replaced_since(&self, time: Timestamp) -> bool {
        self.private.is_replaced_since(time)
    }

    /// Whether what is published is what belongs to the private set.
    pub fn is_published(&self) -> bool {
        let published = |public: &PublicSet| public.clone().unsettled(false) == self.private.public();
        self.public.as_ref().is_some_and(published)
    }

    /// Whether keys were dropped at once, and that is not over yet.
    pub fn is_unsettled(&self) -> bool {
        self.public.as_ref().is_some_and(|public| public.unsettled || public.generation < self.private.generation)
    }

    /// What finishes a drop that is not over, and drops nothing else, of the set that is called `name` in the stack file.
    pub fn finish(&self, name: &str) -> String {
        let id = self.private.gone.last().map_or("ID", String::as_str);
        format!("`memoctl keys retire {name} --emergency --key {id}` finishes it")
    }

    /// How often keys were dropped at once.
    pub fn generation(&self) -> u32 {
        self.private.generation
    }

    /// The order to do `act` with these.
    pub fn order(&self, act: Act) -> Orders {
        Orders(Some(Arc::new(Order { act, read: self.versions })))
    }
}

impl SigningKey {
    pub(super) async fn carry_out(&self, order: &Order, aws: &Aws) -> Result<(), Error> {
        let (id, act) = (self.id(), order.act.name());
        let found = self.contents(aws).await?;
        if found.versions != order.read {
            return Err(Error::refused(act, &id, "somebody else has written its parameters since they were read")
                .hint("`memoctl keys list` shows what is there; then run the same command again"));
        }
        let algorithm = self.algorithm.unwrap_or(Algorithm::EdDSA);
        let wanted = order.act.of(found.private.clone(), algorithm, aws.skew.now());
        let wanted = wanted.map_err(|error| self.no_random_bytes(&error))?;
        let text = wanted.render();
        if text.len() > PARAMETER {
            let cause = format!("with {} keys it would have more than the {PARAMETER} characters of a parameter", wanted.keys.len());
            return Err(Error::refused(act, &id, cause).hint("drop keys that are retired: `memoctl keys retire NAME`"));
        }
        let (private_version, mut public_version) = found.versions;
        let public = wanted.public();
        let mut published = found.public;
        if !published.as_ref().is_some_and(|published| published.has(&public)) {
            let before = published.unwrap_or_else(|| found.private.public());
            let mut both = found.private.public().with(&public).unsettled(before.unsettled);
            both.generation = before.generation;
            public_version = Some(self.replace(Half::Public, &both.render(), public_version, aws).await?);
            published = Some(both);
        }
        if wanted != found.private {
            self.replace(Half::Private, &text, Some(private_version), aws).await?;
        }
        let public = public.unsettled(self.unsettled);
        if published.as_ref() != Some(&public) {
            self.replace(Half::Public, &public.render(), public_version, aws).await?;
        }
        Ok(())
    }

    /// Ends what rests on keys that were dropped: now that only what started afresh serves, the answers that authorizers
    /// gave before.
    pub(super) async fn settle(&self, aws: &Aws) -> Result<(), Error> {
        release::forget_answers(aws).await?;
        let public = super::public(&self.name, aws).await?;
        let settled = match public {
            Some(public) => public.unsettled(false),
            None => self.private(aws).await?.0.public(),
        };
        self.overwrite_public(&settled, aws).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + 60 * minute).unwrap()
    }

    fn done(act: &Act, set: &PrivateSet, minute: i64) -> PrivateSet {
        act.of(set.clone(), Algorithm::HS256, at(minute)).unwrap()
    }

    fn told(set: &PrivateSet, minute: i64) -> Vec<String> {
        let keys = set.standings(at(minute)).into_iter();
        keys.map(|(id, standing)| format!("{id} {}", standing.name())).collect()
    }

    /// Key 1 is retired since minute 10, key 2 active, key 3 signs from minute 110 on.
    fn set() -> PrivateSet {
        let first = PrivateSet::generate(Algorithm::HS256, 0, at(-9)).unwrap();
        done(&Act::Rotate, &done(&Act::Rotate, &first, 0), 100)
    }

    #[test]
    fn a_rotation_makes_a_key_that_takes_over_in_ten_minutes() {
        let set = set();
        assert_eq!(told(&set, 109), ["1 retired", "2 active", "3 next"]);
        assert_eq!(told(&set, 110), ["1 retired", "2 retired", "3 active"]);
        assert_eq!(set.standings(at(109))[0].1, Standing::Retired { since: at(10) });
    }

    #[test]
    fn a_rewrite_says_what_time_has_made_true() {
        let set = done(&Act::Retire(BTreeSet::new()), &set(), 120);
        let said = |member: &str| set.keys.iter().map(|key| key.0.get(member).cloned()).collect::<Vec<_>>();
        assert_eq!(said("status"), ["retired", "retired", "active"].map(|status| Some(status.into())));
        let since = |minute| Some(at(minute).to_string().into());
        assert_eq!(said("retired_at"), [since(10), since(110), None]);
    }

    #[test]
    fn what_is_retired_goes_and_the_rest_stays() {
        let set = done(&Act::Retire(["1".to_owned()].into()), &set(), 105);
        assert_eq!((told(&set, 105), set.generation), (vec!["2 active".to_owned(), "3 next".to_owned()], 0));
    }

    #[test]
    fn to_drop_all_leaves_one_new_key_which_is_active() {
        let set = done(&Act::Drop(None), &set(), 105);
        assert_eq!((told(&set, 105), set.generation), (vec!["4 active".to_owned()], 1));
    }

    #[test]
    fn a_set_knows_since_when_its_keys_are_replaced_and_a_first_key_replaces_none() {
        let (first, replaced) = (PrivateSet::generate(Algorithm::HS256, 0, at(0)).unwrap(), done(&Act::Drop(None), &set(), 105));
        let since = |set: &PrivateSet, minute| set.is_replaced_since(at(minute));
        assert_eq!([since(&replaced, 105), since(&replaced, 106), since(&first, 0)], [true, false, false]);
        assert!(!since(&done(&Act::Drop(Some("2".to_owned())), &set(), 105), 105));
    }

    #[test]
    fn the_active_key_is_dropped_for_a_new_one_and_another_for_none() {
        let drop = |id: &str| told(&done(&Act::Drop(Some(id.to_owned())), &set(), 105), 105);
        assert_eq!(drop("2"), ["1 retired", "3 next", "4 active"]);
        assert_eq!(drop("1"), ["2 active", "3 next"]);
        assert_eq!(drop("3"), ["1 retired", "2 active"]);
    }

    #[test]
    fn a_set_remembers_what_was_dropped_and_gives_no_number_twice() {
        let set = done(&Act::Retire(["3".to_owned()].into()), &set(), 105);
        assert_eq!((set.gone.as_slice(), told(&done(&Act::Rotate, &set, 105), 105).len()), (&["3".to_owned()][..], 3));
        assert!(told(&done(&Act::Rotate, &set, 105), 105).contains(&"4 next".to_owned()));
        let many = (0..20).fold(set, |set, _| done(&Act::Drop(None), &set, 105));
        assert_eq!(many.gone.len(), 8);
    }

    #[test]
    fn what_is_finished_is_the_set_as_it_is() {
        let set = set();
        assert!(done(&Act::Finish, &set, 999) == set);
    }
}
