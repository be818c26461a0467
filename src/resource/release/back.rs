//! Going back to an earlier release.

use super::{Contents, Deployment, Release, page};
use crate::history::Record;
use crate::plan::Id;
use crate::resource::{Kind as _, Resource, Resources, function, role};

impl Release {
    /// The live release `self`, moved to what `record` tells of; `None` where that is not all. What API Gateway does not
    /// version (limits, tags) stays as it is.
    #[must_use]
    pub fn back_to(&self, record: &Record) -> Option<Self> {
        let (authorizers, variables) = record.authorizers.clone().zip(record.variables.clone())?;
        let serves = Deployment::Ours { api: record.api.clone(), authorizers };
        let page = self.page_of(Some(record));
        let mut back = Self { serves, variables, page, canary: None, ..self.clone() }.contains(Some(record));
        back.contents.page = back.page.as_ref().map(|page| page.files.clone());
        Some(back)
    }

    /// The release, with what `record` tells of its contents.
    #[must_use]
    pub fn contains(self, record: Option<&Record>) -> Self {
        let contents = record.map(|record| Contents {
            known: true,
            functions: record.functions.clone(),
            policies: record.policies.clone(),
            uses: record.uses.clone(),
            page: record.page.clone(),
            assets: record.assets.clone(),
            variables: None,
        });
        Self { contents: contents.unwrap_or_default(), ..self }
    }
}

/// What `record` needs and `live` no longer has, in words: a release that misses something cannot be gone back to.
pub fn missing(record: &Record, live: &Resources) -> Vec<String> {
    let mut missing = Vec::new();
    let deployed = |resource: &Resource| matches!(resource, Resource::Release(live) if live.deployments.contains(&record.api));
    if !live.values().any(deployed) {
        missing.push(format!("the API's deployment {}", record.api));
    }
    for (name, digest) in &record.functions {
        match live.get(&Id::new(function::Function::KIND, name)) {
            Some(Resource::Function(function)) if function.versions.contains(digest) => {}
            Some(_) | None => missing.push(format!("the version {digest} of function/{name}")),
        }
    }
    for (name, policies) in &record.policies {
        let held = match live.get(&Id::new(role::Role::KIND, name)) {
            Some(Resource::Role(role)) => Some(&role.policies),
            Some(_) | None => None,
        };
        let lost = policies.iter().filter(|policy| !held.is_some_and(|held| held.contains_key(*policy)));
        missing.extend(lost.map(|policy| format!("the policy {policy} of role/{name}")));
    }
    let lives = |id: &String| live.keys().any(|live| live.to_string() == *id);
    missing.extend(page::missing(record.page.as_ref(), &record.assets, live));
    missing.extend(record.uses.iter().flatten().filter(|id| !lives(id)).cloned());
    missing
}
