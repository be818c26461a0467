//! A table as the one canonical OpenAPI 3.0.1 document that API Gateway imports: members sorted, nothing left to a
//! default.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{Authorization, Authorizer, Integration, Operation, Route, Table, Target};
use crate::digest::Digest;
use crate::scope::{FunctionRef, Scope};
use crate::stack::Guard;

/// A target that no invocation URI can be made for: its version is not published.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no published version is known for {0}")]
pub struct Unresolved(pub Target);

/// The document of `table` in `scope`; `version` tells the number of a function's published version by its content.
pub fn render(
    table: &Table,
    scope: &Scope,
    version: impl Fn(&str, &Digest) -> Option<u64>,
) -> Result<Value, Unresolved> {
    let uri = |target: &Target| uri(target, scope, &version);
    let mut paths: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
    for (operation, route) in &table.routes {
        let method = match operation.method.as_str() {
            "ANY" => "x-amazon-apigateway-any-method".to_owned(),
            method => method.to_lowercase(),
        };
        let uri = uri(&route.integration.target)?;
        paths.entry(&operation.path).or_default().insert(method, self::operation(operation, route, uri.as_deref()));
    }
    let mut schemes = table
        .authorizers
        .iter()
        .map(|(name, authorizer)| Ok((name.clone(), scheme(authorizer, uri(&authorizer.target)?.as_deref()))))
        .collect::<Result<Map<String, Value>, Unresolved>>()?;
    if table.routes.values().any(|route| route.authorization == Authorization::Iam) {
        schemes.insert(Guard::IAM.to_owned(), signature());
    }
    let responses: Map<String, Value> = table
        .responses
        .iter()
        .map(|(kind, response)| {
            let mut object = json!({
                "responseParameters": response.parameters,
                "responseTemplates": response.templates,
            });
            set(&mut object, "statusCode", response.status.as_deref());
            (kind.clone(), object)
        })
        .collect();
    let mut document = json!({
        "openapi": "3.0.1",
        "info": { "title": table.title, "description": table.description, "version": "1" },
        "paths": paths,
        "components": { "securitySchemes": schemes },
        "x-amazon-apigateway-gateway-responses": responses,
        "x-amazon-apigateway-binary-media-types": table.binary_media_types,
    });
    if !table.validators.is_empty() {
        let validators = table.validators.iter().map(|(name, validator)| {
            let object = json!({
                "validateRequestBody": validator.body,
                "validateRequestParameters": validator.parameters,
            });
            (name.clone(), object)
        });
        document["x-amazon-apigateway-request-validators"] = validators.collect::<Map<_, _>>().into();
    }
    Ok(document)
}

/// The URI by which API Gateway invokes `target`, with the version's number in it.
fn uri(
    target: &Target,
    scope: &Scope,
    version: impl Fn(&str, &Digest) -> Option<u64>,
) -> Result<Option<String>, Unresolved> {
    let arn = match target {
        Target::Nothing => return Ok(None),
        Target::Uri(uri) => return Ok(Some(uri.clone())),
        Target::Version { function, digest } => {
            let number = version(function, digest).ok_or_else(|| Unresolved(target.clone()))?;
            scope.version_arn(function, &number.to_string())
        }
        Target::Unpinned { function, qualifier: Some(qualifier) } => scope.version_arn(function, qualifier),
        Target::Unpinned { function, qualifier: None } => scope.function_arn(function),
    };
    Ok(Some(scope.integration_uri(&arn)))
}

impl Target {
    /// What an invocation URI that was read back stands for, before [`Target::resolved`].
    pub fn parse(uri: Option<&str>, scope: &Scope) -> Self {
        let Some(uri) = uri else { return Self::Nothing };
        match scope.parse_integration_uri(uri) {
            Some(FunctionRef { name, qualifier }) => Self::Unpinned { function: name, qualifier },
            None => Self::Uri(uri.to_owned()),
        }
    }

    /// The target with a version's number replaced by its content, where `digest` knows it.
    #[must_use]
    pub fn resolved(self, digest: impl Fn(&str, u64) -> Option<Digest>) -> Self {
        let Self::Unpinned { function, qualifier: Some(qualifier) } = &self else { return self };
        match qualifier.parse().ok().and_then(|number| digest(function, number)) {
            Some(digest) => Self::Version { function: function.clone(), digest },
            None => self,
        }
    }
}

