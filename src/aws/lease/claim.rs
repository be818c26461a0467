//! What a lease says: whose it is, since when, for what, and until when.

use std::fmt::{self, Display};
use std::process::Command;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::rfc3339;
use crate::aws::{Clock, Error};

/// How long a lease holds from when it was last renewed.
pub(super) const EXPIRY: Duration = Duration::from_mins(1);

/// A lease, as it is written. Freeing it writes it once more, so that it is never absent again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    #[serde(flatten)]
    pub holder: Holder,
    /// The holder's own, by which it knows its lease again.
    pub(super) token: String,
    /// What is done: `deploy`.
    pub doing: String,
    #[serde(with = "rfc3339")]
    pub since: Timestamp,
    /// Until then its holder may change things, unless it renews it.
    #[serde(with = "rfc3339")]
    pub expires: Timestamp,
    /// From then on anybody may take it: no call that was begun before `expires` is under way any more.
    #[serde(with = "rfc3339")]
    pub abandoned: Timestamp,
    /// When it was freed.
    #[serde(default, with = "rfc3339::optional", skip_serializing_if = "Option::is_none")]
    pub freed: Option<Timestamp>,
}

/// Who holds a lease.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// The caller's ARN, as STS tells it.
    pub by: String,
    /// The machine's name.
    pub host: String,
    /// The process on it.
    pub process: u32,
    /// Where to look at the CI run that it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<String>,
}

/// The times that one holder's lease is made of, in real time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Terms {
    pub(super) expiry: Duration,
    /// The longest that a call takes which was begun before the expiry.
    pub(super) operation: Duration,
}

impl Terms {
    /// On a cloud whose time is `clock`, where no call takes longer than `operation`.
    pub(super) fn of(clock: Clock, operation: Duration) -> Self {
        Self { expiry: clock.real(EXPIRY), operation: clock.real(operation) }
    }
}

impl Claim {
    /// A claim of this process, by the caller `by`, to be written at `now`.
    pub(super) fn new(by: &str, doing: &str, now: Timestamp, terms: Terms) -> Result<Self, Error> {
        let token = random().ok_or_else(|| {
            Error::refused("take", &"the lease", "the system gives no random numbers to know it again by")
        })?;
        let claim = Self {
            holder: Holder::this_process(by),
            token,
            doing: doing.to_owned(),
            since: now,
            expires: now,
            abandoned: now,
            freed: None,
        };
        Ok(claim.renewed(now, terms))
    }

    /// The same, renewed at `now`.
    pub(super) fn renewed(&self, now: Timestamp, terms: Terms) -> Self {
        let expires = later(now, terms.expiry);
        Self { expires, abandoned: later(expires, terms.operation), ..self.clone() }
    }

    /// The same, freed at `now`.
    pub(super) fn freed(&self, now: Timestamp) -> Self {
        Self { freed: Some(now), ..self.clone() }
    }

    /// Since when nobody holds it; `None` while it may not be taken.
    pub(super) fn free_since(&self, now: Timestamp) -> Option<Timestamp> {
        self.freed.or((self.abandoned <= now).then_some(self.abandoned))
    }
}

impl Claim {
    /// Whether `holder` is who made it, and it was renewed within `time` before `now`: one who does the same again then goes
    /// on with it, as far as anybody can tell.
    pub fn is_recent_of(&self, holder: &Holder, (time, now): (Duration, Timestamp)) -> bool {
        self.holder.is_again(holder) && now <= later(self.expires, time)
    }
}

impl Display for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { holder, doing, since, expires, .. } = self;
        write!(f, "{holder} since {since:.0}, to {doing}, until {expires:.0}")
    }
}

impl Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (process {} on {}", self.by, self.process, self.host)?;
        if let Some(run) = &self.run {
            write!(f, ", {run}")?;
        }
        f.write_str(")")
    }
}

impl Holder {
    /// Whether `other` is the same caller in the same CI run, or outside of any on the same machine.
    fn is_again(&self, other: &Self) -> bool {
        let is_same_place = if self.run.is_none() { self.host == other.host } else { true };
        self.by == other.by && self.run == other.run && is_same_place
    }

