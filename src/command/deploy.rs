use std::path::{Path, PathBuf};

use tokio::sync::OnceCell;

use super::{build, outputs};
use crate::aws::Aws;
use crate::finding::Finding;
use crate::plan::Plan;
use crate::resource::Resource;
use crate::session::ahead::plan_beside;
use crate::session::saved::Wanted;
use crate::session::{BuildArgs, Change, Connection, Exit, Failure, Foresight, KeepArgs, LeaseArgs, Saved, Session};
use crate::stack::{Api, Stack};
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

pub async fn run(args: &Args, session: &Session) -> Result<Exit, Failure> {
    let stack = session.stack()?;
    let connection = Connection::ahead(session, &stack).await?;
    tell_links(&stack, &connection.aws, session);
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
        if saved.is_some() {
            // Nothing is made before it is sure to be what was saved.
            build().await?;
        }
        let (plan, findings, wanted) = plan_beside(build(), (stack, session, aws), foresight, &permissions).await?;
        if let Some((file, saved)) = &saved {
            let seen = Saved::of((&plan, &findings), &aws.scope, &permissions, wanted.clone());
            let stale = saved.stale(&seen);
            if !stale.is_empty() {
                return Err(Failure::Stale { file: file.to_path_buf(), stale });
            }
        }
        Ok((plan, findings))
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

/// Says which services are reached otherwise than on AWS: the local cloud has no VPCs.
pub(super) fn tell_links(stack: &Stack, aws: &Aws, session: &Session) {
    let services = stack.api.iter().flat_map(Api::services).filter(|(_, service)| service.vpc_link.is_some());
    for (key, service) in services.filter(|_| aws.scope.local.is_some()) {
        let url = &service.url;
        session.ui.talk(format_args!("`{key}`: the local cloud has no VPC links, and calls {url} directly"));
    }
}

/// The saved plan in `file`, which is for this stack, stage, account and region.
fn reviewed<'a>(file: &'a Path, stack: &Stack, aws: &Aws) -> Result<(&'a Path, Saved), Failure> {
    let saved = Saved::read(file, stack)?;
    saved.is_here(file, &aws.scope)?;
    Ok((file, saved))
}
