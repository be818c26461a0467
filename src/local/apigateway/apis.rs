//! APIs as such: create, describe, update.

use serde::Deserialize;
use serde_json::{Value, json};

use super::definition::{Definition, Resource, Settings};
use super::error::{bad_request, unsupported};
use super::model::{About, EndpointConfiguration, RestApi, Strings, new_id, now};
use super::patch::{Op, Patch, unescape};
use super::tags;
use crate::call::Error;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct New {
    name: Option<String>,
    description: Option<String>,
    version: Option<String>,
    clone_from: Option<String>,
    #[serde(default)]
    binary_media_types: Vec<String>,
    minimum_compression_size: Option<i64>,
    api_key_source: Option<String>,
    endpoint_configuration: Option<NewEndpoint>,
    policy: Option<String>,
    #[serde(default)]
    tags: Strings,
    #[serde(default)]
    disable_execute_api_endpoint: bool,
    security_policy: Option<String>,
    endpoint_access_mode: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct NewEndpoint {
    #[serde(default)]
    types: Vec<String>,
    ip_address_type: Option<String>,
    #[serde(default)]
    vpc_endpoint_ids: Vec<String>,
}

/// `CreateRestApi`
pub(super) fn create(body: &[u8]) -> Result<RestApi, Error> {
    let new: New = serde_json::from_slice(body).map_err(|error| bad_request(format!("Invalid API: {error}")))?;
    for (given, what) in [
        (new.clone_from.is_some(), "cloneFrom"),
        (new.policy.is_some(), "resource policies of APIs (policy)"),
        (new.security_policy.is_some(), "securityPolicy"),
        (new.endpoint_access_mode.is_some(), "endpointAccessMode"),
    ] {
        if given {
            return Err(unsupported(what));
        }
    }
    let name = new.name.unwrap_or_default();
    if name.trim().is_empty() {
        return Err(bad_request("No API name specified"));
    }
    if new.description.as_deref() == Some("") {
        return Err(bad_request("Description cannot be an empty string"));
    }
    tags::validate(&new.tags)?;
    let mut api = empty(&name, endpoint(new.endpoint_configuration)?)?;
    api.about.description = new.description;
    api.about.version = new.version;
    api.tags = new.tags;
    api.definition.make_mut().settings = Settings {
        api_key_source: api_key_source(new.api_key_source.as_deref().unwrap_or("HEADER"))?,
        binary_media_types: new.binary_media_types,
        minimum_compression_size: new.minimum_compression_size.map(compression_size).transpose()?,
        disable_execute_api_endpoint: new.disable_execute_api_endpoint,
    };
    Ok(api)
}

/// An API with its root resource and nothing else.
pub(super) fn empty(name: &str, endpoint_configuration: EndpointConfiguration) -> Result<RestApi, Error> {
    let root = Resource {
        id: new_id(10)?,
        parent_id: None,
        path_part: None,
        path: "/".to_owned(),
        resource_methods: std::collections::BTreeMap::new(),
    };
    let mut definition = Definition::default();
    definition.resources.insert(root.id.clone(), root);
    Ok(RestApi {
        about: About {
            id: new_id(10)?,
            name: name.to_owned(),
            description: None,
            version: None,
            created_date: now(),
            endpoint_configuration,
        },
        tags: Strings::new(),
        definition: definition.into(),
        deployments: std::collections::BTreeMap::new(),
        stages: std::collections::BTreeMap::new(),
    })
}

/// The endpoint's configuration for a list of types: `EDGE` when there is none.
pub(super) fn endpoint_of_types(types: Vec<String>) -> Result<EndpointConfiguration, Error> {
    endpoint((!types.is_empty()).then_some(NewEndpoint { types, ip_address_type: None, vpc_endpoint_ids: Vec::new() }))
}

fn endpoint(new: Option<NewEndpoint>) -> Result<EndpointConfiguration, Error> {
    let new = new.unwrap_or(NewEndpoint { types: Vec::new(), ip_address_type: None, vpc_endpoint_ids: Vec::new() });
    if !new.vpc_endpoint_ids.is_empty() {
        return Err(unsupported("vpcEndpointIds"));
    }
    let types = if new.types.is_empty() { vec!["EDGE".to_owned()] } else { new.types };
    match types.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["EDGE" | "REGIONAL"] => {}
        ["PRIVATE"] => return Err(unsupported("PRIVATE endpoints")),
        [_] => return Err(bad_request(format!("Invalid endpoint type: {}", types[0]))),
        _ => return Err(bad_request("Exactly one endpoint type can be specified")),
    }
    Ok(EndpointConfiguration { types, ip_address_type: new.ip_address_type.unwrap_or_else(|| "ipv4".to_owned()) })
}

