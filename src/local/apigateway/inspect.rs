//! Reading what an API is made of.

use serde::Serialize;
use serde_json::{Value, json};

use super::definition::{Definition, Method, Resource};
use super::error::{bad_request, not_found};
use super::gateway_response;
use super::routes::parameter;
use crate::call::{Error, Request};

/// A page of `items`, which have a stable order: `limit` of them (25 unless told, 500 at most) from `position` on.
pub(super) fn page(items: Vec<Value>, request: &Request) -> Result<Value, Error> {
    let limit = match parameter(request, "limit") {
        None => 25,
        Some(text) => text
            .parse()
            .ok()
            .filter(|limit| (1..=500).contains(limit))
            .ok_or_else(|| bad_request("Invalid limit value"))?,
    };
    let start = match parameter(request, "position") {
        None => 0,
        Some(text) => text
            .strip_prefix("p")
            .and_then(|number| number.parse().ok())
            .filter(|start| *start <= items.len())
            .ok_or_else(|| bad_request("Invalid position parameter specified"))?,
    };
    let more = start + limit < items.len();
    let mut page = json!({ "item": items.into_iter().skip(start).take(limit).collect::<Vec<_>>() });
    if more {
        page["position"] = json!(format!("p{}", start + limit));
    }
    Ok(page)
}

/// `GetResources`, unpaged.
pub(super) fn resources(definition: &Definition, request: &Request) -> Result<Vec<Value>, Error> {
    let embed = embeds_methods(request)?;
    Ok(definition.resources.values().map(|resource| describe(resource, embed)).collect())
}

/// `GetResource`
pub(super) fn resource(definition: &Definition, id: &str, request: &Request) -> Result<Value, Error> {
    Ok(describe(find_resource(definition, id)?, embeds_methods(request)?))
}

/// `GetMethod`
pub(super) fn method(definition: &Definition, id: &str, http_method: &str) -> Result<Value, Error> {
    find_method(definition, id, http_method).map(value)
}

/// `GetIntegration`
pub(super) fn integration(definition: &Definition, id: &str, http_method: &str) -> Result<Value, Error> {
    let method = find_method(definition, id, http_method)?;
    method.method_integration.as_ref().map(value).ok_or_else(|| not_found("Invalid Integration identifier specified"))
}

/// `GetGatewayResponses`, unpaged: the API's own and AWS's defaults.
pub(super) fn gateway_responses(definition: &Definition) -> Vec<Value> {
    gateway_response::TYPES.iter().map(|kind| value(&kind.effective(definition))).collect()
}

/// `GetGatewayResponse`
pub(super) fn gateway_response(definition: &Definition, name: &str) -> Result<Value, Error> {
    let kind =
        gateway_response::Type::named(name).ok_or_else(|| not_found("Invalid gateway response type specified"))?;
    Ok(value(&kind.effective(definition)))
}

/// A thing as on the wire.
pub(super) fn value<T: Serialize>(thing: &T) -> Value {
    // Plain data with string keys: it always serialises.
    serde_json::to_value(thing).unwrap_or_default()
}

fn find_resource<'a>(definition: &'a Definition, id: &str) -> Result<&'a Resource, Error> {
    definition.resources.get(id).ok_or_else(|| not_found("Invalid Resource identifier specified"))
}

fn find_method<'a>(definition: &'a Definition, id: &str, http_method: &str) -> Result<&'a Method, Error> {
    let methods = &find_resource(definition, id)?.resource_methods;
    methods.get(http_method).ok_or_else(|| not_found("Invalid Method identifier specified"))
}

/// Methods are shown by name alone, unless asked for.
fn describe(resource: &Resource, embed: bool) -> Value {
    let mut shown = value(resource);
    if let (false, Some(Value::Object(methods))) = (embed, shown.get_mut("resourceMethods")) {
        methods.values_mut().for_each(|method| *method = json!({}));
    }
    shown
}

fn embeds_methods(request: &Request) -> Result<bool, Error> {
    match parameter(request, "embed").as_deref() {
        None => Ok(false),
        Some("methods") => Ok(true),
        Some(other) => Err(bad_request(format!("Invalid embed value: {other}"))),
    }
}
