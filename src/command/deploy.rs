use std::time::Instant;

use super::{build, outputs};
use crate::aws::Aws;
use crate::session::{BuildArgs, Connection, Exit, Failure, KeepArgs, Session, plan_deploy, walk};
use crate::stack::Stack;
use crate::ui;

/// Build, and make the cloud what the stack file says
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    pub(super) keep: KeepArgs,
    #[command(flatten)]
    pub(super) build: BuildArgs,
}

pub async fn run(args: &Args, session: &Session) -> Result<Exit, Failure> {
    let stack = session.stack()?;
    let mut connection = Connection::open(session, &stack).await?;
    let deployed = deploy(args, "release", session, &stack, &mut connection.aws).await;
    connection.close().await;
    deployed
}

/// Builds and deploys `stack` over a connection that is there.
pub(super) async fn deploy(
    args: &Args,
    default_profile: &str,
    session: &Session,
    stack: &Stack,
    aws: &mut Aws,
) -> Result<Exit, Failure> {
    let built = session.build(stack, &args.build, default_profile).await?;
    build::tell(&built.report, &session.ui);
    aws.artifacts = built.artifacts;
    let begun = Instant::now();
    let plan = plan_deploy(stack, session, aws, &args.keep.permissions()).await?;
    if !plan.refusals.is_empty() {
        session.ui.talk(ui::plan::human(&plan, session.ui.verbose));
        return Err(Failure::Refused { refusals: plan.refusals });
    }
    if !plan.is_empty() {
        session.ui.talk(ui::plan::human(&plan, session.ui.verbose));
    }
    let (outcome, mut summary) = walk(&plan, session, aws, begun).await;
    if outcome.succeeded() {
        summary.outputs = Some(outputs::Outputs::of(stack, aws));
    }
    summary.tell(&session.ui);
    if let Some(outputs) = &summary.outputs
        && !session.ui.is_json()
    {
        outputs.tell_url(&session.ui);
    }
    Ok(match (outcome.succeeded(), session.interrupt.requested() && outcome.interrupted()) {
        (true, _) => Exit::Done,
        (false, true) => Exit::Interrupted,
        (false, false) => Exit::Failed,
    })
}
