//! Canaries: a new release that gets a part of the calls, code and routes together, until it is promoted or taken back.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_apigateway::types::PatchOperation;
use serde::Serialize;

use super::write::{remove, replace};
use super::{Contents, Deployment, Release};
use crate::aws::{Aws, Error};
use crate::digest::Digest;
use crate::history::Record;

/// A part of the calls, and what serves them.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Canary {
    pub serves: Deployment,
    /// Of all calls: 0 to 100.
    pub percent: f64,
    /// Stage variables that differ for them.
    pub variables: BTreeMap<String, String>,
}

impl Release {
    /// The wanted release `self` as a canary beside what `live` serves, which gets `percent` of the calls. What API
    /// Gateway has no canary of (limits, tags) is as wanted.
    #[must_use]
    pub fn beside(self, live: &Self, percent: f64) -> Self {
        let differs = |(name, value): &(String, String)| live.variables.get(name) != Some(value);
        let contents = Contents { variables: Some(self.variables.clone()), ..self.contents };
        let canary = Canary { serves: self.serves, percent, variables: self.variables.into_iter().filter(differs).collect() };
        let deployments = self.deployments.into_iter().chain(live.serves.api().cloned());
        Self {
            contents,
            serves: live.serves.clone(),
            variables: live.variables.clone(),
            canary: Some(canary),
            page: live.page.clone(),
            deployments: deployments.collect(),
            ..self
        }
    }

    /// The live release `self` with all calls served as its canary serves them, of which `record` tells; `None` without a
    /// canary.
    pub fn promoted(&self, record: Option<&Record>) -> Option<Self> {
        let canary = self.canary.clone()?;
        let variables = record.and_then(|record| record.variables.clone()).unwrap_or_else(|| {
            let mut variables = self.variables.clone();
            variables.extend(canary.variables);
            variables
        });
        let page = self.page_of(record);
        let promoted = Self { serves: canary.serves, variables, page, canary: None, ..self.clone() };
        Some(promoted.contains(record))
    }

    /// The digests of all authorizers that answer callers: when they change, cached answers are stale.
    pub(super) fn authorizers(&self) -> BTreeSet<Option<Digest>> {
        let serving = [Some(&self.serves), self.canary.as_ref().map(|canary| &canary.serves)];
        serving
            .into_iter()
            .flatten()
            .map(|deployment| match deployment {
                Deployment::Ours { authorizers, .. } => Some(authorizers.clone()),
                Deployment::Foreign { .. } => None,
            })
            .collect()
    }

    /// What of the canary differs from `live`'s. API Gateway takes each of its settings by itself, and removes it whole.
    pub(super) async fn canary_patch(&self, live: &Self, api: &str, aws: &Aws) -> Result<Vec<PatchOperation>, Error> {
        let Some(canary) = &self.canary else {
            return Ok(live.canary.iter().map(|_| remove("/canarySettings")).collect());
        };
        let mut patch = Vec::new();
        let before = live.canary.as_ref();
        if before.map(|before| before.percent) != Some(canary.percent) {
            patch.push(replace("/canarySettings/percentTraffic", canary.percent.to_string()));
        }
        if before.map(|before| &before.serves) != Some(&canary.serves) {
            let deployment = self.deployment(&canary.serves, api, aws).await?;
            patch.push(replace("/canarySettings/deploymentId", deployment));
        }
        let variable = |name: &str| format!("/canarySettings/stageVariableOverrides/{name}");
        for (name, value) in &canary.variables {
            if before.and_then(|before| before.variables.get(name)) != Some(value) {
                patch.push(replace(variable(name), self.on_stage(name, value, api, aws)?));
            }
        }
        let gone = before.into_iter().flat_map(|before| before.variables.keys());
        patch.extend(gone.filter(|name| !canary.variables.contains_key(*name)).map(|name| remove(variable(name))));
        Ok(patch)
    }
}
