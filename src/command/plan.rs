use std::path::PathBuf;

use tokio::try_join;

use crate::aws::lease::Seen;
use crate::session::saved::Wanted;
use crate::session::{BuildArgs, Connection, Exit, Failure, Foresight, KeepArgs, Saved, Session, plan_deploy};
use crate::ui;

/// Show what a deploy would do, and change nothing
#[derive(Debug, clap::Args)]
pub struct Args {
    /// End with exit code 3 when there is something to do
    #[arg(long)]
    check: bool,
    /// Save the plan, for `deploy --plan FILE` to apply just that
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    keep: KeepArgs,
    #[command(flatten)]
    build: BuildArgs,
}

pub async fn run(args: &Args, session: &Session) -> Result<Exit, Failure> {
    let stack = session.stack()?;
    // A saved plan is an answer that is kept.
    let data = &args.keep.data;
    let delete_data = if args.out.is_some() { data.given(session) } else { data.named(session) }?;
    let connection = Connection::open(session, &stack).await?;
    let built = session.build(&stack, &args.build, "release").await?;
    let wanted = Wanted::of(&stack, &built);
    connection.aws.artifacts.put(built.artifacts);
    let permissions = args.keep.permissions(delete_data);
    let aws = &connection.aws;
    let unforeseen = Foresight::new(false);
    let reading = async { Ok(session.interrupt.unless(Seen::reading(aws)).await??) };
    let ((plan, findings), seen) = try_join!(plan_deploy(&stack, session, aws, &unforeseen, &permissions), reading)?;
    let plan = plan.drifted(&seen.last_beside(aws));
    if session.ui.is_json() {
        session.ui.document(&ui::plan::Document::new(&plan, &findings, &connection.aws.scope));
    } else {
        session.ui.data(format_args!(
            "{}{}",
            ui::finding::human(&findings),
            ui::plan::human(&plan, session.ui.verbose)
        ));
    }
    let saved = args
        .out
        .as_ref()
        .map(|file| (file, Saved::of((&plan, &findings), &connection.aws.scope, &permissions, wanted)));
    connection.close().await;
    if !plan.refusals.is_empty() {
        return Err(Failure::Refused { refusals: plan.refusals });
    }
    if let Some((file, saved)) = saved {
        saved.write(file)?;
        session.ui.talk(format_args!("saved: `memoctl deploy --plan {}` does just that", file.display()));
    }
    Ok(if args.check && !plan.is_empty() { Exit::Changes } else { Exit::Done })
}
