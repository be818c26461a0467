use std::collections::BTreeMap;

use serde::Serialize;

use crate::aws::Aws;
use crate::session::{Connection, Exit, Failure, Session, live, wanted_ids};
use crate::stack::Stack;
use crate::ui::Ui;

/// Show the URL and the physical names of what is deployed
#[derive(Debug, clap::Args)]
pub struct Args {
    /// One output alone, without its name: `url`, `site`, `functions.NAME`, `tables.NAME`, `signing_keys.NAME`
    name: Option<String>,
}

/// What a deployed stack is known by.
#[derive(Debug, Serialize)]
pub struct Outputs {
    /// Where the API answers, the stage included.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Where the page is, and the API beside it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub site: Option<String>,
    /// Physical names by those in the stack file.
    pub functions: BTreeMap<String, String>,
    pub tables: BTreeMap<String, String>,
    /// Parameter paths by the names in the stack file.
    pub signing_keys: BTreeMap<String, String>,
}

pub async fn run(args: &Args, session: &Session) -> Result<Exit, Failure> {
    let stack = session.stack()?;
    let connection = Connection::open(session, &stack).await?;
    let aws = &connection.aws;
    let live = live(&wanted_ids(&stack, aws), session, aws).await?;
    let outputs = (!live.is_empty()).then(|| Outputs::of(&stack, aws));
    connection.close().await;
    let outputs = outputs.ok_or_else(|| not_deployed(session, &stack))?;
    if let Some(name) = &args.name {
        let lines = outputs.lines();
        let (_, value) = lines.iter().find(|(known, _)| known == name).ok_or_else(|| unknown(name, &lines))?;
        if session.ui.is_json() {
            session.ui.document(value);
        } else {
            session.ui.data(value);
        }
    } else if session.ui.is_json() {
        session.ui.document(&outputs);
    } else {
        for (name, value) in outputs.lines() {
            session.ui.data(format_args!("{name} = {value}"));
        }
    }
    Ok(Exit::Done)
}

fn unknown(name: &str, lines: &[(String, &str)]) -> Failure {
    let known: Vec<&str> = lines.iter().map(|(name, _)| name.as_str()).collect();
    Failure::Usage { error: format!("the stack has no output `{name}`"), hint: format!("it has: {}", known.join(", ")) }
}

/// The failure of verbs that need a deployed stack.
pub(super) fn not_deployed(session: &Session, stack: &Stack) -> Failure {
    Failure::Other {
        error: format!("{}/{} is not deployed", stack.name, stack.stage),
        hint: Some(format!("`memoctl deploy{}` deploys it", session.place())),
    }
}

impl Outputs {
    /// The outputs of a stack whose live side was read.
    pub(super) fn of(stack: &Stack, aws: &Aws) -> Self {
        let scope = &aws.scope;
        Self {
            url: stack.api.as_ref().and_then(|_| aws.directory.api(&scope.api())).map(|id| scope.base_url(&id)),
            site: stack.site.as_ref().and_then(|_| aws.directory.edge()).map(|edge| edge.url),
            functions: stack.functions.keys().map(|name| (name.clone(), scope.function(name))).collect(),
            tables: stack.tables.keys().map(|name| (name.clone(), scope.table(name))).collect(),
            signing_keys: stack.signing_keys.keys().map(|name| (name.clone(), scope.signing_key(name))).collect(),
        }
    }

    /// Tells where the API answers and where the page is, as the data of a deploy.
    pub(super) fn tell_url(&self, ui: &Ui) {
        for (name, url) in self.urls() {
            ui.data(format_args!("{name} = {url}"));
        }
    }

    fn urls(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let site = self.site.iter().map(|site| ("site", site.as_str()));
        self.url.iter().map(|url| ("url", url.as_str())).chain(site)
    }

    fn lines(&self) -> Vec<(String, &str)> {
        let maps = [("functions", &self.functions), ("tables", &self.tables), ("signing_keys", &self.signing_keys)];
        let named = maps.into_iter().flat_map(|(kind, map)| {
            map.iter().map(move |(name, physical)| (format!("{kind}.{name}"), physical.as_str()))
        });
        self.urls().map(|(name, url)| (name.to_owned(), url)).chain(named).collect()
    }
}