/// As on the wire. `tags` are shown when there are any, and always in the answer to an update.
pub(super) fn describe(api: &RestApi) -> Value {
    // Plain data with string keys: it always serialises.
    let mut shown = serde_json::to_value(&api.about).unwrap_or_default();
    let settings = serde_json::to_value(&api.definition.settings).unwrap_or_default();
    if let (Value::Object(shown), Value::Object(settings)) = (&mut shown, settings) {
        shown.extend(settings);
    }
    if !api.tags.is_empty() {
        shown["tags"] = json!(api.tags);
    }
    let root = api.definition.resources.values().find(|resource| resource.parent_id.is_none());
    shown["rootResourceId"] = json!(root.map(|root| &root.id));
    shown["apiStatus"] = json!("AVAILABLE");
    shown
}

/// `UpdateRestApi`
pub(super) fn update(api: &mut RestApi, body: &[u8]) -> Result<Value, Error> {
    let mut about = api.about.clone();
    let mut settings = api.definition.settings.clone();
    for patch in Patch::list(body)? {
        match patch.segments().as_slice() {
            ["name"] => {
                let name = patch.text()?.ok_or_else(|| bad_request("No API name specified"))?;
                about.name = name;
            }
            ["description"] => about.description = patch.text()?,
            ["apiKeySource"] => settings.api_key_source = api_key_source(patch.required()?)?,
            ["disableExecuteApiEndpoint"] => settings.disable_execute_api_endpoint = patch.switch()?,
            ["minimumCompressionSize"] => {
                patch.only(&[Op::Replace])?;
                let parse =
                    |value: String| value.parse().map_or_else(|_| Err(invalid_compression_size()), compression_size);
                settings.minimum_compression_size = patch.text()?.map(parse).transpose()?;
            }
            ["binaryMediaTypes", media_type] if !media_type.is_empty() => {
                change_media_types(&mut settings.binary_media_types, &unescape(media_type), &patch)?;
            }
            ["endpointConfiguration", "types", "EDGE" | "REGIONAL"] => {
                patch.only(&[Op::Replace])?;
                about.endpoint_configuration = endpoint_of_types(vec![patch.required()?.to_owned()])?;
            }
            ["endpointConfiguration", ..] => return Err(unsupported("this change of endpointConfiguration")),
            ["policy"] => return Err(unsupported("resource policies of APIs (policy)")),
            ["securityPolicy" | "endpointAccessMode"] => return Err(unsupported(&patch.path)),
            _ => return Err(patch.unknown()),
        }
    }
    api.about = about;
    api.definition.make_mut().settings = settings;
    let mut shown = describe(api);
    shown["tags"] = json!(api.tags);
    Ok(shown)
}

/// The list is patched as if it were an object of its own members.
fn change_media_types(types: &mut Vec<String>, media_type: &str, patch: &Patch) -> Result<(), Error> {
    patch.only(&[Op::Add, Op::Replace, Op::Remove])?;
    types.retain(|existing| existing != media_type);
    match patch.op {
        Op::Add => types.push(media_type.to_owned()),
        Op::Replace => types.push(patch.required()?.to_owned()),
        Op::Remove | Op::Move | Op::Copy | Op::Test => {}
    }
    Ok(())
}

/// `HEADER` or `AUTHORIZER`.
pub(super) fn api_key_source(value: &str) -> Result<String, Error> {
    match value {
        "HEADER" | "AUTHORIZER" => Ok(value.to_owned()),
        _ => Err(bad_request(format!("Invalid API key source: {value}"))),
    }
}

/// A size in bytes, up to 10 MiB.
pub(super) fn compression_size(bytes: i64) -> Result<u32, Error> {
    u32::try_from(bytes).ok().filter(|bytes| *bytes <= 10_485_760).ok_or_else(invalid_compression_size)
}

fn invalid_compression_size() -> Error {
    bad_request("Invalid minimum compression size, must be between 0 and 10485760")
}
