mod receipt;

use std::cell::RefCell;

use crate::apply::Outcome;
use crate::aws::{Aws, Error};
use crate::plan::Plan;
use crate::resource::Resource;
use crate::session::{
    Change, Connection, DataArgs, Exit, Failure, Foresight, LeaseArgs, Permissions, Session, plan_destroy, wanted_ids,
};
use crate::stack::Stack;
use crate::ui;

/// Take away all that the stack has, and tell what stays; tables go only with --delete-data
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    data: DataArgs,
    #[command(flatten)]
    lease: LeaseArgs,
}

pub async fn run(args: &Args, session: &Session) -> Result<Exit, Failure> {
    let stack = session.stack()?;
    let connection = Connection::ahead(session, &stack).await?;
    let destroyed = destroy(args, session, &stack, &connection.aws).await;
    connection.close().await;
    destroyed
}

async fn destroy(args: &Args, session: &Session, stack: &Stack, aws: &Aws) -> Result<Exit, Failure> {
    let ui = &session.ui;
    let delete_data = args.data.permitted(session)?;
    let permissions = Permissions { keep: 0, delete_data, allow_downtime: true, canary: None };
    // The API's id is lost with the API, and by it what API Gateway logged is found.
    let api = RefCell::new(None);
    let names = wanted_ids(stack, aws);
    let plan = async |aws: &Aws, foresight: &Foresight| {
        let plan = plan_destroy(session, &names, aws, foresight, &permissions).await?;
        api.replace(aws.directory.api(&aws.scope.api()));
        Ok((plan, ()))
    };
    let approve = |plan: &Plan<Resource>, (): &(), aws: &Aws| {
        if !ui.is_json() {
            ui.talk(ui::plan::human(plan, ui.verbose));
        }
        plan.accepted().map_err(|refusals| Failure::Refused { refusals })?;
        // Who has typed the stage's name need not say yes to it as well.
        if plan.is_empty() || args.data.consent(plan, session)? { Ok(()) } else { confirm(session, aws) }
    };
    let change = Change { session, aws, verb: "destroy", lease: &args.lease };
    // What was read before proves nothing about what is there now. An interrupt has ended the walk, not this.
    let read = async |plan: &Plan<Resource>, outcome: &Outcome<Error>| {
        let api = api.borrow().clone();
        receipt::receipt((plan, outcome), &names, api.as_deref(), aws).await
    };
    let (changed, receipt) = change.make_and_look(plan, approve, read).await?;
    changed.summary.tell(ui);
    receipt?.tell(ui);
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
