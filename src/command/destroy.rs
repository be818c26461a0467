use std::collections::BTreeSet;

use crate::aws::Aws;
use crate::plan::{Plan, Why};
use crate::resource::{Resource, Resources};
use crate::session::{Change, Connection, Exit, Failure, LeaseArgs, Permissions, Session, live, plan_destroy};
use crate::ui;

/// Take away all that the stack has; tables only with --delete-data
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Delete what holds data too: tables with their items
    #[arg(long)]
    delete_data: bool,
    #[command(flatten)]
    lease: LeaseArgs,
}

pub async fn run(args: &Args, session: &Session) -> Result<Exit, Failure> {
    let stack = session.stack()?;
    let mut connection = Connection::open(session, &stack).await?;
    let destroyed = destroy(args, session, &mut connection.aws).await;
    connection.close().await;
    destroyed
}

async fn destroy(args: &Args, session: &Session, aws: &mut Aws) -> Result<Exit, Failure> {
    let ui = &session.ui;
    let permissions = Permissions { keep: 0, delete_data: args.delete_data, allow_downtime: true, canary: None };
    let plan = async |aws: &mut Aws| Ok((plan_destroy(session, aws, &permissions).await?, ()));
    let approve = |plan: &Plan<Resource>, (): &(), aws: &Aws| {
        if !ui.is_json() {
            ui.talk(ui::plan::human(plan, ui.verbose));
        }
        plan.accepted().map_err(|refusals| Failure::Refused { refusals })?;
        if plan.is_empty() { Ok(()) } else { confirm(session, aws) }
    };
    let change = Change { session, aws: &mut *aws, verb: "destroy", lease: &args.lease };
    let mut changed = change.make(plan, approve).await?;
    // What was read before proves nothing about what is there now.
    let left = live(&BTreeSet::new(), session, aws).await?;
    changed.summary.left = Some(left.keys().map(ToString::to_string).collect());
    changed.summary.tell(ui);
    if !ui.is_json() {
        tell_left(&left, &changed.plan, session);
    }
    Ok(changed.exit())
}

fn confirm(session: &Session, aws: &Aws) -> Result<(), Failure> {
    let scope = &aws.scope;
    let what = format!("{}/{} in {}, account {}", scope.stack, scope.stage, scope.region, scope.account);
    match session.ui.confirm(format_args!("Destroy {what}?")) {
        Some(true) => Ok(()),
        Some(false) => Err(Failure::Other { error: format!("{what} stays as it is"), hint: None }),
        None => Err(Failure::Usage {
            error: format!("destroying {what} needs a yes, and nobody is here to give it"),
            hint: "add `--yes`".to_owned(),
        }),
    }
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
