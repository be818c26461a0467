//! What Lambda remembers: functions with their versions, aliases, policies, tags and reserved concurrency.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::configuration::{Configuration, Lifecycle, Update};
use super::name::{self, FunctionName};
use crate::call::Error;

/// All functions of the region, by name.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct State {
    pub(super) functions: BTreeMap<String, Function>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Function {
    pub(super) latest: Configuration,
    /// What `$LATEST` was before the update in progress: it serves until the update is complete.
    pub(super) outgoing: Option<Configuration>,
    pub(super) versions: BTreeMap<u64, Version>,
    /// The last number given to a version; numbers are not reused.
    pub(super) published: u64,
    pub(super) aliases: BTreeMap<String, Alias>,
    /// The statements of the resource policies, by the qualifier they are for (`$LATEST`: the unqualified function).
    pub(super) policies: BTreeMap<String, Vec<Value>>,
    pub(super) tags: BTreeMap<String, String>,
    pub(super) reserved_concurrency: Option<u32>,
}

/// A published version.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Version {
    pub(super) configuration: Configuration,
    /// `$LATEST`'s description when it was published, which the version's own may override.
    pub(super) source_description: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Alias {
    pub(super) version: String,
    pub(super) description: String,
    /// The other version and its share, from 0.0 to 1.0.
    pub(super) additional: Option<(String, f64)>,
    pub(super) revision_id: String,
}

/// Why `$LATEST` cannot be changed, invoked or published now.
const NOT_NOW: &str = "The operation cannot be performed at this time.";

impl State {
    /// The function, or 404 with the ARN as it was asked for.
    pub(super) fn function(&self, asked: &FunctionName, region: &str) -> Result<&Function, Error> {
        self.functions.get(&asked.name).ok_or_else(|| not_found(&asked.arn(region)))
    }

    pub(super) fn function_mut(&mut self, asked: &FunctionName, region: &str) -> Result<&mut Function, Error> {
        self.functions.get_mut(&asked.name).ok_or_else(|| not_found(&asked.arn(region)))
    }

    /// The sum of all reserved concurrency.
    pub(super) fn reserved(&self) -> u32 {
        self.functions.values().filter_map(|function| function.reserved_concurrency).sum()
    }

    /// Every configuration that serves or may serve.
    pub(super) fn configurations(&self) -> impl Iterator<Item = &Configuration> {
        self.functions.values().flat_map(|function| {
            let versions = function.versions.values().map(|version| &version.configuration);
            versions.chain([&function.latest]).chain(&function.outgoing)
        })
    }

    /// Completes every transition: for those that a stop of the cloud interrupted.
    pub(super) fn settle(&mut self) {
        for function in self.functions.values_mut() {
            function.settle(None);
        }
    }
}

impl Function {
    /// A function that is being created.
    pub(super) fn new(latest: Configuration, tags: BTreeMap<String, String>) -> Self {
        Self {
            latest,
            outgoing: None,
            versions: BTreeMap::new(),
            published: 0,
            aliases: BTreeMap::new(),
            policies: BTreeMap::new(),
            tags,
            reserved_concurrency: None,
        }
    }

    /// Completes the transition of the configuration of `generation`, or of all. True when `$LATEST` changed hands.
    pub(super) fn settle(&mut self, generation: Option<&str>) -> bool {
        let concerns = |configuration: &Configuration| generation.is_none_or(|of| configuration.generation == of);
        for version in self.versions.values_mut().filter(|version| concerns(&version.configuration)) {
            version.configuration.settle();
        }
        if !concerns(&self.latest) {
            return false;
        }
        self.latest.settle();
        self.outgoing.take().is_some()
    }

    /// Fails with AWS's 409 while `$LATEST` is in transition.
    pub(super) fn settled(&self, arn: &str) -> Result<(), Error> {
        active(&self.latest)?;
        match self.latest.update {
            Some(Update::InProgress) => {
                Err(conflict(format!("{NOT_NOW} An update is in progress for resource: {arn}")))
            }
            Some(Update::Successful) | None => Ok(()),
        }
    }

    /// Fails with AWS's 412 unless `given`, if any, is `$LATEST`'s revision.
    pub(super) fn check_revision(&self, given: Option<&str>) -> Result<(), Error> {
        check_revision(given, &self.latest.revision_id)
    }

    /// The configuration that a qualifier names; an alias stands for its main version.
    pub(super) fn configuration(&self, qualifier: Option<&str>) -> Option<&Configuration> {
        match qualifier {
            None | Some("$LATEST") => Some(&self.latest),
            Some(alias) if name::is_alias(alias) => self.version(&self.aliases.get(alias)?.version),
            Some(number) => self.version(number),
        }
    }

    /// `$LATEST` or the published version of that number.
    pub(super) fn version(&self, version: &str) -> Option<&Configuration> {
        match version {
            "$LATEST" => Some(&self.latest),
            number => Some(&self.versions.get(&number.parse().ok()?)?.configuration),
        }
    }

    /// The configuration that serves an invocation by `qualifier`: an alias with weights draws by `random` in 0.0..1.0,
    /// and an update in progress does not serve yet.
    pub(super) fn serving(&self, qualifier: Option<&str>, random: impl FnOnce() -> f64) -> Option<&Configuration> {
        let alias = qualifier.filter(|qualifier| name::is_alias(qualifier)).map(|alias| self.aliases.get(alias));
        let version = match alias {
            None => qualifier.unwrap_or("$LATEST"),
            Some(None) => return None,
            Some(Some(Alias { additional: Some((other, share)), .. })) if random() < *share => other,
            Some(Some(alias)) => &alias.version,
        };
        match (version, &self.outgoing) {
            ("$LATEST", Some(outgoing)) => Some(outgoing),
            (version, _) => self.version(version),
        }
    }
}

/// Fails with AWS's 409 while the version is being created.
pub(super) fn active(configuration: &Configuration) -> Result<(), Error> {
    match configuration.lifecycle {
        Lifecycle::Active => Ok(()),
        Lifecycle::Pending => {
            Err(conflict(format!("{NOT_NOW} The function is currently in the following state: Pending")))
        }
    }
}

/// Fails with AWS's 412 unless `given`, if any, is `current`.
pub(super) fn check_revision(given: Option<&str>, current: &str) -> Result<(), Error> {
    if given.is_none_or(|given| given == current) {
        return Ok(());
    }
    let message = "The Revision Id provided does not match the latest Revision Id. \
                   Call the GetFunction/GetAlias API to retrieve the latest Revision Id";
    Err(Error::new(412, "PreconditionFailedException", message))
}

/// AWS's 404 of a function or a version.
pub(super) fn not_found(arn: &str) -> Error {
    Error::new(404, "ResourceNotFoundException", format!("Function not found: {arn}"))
}

/// AWS's 409.
pub(super) fn conflict(message: impl Into<String>) -> Error {
    Error::new(409, "ResourceConflictException", message)
}
