//! A counter of attempts: the item `TH#<kind>#<HMAC of the subject>/COUNT`, so that the table tells neither addresses nor
//! IPs.
//!
//! One conditional update counts an attempt or refuses it; a refused attempt changes nothing, so it cannot extend the
//! block. What is counted is the set of the attempts' own ids: an update whose answer was lost, and that is made again,
//! counts once.

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use service::store::{Held, Item, Malformed, Outcome, StoreError, Table, Write};
use service::{Problem, Request, random};

use super::{Attempt, Rule};
use crate::Auth;

const SK: &str = "COUNT";
/// How often an attempt is counted anew whose counter expires or appears meanwhile.
const TRIES: u32 = 4;

/// The counter of an attempt, at one time.
pub(super) struct Counter {
    pk: String,
    /// The attempt's own.
    id: String,
    rule: &'static Rule,
    now: u64,
}

impl Counter {
    /// The counter of `attempt`, which is made now.
    pub(super) async fn new(auth: &Auth, request: &Request, attempt: &Attempt) -> Result<Self, Problem> {
        let now = request.seconds();
        let keys = auth.refresh.get(now).await?;
        // The label keeps these apart from the MACs of refresh tokens, which begin with `rt1.`; the oldest key has them
        // outlive a rotation.
        let tag = keys.oldest().tag(format!("throttle {} {}", attempt.kind, attempt.subject).as_bytes());
        let pk = format!("TH#{}#{}", attempt.kind, URL_SAFE_NO_PAD.encode(tag));
        let id = format!("{:016x}", u64::from_be_bytes(random::bytes()?));
        Ok(Self { pk, id, rule: attempt.rule, now })
    }

    /// Counts an attempt, or tells in how many seconds one will be let through.
    pub(super) async fn count(&self, table: &Table) -> Result<Option<u64>, StoreError> {
        for _ in 0..TRIES {
            let item = match table.write(self.next()).await? {
                Outcome::Written => return Ok(None),
                Outcome::Refused(held) => held.into_iter().find_map(shown),
            };
            let Some(item) = item else { continue };
            if item.set_of_texts("attempts")?.contains(&self.id) {
                // It is counted; the answer was lost.
                return Ok(None);
            }
            if item.number("expires_at")? > self.now {
                return Ok(Some(self.wait(&item)?));
            }
            if table.write(self.first()).await?.is_written() {
                return Ok(None);
            }
        }
        Err(StoreError::Conflict { table: table.name().to_owned() })
    }

    /// The attempt as the next one of a counter that lives, or as the first of one that is not there.
    fn next(&self) -> Write {
        let Rule { free, waits, life, patience: _ } = *self.rule;
        let mut open = vec!["attribute_not_exists(attempts) OR size(attempts) < :free".to_owned()];
        let mut write = Write::update(
            &self.pk,
            SK,
            "before_at = if_not_exists(last_at, :zero), last_at = :now, expires_at = if_not_exists(expires_at, :end) \
             ADD attempts :ids",
        )
        .value(":zero", 0)
        .value(":free", free as u64)
        .value(":now", self.now)
        .value(":end", self.now + life)
        .value(":id", &*self.id)
        .value(":ids", self.ids());
        for (step, wait) in (0..).zip(waits) {
            let compare = if step + 1 == waits.len() { ">=" } else { "=" };
            open.push(format!("(size(attempts) {compare} :n{step} AND last_at <= :t{step})"));
            write = write
                .value(&format!(":n{step}"), (free + step) as u64)
                .value(&format!(":t{step}"), self.now.saturating_sub(*wait));
        }
        let open = open.join(" OR ");
        write.when(&format!(
            "attribute_not_exists(expires_at) OR (expires_at > :now AND NOT contains(attempts, :id) AND ({open}))"
        ))
    }

