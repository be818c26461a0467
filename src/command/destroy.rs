use std::collections::BTreeSet;
use std::time::Instant;

use crate::plan::{Plan, Why};
use crate::resource::{Resource, Resources};
use crate::session::{Connection, Exit, Failure, Permissions, Session, live, plan_destroy, walk};
use crate::ui;

/// Take away all that the stack has; tables only with --delete-data
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Delete what holds data too: tables with their items
    #[arg(long)]
    delete_data: bool,
}

pub async fn run(args: &Args, session: &Session) -> Result<Exit, Failure> {
    let stack = session.stack()?;
    let connection = Connection::open(session, &stack).await?;
    let destroyed = destroy(args, session, &connection).await;
    connection.close().await;
    destroyed
}

async fn destroy(args: &Args, session: &Session, connection: &Connection) -> Result<Exit, Failure> {
    let (ui, aws) = (&session.ui, &connection.aws);
    let permissions = Permissions { keep: 0, delete_data: args.delete_data, allow_downtime: true, canary: None };
    let plan = plan_destroy(session, aws, &permissions).await?;
    if !ui.is_json() {
        ui.talk(ui::plan::human(&plan, ui.verbose));
    }
    if !plan.refusals.is_empty() {
        return Err(Failure::Refused { refusals: plan.refusals });
    }
    if !plan.is_empty() {
        let scope = &aws.scope;
        let what = format!("{}/{} in {}, account {}", scope.stack, scope.stage, scope.region, scope.account);
        match ui.confirm(format_args!("Destroy {what}?")) {
            Some(true) => {}
            Some(false) => return Err(Failure::Other { error: format!("{what} stays as it is"), hint: None }),
            None => {
                return Err(Failure::Usage {
                    error: format!("destroying {what} needs a yes, and nobody is here to give it"),
                    hint: "add `--yes`".to_owned(),
                });
            }
        }
    }
    let begun = Instant::now();
    let (outcome, mut summary) = walk(&plan, session, aws, begun).await;
    // What was read before proves nothing about what is there now.
    let left = live(&BTreeSet::new(), session, aws).await?;
    summary.left = Some(left.keys().map(ToString::to_string).collect());
    summary.tell(ui);
    if !ui.is_json() {
        tell_left(&left, &plan, session);
    }
    Ok(match (outcome.succeeded(), outcome.interrupted()) {
        (true, _) => Exit::Done,
        (false, true) => Exit::Interrupted,
        (false, false) => Exit::Failed,
    })
}

/// The listing that proves it.
fn tell_left(left: &Resources, plan: &Plan<Resource>, session: &Session) {
    if left.is_empty() {
        session.ui.data("left with the stack's tags: nothing");
        return;
    }
    session.ui.data("left with the stack's tags:");
    for id in left.keys() {
        let why = plan.steps.iter().find_map(|((other, _), step)| match &step.action {
            crate::plan::Action::Keep { why, .. } if other == id => Some(*why),
            _ => None,
        });
        session.ui.data(format_args!("  {id}  {}", why.map_or("its deletion failed", Why::reason)));
    }
}