fn operation(operation: &Operation, route: &Route, uri: Option<&str>) -> Value {
    let parameters: Vec<Value> = path_parameters(&operation.path)
        .map(|name| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } }))
        .chain(route.parameters.iter().filter_map(|(parameter, required)| declared(parameter, *required)))
        .collect();
    let responses: Map<String, Value> = route
        .responses
        .iter()
        .map(|(status, headers)| {
            let headers: Map<String, Value> =
                headers.iter().map(|name| (name.clone(), json!({ "schema": { "type": "string" } }))).collect();
            (status.clone(), json!({ "description": status, "headers": headers }))
        })
        .collect();
    let mut security: Vec<Value> = Vec::new();
    match &route.authorization {
        Authorization::Authorizer(name) => security.push(json!({ name.as_str(): [] })),
        Authorization::Iam => security.push(json!({ Guard::IAM: [] })),
        Authorization::None | Authorization::Other { .. } => {}
    }
    let mut object = json!({
        "responses": responses,
        "security": security,
        "x-amazon-apigateway-integration": integration(&route.integration, uri),
    });
    if !parameters.is_empty() {
        object["parameters"] = parameters.into();
    }
    set(&mut object, "x-amazon-apigateway-request-validator", route.validator.as_deref());
    object
}

/// The names in a path's braces: `id` of `/v1/memos/{id}`, `proxy` of `/{proxy+}`.
fn path_parameters(path: &str) -> impl Iterator<Item = &str> {
    path.split('/')
        .filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'))
        .map(|name| name.trim_end_matches('+'))
}

/// `method.request.querystring.page` as OpenAPI declares it.
fn declared(parameter: &str, required: bool) -> Option<Value> {
    let (place, name) = parameter.strip_prefix("method.request.")?.split_once('.')?;
    let place = if place == "querystring" { "query" } else { place };
    Some(json!({ "name": name, "in": place, "required": required, "schema": { "type": "string" } }))
}

fn integration(integration: &Integration, uri: Option<&str>) -> Value {
    let mut object = json!({
        "type": integration.kind.to_lowercase(),
        "timeoutInMillis": integration.timeout,
        "passthroughBehavior": integration.passthrough.to_lowercase(),
    });
    set(&mut object, "uri", uri);
    set(&mut object, "httpMethod", integration.method.as_deref());
    set(&mut object, "credentials", integration.credentials.as_deref());
    set(&mut object, "contentHandling", integration.content_handling.as_deref());
    if let Some(link) = &integration.vpc_link {
        object["connectionType"] = "VPC_LINK".into();
        object["connectionId"] = link.as_str().into();
    }
    if integration.any_authority {
        object["tlsConfig"] = json!({ "insecureSkipVerification": true });
    }
    for (member, values) in
        [("requestParameters", &integration.request_parameters), ("requestTemplates", &integration.request_templates)]
    {
        if !values.is_empty() {
            object[member] = json!(values);
        }
    }
    let responses: Map<String, Value> = integration
        .integration_responses
        .iter()
        .map(|(status, response)| {
            let mut object = json!({ "statusCode": status, "responseParameters": response.parameters });
            if !response.templates.is_empty() {
                object["responseTemplates"] = json!(response.templates);
            }
            (response.pattern.clone().unwrap_or_else(|| "default".to_owned()), object)
        })
        .collect();
    if !responses.is_empty() {
        object["responses"] = responses.into();
    }
    object
}

/// The scheme by which API Gateway makes a method one of `AWS_IAM`, whatever its name.
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-authtype.html>
fn signature() -> Value {
    json!({
        "type": "apiKey",
        "name": "Authorization",
        "in": "header",
        "x-amazon-apigateway-authtype": "awsSigv4",
    })
}

fn scheme(authorizer: &Authorizer, uri: Option<&str>) -> Value {
    let mut extension = json!({
        "type": authorizer.kind.to_lowercase(),
        "authorizerResultTtlInSeconds": authorizer.ttl,
    });
    set(&mut extension, "authorizerUri", uri);
    set(&mut extension, "authorizerCredentials", authorizer.credentials.as_deref());
    set(&mut extension, "identitySource", authorizer.identity_source.as_deref());
    set(&mut extension, "identityValidationExpression", authorizer.identity_validation.as_deref());
    json!({
        "type": "apiKey",
        "name": "Authorization",
        "in": "header",
        "x-amazon-apigateway-authtype": "custom",
        "x-amazon-apigateway-authorizer": extension,
    })
}

fn set(object: &mut Value, member: &str, value: Option<&str>) {
    if let Some(value) = value {
        object[member] = value.into();
    }
}
