//! `release`: the API's deployments, and the stage that serves one of them. One `UpdateStage` moves callers to all that
//! was prepared: code, environment, routes and authorizers together.

mod afresh;
mod back;
mod bound;
mod canary;
mod keep;
mod page;
mod read;
#[cfg(test)]
mod tests;
mod write;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

pub use afresh::afresh;
pub use back::missing;
pub use bound::{Variables, identity};
pub use canary::Canary;
pub use keep::{kept, retained};
pub use page::{Page, digest};
pub(super) use write::forget_answers;

use super::role::Role;
use super::signing_key::SigningKey;
use super::table::Table;
use super::{Blueprint, Found, Kind, Resource, Resources, api, function};
use crate::aws::{Aws, Directory, Error};
use crate::digest::Digest;
use crate::history::Kept;
use crate::openapi;
use crate::plan::Id;
use crate::scope::{SYMBOLIC_API, SYMBOLIC_EDGE_KEY, SYMBOLIC_SITE, Tags};
use crate::stack::Throttle;

/// The stage, what it serves, and what it could be moved back to.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Release {
    /// The stage's name.
    pub name: String,
    /// The physical name of the API.
    pub api: String,
    pub serves: Deployment,
    /// Stage variables; the API's id in them is symbolic, and so are versions of functions that others invoke.
    pub variables: BTreeMap<String, String>,
    /// For every method; `None`: the account's own limits.
    pub throttle: Option<Throttle>,
    /// X-Ray.
    pub tracing: bool,
    /// Where a part of the calls goes to instead.
    pub canary: Option<Canary>,
    /// The page, where there is one. A canary has none of its own: all see the page of what most calls are served by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page: Option<Page>,
    pub tags: Tags,
    /// What the API has deployments of.
    pub deployments: BTreeSet<Digest>,
    #[serde(skip)]
    pub contents: Contents,
}

/// A deployment: a snapshot of the API.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Deployment {
    Ours {
        /// The digest of the API's table, and of the versions that functions invoke: see [`identity`].
        api: Digest,
        /// The digest of its authorizers: when that changes, their cached answers are stale.
        authorizers: Digest,
    },
    /// One that memoctl did not make, by its id.
    Foreign { foreign: String },
}

/// What a release consists of, for its record. It is no part of what is compared: of a live release only its record
/// tells.
#[derive(Clone, Debug, Default)]
pub struct Contents {
    /// Whether the rest is known: what is not known is not recorded.
    pub known: bool,
    /// Physical function names, and the digests of the versions it serves.
    pub functions: BTreeMap<String, Digest>,
    /// Physical role names, and the inline policies that its versions need.
    pub policies: BTreeMap<String, BTreeSet<String>>,
    /// The tables and signing keys that its functions are bound to, as `kind/name`; `None`: nobody tells.
    pub uses: Option<BTreeSet<String>>,
    /// The files of its page that change under their names, and the keys of the others.
    pub page: Option<BTreeMap<String, String>>,
    pub assets: BTreeSet<String>,
    /// All of its variables, where it is a canary: beside what serves it has those too that only that one has.
    pub variables: Option<Variables>,
}

impl PartialEq for Contents {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Deployment {
    /// The description by which a deployment is known again.
    fn description(&self) -> Option<String> {
        match self {
            Self::Ours { api, authorizers } => Some(format!("memoctl:{api} authorizers:{authorizers}")),
            Self::Foreign { .. } => None,
        }
    }

    /// Reads a description that [`Deployment::description`] gave.
    fn parse(description: &str) -> Option<Self> {
        let (api, authorizers) = description.strip_prefix("memoctl:")?.split_once(" authorizers:")?;
        Some(Self::Ours { api: Digest::parse(api)?, authorizers: Digest::parse(authorizers)? })
    }

    /// The digest by which one that memoctl made is known.
    pub fn api(&self) -> Option<&Digest> {
        match self {
            Self::Ours { api, .. } => Some(api),
            Self::Foreign { .. } => None,
        }
    }
}

/// The release that serves, among what is live.
pub fn served(live: &Resources) -> Option<&Release> {
    live.values().find_map(|resource| if let Resource::Release(release) = resource { Some(release) } else { None })
}

/// A stage to delete.
#[derive(Debug)]
pub struct Doomed {
    name: String,
    /// The id of its API.
    api: String,
    /// The keys of the releases' records in the bucket.
    records: Vec<String>,
}

impl Kind for Release {
    const KIND: &'static str = "release";
    const RELEASES: bool = true;
    const RESOLVED: bool = true;
    type Confirmed = Doomed;

    fn name(&self) -> &str {
        &self.name
    }

    fn needs(&self) -> Vec<Id> {
        let page = self.page.iter().flat_map(Page::needs);
        [Id::new(api::Api::KIND, &self.api)].into_iter().chain(self.invoked()).chain(page).collect()
    }

    fn meanwhile(&self, live: &Self) -> Self {
        Self { deployments: self.deployments.union(&live.deployments).cloned().collect(), ..self.clone() }
    }

