use std::path::{Path, PathBuf};
use std::time::Instant;

use super::{build, outputs};
use crate::aws::Aws;
use crate::session::saved::Wanted;
use crate::session::{BuildArgs, Connection, Exit, Failure, KeepArgs, Saved, Session, plan_deploy, walk};
use crate::stack::Stack;
use crate::ui;

/// Build, and make the cloud what the stack file says
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Apply what `plan --out FILE` saved, and only where all that it saw and wanted still holds
    #[arg(long, value_name = "FILE", conflicts_with_all = ["keep", "allow_downtime", "delete_data", "canary"])]
    pub(super) plan: Option<PathBuf>,
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
    let saved = args.plan.as_deref().map(|file| reviewed(file, stack, aws)).transpose()?;
    let permissions = saved.as_ref().map_or_else(|| args.keep.permissions(), |(_, saved)| saved.permissions.clone());
    let built = session.build(stack, &args.build, default_profile).await?;
    build::tell(&built.report, &session.ui);
    let wanted = Wanted::of(stack, &built);
    aws.artifacts = built.artifacts;
    let begun = Instant::now();
    let (plan, findings) = plan_deploy(stack, session, aws, &permissions).await?;
    if let Some((file, saved)) = saved {
        let stale = saved.stale(&Saved::of((&plan, &findings), &aws.scope, &permissions, wanted));
        if !stale.is_empty() {
            return Err(Failure::Stale { file: file.to_owned(), stale });
        }
    }
    if !plan.refusals.is_empty() {
        session.ui.talk(ui::finding::human(&findings) + &ui::plan::human(&plan, session.ui.verbose));
        return Err(Failure::Refused { refusals: plan.refusals });
    }
    if !plan.is_empty() {
        session.ui.talk(ui::finding::human(&findings) + &ui::plan::human(&plan, session.ui.verbose));
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

/// The saved plan in `file`, which is for this stack, stage, account and region.
fn reviewed<'a>(file: &'a Path, stack: &Stack, aws: &Aws) -> Result<(&'a Path, Saved), Failure> {
    let saved = Saved::read(file, stack)?;
    saved.is_here(file, &aws.scope)?;
    Ok((file, saved))
}
