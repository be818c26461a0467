//! Attempts at passwords and registrations: reserved, atomically, before they are made.
//!
//! A counter is an item `TH#<kind>#<HMAC of the subject>/COUNT`, so that the table tells neither addresses nor IPs.
//! One conditional update counts an attempt or refuses it; a refused attempt changes nothing, so it cannot extend the
//! block. What is counted is the set of the attempts' own ids: an update whose answer was lost, and that is made again,
//! counts once.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv6Addr};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use service::store::{Held, Item, Malformed, Outcome, StoreError, Table, Write};
use service::{Problem, Request, random};
use ulid::Ulid;

use crate::Auth;
use crate::audit::{self, Event};

/// How many attempts are let through.
#[derive(Debug)]
struct Rule {
    /// So many without a wait.
    free: usize,
    /// The waits after further ones, in seconds since the last attempt; the last wait repeats. None: until the counter
    /// expires.
    waits: &'static [u64],
    /// When the counter expires, in seconds since its first attempt.
    life: u64,
}

/// Someone's guesses at one account, and who holds its token guessing at its password. Waits double up to 15 minutes.
const PAIR: Rule = Rule { free: 5, waits: &[30, 60, 120, 240, 480, 900], life: 86_400 };
/// Someone's guesses at all accounts.
const ADDRESS: Rule = Rule { free: 50, waits: &[], life: 3_600 };
/// Everybody's guesses at one account. The wait is short: nobody can lock a user out.
const EMAIL: Rule = Rule { free: 100, waits: &[60], life: 3_600 };
const REGISTRATION: Rule = Rule { free: 20, waits: &[], life: 3_600 };

/// An attempt at something, as one rule counts it.
#[derive(Debug)]
pub(crate) struct Attempt {
    kind: &'static str,
    subject: String,
    rule: &'static Rule,
}

impl Attempt {
    /// A login with the e-mail address `email`, in normal form, from the address `ip`. The first of these is cleared by
    /// success.
    pub(crate) fn login(email: &str, ip: &str) -> [Self; 3] {
        let ip = network(ip);
        [
            Self { kind: "pair", subject: format!("{email} {ip}"), rule: &PAIR },
            Self { kind: "ip", subject: ip, rule: &ADDRESS },
            Self { kind: "email", subject: email.to_owned(), rule: &EMAIL },
        ]
    }

    /// A check of the password of the user `id`, who is logged in.
    pub(crate) fn password(id: Ulid) -> Self {
        Self { kind: "user", subject: id.to_string(), rule: &PAIR }
    }

    /// A registration from the address `ip`.
    pub(crate) fn registration(ip: &str) -> Self {
        Self { kind: "registration", subject: network(ip), rule: &REGISTRATION }
    }
}

/// Reserves all of `attempts` or none: 429 with `Retry-After` when a rule refuses one.
pub(crate) async fn reserve(auth: &Auth, request: &Request, attempts: &[Attempt]) -> Result<(), Problem> {
    let mut reserved: Vec<Counter> = Vec::new();
    for attempt in attempts {
        let counter = Counter::new(auth, request, attempt).await?;
        if let Some(wait) = counter.count(&auth.table).await? {
            for counter in reserved {
                counter.give_back(&auth.table).await?;
            }
            audit::record_unknown(request, Event::Throttled);
            let problem =
                Problem::new(429, "too-many-attempts", format!("Too many attempts; try again in {wait} seconds."));
            return Err(problem.with("Retry-After", wait.to_string()));
        }
        reserved.push(counter);
    }
    Ok(())
}

/// Forgets `attempt`, which succeeded.
pub(crate) async fn clear(auth: &Auth, request: &Request, attempt: &Attempt) -> Result<(), Problem> {
    let counter = Counter::new(auth, request, attempt).await?;
    auth.table.write(Write::delete(&counter.pk, SK)).await?;
    Ok(())
}

const SK: &str = "COUNT";
/// How often an attempt is counted anew whose counter expires or appears meanwhile.
const TRIES: u32 = 4;

/// The counter of an attempt, at one time.
struct Counter {
    pk: String,
    /// The attempt's own.
    id: String,
    rule: &'static Rule,
    now: u64,
}

impl Counter {
    async fn new(auth: &Auth, request: &Request, attempt: &Attempt) -> Result<Self, Problem> {
        let now = request.seconds();
        let keys = auth.refresh.get(now).await?;
        // The label keeps these apart from the MACs of refresh tokens, which begin with `rt1.`.
        let tag = keys.active(now).tag(format!("throttle {} {}", attempt.kind, attempt.subject).as_bytes());
        let pk = format!("TH#{}#{}", attempt.kind, URL_SAFE_NO_PAD.encode(tag));
        let id = format!("{:016x}", u64::from_be_bytes(random::bytes()?));
        Ok(Self { pk, id, rule: attempt.rule, now })
    }

    /// Counts an attempt, or tells in how many seconds one will be let through.
    async fn count(&self, table: &Table) -> Result<Option<u64>, StoreError> {
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
        let Rule { free, waits, life } = *self.rule;
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
            "attribute_not_exists(pk) OR (expires_at > :now AND NOT contains(attempts, :id) AND ({open}))"
        ))
    }

    /// The attempt as the first one, of a counter that has expired.
    fn first(&self) -> Write {
        Write::update(&self.pk, SK, "before_at = :zero, last_at = :now, expires_at = :end, attempts = :ids")
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

    /// Takes back an attempt that another rule refused, and with it the wait that it began.
    async fn give_back(&self, table: &Table) -> Result<(), StoreError> {
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
}

fn shown(held: Held) -> Option<Item> {
    match held {
        Held::Yes => None,
        Held::No(item) => item,
    }
}

/// What counts as one place on the network: an IPv4 address, or the /64 that one IPv6 customer has.
fn network(ip: &str) -> String {
    match ip.parse::<IpAddr>().map(|ip| ip.to_canonical()) {
        Ok(IpAddr::V4(ip)) => ip.to_string(),
        Ok(IpAddr::V6(ip)) => Ipv6Addr::from_bits(ip.to_bits() >> 64 << 64).to_string(),
        Err(_) => ip.to_owned(),
    }
}

#[cfg(test)]
mod tests {
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

    #[test]
    fn nobody_waits_longer_than_a_minute_for_others_guesses() {
        assert_eq!(counter(&EMAIL).wait(&item(5_000)), Ok(50));
    }

    #[test]
    fn an_ipv6_customer_is_one_place() {
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), network("2001:db8:1:2::9"));
        assert_ne!(network("2001:db8:1:2::9"), network("2001:db8:1:3::9"));
        assert_eq!(network("::ffff:192.0.2.1"), "192.0.2.1");
    }
}
