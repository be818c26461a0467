//! A key set as people and programs read it: never with a private part.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::resource::signing_key::{Contents, SigningKey, Standing};
use crate::stack::Algorithm;

/// A key set.
#[derive(Debug, Serialize)]
pub(super) struct Set {
    name: String,
    algorithm: Option<Algorithm>,
    /// Seconds for which a retired key is kept.
    overlap: u32,
    /// How often keys of it were dropped at once.
    generation: u32,
    keys: Vec<Key>,
    /// What is wrong with it, and the way out.
    #[serde(skip_serializing_if = "Option::is_none")]
    fault: Option<String>,
}

/// A key of a set, as time has made it.
#[derive(Debug, Serialize)]
struct Key {
    id: String,
    algorithm: Option<Algorithm>,
    /// `next`, `active` or `retired`.
    status: &'static str,
    /// RFC 3339, UTC.
    since: Option<String>,
    /// The same: when it will be something else, or of a retired one: until when it is kept.
    until: Option<String>,
    /// What comes next, or may be done.
    next: String,
}

impl Set {
    /// The set `name`; without `contents` where its private part is gone.
    pub(super) fn of(name: &str, key: &SigningKey, overlap: u32, contents: Option<&Contents>, now: Timestamp) -> Self {
        let keys = contents.map(|contents| contents.keys(now)).unwrap_or_default();
        let shown = |(id, standing)| Key::of((name, id), key.algorithm, standing, (overlap, now));
        Self {
            name: name.to_owned(),
            algorithm: key.algorithm,
            overlap,
            generation: contents.map_or(key.generation, Contents::generation),
            keys: keys.into_iter().map(shown).collect(),
            fault: fault(name, contents),
        }
    }

    /// A line for each key, and one for what is wrong.
    pub(super) fn lines(&self) -> Vec<String> {
        let dash = |time: &Option<String>| time.clone().unwrap_or_else(|| "-".to_owned());
        let line = |key: &Key| {
            let sign = match key.status {
                "active" => "*",
                "next" => "+",
                _ => "=",
            };
            let (algorithm, status) = (key.algorithm.map(name_of).unwrap_or_default(), key.status);
            let (since, until) = (dash(&key.since), dash(&key.until));
            let (set, id, next) = (&self.name, &key.id, &key.next);
            format!("{set}  {id}  {algorithm}  {sign} {status:<7}  since {since:<20}  until {until:<20}  {next}")
        };
        let fault = self.fault.iter().map(|fault| format!("! {}  {fault}", self.name));
        self.keys.iter().map(line).chain(fault).collect()
    }
}

impl Key {
    fn of(
        (set, id): (&str, String),
        algorithm: Option<Algorithm>,
        standing: Standing,
        (overlap, now): (u32, Timestamp),
    ) -> Self {
        let (since, until, next) = match standing {
            Standing::Next { from: Some(from) } => (None, Some(from), "then it signs, by itself".to_owned()),
            Standing::Next { from: None } => (None, None, "its set does not say when it signs".to_owned()),
            Standing::Active { since, until: Some(until) } => {
                (Some(since), Some(until), "then the next one signs".to_owned())
            }
            Standing::Active { since, until: None } => (Some(since), None, format!("`memoctl keys rotate {set}`")),
            Standing::Retired { since } => {
                let over = over(since, overlap);
                let when = if over <= now { "" } else { "then " };
                (Some(since), Some(over), format!("{when}`memoctl keys retire {set}`"))
            }
        };
        let [since, until] = [since, until].map(|time| time.map(|time| format!("{time:.0}")));
        Self { id, algorithm, status: standing.name(), since, until, next }
    }
}

/// When a key that is retired since then may be dropped.
pub(super) fn over(since: Timestamp, overlap: u32) -> Timestamp {
    since.checked_add(SignedDuration::from_secs(overlap.into())).unwrap_or(Timestamp::MAX)
}

fn name_of(algorithm: Algorithm) -> &'static str {
    match algorithm {
        Algorithm::EdDSA => "EdDSA",
        Algorithm::HS256 => "HS256",
    }
}

fn fault(name: &str, contents: Option<&Contents>) -> Option<String> {
    let Some(contents) = contents else {
        return Some("its private part is gone: `memoctl deploy` makes a new one".to_owned());
    };
    if contents.is_unsettled() {
        Some(format!("keys were dropped, and that is not over: {}", contents.finish(name)))
    } else if contents.is_published() {
        None
    } else {
        Some(format!("what is published is not what it has: `memoctl keys retire {name}` mends it"))
    }
}
