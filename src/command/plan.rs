use crate::session::{BuildArgs, Connection, Exit, Failure, KeepArgs, Session, plan_deploy};
use crate::ui;

/// Show what a deploy would do, and change nothing
#[derive(Debug, clap::Args)]
pub struct Args {
    /// End with exit code 3 when there is something to do
    #[arg(long)]
    check: bool,
    #[command(flatten)]
    keep: KeepArgs,
    #[command(flatten)]
    build: BuildArgs,
}

pub async fn run(args: &Args, session: &Session) -> Result<Exit, Failure> {
    let stack = session.stack()?;
    let mut connection = Connection::open(session, &stack).await?;
    let built = session.build(&stack, &args.build, "release").await?;
    connection.aws.artifacts = built.artifacts;
    let plan = plan_deploy(&stack, session, &connection.aws, &args.keep.permissions()).await?;
    if session.ui.is_json() {
        session.ui.document(&ui::plan::Document::new(&plan, &connection.aws.scope));
    } else {
        session.ui.data(ui::plan::human(&plan, session.ui.verbose));
    }
    connection.close().await;
    if !plan.refusals.is_empty() {
        return Err(Failure::Refused { refusals: plan.refusals });
    }
    Ok(if args.check && !plan.is_empty() { Exit::Changes } else { Exit::Done })
}
