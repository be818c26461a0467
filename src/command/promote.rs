use super::history::read;
use super::outputs::not_deployed;
use super::rollback::move_callers;
use crate::aws::Aws;
use crate::plan::Plan;
use crate::resource::{Resource, release};
use crate::session::{Change, Connection, Exit, Failure, Foresight, LeaseArgs, Session, plan_move};
use crate::stack::Stack;

/// Give a canary all of the calls, in one call
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    lease: LeaseArgs,
}

pub async fn run(args: &Args, session: &Session) -> Result<Exit, Failure> {
    let stack = session.stack()?;
    let connection = Connection::ahead(session, &stack).await?;
    let plan = async |aws: &Aws, _: &Foresight| plan(session, &stack, aws).await;
    let change = Change { session, aws: &connection.aws, verb: "promote", lease: &args.lease };
    let moved = move_callers(change, plan).await;
    connection.close().await;
    moved
}

async fn plan(session: &Session, stack: &Stack, aws: &Aws) -> Result<Plan<Resource>, Failure> {
    let (records, _, live) = read(session, aws).await?;
    let served = release::served(&live).ok_or_else(|| not_deployed(session, stack))?;
    let to = served.canary.as_ref().and_then(|canary| canary.serves.api());
    let record = records.iter().find(|record| to == Some(&record.api));
    let Some(promoted) = served.promoted(record) else {
        return Err(Failure::Other {
            error: "there is no canary to promote".to_owned(),
            hint: Some("`memoctl deploy --canary 10%` makes one".to_owned()),
        });
    };
    if let Some(record) = record {
        aws.put_revision(record.author.revision.clone());
    }
    Ok(plan_move(promoted, &live))
}
