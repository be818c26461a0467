//! `ImportRestApi` and `PutRestApi`: an OpenAPI document becomes an API.
//!
//! What a document asks for and the local cloud does not do is an error that names it; what API Gateway itself does not
//! read is a warning, as there.

mod authorizers;
mod document;
mod integration;
mod methods;
mod responses;
mod tree;

use serde_json::{Value, json};

use self::document::Document;
use super::apis;
use super::definition::{Definition, Resource, Settings};
use super::error::{bad_request, limit_exceeded, unsupported};
use super::model::{About, RestApi};
use super::routes::parameter;
use crate::call::{Error, Request};

/// Bytes that a document may have.
const LARGEST: usize = 6 * 1024 * 1024;

/// A document on its way into a definition: what is made, and what is wrong with it, all of it.
struct Import<'a> {
    /// What paths and names had as ids before: they keep them.
    before: &'a Definition,
    made: Definition,
    errors: Vec<String>,
    warnings: Vec<String>,
}

/// `ImportRestApi`: a new API from a document.
pub(super) fn import(request: &Request) -> Result<(RestApi, Value), Error> {
    let document = read(request)?;
    let types = parameter(request, "endpointConfigurationTypes");
    let types = types.map(|types| types.split(',').map(str::to_owned).collect()).unwrap_or_default();
    let mut api = apis::empty("", apis::endpoint_of_types(types)?)?;
    let warnings = overlay(&mut api, document, request, true)?;
    let shown = describe(&api, &warnings);
    Ok((api, shown))
}

/// `PutRestApi`: changes an API into a document (`mode=overwrite`), or adds the document to it (`mode=merge`).
///
/// An overwrite drops what the document omits, resets what the document may say of the API itself, and leaves tags,
/// endpoint type and stages alone.
pub(super) fn put(api: &mut RestApi, request: &Request) -> Result<Value, Error> {
    let overwrite = match parameter(request, "mode").as_deref() {
        Some("overwrite") => true,
        None | Some("merge") => false,
        Some(other) => {
            return Err(bad_request(format!("Invalid put mode: {other}. Must be one of: [merge, overwrite]")));
        }
    };
    let document = read(request)?;
    let warnings = overlay(api, document, request, overwrite)?;
    Ok(describe(api, &warnings))
}

fn describe(api: &RestApi, warnings: &[String]) -> Value {
    let mut shown = apis::describe(api);
    if !warnings.is_empty() {
        shown["warnings"] = json!(warnings);
    }
    shown
}

fn read(request: &Request) -> Result<Document, Error> {
    for (name, value) in form_urlencoded::parse(request.query.as_bytes()) {
        match (name.as_ref(), value.as_ref()) {
            ("mode" | "failonwarnings" | "endpointConfigurationTypes", _)
            | ("basepath", "ignore")
            | ("ignore", "documentation") => {}
            _ => return Err(unsupported(&format!("the import parameter {name}={value}"))),
        }
    }
    if request.body.len() > LARGEST {
        return Err(bad_request("The API definition exceeds the maximum size of 6 MB"));
    }
    let document: Document = serde_json::from_slice(&request.body).map_err(|error| {
        bad_request(format!("Invalid OpenAPI input. The local cloud reads OpenAPI 3.0 in JSON: {error}"))
    })?;
    match (&document.openapi, &document.swagger) {
        (Some(version), None) if version.starts_with("3.0.") => Ok(document),
        (Some(version), _) => Err(bad_request(format!("Unsupported OpenAPI version: {version}"))),
        (None, Some(_)) => Err(unsupported("Swagger 2.0 documents")),
        (None, None) => Err(bad_request("Invalid OpenAPI input. The document has no openapi member")),
    }
}

