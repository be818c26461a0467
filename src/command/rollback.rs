use std::time::Instant;

use super::history::{read, served};
use super::outputs::not_deployed;
use crate::history::Record;
use crate::resource::{Resources, release};
use crate::session::{Connection, Exit, Failure, Session, plan_move, walk};
use crate::stack::Stack;
use crate::ui;

/// End a canary, or go back to a kept release: its code, environment, routes and permissions, in one call
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The release, by the first characters of its name in `memoctl history` [default: end the canary, or the one before]
    release: Option<String>,
}

pub async fn run(args: &Args, session: &Session) -> Result<Exit, Failure> {
    let stack = session.stack()?;
    let mut connection = Connection::open(session, &stack).await?;
    let done = rollback(args, session, &stack, &mut connection).await;
    connection.close().await;
    done
}

async fn rollback(args: &Args, session: &Session, stack: &Stack, connection: &mut Connection) -> Result<Exit, Failure> {
    let (records, live) = read(session, connection).await?;
    let served = served(&live).ok_or_else(|| not_deployed(session, stack))?;
    if args.release.is_none() && served.canary.is_some() {
        let without = release::Release { canary: None, ..served.clone() };
        return move_to(without, &live, session, connection).await;
    }
    let record = choose(args.release.as_deref(), &records, served)?;
    let missing = release::missing(record, &live);
    if !missing.is_empty() {
        return Err(Failure::Other {
            error: format!("cannot go back to release {}: {} gone", record.api, are(&missing)),
            hint: Some("deploy its revision again; `memoctl history` lists the releases that are kept".to_owned()),
        });
    }
    // The revision is that of what will serve, not of the checkout that the rollback is asked for in.
    connection.aws.author.revision.clone_from(&record.author.revision);
    move_to(served.back_to(record), &live, session, connection).await
}

/// Moves callers to `release`.
pub(super) async fn move_to(
    release: release::Release,
    live: &Resources,
    session: &Session,
    connection: &Connection,
) -> Result<Exit, Failure> {
    let begun = Instant::now();
    let plan = plan_move(release, live);
    session.ui.talk(ui::plan::human(&plan, session.ui.verbose));
    let (outcome, summary) = walk(&plan, session, &connection.aws, begun).await;
    summary.tell(&session.ui);
    Ok(match (outcome.succeeded(), outcome.interrupted()) {
        (true, _) => Exit::Done,
        (false, true) => Exit::Interrupted,
        (false, false) => Exit::Failed,
    })
}

fn are(missing: &[String]) -> String {
    format!("{} {}", missing.join(", "), if missing.len() == 1 { "is" } else { "are" })
}

/// The record that `prefix` names, or the newest one of another release than the one that serves.
fn choose<'a>(prefix: Option<&str>, records: &'a [Record], served: &release::Release) -> Result<&'a Record, Failure> {
    let is_live = |record: &&Record| served.serves.api() == Some(&record.api);
    let hint = "`memoctl history` lists the releases".to_owned();
    let Some(prefix) = prefix else {
        return records.iter().find(|record| !is_live(record)).ok_or_else(|| Failure::Other {
            error: "there is no earlier release to go back to".to_owned(),
            hint: Some(hint),
        });
    };
    let mut matching: Vec<&Record> = records.iter().filter(|record| record.api.as_str().starts_with(prefix)).collect();
    matching.dedup_by_key(|record| record.api.clone());
    match matching.as_slice() {
        [] => Err(Failure::Usage { error: format!("no release is named `{prefix}`"), hint }),
        [record] if is_live(record) => {
            Err(Failure::Usage { error: format!("release {} is the one that serves", record.api), hint })
        }
        [record, others @ ..] if others.iter().all(|other| other.api == record.api) => Ok(record),
        several => {
            let names: Vec<&str> = several.iter().map(|record| record.api.as_str()).collect();
            Err(Failure::Usage { error: format!("`{prefix}` names several releases: {}", names.join(", ")), hint })
        }
    }
}
