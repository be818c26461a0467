//! Stages: names under which deployments are served.

#![expect(clippy::struct_field_names, reason = "the members have API Gateway's own names")]

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::canary::Canary;
use super::error::{bad_request, conflict, limit_exceeded, not_found, unsupported};
use super::method_settings::MethodSetting;
use super::model::{RestApi, Strings, now};
use super::tags;
use crate::call::Error;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Stage {
    pub(super) stage_name: String,
    pub(super) deployment_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) description: Option<String>,
    pub(super) cache_cluster_enabled: bool,
    pub(super) cache_cluster_status: String,
    /// By `*/*`, or `~1path/GET`.
    pub(super) method_settings: BTreeMap<String, MethodSetting>,
    #[serde(default, skip_serializing_if = "Strings::is_empty")]
    pub(super) variables: Strings,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) access_log_settings: Option<AccessLogSettings>,
    pub(super) tracing_enabled: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) canary_settings: Option<Canary>,
    #[serde(default, skip_serializing_if = "Strings::is_empty")]
    pub(super) tags: Strings,
    /// Seconds since the epoch.
    pub(super) created_date: i64,
    /// Seconds since the epoch.
    pub(super) last_updated_date: i64,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AccessLogSettings {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) format: Option<String>,
    /// The log group's ARN, without `:*`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) destination_arn: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct New {
    stage_name: String,
    deployment_id: String,
    description: Option<String>,
    #[serde(default)]
    variables: Strings,
    #[serde(default)]
    tags: Strings,
    tracing_enabled: Option<bool>,
    documentation_version: Option<String>,
    cache_cluster_enabled: Option<bool>,
    cache_cluster_size: Option<String>,
    canary_settings: Option<Value>,
}

impl Stage {
    /// A stage with the settings that AWS gives a new one.
    pub(super) fn new(name: &str, deployment: &str) -> Self {
        Self {
            stage_name: name.to_owned(),
            deployment_id: deployment.to_owned(),
            description: None,
            cache_cluster_enabled: false,
            cache_cluster_status: "NOT_AVAILABLE".to_owned(),
            method_settings: BTreeMap::new(),
            variables: Strings::new(),
            access_log_settings: None,
            tracing_enabled: false,
            canary_settings: None,
            tags: Strings::new(),
            created_date: now(),
            last_updated_date: now(),
        }
    }

    /// As on the wire.
    pub(super) fn describe(&self) -> Value {
        // Plain data with string keys: it always serialises.
        serde_json::to_value(self).unwrap_or_default()
    }
}

/// `CreateStage`
pub(super) fn create(api: &mut RestApi, body: &[u8]) -> Result<Value, Error> {
    let new: New = serde_json::from_slice(body).map_err(|error| bad_request(format!("Invalid stage: {error}")))?;
    for (given, what) in [
        (new.canary_settings.is_some(), "canarySettings in CreateStage: UpdateStage takes them"),
        (new.cache_cluster_enabled == Some(true) || new.cache_cluster_size.is_some(), "cache clusters"),
        (new.documentation_version.is_some(), "documentationVersion"),
    ] {
        if given {
            return Err(unsupported(what));
        }
    }
    validate_variables(&new.variables)?;
    tags::validate(&new.tags)?;
    check_deployment(api, &new.deployment_id)?;
    let stage = Stage {
        description: new.description,
        variables: new.variables,
        tags: new.tags,
        tracing_enabled: new.tracing_enabled.unwrap_or_default(),
        ..Stage::new(&new.stage_name, &new.deployment_id)
    };
    let shown = stage.describe();
    insert(api, stage)?;
    Ok(shown)
}

/// Adds a stage: its name must be free and well formed, and an API has ten at most.
pub(super) fn insert(api: &mut RestApi, stage: Stage) -> Result<(), Error> {
    let name = &stage.stage_name;
    let well_formed = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if name.is_empty() || name.len() > 128 || !name.chars().all(well_formed) {
        return Err(bad_request("Stage name only allows a-zA-Z0-9_-"));
    }
    if api.stages.contains_key(name) {
        return Err(conflict("Stage already exists"));
    }
    if api.stages.len() >= 10 {
        return Err(limit_exceeded("Maximum number of stages for this API has been reached: 10"));
    }
    api.stages.insert(name.clone(), stage);
    Ok(())
}

/// `GetStage`
pub(super) fn get(api: &RestApi, name: &str) -> Result<Value, Error> {
    api.stages.get(name).map(Stage::describe).ok_or_else(no_such_stage)
}

/// `GetStages`, of one deployment or of all.
pub(super) fn list(api: &RestApi, deployment: Option<&str>) -> Vec<Value> {
    let of_it = |stage: &&Stage| deployment.is_none_or(|id| stage.deployment_id == id);
    api.stages.values().filter(of_it).map(Stage::describe).collect()
}

/// `DeleteStage`
pub(super) fn delete(api: &mut RestApi, name: &str) -> Result<Value, Error> {
    api.stages.remove(name).map(|_| Value::Null).ok_or_else(no_such_stage)
}

/// Refuses a deployment that the API does not have.
pub(super) fn check_deployment(api: &RestApi, id: &str) -> Result<(), Error> {
    if api.deployments.contains_key(id) { Ok(()) } else { Err(bad_request("Deployment id does not exist")) }
}

/// Refuses stage variables that AWS refuses: at most 100; names of 64 and values of 512 characters, of a small alphabet.
pub(super) fn validate_variables(variables: &Strings) -> Result<(), Error> {
    if variables.len() > 100 {
        return Err(bad_request("A stage can have at most 100 stage variables"));
    }
    for (name, value) in variables {
        let letters = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if name.is_empty() || name.len() > 64 || !name.chars().all(letters) {
            return Err(bad_request(format!(
                "Invalid stage variable name: {name}. Please use names of up to 64 alphanumeric characters and underscores"
            )));
        }
        // The pattern of the service's reference: [A-Za-z0-9-._~:/?#&=,]+
        if value.is_empty()
            || value.len() > 512
            || !value.chars().all(|c| c.is_ascii_alphanumeric() || "-._~:/?#&=,".contains(c))
        {
            return Err(bad_request(format!(
                "Invalid stage variable value: {value}. Please use values of up to 512 alphanumeric characters and -._~:/?#&=,"
            )));
        }
    }
    Ok(())
}

pub(super) fn no_such_stage() -> Error {
    not_found("Invalid stage identifier specified")
}
