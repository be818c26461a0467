use super::history::read;
use super::outputs::not_deployed;
use crate::aws::Aws;
use crate::history::Record;
use crate::plan::Plan;
use crate::resource::{Resource, release};
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

pub async fn run(args: &Args, session: &Session) -> Result<Exit, Failure> {
    let stack = session.stack()?;
    let connection = Connection::ahead(session, &stack).await?;
    let plan = async |aws: &Aws, _: &Foresight| plan(args, session, &stack, aws).await;
    let change = Change { session, aws: &connection.aws, verb: "rollback", lease: &args.lease };
    let moved = move_callers(change, plan).await;
    connection.close().await;
    moved
}

async fn plan(args: &Args, session: &Session, stack: &Stack, aws: &Aws) -> Result<Plan<Resource>, Failure> {
    let (records, _, live) = read(session, aws).await?;
    let served = release::served(&live).ok_or_else(|| not_deployed(session, stack))?;
    if args.release.is_none() && served.canary.is_some() {
        let without = release::Release { canary: None, ..served.clone() };
        return Ok(plan_move(without, &live));
    }
    let record = choose(args.release.as_deref(), &records, served)?;
    let missing = release::missing(record, &live);
    if !missing.is_empty() {
        return Err(Failure::Other {
            error: format!("cannot go back to release {}: {} gone", record.api, are(&missing)),
            hint: Some("deploy its revision again; `memoctl history` lists the releases that are kept".to_owned()),
        });
    }
    let back = served.back_to(record).ok_or_else(|| Failure::Other {
        error: format!(
            "cannot go back to release {}: its record, which an older version of memoctl wrote, does not tell the \
             stage's variables and the authorizers",
            record.api
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

/// The record that `prefix` names, or the newest one of another release than the one that serves.
fn choose<'a>(prefix: Option<&str>, records: &'a [Record], served: &release::Release) -> Result<&'a Record, Failure> {
    let hint = "`memoctl history` lists the releases".to_owned();
    let Some(prefix) = prefix else {
        return records.iter().find(|record| served.serves.api() != Some(&record.api)).ok_or_else(|| Failure::Other {
            error: "there is no earlier release to go back to".to_owned(),
            hint: Some(hint),
        });
    };
    let mut matching: Vec<&Record> = records.iter().filter(|record| record.api.as_str().starts_with(prefix)).collect();
    matching.dedup_by_key(|record| record.api.clone());
    match matching.as_slice() {
        [] => Err(Failure::Usage { error: format!("no release is named `{prefix}`"), hint }),
        [record, others @ ..] if others.iter().all(|other| other.api == record.api) => Ok(record),
        several => {
            let names: Vec<&str> = several.iter().map(|record| record.api.as_str()).collect();
            Err(Failure::Usage { error: format!("`{prefix}` names several releases: {}", names.join(", ")), hint })
        }
    }
}
