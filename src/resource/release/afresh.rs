//! The release that serves, once more: of the same code and routes, by functions that start afresh.

use std::collections::BTreeMap;

use super::{Deployment, Release, bound, identity, served};
use crate::digest::Digest;
use crate::history::Record;
use crate::openapi::{Table, Target};
use crate::plan::{Id, Item as _};
use crate::resource::api::Api;
use crate::resource::function::Function;
use crate::resource::{Kind as _, Resource, Resources};

/// What has to change for `live` to serve what it serves by functions that have been told of all dropped keys: nothing
/// is built for it. `record` tells of the release that serves. Where the functions are not what serves, the error says so.
pub fn afresh(live: &Resources, record: Option<&Record>) -> Result<Resources, String> {
    let mut wanted = Resources::new();
    // By the names of those that start afresh: what they are to be.
    let mut fresh: BTreeMap<&str, Digest> = BTreeMap::new();
    for (id, resource) in live {
        let Resource::Function(function) = resource else { continue };
        if let Some(afresh) = function.afresh(live) {
            fresh.insert(&function.name, afresh.digest());
            wanted.insert(id.clone(), Resource::Function(afresh));
        }
    }
    let Some(release) = served(live) else { return Ok(wanted) };
    if let Some(canary) = &release.canary {
        return Err(format!("a canary serves {} % of the calls", canary.percent));
    }
    let Some(Resource::Api(api)) = live.get(&Id::new(Api::KIND, &release.api)) else { return Ok(wanted) };
    let table = release.table(&api.table, record).ok_or("what serves is not what was deployed last")?;
    let is_other = |target: &Target| match target {
        Target::Version { function, digest } => {
            fresh.contains_key(function.as_str()) && !Function::serves_now(function, digest, live)
        }
        Target::Nothing | Target::Unpinned { .. } | Target::Uri(_) => false,
    };
    let invoked = bound::versions(&release.variables)
        .map(|(function, digest)| Target::Version { function: function.to_owned(), digest });
    if let Some(target) = table.targets().cloned().chain(invoked).find(is_other) {
        return Err(format!("{target} serves, which is not what the function is now"));
    }
    let table = table.repinned(|function| fresh.get(function).cloned());
    let release = Resource::Release(release.serving(&table, record, &fresh));
    let api = Resource::Api(Api { table, ..api.clone() });
    wanted.extend([api, release].map(|resource| (resource.id(), resource)));
    Ok(wanted)
}

impl Release {
    /// The table of the API that it serves: `now`, or where the API has been changed and not released, or another release
    /// of the same routes is served again, `now` with the functions that `record` tells. `None` where neither is it.
    fn table(&self, now: &Table, record: Option<&Record>) -> Option<Table> {
        let recorded = now.clone().repinned(|function| record?.functions.get(function).cloned());
        let serves = |table: &Table| self.serves.api() == Some(&identity(table, &self.variables));
        [now.clone(), recorded].into_iter().find(serves)
    }

    /// The live release `self`, moved to the API `table`, in which the functions of `fresh` have changed.
    fn serving(&self, table: &Table, record: Option<&Record>, fresh: &BTreeMap<&str, Digest>) -> Self {
        let variables = bound::repinned(self.variables.clone(), |function| fresh.get(function).cloned());
        let serves = Deployment::of(table, &variables);
        let deployments = self.deployments.iter().chain(serves.api()).cloned().collect();
        let mut release = Self { serves, variables, deployments, ..self.clone() }.contains(record);
        for (name, digest) in &mut release.contents.functions {
            if let Some(afresh) = fresh.get(name.as_str()) {
                *digest = afresh.clone();
            }
        }
        release
    }
}
