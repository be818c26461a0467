use crate::command::openapi;
use crate::session::{Exit, Failure, Session};
use crate::stack::FunctionAccess;
use crate::ui::amount::count;

/// Check the stack file, all of it at once, and the OpenAPI description that it names, without any call
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Print the JSON Schema of the stack file, for editors
    #[arg(long)]
    schema: bool,
}

pub fn run(args: &Args, session: &Session) -> Result<Exit, Failure> {
    if args.schema {
        session.ui.document(&crate::stack::schema());
        return Ok(Exit::Done);
    }
    let stack = session.stack()?;
    if stack.api.as_ref().is_some_and(|api| api.openapi.is_some()) {
        openapi::read(&stack, session)?;
    }
    if session.ui.is_json() {
        session.ui.document(&stack);
        return Ok(Exit::Done);
    }
    let routes = stack.api.as_ref().map_or(0, |api| api.routes.len());
    let counts = [
        (stack.functions.len(), "function"),
        (stack.tables.len(), "table"),
        (stack.signing_keys.len(), "signing key"),
        (routes, "route"),
    ];
    let counts: Vec<String> = counts.into_iter().map(|(number, noun)| count(number as u64, noun)).collect();
    session.ui.data(format_args!("{}/{}: {}", stack.name, stack.stage, counts.join(", ")));
    for (name, function) in &stack.functions {
        for (other, access) in &function.functions {
            match access {
                FunctionAccess::Invoke => session.ui.data(format_args!("{name} invokes {other}")),
            }
        }
    }
    Ok(Exit::Done)
}
