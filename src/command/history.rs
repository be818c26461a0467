use std::collections::BTreeSet;

use serde::Serialize;

use super::outputs::not_deployed;
use crate::aws::Aws;
use crate::digest::Digest;
use crate::history::{self, Record, Unreadable};
use crate::resource::{Kind as _, Resources, release};
use crate::session::{Connection, Exit, Failure, Session, live};

/// List the releases: when, of which revision, by whom, and which can be gone back to
#[derive(Debug, clap::Args)]
pub struct Args {}

/// A release as it is listed.
#[derive(Debug, Serialize)]
struct Entry {
    /// By what `rollback` takes it.
    release: Digest,
    #[serde(flatten)]
    record: Record,
    state: State,
}

/// A line of the list, in JSON.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Line {
    Release(Box<Entry>),
    Unreadable {
        #[serde(flatten)]
        record: Unreadable,
        state: &'static str,
    },
}

/// What a release is today.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum State {
    Serving,
    /// It gets a part of the calls.
    Canary,
    /// All that it needs is there: `rollback` takes it.
    Kept,
    /// An older version of memoctl did not write down all that a rollback needs.
    Incomplete,
    /// Something that it needs has been cleaned up.
    Gone,
}

impl State {
    fn shown(self) -> &'static str {
        match self {
            Self::Serving => "* serving",
            Self::Canary => "~ canary",
            Self::Kept => "= kept",
            Self::Incomplete => "! incomplete",
            Self::Gone => "- cleaned up",
        }
    }
}

pub async fn run(_args: &Args, session: &Session) -> Result<Exit, Failure> {
    let stack = session.stack()?;
    let connection = Connection::open(session, &stack).await?;
    let read = read(session, &connection.aws).await;
    connection.close().await;
    let (records, unreadable, live) = read?;
    let served = release::served(&live).ok_or_else(|| not_deployed(session, &stack))?;
    let canary = served.canary.as_ref().and_then(|canary| canary.serves.api());
    let mut serving = true;
    let entries = records.into_iter().map(|record| {
        // A release that was made twice serves as the newer of both.
        let state = if serving && served.digest() == Some(record.digest()) {
            serving = false;
            State::Serving
        } else if canary == Some(&record.api) {
            State::Canary
        } else if !release::missing(&record, &live).is_empty() {
            State::Gone
        } else if served.back_to(&record).is_none() {
            State::Incomplete
        } else {
            State::Kept
        };
        Entry { release: record.digest(), record, state }
    });
    let entries: Vec<Entry> = entries.collect();
    if session.ui.is_json() {
        let unreadable = unreadable.into_iter().map(|record| Line::Unreadable { record, state: "unreadable" });
        let lines: Vec<Line> =
            entries.into_iter().map(|entry| Line::Release(Box::new(entry))).chain(unreadable).collect();
        session.ui.document(&lines);
        return Ok(Exit::Done);
    }
    if serving {
        session.ui.data(format_args!("! {} serves what no record tells of", served.id()));
    }
    for Entry { release, record, state } in entries {
        let revision = record.author.revision.as_deref().unwrap_or("-");
        let Record { at, author, .. } = &record;
        session.ui.data(format_args!("{release}  {at}  {revision:<13}  {:<12}  {}", state.shown(), author.by));
    }
    for Unreadable { key, error } in unreadable {
        session.ui.data(format_args!("! {key} is no record that can be read: {error}"));
    }
    Ok(Exit::Done)
}

/// The records, newest first, those that cannot be read, and all that is live.
pub(super) async fn read(session: &Session, aws: &Aws) -> Result<(Vec<Record>, Vec<Unreadable>, Resources), Failure> {
    let all = BTreeSet::new();
    let records = async { Ok(session.interrupt.unless(history::read_all(aws)).await??) };
    let ((records, unreadable), live) = tokio::try_join!(records, live(&all, session, aws))?;
    Ok((records, unreadable, live))
}
