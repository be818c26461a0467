use std::collections::BTreeSet;

use super::set::Set;
use crate::aws::Aws;
use crate::command::outputs::not_deployed;
use crate::resource::signing_key::SigningKey;
use crate::resource::{Found, Kind as _};
use crate::session::{Connection, Exit, Failure, Session};
use crate::stack::{self, Algorithm, Stack};

/// Show the keys: which one signs, which come next, which are kept for what they signed, and what may be done
#[derive(Debug, clap::Args)]
pub(super) struct Args {}

pub(super) async fn run(_args: &Args, session: &Session) -> Result<Exit, Failure> {
    let stack = session.stack()?;
    let connection = Connection::open(session, &stack).await?;
    let sets = session.interrupt.unless(sets(&stack, &connection.aws)).await;
    connection.close().await;
    let sets = sets??;
    if sets.is_empty() && !stack.signing_keys.is_empty() {
        return Err(not_deployed(session, &stack));
    }
    if session.ui.is_json() {
        session.ui.document(&sets);
    } else {
        sets.iter().flat_map(Set::lines).for_each(|line| session.ui.data(line));
    }
    Ok(Exit::Done)
}

/// The sets that are there, those included that only kept releases need.
async fn sets(stack: &Stack, aws: &Aws) -> Result<Vec<Set>, Failure> {
    let names: BTreeSet<String> = stack.signing_keys.keys().map(|name| aws.scope.signing_key(name)).collect();
    let mut foreign = BTreeSet::new();
    let mut sets = Vec::new();
    for found in SigningKey::list(&names, aws).await? {
        let key = match found {
            Found::Ours(key) => key,
            Found::Foreign(name) => {
                foreign.insert(crate::plan::Id::new(SigningKey::KIND, name));
                continue;
            }
        };
        let contents = if key.private { Some(key.contents(aws).await?) } else { None };
        let name = key.name.rsplit('/').next().unwrap_or_default();
        let undeclared = || stack::SigningKey::default_overlap(key.algorithm.unwrap_or(Algorithm::HS256));
        let overlap = stack.signing_keys.get(name).map_or_else(undeclared, |declared| declared.overlap);
        sets.push(Set::of(name, &key, overlap, contents.as_ref(), aws.skew.now()));
    }
    if foreign.is_empty() { Ok(sets) } else { Err(Failure::Foreign { ids: foreign }) }
}
