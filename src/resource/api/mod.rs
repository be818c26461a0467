//! `api`: the REST API as one document. Callers see nothing of a change here: a stage serves a deployment, which is a
//! snapshot, until the release moves it.

mod parse;
mod read;
#[cfg(test)]
mod tests;
mod write;

use std::collections::BTreeSet;

use serde::Serialize;

use super::role::Role;
use super::{Blueprint, Found, Kind, function};
use crate::aws::{Aws, Directory, Error};
use crate::openapi::{self, Table, Target};
use crate::plan::Id;
use crate::scope::Tags;

pub(super) use read::find;

/// The stack's REST API.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Api {
    pub name: String,
    #[serde(flatten)]
    pub table: Table,
    pub settings: Settings,
    pub tags: Tags,
    /// The ids of further APIs of ours that have no stage: left by a create whose answer got lost.
    pub duplicates: BTreeSet<String>,
}

/// What is of the API as a whole, and not in its document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Settings {
    /// Where a caller's API key is read: `HEADER` or `AUTHORIZER`.
    pub api_key_source: String,
    /// Answers of at least so many bytes are compressed; `None`: none are.
    pub minimum_compression_size: Option<i32>,
    /// Whether the API answers under its own host name.
    pub execute_api_endpoint: bool,
}

impl Default for Settings {
    /// API Gateway's own defaults, which are all that memoctl wants.
    fn default() -> Self {
        Self { api_key_source: "HEADER".to_owned(), minimum_compression_size: None, execute_api_endpoint: true }
    }
}

/// An API to delete.
#[derive(Debug)]
pub struct Doomed {
    id: String,
    /// The log groups that API Gateway has made for it.
    logs: Vec<String>,
}

impl Kind for Api {
    const KIND: &'static str = "api";
    const RESOLVED: bool = true;
    /// Every API that is ours.
    type Confirmed = Vec<Doomed>;

    fn name(&self) -> &str {
        &self.name
    }

    fn needs(&self) -> Vec<Id> {
        let functions = self.table.targets().filter_map(|target| match target {
            Target::Version { function, .. } | Target::Unpinned { function, .. } => {
                Some(Id::new(function::Function::KIND, function))
            }
            Target::Nothing | Target::Uri(_) => None,
        });
        let roles = self.table.credentials().map(|arn| Id::new(Role::KIND, arn.rsplit('/').next().unwrap_or(arn)));
        functions.chain(roles).collect::<BTreeSet<_>>().into_iter().collect()
    }

    fn holds(&self) -> Vec<Id> {
        // Its stage goes first, and without one it calls nothing.
        Vec::new()
    }

    fn desired(blueprint: &Blueprint<'_>) -> Vec<Self> {
        let scope = blueprint.scope;
        let api = table(blueprint).map(|table| Self {
            name: scope.api(),
            table,
            settings: Settings::default(),
            tags: scope.tags(Self::KIND, Self::KIND),
            duplicates: BTreeSet::new(),
        });
        api.into_iter().collect()
    }

    async fn list(_wanted: &BTreeSet<String>, aws: &Aws) -> Result<Vec<Found<Self>>, Error> {
        // REST APIs have no unique names: an API of the same name without our tags and mark is nobody's concern.
        Ok(read::read(aws).await?.map(Found::Ours).into_iter().collect())
    }

    /// By its id, or by its name where that is the only API of the name: API Gateway does not keep names unique.
    async fn look(name: &str, aws: &Aws) -> Result<Option<Self>, Error> {
        read::look(name, aws).await
    }

    async fn tag(&self, aws: &Aws) -> Result<(), Error> {
        self.put_tags(aws).await
    }

    fn resolved(self, directory: &Directory) -> Self {
        let digest = |function: &str, number: u64| directory.versions(function)?.get(&number).cloned();
        Self { table: self.table.resolved(digest), ..self }
    }

    async fn create(&self, aws: &Aws) -> Result<(), Error> {
        self.put(&self.known("create", aws)?, aws).await
    }

    async fn update(&self, live: &Self, aws: &Aws) -> Result<(), Error> {
        self.change(live, aws).await
    }

    async fn begin(&self, aws: &Aws) -> Result<(), Error> {
        let made = self.make(aws).await;
        if made.is_err() {
            aws.directory.put_unmade_api(&self.name);
        }
        made
    }

    async fn confirm(&self, aws: &Aws) -> Result<Option<Vec<Doomed>>, Error> {
        self.doomed(aws).await.map(Some)
    }

    async fn delete(confirmed: Vec<Doomed>, aws: &Aws) -> Result<(), Error> {
        write::remove(confirmed, aws).await
    }
}

/// The table that the stack wants, when it wants an API.
pub fn table(blueprint: &Blueprint<'_>) -> Option<Table> {
    let api = blueprint.stack.api.as_ref()?;
    Some(openapi::wanted(api, &function::targets(blueprint), blueprint.scope))
}
