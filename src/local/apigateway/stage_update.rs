//! `UpdateStage`: the one call that makes another deployment serve.

use serde_json::Value;

use super::error::{bad_request, unsupported};
use super::model::{RestApi, Strings, now};
use super::patch::{Op, Patch};
use super::stage::{AccessLogSettings, Stage, check_deployment, no_such_stage, validate_variables};
use crate::call::Error;

/// `UpdateStage`: all of the changes, or none. `log_role` is the account's role for logs, if one is set.
pub(super) fn update(api: &mut RestApi, name: &str, body: &[u8], log_role: Option<&str>) -> Result<Value, Error> {
    let mut stage = api.stages.get(name).ok_or_else(no_such_stage)?.clone();
    for patch in Patch::list(body)? {
        change(&mut stage, api, &patch)?;
    }
    validate_variables(&stage.variables)?;
    if let Some(canary) = &stage.canary_settings {
        validate_variables(&canary.stage_variable_overrides)?;
    }
    if let Some(settings) = &stage.access_log_settings {
        validate_logs(settings, log_role)?;
    }
    stage.last_updated_date = now();
    let shown = stage.describe();
    api.stages.insert(name.to_owned(), stage);
    Ok(shown)
}

fn change(stage: &mut Stage, api: &RestApi, patch: &Patch) -> Result<(), Error> {
    match patch.segments().as_slice() {
        ["deploymentId"] => {
            patch.only(&[Op::Replace])?;
            let id = patch.required()?;
            check_deployment(api, id)?;
            id.clone_into(&mut stage.deployment_id);
        }
        ["description"] => stage.description = patch.text()?,
        ["tracingEnabled"] => stage.tracing_enabled = patch.switch()?,
        ["variables", name] => change_variable(&mut stage.variables, name, patch)?,
        ["accessLogSettings"] => {
            patch.only(&[Op::Remove])?;
            stage.access_log_settings = None;
        }
        ["accessLogSettings", member] => {
            let settings = stage.access_log_settings.get_or_insert_default();
            match *member {
                "format" => settings.format = patch.text()?,
                "destinationArn" => settings.destination_arn = patch.text()?,
                _ => return Err(invalid_path(patch)),
            }
            if *settings == AccessLogSettings::default() {
                stage.access_log_settings = None;
            }
        }
        ["canarySettings", members @ ..] => stage.change_canary(members, patch, api)?,
        ["cacheClusterEnabled"] if patch.value.as_deref() == Some("false") => {}
        ["cacheClusterEnabled" | "cacheClusterSize"] => return Err(unsupported("cache clusters")),
        ["clientCertificateId"] => return Err(unsupported("client certificates (clientCertificateId)")),
        [resource, method] if patch.op == Op::Remove => {
            stage.method_settings.remove(&format!("{resource}/{method}"));
        }
        [resource, method, group, setting] => {
            patch.only(&[Op::Replace])?;
            let key = format!("{resource}/{method}");
            stage.method_settings.entry(key).or_default().change((group, setting), patch)?;
        }
        _ => return Err(invalid_path(patch)),
    }
    Ok(())
}

fn change_variable(variables: &mut Strings, name: &str, patch: &Patch) -> Result<(), Error> {
    patch.only(&[Op::Replace, Op::Remove])?;
    if patch.op == Op::Remove {
        variables.remove(name);
    } else {
        variables.insert(name.to_owned(), patch.required()?.to_owned());
    }
    Ok(())
}

fn validate_logs(settings: &AccessLogSettings, log_role: Option<&str>) -> Result<(), Error> {
    if log_role.is_none() {
        return Err(bad_request("CloudWatch Logs role ARN must be set in account settings to enable logging"));
    }
    let format = settings.format.as_deref().unwrap_or_default();
    if !format.contains("$context.requestId") && !format.contains("$context.extendedRequestId") {
        return Err(bad_request(
            "Invalid access log format: it must contain $context.requestId or $context.extendedRequestId",
        ));
    }
    let arn = settings.destination_arn.as_deref().unwrap_or_default();
    let parts: Vec<&str> = arn.split(':').collect();
    match parts.as_slice() {
        ["arn", _, "logs", _, _, "log-group", name] if !name.is_empty() => Ok(()),
        ["arn", _, "firehose", ..] => Err(unsupported("access logs to Firehose")),
        _ => Err(bad_request(format!("Invalid ARN specified in the request: {arn} names no log group"))),
    }
}

fn invalid_path(patch: &Patch) -> Error {
    bad_request(format!(
        "Invalid method setting path: {}. Must be one of: [/deploymentId, /description, /canarySettings/percentTraffic, /canarySettings/deploymentId, \
         /canarySettings/stageVariableOverrides/{{variable_name}}, /canarySettings/useStageCache, /accessLogSettings, \
         /accessLogSettings/destinationArn, /accessLogSettings/format, \
         /{{resourcePath}}/{{httpMethod}}/throttling/burstLimit, /{{resourcePath}}/{{httpMethod}}/throttling/rateLimit, \
         /*/*/throttling/burstLimit, /*/*/throttling/rateLimit, /variables/{{variable_name}}, /tracingEnabled]",
        patch.path
    ))
}