    /// This process, which the caller `by` has started.
    pub fn this_process(by: &str) -> Self {
        let run = run(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
        Self { by: by.to_owned(), host: host(), process: std::process::id(), run }
    }
}

/// The address of the CI run that this is, by the variables of the CI systems.
fn run(variable: impl Fn(&str) -> Option<String>) -> Option<String> {
    let github = || {
        let (server, repository) = (variable("GITHUB_SERVER_URL")?, variable("GITHUB_REPOSITORY")?);
        Some(format!("{server}/{repository}/actions/runs/{}", variable("GITHUB_RUN_ID")?))
    };
    // GitLab, Buildkite, CircleCI, Jenkins; the last is what others follow.
    let others = ["CI_JOB_URL", "BUILDKITE_BUILD_URL", "CIRCLE_BUILD_URL", "BUILD_URL"];
    github().or_else(|| others.into_iter().find_map(&variable))
}

/// This machine's name.
fn host() -> String {
    let told = || {
        let output = Command::new("hostname").output().ok()?;
        String::from_utf8(output.stdout).ok()
    };
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").ok().or_else(told).unwrap_or_default();
    if name.trim().is_empty() { "an unnamed machine".to_owned() } else { name.trim().to_owned() }
}

/// 128 random bits, as hexadecimal digits.
fn random() -> Option<String> {
    let (high, low) = (getrandom::u64().ok()?, getrandom::u64().ok()?);
    Some(format!("{high:016x}{low:016x}"))
}

/// `time` and `more`; the end of time when that is beyond it.
fn later(time: Timestamp, more: Duration) -> Timestamp {
    let more = SignedDuration::try_from(more).unwrap_or(SignedDuration::MAX);
    time.checked_add(more).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TERMS: Terms = Terms { expiry: Duration::from_mins(1), operation: Duration::from_mins(4) };

    fn at(text: &str) -> Timestamp {
        format!("2026-11-20T{text}Z").parse().unwrap()
    }

    fn claim() -> Claim {
        let holder = Holder {
            by: "arn:aws:sts::123456789012:assumed-role/ci/x".to_owned(),
            host: "ci-7".to_owned(),
            process: 42,
            run: Some("https://github.com/memo/memo/actions/runs/7".to_owned()),
        };
        Claim { holder, ..Claim::new("", "deploy", at("06:00:00"), TERMS).unwrap() }
    }

    #[test]
    fn a_claim_reads_back_as_it_was_written() {
        for claim in [claim(), claim().freed(at("06:00:01.234"))] {
            let text = serde_json::to_string(&claim).unwrap();
            assert_eq!(serde_json::from_str::<Claim>(&text).unwrap(), claim, "{text}");
        }
    }

    #[test]
    fn a_claim_is_gone_on_with_by_its_caller_in_the_same_run_or_on_the_same_machine_and_not_for_ever() {
        let (claim, hour) = (claim(), Duration::from_hours(1));
        let is_again = |claim: &Claim, other: &Holder, time| claim.is_recent_of(other, (hour, at(time)));
        let elsewhere = Holder { host: "ci-8".to_owned(), process: 7, ..claim.holder.clone() };
        assert!(is_again(&claim, &elsewhere, "07:01:00") && !is_again(&claim, &elsewhere, "07:01:01"));
        let by_hand = Claim { holder: Holder { run: None, ..claim.holder.clone() }, ..claim.clone() };
        assert!(is_again(&by_hand, &by_hand.holder, "06:30:00"));
        for other in [
            Holder { by: "arn:aws:iam::123456789012:user/ann".to_owned(), ..claim.holder.clone() },
            Holder { run: None, ..claim.holder.clone() },
            Holder { run: None, ..elsewhere },
        ] {
            assert!(!is_again(&claim, &other, "06:30:00"), "{other}");
        }
        assert!(!is_again(&by_hand, &Holder { host: "ci-8".to_owned(), ..by_hand.holder.clone() }, "06:30:00"));
    }

    #[test]
    fn a_claim_says_who_since_when_what_for_and_until_when() {
        insta::assert_snapshot!(claim(), @"arn:aws:sts::123456789012:assumed-role/ci/x (process 42 on ci-7, https://github.com/memo/memo/actions/runs/7) since 2026-11-20T06:00:00Z, to deploy, until 2026-11-20T06:01:00Z");
    }

    #[test]
    fn an_expired_claim_is_free_only_when_its_last_call_must_be_over() {
        assert_eq!(claim().free_since(at("06:04:59")), None);
        assert_eq!(claim().free_since(at("06:05:00")), Some(at("06:05:00")));
    }

    #[test]
    fn a_renewed_claim_is_the_same_holders_and_holds_longer() {
        let claim = claim();
        let renewed = claim.renewed(at("06:00:30"), TERMS);
        assert_eq!((renewed.since, renewed.expires), (at("06:00:00"), at("06:01:30")));
        assert_eq!((renewed.token, renewed.holder), (claim.token, claim.holder));
    }

    #[test]
    fn a_freed_claim_is_free_since_then() {
        assert_eq!(claim().freed(at("06:00:10")).free_since(at("06:00:11")), Some(at("06:00:10")));
    }

    #[test]
    fn no_two_claims_have_the_same_token() {
        assert_ne!(claim().token, claim().token);
    }

    #[test]
    fn a_ci_run_is_told_by_its_address() {
        let github = |name: &str| {
            let value = match name {
                "GITHUB_SERVER_URL" => "https://github.com",
                "GITHUB_REPOSITORY" => "memo/memo",
                "GITHUB_RUN_ID" => "7",
                _ => return None,
            };
            Some(value.to_owned())
        };
        assert_eq!(run(github).as_deref(), Some("https://github.com/memo/memo/actions/runs/7"));
        let gitlab = |name: &str| (name == "CI_JOB_URL").then(|| "https://gitlab.com/memo/-/jobs/7".to_owned());
        assert_eq!(run(gitlab).as_deref(), Some("https://gitlab.com/memo/-/jobs/7"));
        assert_eq!(run(|_| None), None);
    }
}
