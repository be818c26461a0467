//! What earlier releases still need.

use std::collections::BTreeSet;

use super::{Deployment, Page, Release, digest, identity, variables};
use crate::history::{Kept, Record};
use crate::plan::Id;
use crate::resource::{Blueprint, Kind as _, Resource, Resources, api, function, signing_key, table};

/// The releases to keep: `keep` with the one that `blueprint` wants, out of `records`, newest first; and where the new
/// one is but a canary, the one that goes on serving. What `blueprint` itself says of kept releases plays no part.
pub fn kept(blueprint: &Blueprint<'_>, records: Vec<Record>, keep: usize, is_canary: bool) -> Kept {
    // Without an API there is nothing to go back to.
    let (Some(table), Some(variables)) = (api::table(blueprint), variables(blueprint)) else { return Kept::NOTHING };
    let live = match blueprint.live.get(&Id::new(Release::KIND, blueprint.scope.api_stage())) {
        Some(Resource::Release(live)) => Some(live),
        Some(_) | None => None,
    };
    let served = live.map(|live| match (&live.serves, live.digest()) {
        (Deployment::Foreign { foreign }, _) => foreign.clone(),
        (Deployment::Ours { api, .. }, digest) => digest.as_ref().unwrap_or(api).to_string(),
    });
    let page = Page::wanted(blueprint).map(|page| page.files);
    let new = digest(&identity(&table, &variables), page.as_ref());
    // What was pruned cannot be gone back to, though its record is still there.
    let is_there = |record: &Record| live.is_none_or(|live| live.deployments.contains(&record.api));
    let records: Vec<Record> = records.into_iter().filter(is_there).collect();
    let serving = records.iter().find(|record| is_canary && Some(record.digest().as_str()) == served.as_deref()).cloned();
    match (Kept::beside(&new, records, keep, served.as_deref()), serving) {
        (Kept::Releases(mut kept), Some(serving)) if !kept.iter().any(|record| record.digest() == serving.digest()) => {
            kept.push(serving);
            Kept::Releases(kept)
        }
        (kept, _) => kept,
    }
}

/// The live functions that kept releases serve, and the tables and signing keys that those are bound to: for
/// [`crate::plan::Rules`]. What they need stays with them.
pub fn retained(kept: &Kept, live: &Resources) -> BTreeSet<Id> {
    let names = |id: &&Id| match id.kind {
        function::Function::KIND => kept.function(&id.name),
        table::Table::KIND | signing_key::SigningKey::KIND => kept.uses(id),
        // The others stay by what needs them, or carry over what is kept by themselves.
        _ => false,
    };
    live.keys().filter(names).cloned().collect()
}
