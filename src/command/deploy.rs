use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tokio::sync::OnceCell;

use super::{build, outputs};
use crate::aws::Aws;
use crate::finding::Finding;
use crate::plan::Plan;
use crate::resource::Resource;
use crate::session::ahead::make_roles;
use crate::session::saved::Wanted;
use crate::session::{
    BuildArgs, Change, Connection, Exit, Failure, Foresight, KeepArgs, LeaseArgs, Saved, Session, planned, read,
};
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
    pub(super) lease: LeaseArgs,
    #[command(flatten)]
    pub(super) build: BuildArgs,
}

/// How long a plan may be made from what was read, when the lease was not held meanwhile.
const RECENT: Duration = Duration::from_secs(5);

pub async fn run(args: &Args, session: &Session) -> Result<Exit, Failure> {
    let stack = session.stack()?;
    let connection = Connection::open(session, &stack).await?;
    let deployed = deploy(args, "release", session, &stack, &connection.aws).await;
    connection.close().await;
    deployed
}

/// Builds and deploys `stack` over a connection that is there.
pub(super) async fn deploy(
    args: &Args,
    default_profile: &str,
    session: &Session,
    stack: &Stack,
    aws: &Aws,
) -> Result<Exit, Failure> {
    let delete_data = args.keep.data.permitted(session)?;
    let saved = args.plan.as_deref().map(|file| reviewed(file, stack, aws)).transpose()?;
    let permissions =
        saved.as_ref().map_or_else(|| args.keep.permissions(delete_data), |(_, saved)| saved.permissions.clone());
    let ready = OnceCell::new();
    let build = async || {
        let once = async || {
            let built = session.build(stack, &args.build, default_profile).await?;
            build::tell(&built.report, &session.ui);
            let wanted = Wanted::of(stack, &built);
            aws.artifacts.put(built.artifacts);
            Ok::<_, Failure>(wanted)
        };
        ready.get_or_try_init(once).await
    };
    let plan = async |aws: &Aws, foresight: &Foresight| {
        let reading = async {
            let (live, records) = read(stack, session, aws, foresight).await?;
            let begun = Instant::now();
            let building = saved.is_none() && !ready.initialized();
            let held = building && make_roles(stack, aws, (&live, &records), foresight, &permissions).await?;
            Ok::<_, Failure>((live, records, begun, held))
        };
        let ((mut live, mut records, begun, held), wanted) = tokio::try_join!(reading, build())?;
        if !held && begun.elapsed() > RECENT {
            aws.directory.forget();
            (live, records) = read(stack, session, aws, foresight).await?;
        }
        let planned = planned(stack, aws, (&live, records), &permissions)?;
        if let Some((file, saved)) = &saved {
            let seen = Saved::of((&planned.0, &planned.1), &aws.scope, &permissions, wanted.clone());
            let stale = saved.stale(&seen);
            if !stale.is_empty() {
                return Err(Failure::Stale { file: file.to_path_buf(), stale });
            }
        }
        Ok(planned)
    };
    let show = |plan: &Plan<Resource>, findings: &Vec<Finding>, _: &Aws| {
        if !plan.is_empty() || !plan.refusals.is_empty() {
            session.ui.talk(ui::finding::human(findings) + &ui::plan::human(plan, session.ui.verbose));
        } else if let Some(left) = ui::plan::left(plan) {
            session.ui.talk(left);
        }
        plan.accepted().map_err(|refusals| Failure::Refused { refusals })?;
        args.keep.data.consent(plan, session).map(drop)
    };
    let change = Change { session, aws, verb: "deploy", lease: &args.lease };
    let mut changed = change.make(plan, show).await?;
    if changed.outcome.succeeded() {
        changed.summary.outputs = Some(outputs::Outputs::of(stack, aws));
    }
    changed.summary.tell(&session.ui);
    if let Some(outputs) = &changed.summary.outputs
        && !session.ui.is_json()
    {
        outputs.tell_url(&session.ui);
    }
    Ok(changed.exit())
}

/// The saved plan in `file`, which is for this stack, stage, account and region.
fn reviewed<'a>(file: &'a Path, stack: &Stack, aws: &Aws) -> Result<(&'a Path, Saved), Failure> {
    let saved = Saved::read(file, stack)?;
    saved.is_here(file, &aws.scope)?;
    Ok((file, saved))
}
