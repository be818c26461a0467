//! Methods of a path: parameters, security, validator, responses.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::Import;
use super::document::{Content, Operation, Parameter, Security, SecurityScheme};
use crate::apigateway::definition::{AWS_IAM, Method, MethodResponse};
use crate::apigateway::model::Strings;
use crate::call::Error;

/// What a document says for all of its operations.
pub(super) struct Defaults {
    pub(super) security: Security,
    pub(super) validator: Option<String>,
    pub(super) schemes: BTreeMap<String, SecurityScheme>,
}

/// The value of `x-amazon-apigateway-authtype` that stands for IAM.
const SIGNED: &str = "awsSigv4";

const METHODS: &[&str] = &["get", "put", "post", "delete", "options", "head", "patch"];

impl Import<'_> {
    pub(super) fn path(
        &mut self,
        path: &str,
        mut item: BTreeMap<String, Value>,
        defaults: &Defaults,
    ) -> Result<(), Error> {
        let Some(id) = self.resource(path)? else { return Ok(()) };
        let shared: Vec<Parameter> =
            item.remove("parameters").and_then(|shared| self.parse(path, shared)).unwrap_or_default();
        for (key, operation) in item {
            let name = match key.as_str() {
                "x-amazon-apigateway-any-method" => "ANY".to_owned(),
                key if METHODS.contains(&key) => key.to_uppercase(),
                "summary" | "description" => continue,
                _ => {
                    self.unread(path, &BTreeMap::from([(key, operation)]), &[]);
                    continue;
                }
            };
            let place = format!("{name} {path}");
            let Some(operation) = self.parse::<Operation>(&place, operation) else { continue };
            let method = self.method(&place, &id, operation, (&shared, defaults));
            if let Some(resource) = self.made.resources.get_mut(&id) {
                resource.resource_methods.insert(name.clone(), Method { http_method: name, ..method });
            }
        }
        Ok(())
    }

    fn method(
        &mut self,
        place: &str,
        resource: &str,
        operation: Operation,
        (shared, defaults): (&[Parameter], &Defaults),
    ) -> Method {
        self.unread(
            place,
            &operation.rest,
            &["summary", "description", "tags", "externalDocs", "deprecated", "servers"],
        );
        let mut request_parameters = BTreeMap::new();
        for parameter in shared.iter().chain(&operation.parameters) {
            if let Some(name) = self.parameter(place, parameter) {
                request_parameters.insert(name, parameter.required);
            }
        }
        let request_models = operation.request_body.map(|body| self.content(place, body)).unwrap_or_default();
        let method_responses: BTreeMap<_, _> = operation
            .responses
            .into_iter()
            .filter_map(|(status, response)| {
                if !matches!(status.parse(), Ok(100..=599u16)) {
                    self.warnings.push(format!("The response {status} of {place} has no status. Ignoring."));
                    return None;
                }
                let header = |name: &String| (format!("method.response.header.{name}"), false);
                let response_parameters = response.headers.keys().map(header).collect();
                let response_models = self.content(place, response.body);
                Some((status.clone(), MethodResponse { status_code: status, response_parameters, response_models }))
            })
            .collect();
        let integration = operation.integration.and_then(|integration| self.parse(place, integration));
        let method_integration = integration.and_then(|integration| {
            self.integration(place, integration, (resource, &request_parameters, &method_responses))
        });
        let validator = operation.request_validator.as_ref().or(defaults.validator.as_ref());
        let request_validator_id = validator.and_then(|name| self.validator(place, name, &request_models));
        if let Some(auth) = operation.auth.filter(|auth| auth.kind != "NONE") {
            self.refuse(place, &format!("authorization of type {}", auth.kind));
        }
        let security = operation.security.as_ref().unwrap_or(&defaults.security);
        let (authorization_type, authorizer_id) = self.authorization(place, security, &defaults.schemes);
        Method {
            http_method: String::new(),
            authorization_type: authorization_type.to_owned(),
            authorizer_id,
            api_key_required: false,
            request_validator_id,
            operation_name: operation.operation_id,
            request_parameters,
            request_models,
            method_responses,
            method_integration,
        }
    }

    fn parameter(&mut self, place: &str, parameter: &Parameter) -> Option<String> {
        let location = match (parameter.location.as_deref(), &parameter.reference) {
            (_, Some(reference)) => {
                self.refuse(place, &format!("the reference {reference} to a parameter"));
                return None;
            }
            (Some("path"), None) => "path",
            (Some("query"), None) => "querystring",
            (Some("header"), None) => "header",
            (other, None) => {
                let other = other.unwrap_or("nothing");
                self.warnings.push(format!("Parameters in {other} are not supported, found in {place}. Ignoring."));
                return None;
            }
        };
        let name = parameter.name.as_deref()?;
        Some(format!("method.request.{location}.{name}"))
    }

    /// The models of a body by media type.
    fn content(&mut self, place: &str, body: Content) -> Strings {
        if let Some(reference) = body.reference {
            self.refuse(place, &format!("the reference {reference}"));
        }
        let mut models = Strings::new();
        for (media_type, schema) in body.content.into_iter().filter_map(|(name, content)| Some((name, content.schema?)))
        {
            let reference = schema.get("$ref").and_then(Value::as_str);
            match reference.and_then(|reference| reference.strip_prefix("#/components/schemas/")) {
                Some(model) if self.made.models.contains_key(model) => {
                    models.insert(media_type, model.to_owned());
                }
                Some(model) => self.errors.push(format!("Invalid model specified: {model}, found in {place}")),
                None => self.refuse(place, "schemas that are not a reference to components/schemas"),
            }
        }
        models
    }

    fn validator(&mut self, place: &str, name: &str, models: &Strings) -> Option<String> {
        let Some(validator) = self.made.validators.values().find(|validator| validator.name == name) else {
            self.errors.push(format!("Invalid request validator {name}, found in {place}"));
            return None;
        };
        let id = validator.id.clone();
        if validator.validate_request_body && !models.is_empty() {
            self.refuse(place, "validation of bodies against models (validateRequestBody)");
        }
        Some(id)
    }

    /// The authorization type, and the authorizer's id where it has one. That of IAM is told by the scheme alone.
    /// <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-authtype.html>
    fn authorization(
        &mut self,
        place: &str,
        security: &Security,
        schemes: &BTreeMap<String, SecurityScheme>,
    ) -> (&'static str, Option<String>) {
        let mut found = None;
        for (name, scopes) in security.iter().flatten() {
            let authorizer = self.made.authorizers.values().find(|authorizer| authorizer.name == *name);
            match (authorizer, schemes.get(name)) {
                (Some(authorizer), _) if found.is_none() => found = Some(("CUSTOM", Some(authorizer.id.clone()))),
                (Some(_), _) => self.refuse(place, "more than one authorizer"),
                (None, Some(scheme)) => match scheme.authtype.as_deref() {
                    Some(SIGNED) if scheme.kind == "apiKey" && found.is_none() => found = Some((AWS_IAM, None)),
                    Some(SIGNED) => {
                        self.refuse(place, "awsSigv4 beside another scheme, or of another type than apiKey");
                    }
                    Some(authtype) => self.refuse(place, &format!("authorization of type {authtype}")),
                    None => self.refuse(place, "API keys (a security scheme without authorizer)"),
                },
                (None, None) => self.errors.push(format!("No security scheme {name}, found in {place}")),
            }
            if !scopes.is_empty() {
                self.refuse(place, "scopes of security schemes");
            }
        }
        found.unwrap_or(("NONE", None))
    }

    fn parse<T: DeserializeOwned>(&mut self, place: &str, value: Value) -> Option<T> {
        serde_json::from_value(value).map_err(|error| self.errors.push(format!("Invalid {place}: {error}"))).ok()
    }
}
