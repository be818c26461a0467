//! Deployments: immutable snapshots of an API.

use serde::Deserialize;
use serde_json::{Value, json};

use super::error::{bad_request, not_found, unsupported};
use super::model::{Deployment, RestApi, Strings, new_id, now};
use super::patch::Patch;
use super::stage::{self, Stage};
use crate::call::Error;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct New {
    stage_name: Option<String>,
    stage_description: Option<String>,
    description: Option<String>,
    #[serde(default)]
    variables: Strings,
    tracing_enabled: Option<bool>,
    cache_cluster_enabled: Option<bool>,
    cache_cluster_size: Option<String>,
    canary_settings: Option<Value>,
}

/// `CreateDeployment`: takes a snapshot, and moves a stage to it when the request names one.
pub(super) fn create(api: &mut RestApi, body: &[u8]) -> Result<Value, Error> {
    let new: New = serde_json::from_slice(body).map_err(|error| bad_request(format!("Invalid deployment: {error}")))?;
    if new.canary_settings.is_some() {
        return Err(unsupported("canarySettings in CreateDeployment: UpdateStage takes them"));
    }
    if new.cache_cluster_enabled == Some(true) || new.cache_cluster_size.is_some() {
        return Err(unsupported("cache clusters (cacheClusterEnabled, cacheClusterSize)"));
    }
    let mut methods = api.definition.resources.values().flat_map(|resource| resource.resource_methods.values());
    if api.definition.resources.values().all(|resource| resource.resource_methods.is_empty()) {
        return Err(bad_request("The REST API doesn't contain any methods"));
    }
    if methods.any(|method| method.method_integration.is_none()) {
        return Err(bad_request("No integration defined for method"));
    }
    stage::validate_variables(&new.variables)?;
    let deployment = Deployment {
        id: new_id(6)?,
        description: new.description,
        created_date: now(),
        definition: api.definition.clone(),
    };
    if let Some(name) = new.stage_name.filter(|name| !name.is_empty()) {
        if !api.stages.contains_key(&name) {
            stage::insert(api, Stage::new(&name, &deployment.id))?;
        }
        if let Some(stage) = api.stages.get_mut(&name) {
            stage.deployment_id.clone_from(&deployment.id);
            stage.variables.extend(new.variables);
            stage.last_updated_date = now();
            stage.description = new.stage_description.or(stage.description.take());
            stage.tracing_enabled = new.tracing_enabled.unwrap_or(stage.tracing_enabled);
        }
    }
    let shown = describe(&deployment);
    api.deployments.insert(deployment.id.clone(), deployment);
    Ok(shown)
}

/// `GetDeployments`, unpaged.
pub(super) fn list(api: &RestApi) -> Vec<Value> {
    api.deployments.values().map(describe).collect()
}

/// `GetDeployment`, with `embed=apisummary` or without.
pub(super) fn get(api: &RestApi, id: &str, embed: Option<&str>) -> Result<Value, Error> {
    let deployment = api.deployments.get(id).ok_or_else(no_such_deployment)?;
    let mut shown = describe(deployment);
    match embed {
        None => {}
        Some("apisummary") => {
            let resources = deployment.definition.resources.values();
            for (path, methods) in resources.map(|resource| (&resource.path, &resource.resource_methods)) {
                for (name, method) in methods {
                    shown["apiSummary"][path][name] = json!({
                        "authorizationType": method.authorization_type,
                        "apiKeyRequired": method.api_key_required,
                    });
                }
            }
        }
        Some(other) => return Err(bad_request(format!("Invalid embed value: {other}"))),
    }
    Ok(shown)
}

/// `UpdateDeployment`: the description is all that can change.
pub(super) fn update(api: &mut RestApi, id: &str, body: &[u8]) -> Result<Value, Error> {
    let deployment = api.deployments.get_mut(id).ok_or_else(no_such_deployment)?;
    for patch in Patch::list(body)? {
        match patch.path.as_str() {
            "/description" => deployment.description = patch.text()?,
            _ => return Err(patch.unknown()),
        }
    }
    Ok(describe(deployment))
}

/// `DeleteDeployment`
pub(super) fn delete(api: &mut RestApi, id: &str) -> Result<Value, Error> {
    if !api.deployments.contains_key(id) {
        return Err(no_such_deployment());
    }
    let canary = |stage: &Stage| stage.canary_settings.as_ref().is_some_and(|canary| canary.deployment_id == id);
    if api.stages.values().any(|stage| stage.deployment_id == id || canary(stage)) {
        return Err(bad_request("Active stages pointing to this deployment must be moved or deleted"));
    }
    api.deployments.remove(id);
    Ok(Value::Null)
}

fn describe(deployment: &Deployment) -> Value {
    let mut shown = json!({ "id": deployment.id, "createdDate": deployment.created_date });
    if let Some(description) = &deployment.description {
        shown["description"] = json!(description);
    }
    shown
}

fn no_such_deployment() -> Error {
    not_found("Invalid Deployment identifier specified")
}
