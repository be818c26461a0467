//! `function`: a Lambda function: `$LATEST`, and the versions that are published from it. Releases serve versions only.

mod assume;
mod content;
mod generation;
mod many;
mod read;
#[cfg(test)]
mod tests;
mod write;

use std::collections::BTreeSet;

use serde::Serialize;

pub use content::{Content, Logging};
pub use generation::Stems;

use super::live::{MANY, Whose, looked, read_all};
use super::log_group::LogGroup;
use super::role::Role;
use super::{Blueprint, Found, Kind, Resource};
use crate::aws::{Aws, Error};
use crate::digest::Digest;
use crate::plan::Id;
use crate::policy::function_policy;
use crate::scope::Tags;
use crate::{openapi, stack};

const KIND: &str = "function";

/// `function`
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Function {
    pub name: String,
    /// What `$LATEST` is.
    #[serde(flatten)]
    pub content: Content,
    pub reserved_concurrency: Option<i32>,
    pub tags: Tags,
    /// The contents that are published.
    pub versions: BTreeSet<Digest>,
    #[serde(skip)]
    pub stems: Stems,
}

/// A function to delete.
#[derive(Debug)]
pub struct Doomed {
    name: String,
    /// The keys of its zips in the bucket.
    zips: Vec<String>,
}

impl Function {
    /// The identity of its content, and of a version that is published from it.
    pub fn digest(&self) -> Digest {
        Digest::of(&self.content)
    }
}

impl Kind for Function {
    const KIND: &'static str = KIND;
    type Confirmed = Doomed;

    fn name(&self) -> &str {
        &self.name
    }

    fn needs(&self) -> Vec<Id> {
        let role = self.content.role.rsplit('/').next().unwrap_or_default();
        vec![Id::new(Role::KIND, role), Id::new(LogGroup::KIND, &self.content.logging.group)]
    }

    fn meanwhile(&self, live: &Self) -> Self {
        Self { versions: self.versions.union(&live.versions).cloned().collect(), ..self.clone() }
    }

    fn desired(blueprint: &Blueprint<'_>) -> Vec<Self> {
        let Blueprint { stack, scope, live, kept, .. } = blueprint;
        let functions = stack.functions.iter().map(|(name, function)| {
            let (physical, content) = (scope.function(name), wanted(name, function, blueprint));
            let published = match live.get(&Id::new(KIND, &physical)) {
                Some(Resource::Function(live)) => live.versions.clone(),
                Some(_) | None => BTreeSet::new(),
            };
            let kept = published.into_iter().filter(|digest| kept.version(&physical, digest));
            Self {
                versions: kept.chain([Digest::of(&content)]).collect(),
                tags: scope.tags(KIND, name),
                reserved_concurrency: function.reserved_concurrency.and_then(|reserved| reserved.try_into().ok()),
                name: physical,
                content,
                stems: Stems::default(),
            }
        });
        functions.collect()
    }

    async fn list(wanted: &BTreeSet<String>, aws: &Aws) -> Result<Vec<Found<Self>>, Error> {
        if wanted.len() > MANY {
            return many::list(wanted, aws).await;
        }
        read_all(wanted, read::nominated(aws), |name| async move { read::read(&name, Whose::Ours, aws).await }).await
    }

    async fn look(name: &str, aws: &Aws) -> Result<Option<Self>, Error> {
        Ok(looked(read::read(name, Whose::Anybodys, aws).await?))
    }

    async fn tag(&self, aws: &Aws) -> Result<(), Error> {
        self.put_tags(aws).await
    }

    async fn create(&self, aws: &Aws) -> Result<(), Error> {
        self.make(aws).await
    }

    async fn update(&self, live: &Self, aws: &Aws) -> Result<(), Error> {
        self.change(live, aws).await
    }

    async fn finish(&self, live: Option<&Self>, aws: &Aws) -> Result<(), Error> {
        // A version that was there already is ready, or was told to have failed.
        if live.is_some_and(|live| live.versions.contains(&self.digest())) { Ok(()) } else { self.ready(aws).await }
    }

    async fn confirm(&self, aws: &Aws) -> Result<Option<Doomed>, Error> {
        self.doomed(aws).await
    }

    async fn delete(confirmed: Doomed, aws: &Aws) -> Result<(), Error> {
        confirmed.remove(aws).await
    }
}

/// What the stack's functions are to be, by their names in `stack.toml`: what an API can pin.
pub(super) fn targets(blueprint: &Blueprint<'_>) -> openapi::Functions {
    let Blueprint { stack, scope, .. } = blueprint;
    let target = |(name, function): (&String, &stack::Function)| {
        (name.clone(), (scope.function(name), Digest::of(&wanted(name, function, blueprint))))
    };
    stack.functions.iter().map(target).collect()
}

fn wanted(name: &str, function: &stack::Function, blueprint: &Blueprint<'_>) -> Content {
    let Blueprint { stack, scope, artifacts, live, .. } = blueprint;
    // Without its zip nothing can be uploaded, and `write` says so.
    let code_sha256 = artifacts.zips.get(name).map_or("", |artifact| &artifact.sha256);
    let policy = function_policy(stack, scope, name).name();
    let mut content = Content::wanted((name, function), (stack, scope), code_sha256, &policy);
    generation::tell(&mut content.environment, live);
    content
}

fn id(name: &str) -> Id {
    Id::new(KIND, name)
}
