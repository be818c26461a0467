use std::collections::BTreeSet;

use jiff::Timestamp;

use super::history::read;
use super::outputs::not_deployed;
use crate::aws::Aws;
use crate::aws::lease::Seen;
use crate::digest::Digest;
use crate::history::Record;
use crate::plan::Plan;
use crate::resource::Resource;
use crate::resource::release::{self, Release};
use crate::session::{Change, Connection, Exit, Failure, Foresight, LeaseArgs, Session, plan_move};
use crate::stack::Stack;
use crate::ui;

/// End a canary, or go back to a kept release: its code, environment, routes and permissions, in one call
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The release, by the first characters of its name in `memoctl history` [default: end the canary, or the one before]
    release: Option<String>,
    #[command(flatten)]
    lease: LeaseArgs,
}

/// As the lease tells it.
const VERB: &str = "rollback";

const HISTORY: &str = "`memoctl history` lists the releases";

pub async fn run(args: &Args, session: &Session) -> Result<Exit, Failure> {
    let stack = session.stack()?;
    let connection = Connection::ahead(session, &stack).await?;
    let plan = async |aws: &Aws, _: &Foresight| plan(args, session, &stack, aws).await;
    let change = Change { session, aws: &connection.aws, verb: VERB, lease: &args.lease };
    let moved = move_callers(change, plan).await;
    connection.close().await;
    moved
}

async fn plan(args: &Args, session: &Session, stack: &Stack, aws: &Aws) -> Result<Plan<Resource>, Failure> {
    let (records, _, live) = read(session, aws).await?;
    let served = release::served(&live).ok_or_else(|| not_deployed(session, stack))?;
    if args.release.is_none() && served.canary.is_some() {
        let without = Release { canary: None, ..served.clone() };
        return Ok(plan_move(without, &live));
    }
    let record = match &args.release {
        Some(prefix) => named(prefix, &records)?,
        None => match unfinished(&records, served, session, aws).await? {
            Some(record) => record,
            None => before(&records, served)?,
        },
    };
    let missing = release::missing(record, &live);
    if !missing.is_empty() {
        return Err(Failure::Other {
            error: format!("cannot go back to release {}: {} gone", record.digest(), are(&missing)),
            hint: Some("deploy its revision again; `memoctl history` lists the releases that are kept".to_owned()),
        });
    }
    let back = served.back_to(record).ok_or_else(|| Failure::Other {
        error: format!(
            "cannot go back to release {}: its record, which an older version of memoctl wrote, does not tell the \
             stage's variables and the authorizers",
            record.digest()
        ),
        hint: Some("deploy its revision again; `memoctl history` lists the releases that are kept".to_owned()),
    })?;
    // The revision is that of what will serve, not of the checkout that the rollback is asked for in.
    aws.put_revision(record.author.revision.clone());
    Ok(plan_move(back, &live))
}

/// Makes a change that moves callers, and does nothing else.
pub(super) async fn move_callers(
    change: Change<'_>,
    plan: impl AsyncFn(&Aws, &Foresight) -> Result<Plan<Resource>, Failure>,
) -> Result<Exit, Failure> {
    let ui = change.session.ui;
    let plan = async |aws: &Aws, foresight: &Foresight| Ok((plan(aws, foresight).await?, ()));
    let show = |plan: &Plan<Resource>, (): &(), _: &Aws| {
        if !plan.is_empty() {
            ui.talk(ui::plan::human(plan, ui.verbose));
        }
        plan.accepted().map_err(|refusals| Failure::Refused { refusals })
    };
    let changed = change.make(plan, show).await?;
    changed.summary.tell(&ui);
    Ok(changed.exit())
}

fn are(missing: &[String]) -> String {
    format!("{} {}", missing.join(", "), if missing.len() == 1 { "is" } else { "are" })
}

/// The record that `prefix` names.
fn named<'a>(prefix: &str, records: &'a [Record]) -> Result<&'a Record, Failure> {
    let mut matching: Vec<&Record> =
        records.iter().filter(|record| record.digest().as_str().starts_with(prefix)).collect();
    matching.dedup_by_key(|record| record.digest());
    match matching.as_slice() {
        [] => Err(Failure::Usage { error: format!("no release is named `{prefix}`"), hint: HISTORY.to_owned() }),
        [record, others @ ..] if others.iter().all(|other| other.digest() == record.digest()) => Ok(record),
        several => {
            let names: BTreeSet<String> = several.iter().map(|record| record.digest().to_string()).collect();
            let names: Vec<String> = names.into_iter().collect();
            let error = format!("`{prefix}` names several releases: {}", names.join(", "));
            Err(Failure::Usage { error, hint: HISTORY.to_owned() })
        }
    }
}

/// The record of the release that served before the one that serves now: none that only a canary, or a deploy that was cut
/// short, has made.
fn before<'a>(records: &'a [Record], served: &Release) -> Result<&'a Record, Failure> {
    let none = |error: &str| Failure::Other { error: error.to_owned(), hint: Some(HISTORY.to_owned()) };
    let serving = serving(records, served);
    let serving = serving.as_ref();
    let is_serving = |record: &&Record| Some(&record.digest()) == serving;
    // A release that only changed settings of its stage was made while it served.
    let mut told = records.iter().filter(is_serving).filter_map(|record| record.before.as_ref());
    if let Some(before) = told.find(|before| Some(*before) != serving) {
        let error = format!("cannot go back to release {before}, which was the one before: its record is gone");
        return records.iter().find(|record| record.digest() == *before).ok_or_else(|| none(&error));
    }
    // An older version did not write it down; somebody else's deployment has no record.
    let since = records.iter().position(|record| is_serving(&record)).map_or(0, |serving| serving + 1);
    let earlier = records[since..].iter().find(|record| !is_serving(record));
    earlier.ok_or_else(|| none("there is no earlier release to go back to"))
}

/// By what the release is known that serves. One that was cut short between the API and the page is the one that it was to
/// become: the newest of the same API.
fn serving(records: &[Record], served: &Release) -> Option<Digest> {
    let digest = served.digest();
    let known = records.iter().any(|record| Some(record.digest()) == digest);
    let same_api = records.iter().find(|record| Some(&record.api) == served.serves.api());
    if known { digest } else { same_api.map(Record::digest).or(digest) }
}

/// The record of the release that a rollback was on its way to which has not ended; `None` where there is none, or it had
/// not begun. So who repeats a rollback that was killed ends where the first one would have.
async fn unfinished<'a>(
    records: &'a [Record],
    served: &Release,
    session: &Session,
    aws: &Aws,
) -> Result<Option<&'a Record>, Failure> {
    let seen = session.interrupt.unless(Seen::reading(aws)).await??;
    let (Some(claim), Some(newest)) = (seen.unfinished().filter(|claim| claim.doing == VERB), records.first()) else {
        return Ok(None);
    };
    // It is written down before callers are moved.
    let written = newest.at.parse().is_ok_and(|at: Timestamp| at >= claim.since);
    if written || serving(records, served).as_ref() == Some(&newest.digest()) {
        return Ok(written.then_some(newest));
    }
    Err(Failure::Other {
        error: "a rollback has not ended, and nothing tells whether it has ended a canary or was to go further"
            .to_owned(),
        hint: Some(format!("name the release to go back to: {HISTORY}")),
    })
}
