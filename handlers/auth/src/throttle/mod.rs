//! Attempts at passwords and registrations: reserved, atomically, before they are made.
//!
//! [`counter`] has the items that count them.

mod counter;

use std::net::{IpAddr, Ipv6Addr};

use counter::Counter;
use service::{Problem, Request};
use ulid::Ulid;

use crate::Auth;
use crate::audit::{self, Event};
use crate::identity::Identity;

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
    /// For how long a place is refused, at most, because of others' attempts, in seconds since its own first refusal.
    patience: Option<u64>,
}

/// Someone's guesses at one account, and who holds its token guessing at its password. Waits double up to 15 minutes.
const PAIR: Rule = Rule { free: 5, waits: &[30, 60, 120, 240, 480, 900], life: 86_400, patience: None };
/// Someone's guesses at all accounts.
const ADDRESS: Rule = Rule { free: 50, waits: &[], life: 3_600, patience: None };
/// Everybody's guesses at one account. Each place waits a minute of its own, whoever goes on: nobody can lock a user out.
const EMAIL: Rule = Rule { free: 100, waits: &[], life: 3_600, patience: Some(60) };
const REGISTRATION: Rule = Rule { free: 20, waits: &[], life: 3_600, patience: None };

/// An attempt at something, as one rule counts it.
#[derive(Debug)]
pub(crate) struct Attempt {
    kind: &'static str,
    subject: String,
    rule: &'static Rule,
}

impl Attempt {
    /// A login with the e-mail address `email`, in normal form, from the address `ip`. The first of these is the
    /// place's own: it is cleared by success, and others' attempts cost it a wait at most.
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

/// Reserves all of `attempts`, of `who` is logged in, or none: 429 with `Retry-After` when a rule refuses one.
pub(crate) async fn reserve(
    auth: &Auth,
    request: &Request,
    attempts: &[Attempt],
    who: Option<&Identity>,
) -> Result<(), Problem> {
    let mut reserved: Vec<Counter> = Vec::new();
    for attempt in attempts {
        let counter = Counter::new(auth, request, attempt).await?;
        let wait = match counter.count(&auth.table).await? {
            None => {
                reserved.push(counter);
                continue;
            }
            Some(wait) => match attempt.rule.patience.zip(reserved.first()) {
                Some((patience, own)) => own.wait_for_others(&auth.table, patience).await?,
                None => Some(wait),
            },
        };
        if let Some(wait) = wait {
            for counter in reserved {
                counter.give_back(&auth.table).await?;
            }
            audit::record_of(request, Event::Throttled, who);
            let problem =
                Problem::new(429, "too-many-attempts", format!("Too many attempts; try again in {wait} seconds."));
            return Err(problem.with("Retry-After", wait.to_string()));
        }
    }
    Ok(())
}

/// Forgets `attempt`, which succeeded.
pub(crate) async fn clear(auth: &Auth, request: &Request, attempt: &Attempt) -> Result<(), Problem> {
    Ok(Counter::new(auth, request, attempt).await?.clear(&auth.table).await?)
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

    #[test]
    fn an_ipv6_customer_is_one_place() {
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), network("2001:db8:1:2::9"));
        assert_ne!(network("2001:db8:1:2::9"), network("2001:db8:1:3::9"));
        assert_eq!(network("::ffff:192.0.2.1"), "192.0.2.1");
    }
}
