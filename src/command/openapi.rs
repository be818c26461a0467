use std::path::PathBuf;

use serde_json::Value;

use crate::command::outputs::Outputs;
use crate::description::Description;
use crate::session::{Connection, Exit, Failure, Session, live, wanted_ids};
use crate::stack::{Api, Stack};

/// Print the API's OpenAPI description as JSON, with the URL of what is deployed
///
/// The stack file names the description with `openapi` in [api]. One whose routes, authorizers or scopes are not those
/// of the stack file is refused with a list of the differences.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Write the description to a file instead
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    server: ServerArgs,
}

/// The flags of every verb that exports the description.
#[derive(Debug, clap::Args)]
pub(super) struct ServerArgs {
    /// Where the API answers, in place of asking the cloud for it; `/` is relative to where the description is found
    #[arg(long, value_name = "URL")]
    server: Option<String>,
}

pub async fn run(args: &Args, session: &Session) -> Result<Exit, Failure> {
    let document = exported(&args.server, session).await?;
    let Some(file) = &args.out else {
        session.ui.document(&document);
        return Ok(Exit::Done);
    };
    std::fs::write(file, format!("{document:#}\n"))
        .map_err(|source| Failure::io(format!("write {}", file.display()), source))?;
    session.ui.talk(format_args!("written: {}", file.display()));
    Ok(Exit::Done)
}

/// The description of the session's stack, with where its API answers.
pub(super) async fn exported(args: &ServerArgs, session: &Session) -> Result<Value, Failure> {
    let stack = session.stack()?;
    let description = read(&stack, session)?;
    let url = match &args.server {
        Some(url) => Some(url.clone()),
        None => deployed(&stack, session).await?,
    };
    if url.is_none() {
        let (name, stage, place) = (&stack.name, &stack.stage, session.place());
        session.ui.talk(format_args!(
            "{name}/{stage} is not deployed, so the description names no URL; `memoctl deploy{place}` deploys it"
        ));
    }
    Ok(description.served_at(url.as_deref()))
}

/// The description that `stack` names, which says what the stack says.
pub(super) fn read(stack: &Stack, session: &Session) -> Result<Description, Failure> {
    let file = stack.api.as_ref().and_then(|api| Some((api, api.openapi.as_ref()?)));
    let (api, path): (&Api, &String) = file.ok_or_else(|| Failure::Usage {
        error: format!("{} names no OpenAPI description", session.global.stack.display()),
        hint: "write one, and name it there: `openapi = \"openapi.yaml\"` in [api]".to_owned(),
    })?;
    let file = stack.root.join(path);
    let text = std::fs::read_to_string(&file).map_err(|error| Failure::Usage {
        error: format!("cannot read the OpenAPI description {}: {error}", file.display()),
        hint: "`openapi` in [api] is its path from the stack file's folder".to_owned(),
    })?;
    let description = Description::parse(&text).map_err(|error| Failure::Usage {
        error: format!("cannot read {}: {error}", file.display()),
        hint: "it has to be an OpenAPI 3.1 document in YAML or JSON".to_owned(),
    })?;
    let differences = description.differences(api);
    if differences.is_empty() { Ok(description) } else { Err(Failure::Undescribed { file, differences }) }
}

/// Where the API answers; `None` where the stack is not deployed.
async fn deployed(stack: &Stack, session: &Session) -> Result<Option<String>, Failure> {
    let connection = Connection::open(session, stack).await?;
    let aws = &connection.aws;
    let live = live(&wanted_ids(stack, aws), session, aws).await?;
    let url = if live.is_empty() { None } else { Outputs::of(stack, aws).url };
    connection.close().await;
    Ok(url)
}
