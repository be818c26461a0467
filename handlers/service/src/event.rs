//! API Gateway's Lambda proxy event and answer, format 1.0 (REST APIs): only the members that the services use.
//!
//! Empty maps arrive as `null`; header names keep the case in which the client sent them.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

/// The request that API Gateway hands to a function (`aws_proxy`).
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Event {
    /// The route's path template: `/v1/memos/{id}`.
    pub resource: String,
    pub http_method: String,
    #[serde(deserialize_with = "null_as_empty")]
    pub multi_value_headers: BTreeMap<String, Vec<String>>,
    /// Decoded names and values.
    #[serde(deserialize_with = "null_as_empty")]
    pub multi_value_query_string_parameters: BTreeMap<String, Vec<String>>,
    #[serde(deserialize_with = "null_as_empty")]
    pub path_parameters: BTreeMap<String, String>,
    #[serde(deserialize_with = "null_as_empty")]
    pub stage_variables: BTreeMap<String, String>,
    pub request_context: RequestContext,
    pub body: Option<String>,
    pub is_base64_encoded: bool,
    /// What another function, or an operator, asks for: no request, and nothing that API Gateway hands on.
    pub task: Option<Value>,
}

impl Event {
    /// Where the service that is bound as `name` answers, without a slash at the end: what the stage's variable
    /// `service_legacy` tells for `legacy`.
    pub fn service(&self, name: &str) -> Option<&str> {
        self.stage_variables.get(&format!("service_{}", name.replace('-', "_"))).map(String::as_str)
    }

    /// The version of the function that is bound as `name`: `memo-prod-memo:7`, which the stage's variable `function_memo`
    /// tells for `memo`.
    pub fn function(&self, name: &str) -> Option<&str> {
        self.stage_variables.get(&format!("function_{}", name.replace('-', "_"))).map(String::as_str)
    }
}

/// What API Gateway knows about the request.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RequestContext {
    pub request_id: String,
    pub identity: Identity,
    /// The authorizer's context; its values are strings, `principalId` among them. Empty on open routes.
    #[serde(deserialize_with = "strings")]
    pub authorizer: BTreeMap<String, String>,
}

/// Where the request came from.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Identity {
    /// The address of the TCP peer, which a client cannot choose as it can `X-Forwarded-For`.
    #[serde(deserialize_with = "null_as_empty")]
    pub source_ip: String,
}

/// The answer that API Gateway turns into an HTTP response. Any further member would make it a 502.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Reply {
    pub status_code: u16,
    pub headers: BTreeMap<String, String>,
    pub body: String,
    pub is_base64_encoded: bool,
}

fn null_as_empty<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(deserializer: D) -> Result<T, D::Error> {
    Ok(Option::<T>::deserialize(deserializer)?.unwrap_or_default())
}

/// Takes the members that are strings; API Gateway adds numbers such as `integrationLatency` beside them.
fn strings<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, String>, D::Error> {
    let members = Option::<BTreeMap<String, Value>>::deserialize(deserializer)?.unwrap_or_default();
    Ok(members
        .into_iter()
        .filter_map(|(name, value)| match value {
            Value::String(text) => Some((name, text)),
            _ => None,
        })
        .collect())
}
