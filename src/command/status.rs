use serde_json::json;

use super::outputs::{Outputs, not_deployed};
use crate::aws::lease::Seen;
use crate::drift::Drift;
use crate::finding::findings;
use crate::history;
use crate::plan::{Id, Item as _};
use crate::session::{Connection, Exit, Failure, Session, live, wanted_ids};
use crate::ui;

/// Show what is live of the stack, and what of it is missing
#[derive(Debug, clap::Args)]
pub struct Args {}

pub async fn run(_args: &Args, session: &Session) -> Result<Exit, Failure> {
    let stack = session.stack()?;
    let connection = Connection::open(session, &stack).await?;
    let aws = &connection.aws;
    let wanted = wanted_ids(&stack, aws);
    let records = async { Ok(session.interrupt.unless(history::read(aws)).await??) };
    let lease = async { Ok(session.interrupt.unless(Seen::reading(aws)).await??) };
    let (live, records, lease) = tokio::try_join!(live(&wanted, session, aws), records, lease)?;
    let drift = Drift::of(&live, &wanted, &lease.last_beside(aws));
    let findings = findings(&stack, &aws.scope, &live, &records);
    let url = Outputs::of(&stack, aws).url;
    let scope = aws.scope.clone();
    connection.close().await;
    if live.is_empty() {
        return Err(not_deployed(session, &stack));
    }
    let missing: Vec<_> = wanted.iter().filter(|id| !live.contains_key(id)).collect();
    if session.ui.is_json() {
        let resources: serde_json::Map<_, _> =
            live.iter().map(|(id, resource)| (id.to_string(), resource.fields())).collect();
        session.ui.document(&json!({
            "stack": scope.stack, "stage": scope.stage, "account": scope.account, "region": scope.region,
            "url": url, "resources": resources, "missing": missing, "findings": findings, "drift": drift,
        }));
        return Ok(Exit::Done);
    }
    session.ui.data(format_args!("{}/{} in {}, account {}", scope.stack, scope.stage, scope.region, scope.account));
    if let Some(url) = url {
        session.ui.data(format_args!("url = {url}"));
    }
    let drifted = |id: &Id| drift.resource(id).map(|drifted| format!("  {drifted}")).unwrap_or_default();
    for id in live.keys() {
        let note = if wanted.contains(id) { "" } else { "  no longer wanted" };
        session.ui.data(format_args!("= {id}{note}{}", drifted(id)));
    }
    for id in missing {
        session.ui.data(format_args!("+ {id}  missing{}", drifted(id)));
    }
    if let Some(run) = &drift.unfinished {
        session.ui.data(ui::plan::unfinished(run));
    }
    if !findings.is_empty() {
        session.ui.data(ui::finding::human(&findings).trim_end());
    }
    Ok(Exit::Done)
}