/// Lays `document` over `api`; `Err` leaves the API as it was. Answers the warnings.
fn overlay(api: &mut RestApi, document: Document, request: &Request, overwrite: bool) -> Result<Vec<String>, Error> {
    let before = &*api.definition;
    let start = if overwrite { emptied(before) } else { before.clone() };
    let mut import = Import { before, made: start, errors: Vec::new(), warnings: Vec::new() };
    let about = About {
        name: document.info.title.clone().filter(|title| !title.is_empty()).unwrap_or_else(|| api.about.name.clone()),
        description: document.info.description.clone().or_else(|| kept(api.about.description.as_ref(), overwrite)),
        version: document.info.version.clone().or_else(|| kept(api.about.version.as_ref(), overwrite)),
        ..api.about.clone()
    };
    if about.name.is_empty() {
        return Err(bad_request("No API name specified"));
    }
    import.document(document)?;
    if import.made.resources.len() > 300 {
        return Err(limit_exceeded("Maximum number of Resources for this API has been reached: 300"));
    }
    if import.made.authorizers.len() > 10 {
        return Err(limit_exceeded("Maximum number of Authorizers for this API has been reached: 10"));
    }
    if !import.errors.is_empty() {
        return Err(bad_request(format!("Errors found during import:\n\t{}", import.errors.join("\n\t"))));
    }
    if !import.warnings.is_empty() && parameter(request, "failonwarnings").is_some_and(|fail| fail == "true") {
        return Err(bad_request(format!("Warnings found during import:\n\t{}", import.warnings.join("\n\t"))));
    }
    let Import { made, warnings, .. } = import;
    api.definition = made.into();
    api.about = about;
    Ok(warnings)
}

fn kept(value: Option<&String>, overwrite: bool) -> Option<String> {
    value.filter(|_| !overwrite).cloned()
}

/// What an overwrite starts from: the root, without its methods.
fn emptied(definition: &Definition) -> Definition {
    let root = definition.resources.values().filter(|resource| resource.parent_id.is_none());
    Definition {
        resources: root
            .map(|root| {
                (root.id.clone(), Resource { resource_methods: std::collections::BTreeMap::new(), ..root.clone() })
            })
            .collect(),
        ..Definition::default()
    }
}

impl Import<'_> {
    fn document(&mut self, document: Document) -> Result<(), Error> {
        self.unread("the document", &document.rest, &["servers", "tags", "externalDocs"]);
        self.unread("components", &document.components.rest, &[]);
        let settings = &mut self.made.settings;
        for media_type in document.binary_media_types {
            if !settings.binary_media_types.contains(&media_type) {
                settings.binary_media_types.push(media_type);
            }
        }
        *settings = Settings {
            api_key_source: match document.api_key_source {
                Some(source) => apis::api_key_source(&source)?,
                None => settings.api_key_source.clone(),
            },
            minimum_compression_size: match document.minimum_compression_size {
                Some(bytes) => Some(apis::compression_size(bytes)?),
                None => settings.minimum_compression_size,
            },
            disable_execute_api_endpoint: match document.endpoint_configuration {
                Some(configuration) => configuration.disable_execute_api_endpoint,
                None => settings.disable_execute_api_endpoint,
            },
            binary_media_types: std::mem::take(&mut settings.binary_media_types),
        };
        self.models(document.components.schemas)?;
        self.authorizers(&document.components.security_schemes)?;
        self.validators(document.request_validators)?;
        self.gateway_responses(document.gateway_responses);
        let defaults = methods::Defaults {
            security: document.security.unwrap_or_default(),
            validator: document.request_validator,
            schemes: document.components.security_schemes,
        };
        for (path, item) in document.paths {
            if !path.starts_with("x-") {
                self.path(&path, item, &defaults)?;
            }
        }
        Ok(())
    }

    /// Reports members that are not read: an extension of API Gateway's is an error, anything else a warning.
    fn unread(&mut self, place: &str, rest: &document::Rest, harmless: &[&str]) {
        for name in rest.keys() {
            if name.starts_with("x-amazon-apigateway-") {
                self.errors.push(format!("The local cloud does not implement {name}, found in {place}"));
            } else if !name.starts_with("x-") && !harmless.contains(&name.as_str()) {
                self.warnings.push(format!("{name} in {place} is not supported. Ignoring."));
            }
        }
    }

    fn refuse(&mut self, place: &str, what: &str) {
        self.errors.push(format!("The local cloud does not implement {what}, found in {place}"));
    }
}