    fn desired(blueprint: &Blueprint<'_>) -> Vec<Self> {
        let Blueprint { stack, scope, live, kept, .. } = blueprint;
        let (Some(api), Some(table), Some(variables)) = (&stack.api, api::table(blueprint), variables(blueprint)) else {
            return Vec::new();
        };
        let name = scope.api_stage().to_owned();
        let deployed = match live.get(&Id::new(Self::KIND, &name)) {
            Some(Resource::Release(live)) => live.deployments.clone(),
            Some(_) | None => BTreeSet::new(),
        };
        let kept = deployed.into_iter().filter(|digest| kept.deployment(digest));
        vec![Self {
            api: scope.api(),
            deployments: kept.chain([identity(&table, &variables)]).collect(),
            serves: Deployment::of(&table, &variables),
            variables,
            throttle: api.throttle,
            tracing: false,
            canary: None,
            page: Page::wanted(blueprint),
            tags: scope.tags(Self::KIND, &name),
            contents: Contents::of(blueprint),
            name,
        }]
    }

    async fn list(_wanted: &BTreeSet<String>, aws: &Aws) -> Result<Vec<Found<Self>>, Error> {
        // A stage is part of its API, and that is ours or not at all.
        Ok(read::read(aws).await?.map(Found::Ours).into_iter().collect())
    }

    async fn look(name: &str, _aws: &Aws) -> Result<Option<Self>, Error> {
        let cause = "a stage is part of its API, and becomes the stack's with it";
        Err(Error::refused("adopt", &Id::new(Self::KIND, name), cause).hint("adopt the API: `memoctl adopt api/ID`"))
    }

    async fn tag(&self, aws: &Aws) -> Result<(), Error> {
        self.put_tags(aws).await
    }

    fn resolved(mut self, directory: &Directory) -> Self {
        self.variables = bound::resolved(self.variables, directory);
        let canary = self.canary.map(|canary| Canary { variables: bound::resolved(canary.variables, directory), ..canary });
        Self { canary, ..self }.with_page(directory)
    }

    async fn create(&self, aws: &Aws) -> Result<(), Error> {
        self.make(aws).await
    }

    async fn update(&self, live: &Self, aws: &Aws) -> Result<(), Error> {
        self.change(live, aws).await
    }

    async fn confirm(&self, aws: &Aws) -> Result<Option<Doomed>, Error> {
        self.doomed(aws).await
    }

    async fn delete(confirmed: Doomed, aws: &Aws) -> Result<(), Error> {
        confirmed.remove(aws).await
    }
}

/// The stage's variables, when the stack wants an API.
fn variables(blueprint: &Blueprint<'_>) -> Option<BTreeMap<String, String>> {
    let Blueprint { stack, scope, .. } = blueprint;
    let api = stack.api.as_ref()?;
    // Callers come by the page's origin, where there is one.
    let site = stack.site.as_ref().map(|_| SYMBOLIC_SITE.to_owned());
    let key = site.as_ref().map(|_| ("edge_key", SYMBOLIC_EDGE_KEY.to_owned()));
    let base_url = site.unwrap_or_else(|| scope.base_url(SYMBOLIC_API));
    let issuer = api.issuer.clone().unwrap_or_else(|| base_url.clone());
    let cors = api.cors.as_ref().map(openapi::variables).unwrap_or_default();
    let own = [("base_url", base_url), ("issuer", issuer)].into_iter().chain(key).chain(cors);
    let own = own.map(|(name, value)| (name.to_owned(), value));
    let versions = function::targets(blueprint);
    Some(own.chain(bound::wanted(stack, &versions)).chain(bound::services(stack, scope)).collect())
}

impl Contents {
    fn of(blueprint: &Blueprint<'_>) -> Self {
        // What this release needs by itself, without what is carried over for others.
        let alone = Blueprint { kept: &Kept::NOTHING, ..*blueprint };
        let roles = Role::desired(&alone).into_iter();
        Self {
            known: true,
            functions: function::targets(blueprint).into_values().collect(),
            policies: roles.map(|role| (role.name, role.policies.into_keys().collect())).collect(),
            uses: Some(uses(blueprint)),
            page: Page::wanted(blueprint).map(|page| page.files),
            assets: page::assets(&blueprint.artifacts.files),
            variables: None,
        }
    }
}

/// The tables and signing keys that the stack's functions are bound to, as `kind/name`.
fn uses(blueprint: &Blueprint<'_>) -> BTreeSet<String> {
    let Blueprint { stack, scope, .. } = blueprint;
    let bound = stack.functions.values().flat_map(|function| {
        let tables = function.tables.keys().map(|name| Id::new(Table::KIND, scope.table(name)));
        let keys = function.signing_keys.keys().map(|name| Id::new(SigningKey::KIND, scope.signing_key(name)));
        tables.chain(keys)
    });
    bound.map(|id| id.to_string()).collect()
}
