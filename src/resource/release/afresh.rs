//! The release that serves, once more: of the same code and routes, by functions that start afresh.

use std::collections::BTreeMap;

use super::{Deployment, Release, served};
use crate::digest::Digest;
use crate::history::Record;
use crate::openapi::{Table, Target};
use crate::plan::{Id, Item as _};
use crate::resource::api::Api;
use crate::resource::{Kind as _, Resource, Resources};

/// What has to change for `live` to serve what it serves by functions that have been told of all dropped keys: nothing
/// is built for it. `record` tells of the release that serves. Where the functions are not what serves, the error says so.
pub fn afresh(live: &Resources, record: Option<&Record>) -> Result<Resources, String> {
    let mut wanted = Resources::new();
    // By the names of functions: what they are, and what they are to be.
    let mut published: BTreeMap<&str, (Digest, Digest)> = BTreeMap::new();
    // Who invokes one that starts afresh is another one too, and so on: there is no circle.
    let mut changes = true;
    while std::mem::take(&mut changes) {
        for (id, resource) in live {
            let Resource::Function(function) = resource else { continue };
            let afresh = function.afresh(live, &published);
            if afresh.content != function.content {
                let is = (function.digest(), afresh.digest());
                changes |= published.insert(&function.name, is.clone()).as_ref() != Some(&is);
                wanted.insert(id.clone(), Resource::Function(afresh));
            }
        }
    }
    let Some(release) = served(live) else { return Ok(wanted) };
    if let Some(canary) = &release.canary {
        return Err(format!("a canary serves {} % of the calls", canary.percent));
    }
    let Some(Resource::Api(api)) = live.get(&Id::new(Api::KIND, &release.api)) else { return Ok(wanted) };
    if release.serves.api() != Some(&api.table.digest()) {
        return Err("what serves is not what was deployed last".to_owned());
    }
    let is_other = |target: &&Target| match target {
        Target::Version { function, digest } => published.get(function.as_str()).is_some_and(|(was, _)| was != digest),
        Target::Nothing | Target::Unpinned { .. } | Target::Uri(_) => false,
    };
    if let Some(target) = api.table.targets().find(is_other) {
        return Err(format!("{target} serves, which is not what the function is now"));
    }
    let table = api.table.clone().repinned(|function| Some(published.get(function)?.1.clone()));
    let release = Resource::Release(release.serving(&table, record, &published));
    let api = Resource::Api(Api { table, ..api.clone() });
    wanted.extend([api, release].map(|resource| (resource.id(), resource)));
    Ok(wanted)
}

impl Release {
    /// The live release `self`, moved to the API `table`, in which the functions of `published` have changed.
    fn serving(&self, table: &Table, record: Option<&Record>, published: &BTreeMap<&str, (Digest, Digest)>) -> Self {
        let serves = Deployment::of(table);
        let deployments = self.deployments.iter().chain(serves.api()).cloned().collect();
        let mut release = Self { serves, deployments, ..self.clone() }.contains(record);
        for (name, digest) in &mut release.contents.functions {
            if let Some((_, afresh)) = published.get(name.as_str()) {
                *digest = afresh.clone();
            }
        }
        release
    }
}
