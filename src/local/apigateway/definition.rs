//! What an API does: resources, methods, integrations, authorizers, responses.
//!
//! The types serialise as API Gateway's own wire format, which is also what is on disk.

#![expect(clippy::struct_field_names, reason = "the members have API Gateway's own names")]

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::model::Strings;

/// What an API does: what a deployment takes a snapshot of.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Definition {
    pub(super) settings: Settings,
    /// By id; the root is among them.
    pub(super) resources: BTreeMap<String, Resource>,
    /// By id.
    pub(super) authorizers: BTreeMap<String, Authorizer>,
    /// By id.
    pub(super) validators: BTreeMap<String, RequestValidator>,
    /// By response type.
    pub(super) gateway_responses: BTreeMap<String, GatewayResponse>,
    /// By name.
    pub(super) models: BTreeMap<String, Model>,
}

/// The members of a `RestApi` that take effect with a deployment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Settings {
    pub(super) api_key_source: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) binary_media_types: Vec<String>,
    /// Bytes; kept and shown, but answers are never compressed locally.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) minimum_compression_size: Option<u32>,
    pub(super) disable_execute_api_endpoint: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            api_key_source: "HEADER".to_owned(),
            binary_media_types: Vec::new(),
            minimum_compression_size: None,
            disable_execute_api_endpoint: false,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Resource {
    pub(super) id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) parent_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) path_part: Option<String>,
    /// From the root, with variables in braces.
    pub(super) path: String,
    /// By HTTP method, or `ANY`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) resource_methods: BTreeMap<String, Method>,
}

/// The authorization type of a method that takes signed requests alone.
pub(super) const AWS_IAM: &str = "AWS_IAM";

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Method {
    pub(super) http_method: String,
    /// `NONE`, `CUSTOM` or [`AWS_IAM`].
    pub(super) authorization_type: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) authorizer_id: Option<String>,
    pub(super) api_key_required: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) request_validator_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) operation_name: Option<String>,
    /// `method.request.header.Name`, and whether it is required.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) request_parameters: BTreeMap<String, bool>,
    /// Names of models, by media type.
    #[serde(default, skip_serializing_if = "Strings::is_empty")]
    pub(super) request_models: Strings,
    /// By status.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) method_responses: BTreeMap<String, MethodResponse>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) method_integration: Option<Integration>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct MethodResponse {
    pub(super) status_code: String,
    /// `method.response.header.Name`
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) response_parameters: BTreeMap<String, bool>,
    #[serde(default, skip_serializing_if = "Strings::is_empty")]
    pub(super) response_models: Strings,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum IntegrationType {
    AwsProxy,
    HttpProxy,
    Mock,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Integration {
    #[serde(rename = "type")]
    pub(super) kind: IntegrationType,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) http_method: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) uri: Option<String>,
    /// The ARN of the role to invoke with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) credentials: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) connection_type: Option<String>,
    /// Of a VPC link.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) connection_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) tls_config: Option<TlsConfig>,
    /// `integration.request.header.Name`, and a mapping expression.
    #[serde(default, skip_serializing_if = "Strings::is_empty")]
    pub(super) request_parameters: Strings,
    /// By media type.
    #[serde(default, skip_serializing_if = "Strings::is_empty")]
    pub(super) request_templates: Strings,
    /// `WHEN_NO_MATCH`, `WHEN_NO_TEMPLATES` or `NEVER`.
    pub(super) passthrough_behavior: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) content_handling: Option<String>,
    pub(super) timeout_in_millis: u64,
    pub(super) cache_namespace: String,
    pub(super) cache_key_parameters: Vec<String>,
    /// By status.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) integration_responses: BTreeMap<String, IntegrationResponse>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct TlsConfig {
    #[serde(default)]
    pub(super) insecure_skip_verification: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct IntegrationResponse {
    pub(super) status_code: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) selection_pattern: Option<String>,
    #[serde(default, skip_serializing_if = "Strings::is_empty")]
    pub(super) response_parameters: Strings,
    #[serde(default, skip_serializing_if = "Strings::is_empty")]
    pub(super) response_templates: Strings,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(super) enum AuthorizerType {
    Token,
    Request,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Authorizer {
    pub(super) id: String,
    pub(super) name: String,
    #[serde(rename = "type")]
    pub(super) kind: AuthorizerType,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) auth_type: Option<String>,
    pub(super) authorizer_uri: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) authorizer_credentials: Option<String>,
    /// Mapping expressions, separated by commas.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) identity_source: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) identity_validation_expression: Option<String>,
    /// Seconds; 300 when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) authorizer_result_ttl_in_seconds: Option<u32>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RequestValidator {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) validate_request_body: bool,
    pub(super) validate_request_parameters: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct GatewayResponse {
    pub(super) response_type: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) status_code: Option<String>,
    /// `gatewayresponse.header.Name`, and a mapping expression.
    pub(super) response_parameters: Strings,
    pub(super) response_templates: Strings,
    pub(super) default_response: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Model {
    pub(super) id: String,
    pub(super) name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) description: Option<String>,
    /// A JSON schema, as text.
    pub(super) schema: String,
    pub(super) content_type: String,
}
