//! An OpenAPI 3.0 document with API Gateway's extensions, as far as API Gateway reads it.

#![expect(clippy::struct_field_names, reason = "the members have API Gateway's own names")]

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::apigateway::definition::TlsConfig;
use crate::apigateway::model::Strings;

/// What security a method asks for: names of schemes, with scopes.
pub(super) type Security = Vec<BTreeMap<String, Vec<String>>>;

/// Members that are not read.
pub(super) type Rest = BTreeMap<String, Value>;

#[derive(Deserialize)]
pub(super) struct Document {
    pub(super) openapi: Option<String>,
    pub(super) swagger: Option<String>,
    #[serde(default)]
    pub(super) info: Info,
    #[serde(default)]
    pub(super) paths: BTreeMap<String, BTreeMap<String, Value>>,
    #[serde(default)]
    pub(super) components: Components,
    pub(super) security: Option<Security>,
    #[serde(rename = "x-amazon-apigateway-gateway-responses", default)]
    pub(super) gateway_responses: BTreeMap<String, GatewayResponse>,
    #[serde(rename = "x-amazon-apigateway-request-validators", default)]
    pub(super) request_validators: BTreeMap<String, Validator>,
    #[serde(rename = "x-amazon-apigateway-request-validator")]
    pub(super) request_validator: Option<String>,
    #[serde(rename = "x-amazon-apigateway-binary-media-types", default)]
    pub(super) binary_media_types: Vec<String>,
    #[serde(rename = "x-amazon-apigateway-api-key-source")]
    pub(super) api_key_source: Option<String>,
    #[serde(rename = "x-amazon-apigateway-minimum-compression-size")]
    pub(super) minimum_compression_size: Option<i64>,
    #[serde(rename = "x-amazon-apigateway-endpoint-configuration")]
    pub(super) endpoint_configuration: Option<EndpointConfiguration>,
    #[serde(flatten)]
    pub(super) rest: Rest,
}

#[derive(Default, Deserialize)]
pub(super) struct Info {
    pub(super) title: Option<String>,
    pub(super) description: Option<String>,
    pub(super) version: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Components {
    #[serde(default)]
    pub(super) security_schemes: BTreeMap<String, SecurityScheme>,
    #[serde(default)]
    pub(super) schemas: BTreeMap<String, Value>,
    #[serde(flatten)]
    pub(super) rest: Rest,
}

#[derive(Deserialize)]
pub(super) struct SecurityScheme {
    #[serde(rename = "type")]
    pub(super) kind: String,
    /// The header that carries the key or token.
    pub(super) name: Option<String>,
    #[serde(rename = "x-amazon-apigateway-authtype")]
    pub(super) authtype: Option<String>,
    #[serde(rename = "x-amazon-apigateway-authorizer")]
    pub(super) authorizer: Option<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Authorizer {
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) authorizer_uri: Option<String>,
    pub(super) authorizer_credentials: Option<String>,
    pub(super) authorizer_result_ttl_in_seconds: Option<u32>,
    pub(super) identity_source: Option<String>,
    pub(super) identity_validation_expression: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct GatewayResponse {
    pub(super) status_code: Option<Scalar>,
    #[serde(default)]
    pub(super) response_parameters: Strings,
    #[serde(default)]
    pub(super) response_templates: Strings,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Validator {
    #[serde(default)]
    pub(super) validate_request_body: bool,
    #[serde(default)]
    pub(super) validate_request_parameters: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct EndpointConfiguration {
    #[serde(default)]
    pub(super) disable_execute_api_endpoint: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Operation {
    pub(super) operation_id: Option<String>,
    #[serde(default)]
    pub(super) parameters: Vec<Parameter>,
    pub(super) request_body: Option<Content>,
    #[serde(default)]
    pub(super) responses: BTreeMap<String, Response>,
    pub(super) security: Option<Security>,
    #[serde(rename = "x-amazon-apigateway-request-validator")]
    pub(super) request_validator: Option<String>,
    #[serde(rename = "x-amazon-apigateway-integration")]
    pub(super) integration: Option<Value>,
    #[serde(rename = "x-amazon-apigateway-auth")]
    pub(super) auth: Option<Auth>,
    #[serde(flatten)]
    pub(super) rest: Rest,
}

#[derive(Deserialize)]
pub(super) struct Auth {
    #[serde(rename = "type")]
    pub(super) kind: String,
}

#[derive(Deserialize)]
pub(super) struct Parameter {
    pub(super) name: Option<String>,
    #[serde(rename = "in")]
    pub(super) location: Option<String>,
    #[serde(default)]
    pub(super) required: bool,
    #[serde(rename = "$ref")]
    pub(super) reference: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Response {
    #[serde(default)]
    pub(super) headers: BTreeMap<String, Value>,
    #[serde(flatten)]
    pub(super) body: Content,
}

#[derive(Deserialize)]
pub(super) struct Content {
    #[serde(default)]
    pub(super) content: BTreeMap<String, MediaType>,
    #[serde(rename = "$ref")]
    pub(super) reference: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct MediaType {
    pub(super) schema: Option<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Integration {
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) http_method: Option<String>,
    pub(super) uri: Option<String>,
    pub(super) credentials: Option<String>,
    pub(super) passthrough_behavior: Option<String>,
    pub(super) content_handling: Option<String>,
    pub(super) timeout_in_millis: Option<u64>,
    #[serde(default)]
    pub(super) request_templates: Strings,
    #[serde(default)]
    pub(super) request_parameters: Strings,
    #[serde(default)]
    pub(super) responses: BTreeMap<String, IntegrationResponse>,
    pub(super) cache_namespace: Option<String>,
    #[serde(default)]
    pub(super) cache_key_parameters: Vec<String>,
    pub(super) connection_type: Option<String>,
    pub(super) connection_id: Option<String>,
    pub(super) tls_config: Option<TlsConfig>,
    pub(super) response_transfer_mode: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct IntegrationResponse {
    pub(super) status_code: Scalar,
    #[serde(default)]
    pub(super) response_parameters: Strings,
    #[serde(default)]
    pub(super) response_templates: Strings,
}

/// A status, which documents write as a number or as text.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Scalar {
    Number(u16),
    Text(String),
}

impl Scalar {
    /// As text.
    pub(super) fn text(self) -> String {
        match self {
            Self::Number(number) => number.to_string(),
            Self::Text(text) => text,
        }
    }
}
