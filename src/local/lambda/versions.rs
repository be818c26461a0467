//! `PublishVersion` and `ListVersionsByFunction`.

use std::sync::Arc;

use serde_json::Value;

use super::Shared;
use super::configuration::Configuration;
use super::members::{Members, invalid};
use super::name;
use super::page::Page;
use super::route::Route;
use super::state::{Function, Version, conflict};
use crate::call::{Error, Request};

impl Shared {
    pub(super) fn publish_version(self: &Arc<Self>, route: &Route, request: &Request) -> Result<Value, Error> {
        let asked = route.function(&self.region)?;
        let mut members = Members::parse("PublishVersion", &request.body)?;
        let sha256: Option<String> = members.take("CodeSha256")?;
        let description: Option<String> = members.take("Description")?;
        let revision: Option<String> = members.take("RevisionId")?;
        members.finish()?;
        let version = self.state.write(|state| {
            let function = state.function_mut(&asked, &self.region)?;
            function.settled(&asked.arn(&self.region))?;
            function.check_revision(revision.as_deref())?;
            let current = &function.latest.content.code_sha256;
            match sha256.filter(|sha256| sha256 != current) {
                Some(sha256) => Err(invalid(format!(
                    "CodeSHA256 ({sha256}) is different from current CodeSHA256 in $LATEST ({current}). \
                     Please try again with the CodeSHA256 in $LATEST."
                ))),
                None => Ok(function.publish(description).configuration.clone()),
            }
        })?;
        if !version.settled() {
            self.settle_later(&asked.name, &version.generation);
        }
        let arn = name::arn(&self.region, &asked.name, Some(&version.version));
        Ok(version.describe(&asked.name, &arn, &self.region))
    }

    pub(super) fn list_versions(&self, route: &Route) -> Result<Value, Error> {
        let asked = route.function(&self.region)?;
        let versions = self.state.read(|state| {
            let function = state.function(&asked, &self.region)?;
            Ok::<_, Error>(self.summaries(&asked.name, function))
        })?;
        Ok(Page::of(route)?.cut(versions, "Versions"))
    }
}

impl Function {
    /// Publishes `$LATEST`: a new version, or the last one when nothing has changed since.
    pub(super) fn publish(&mut self, description: Option<String>) -> &Version {
        let unchanged = self.versions.get(&self.published).is_some_and(|last| last.is_of(&self.latest));
        if !unchanged {
            self.published += 1;
        }
        let latest = &self.latest;
        self.versions.entry(self.published).or_insert_with_key(|number| {
            let mut content = latest.content.clone();
            let source_description = content.description.clone();
            content.description = description.unwrap_or(content.description);
            Version { configuration: Configuration::pending(&number.to_string(), content), source_description }
        })
    }

    /// Removes a version unless an alias stands for it; `None` when there is no such version, which is no error.
    pub(super) fn remove_version(&mut self, version: &str) -> Result<Option<Configuration>, Error> {
        let aliases: Vec<&str> = self
            .aliases
            .iter()
            .filter(|(_, alias)| {
                alias.version == version || alias.additional.as_ref().is_some_and(|(other, _)| other == version)
            })
            .map(|(name, _)| name.as_str())
            .collect();
        if !aliases.is_empty() {
            let aliases = aliases.join(", ");
            let message = format!("Unable to delete version because the following aliases reference it: [{aliases}]");
            return Err(conflict(message));
        }
        self.policies.remove(version);
        let number = version.parse().ok();
        Ok(number.and_then(|number: u64| self.versions.remove(&number)).map(|version| version.configuration))
    }
}

impl Version {
    /// Whether this is what publishing `latest` would make.
    fn is_of(&self, latest: &Configuration) -> bool {
        let mut content = self.configuration.content.clone();
        content.description.clone_from(&self.source_description);
        content == latest.content
    }
}
