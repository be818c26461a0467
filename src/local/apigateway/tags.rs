//! Tags of APIs and stages.

use serde::Deserialize;
use serde_json::{Value, json};

use super::error::{bad_request, not_found};
use super::model::{State, Strings};
use crate::call::{Error, Request};

#[derive(Deserialize)]
struct Body {
    tags: Strings,
}

/// Refuses tags that AWS refuses: at most 50, keys of 128 and values of 256 characters, none of AWS's own.
pub(super) fn validate(tags: &Strings) -> Result<(), Error> {
    if tags.len() > 50 {
        return Err(bad_request("The number of tags exceeds the limit of 50"));
    }
    for (key, value) in tags {
        if key.is_empty() || key.chars().count() > 128 || value.chars().count() > 256 {
            return Err(bad_request(format!("Invalid tag {key}: keys have 1 to 128 characters, values up to 256")));
        }
        if key.to_lowercase().starts_with("aws:") {
            return Err(bad_request(format!("Invalid tag {key}: aws: prefixed tag key names are not allowed")));
        }
    }
    Ok(())
}

pub(super) fn get(state: &State, arn: &str, region: &str) -> Result<Value, Error> {
    let (id, name) = target(arn, region)?;
    let api = state.api(id)?;
    let tags = match name {
        None => &api.tags,
        Some(name) => &api.stages.get(name).ok_or_else(no_such_stage)?.tags,
    };
    Ok(json!({ "tags": tags }))
}

pub(super) fn put(state: &mut State, arn: &str, request: &Request) -> Result<Value, Error> {
    let body: Body =
        serde_json::from_slice(&request.body).map_err(|error| bad_request(format!("Invalid tags: {error}")))?;
    let tags = tags_of(state, arn, &request.region)?;
    let mut wanted = tags.clone();
    wanted.extend(body.tags);
    validate(&wanted)?;
    *tags = wanted;
    Ok(Value::Null)
}

pub(super) fn remove(state: &mut State, arn: &str, request: &Request) -> Result<Value, Error> {
    let tags = tags_of(state, arn, &request.region)?;
    for (name, key) in form_urlencoded::parse(request.query.as_bytes()) {
        if name == "tagKeys" {
            tags.remove(key.as_ref());
        }
    }
    Ok(Value::Null)
}

fn tags_of<'a>(state: &'a mut State, arn: &str, region: &str) -> Result<&'a mut Strings, Error> {
    let (id, name) = target(arn, region)?;
    let api = state.api_mut(id)?;
    match name {
        None => Ok(&mut api.tags),
        Some(name) => Ok(&mut api.stages.get_mut(name).ok_or_else(no_such_stage)?.tags),
    }
}

/// The API, and the stage, that an ARN names: `arn:aws:apigateway:region::/restapis/id/stages/name`.
fn target<'a>(arn: &'a str, region: &str) -> Result<(&'a str, Option<&'a str>), Error> {
    let prefix = format!("arn:aws:apigateway:{region}");
    let path = arn.strip_prefix(&prefix).and_then(|rest| rest.strip_prefix("::/restapis/")).ok_or_else(|| {
        bad_request(format!(
            "Invalid ARN specified in the request. ARNs must start with '{prefix}' followed by the tag resource"
        ))
    })?;
    match path.split_once("/stages/") {
        Some((api, stage)) => Ok((api, Some(stage))),
        None => Ok((path, None)),
    }
}

fn no_such_stage() -> Error {
    not_found("Invalid stage identifier specified")
}