    /// The attempt as the first one, of a counter that has expired.
    fn first(&self) -> Write {
        let set = "before_at = :zero, last_at = :now, expires_at = :end, attempts = :ids REMOVE patient_until";
        Write::update(&self.pk, SK, set)
            .when("expires_at <= :now")
            .value(":zero", 0)
            .value(":now", self.now)
            .value(":end", self.now + self.rule.life)
            .value(":ids", self.ids())
    }

    fn ids(&self) -> BTreeSet<String> {
        BTreeSet::from([self.id.clone()])
    }

    /// How long from now to the next attempt that the counter `item` lets through, in seconds.
    fn wait(&self, item: &Item) -> Result<u64, Malformed> {
        let beyond = item.set_of_texts("attempts")?.len().saturating_sub(self.rule.free);
        let until = match self.rule.waits.get(beyond).or(self.rule.waits.last()) {
            Some(wait) => item.number("last_at")? + wait,
            None => item.number("expires_at")?,
        };
        Ok(until.saturating_sub(self.now).max(1))
    }

    /// Tells in how many seconds the place of this counter, which is reserved, is let through whatever others do:
    /// `patience` after the first time that this was asked, however often it is asked again. `None` is now.
    pub(super) async fn wait_for_others(&self, table: &Table, patience: u64) -> Result<Option<u64>, StoreError> {
        let write = Write::update(&self.pk, SK, "patient_until = :until").value(":until", self.now + patience);
        // A login of the same place may have cleared the counter meanwhile: a wait alone is no counter.
        let write = write.when("contains(attempts, :id) AND attribute_not_exists(patient_until)");
        let until = match table.write(write.value(":id", &*self.id)).await? {
            Outcome::Written => self.now + patience,
            Outcome::Refused(held) => match held.into_iter().find_map(shown) {
                Some(item) if item.has("patient_until") => item.number("patient_until")?,
                Some(_) | None => self.now + patience,
            },
        };
        Ok(until.checked_sub(self.now).filter(|wait| *wait > 0))
    }

    /// Takes back an attempt that another rule refused, and with it the wait that it began.
    pub(super) async fn give_back(&self, table: &Table) -> Result<(), StoreError> {
        let less = |last: &str, condition: &str| {
            let write = Write::update(&self.pk, SK, &format!("last_at = {last} DELETE attempts :ids"));
            let write = write.when(&format!("contains(attempts, :id){condition}"));
            write.value(":id", &*self.id).value(":ids", self.ids())
        };
        let whole = less("before_at", " AND last_at = :now").value(":now", self.now);
        if !table.write(whole).await?.is_written() {
            // Another attempt came since: the wait is that one's.
            table.write(less("last_at", "")).await?;
        }
        Ok(())
    }

    /// Forgets all attempts.
    pub(super) async fn clear(&self, table: &Table) -> Result<(), StoreError> {
        table.write(Write::delete(&self.pk, SK)).await.map(drop)
    }
}

fn shown(held: Held) -> Option<Item> {
    match held {
        Held::Yes => None,
        Held::No(item) => item,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{ADDRESS, PAIR};
    use super::*;

    fn counter(rule: &'static Rule) -> Counter {
        Counter { pk: "TH#pair#x".to_owned(), id: "0".to_owned(), rule, now: 1_000 }
    }

    fn item(attempts: u64) -> Item {
        let attempts: BTreeSet<_> = (0..attempts).map(|number| number.to_string()).collect();
        Item::new("a", "b").set("attempts", attempts).set("last_at", 990).set("expires_at", 2_000)
    }

    #[test]
    fn the_waits_of_a_pair_double_to_fifteen_minutes() {
        let waits = [5, 6, 7, 8, 9, 10, 11, 99].map(|attempts| counter(&PAIR).wait(&item(attempts)).unwrap());
        assert_eq!(waits, [20, 50, 110, 230, 470, 890, 890, 890]);
    }

    #[test]
    fn an_address_waits_for_its_hour_to_end() {
        assert_eq!(counter(&ADDRESS).wait(&item(50)), Ok(1_000));
    }
}
