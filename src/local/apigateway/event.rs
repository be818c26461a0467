//! Events as functions get them: the Lambda proxy event, version 1.0, and those of authorizers.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header;
use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};

use super::exchange::{Authorization, Exchange, Pairs};
use super::media_type;
use super::model::Strings;
use crate::ACCOUNT;

/// Headers that do not reach functions.
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html>
const DROPPED: &[&str] = &[
    "connection",
    "content-length",
    "content-md5",
    "expect",
    "max-forwards",
    "proxy-authenticate",
    "server",
    "te",
    "transfer-encoding",
    "trailer",
    "upgrade",
    "www-authenticate",
];

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ProxyEvent<'a> {
    resource: &'a str,
    path: &'a str,
    http_method: &'a str,
    headers: Option<Single<'a>>,
    multi_value_headers: Option<Multi<'a>>,
    query_string_parameters: Option<Single<'a>>,
    multi_value_query_string_parameters: Option<Multi<'a>>,
    path_parameters: Option<Variables<'a>>,
    stage_variables: Option<&'a Strings>,
    request_context: RequestContext<'a>,
    body: Option<Cow<'a, str>>,
    is_base64_encoded: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RequestEvent<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    method_arn: &'a str,
    resource: &'a str,
    path: &'a str,
    http_method: &'a str,
    headers: Single<'a>,
    multi_value_headers: Multi<'a>,
    query_string_parameters: Single<'a>,
    multi_value_query_string_parameters: Multi<'a>,
    path_parameters: Variables<'a>,
    stage_variables: &'a Strings,
    request_context: RequestContext<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RequestContext<'a> {
    account_id: &'a str,
    api_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    authorizer: Option<AuthorizerContext<'a>>,
    deployment_id: &'a str,
    domain_name: &'a str,
    domain_prefix: &'a str,
    extended_request_id: &'a str,
    http_method: &'a str,
    identity: Identity<'a>,
    path: String,
    protocol: &'a str,
    request_id: &'a str,
    request_time: String,
    request_time_epoch: i64,
    resource_id: &'a str,
    resource_path: &'a str,
    stage: &'a str,
}

/// Without a signature only where a request comes from is not null. The account is in no organisation.
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html>
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Identity<'a> {
    access_key: Option<&'a str>,
    account_id: Option<&'a str>,
    caller: Option<&'a str>,
    cognito_authentication_provider: (),
    cognito_authentication_type: (),
    cognito_identity_id: (),
    cognito_identity_pool_id: (),
    principal_org_id: (),
    source_ip: String,
    user: Option<&'a str>,
    user_agent: Option<&'a str>,
    user_arn: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AuthorizerContext<'a> {
    principal_id: &'a str,
    integration_latency: u128,
    #[serde(flatten)]
    context: &'a Strings,
}

/// Pairs as an object: of a name that repeats, the last value.
struct Single<'a>(&'a Pairs<'a>);

/// Pairs as an object of lists.
struct Multi<'a>(&'a Pairs<'a>);

/// A path's variables as an object.
struct Variables<'a>(&'a [(&'a str, &'a str)]);

/// The event of a Lambda proxy integration.
pub(super) fn proxy(exchange: &Exchange<'_>) -> Bytes {
    let request = exchange.request;
    let headers = headers(exchange);
    let content_type = media_type::header(&request.headers, header::CONTENT_TYPE);
    let binary = media_type::matches(&exchange.served.settings.binary_media_types, content_type);
    let body = (!request.body.is_empty())
        .then(|| if binary { STANDARD.encode(&request.body).into() } else { String::from_utf8_lossy(&request.body) });
    let (resource, variables) = target(exchange);
    let variables_of_stage = &exchange.served.variables;
    json(&ProxyEvent {
        resource,
        path: exchange.path,
        http_method: request.method.as_str(),
        headers: some(&headers).map(Single),
        multi_value_headers: some(&headers).map(Multi),
        query_string_parameters: some(&exchange.query).map(Single),
        multi_value_query_string_parameters: some(&exchange.query).map(Multi),
        path_parameters: (!variables.is_empty()).then_some(Variables(variables)),
        stage_variables: (!variables_of_stage.is_empty()).then_some(variables_of_stage),
        request_context: request_context(exchange),
        is_base64_encoded: binary && body.is_some(),
        body,
    })
}

/// The event of a `TOKEN` authorizer.
pub(super) fn token(token: &str, method_arn: &str) -> Bytes {
    json(&serde_json::json!({ "type": "TOKEN", "authorizationToken": token, "methodArn": method_arn }))
}

/// The event of a `REQUEST` authorizer, in which empty maps are objects.
pub(super) fn request(exchange: &Exchange<'_>, method_arn: &str) -> Bytes {
    let headers = headers(exchange);
    let (resource, variables) = target(exchange);
    json(&RequestEvent {
        kind: "REQUEST",
        method_arn,
        resource,
        path: exchange.path,
        http_method: exchange.request.method.as_str(),
        headers: Single(&headers),
        multi_value_headers: Multi(&headers),
        query_string_parameters: Single(&exchange.query),
        multi_value_query_string_parameters: Multi(&exchange.query),
        path_parameters: Variables(variables),
        stage_variables: &exchange.served.variables,
        request_context: request_context(exchange),
    })
}

fn json(event: &impl Serialize) -> Bytes {
    // Plain data with string keys: it always serialises.
    serde_json::to_vec(event).unwrap_or_default().into()
}

fn some<'a, 'b>(pairs: &'a Pairs<'b>) -> Option<&'a Pairs<'b>> {
    (!pairs.is_empty()).then_some(pairs)
}

fn target<'a>(exchange: &'a Exchange<'_>) -> (&'a str, &'a [(&'a str, &'a str)]) {
    exchange.target.as_ref().map_or(("", &[][..]), |(resource, variables)| (&resource.path, variables))
}

/// The request's headers and those that API Gateway adds. Names are in lower case, as an HTTP/2 client sends them.
pub(super) fn headers<'a>(exchange: &'a Exchange<'_>) -> Pairs<'a> {
    let given = exchange.request.headers.iter().filter(|(name, _)| !DROPPED.contains(&name.as_str()));
    let given = given.filter(|(name, _)| *name != header::AUTHORIZATION || !exchange.is_signed());
    let mut headers: Pairs<'_> =
        given.map(|(name, value)| (Cow::Borrowed(name.as_str()), String::from_utf8_lossy(value.as_bytes()))).collect();
    let source_ip = exchange.request.source_ip.to_string();
    let port = exchange.domain_name().rsplit_once(':').map_or("80", |(_, port)| port);
    let forwarded_for = match media_type::header(&exchange.request.headers, FORWARDED_FOR) {
        Some(before) => format!("{before}, {source_ip}"),
        None => source_ip,
    };
    headers.retain(|(name, _)| !name.starts_with("x-forwarded-") && name != "x-amzn-trace-id");
    headers.push(("X-Amzn-Trace-Id".into(), (&exchange.trace_id).into()));
    headers.push(("X-Forwarded-For".into(), forwarded_for.into()));
    headers.push(("X-Forwarded-Port".into(), port.into()));
    headers.push(("X-Forwarded-Proto".into(), "http".into()));
    headers
}

const FORWARDED_FOR: header::HeaderName = header::HeaderName::from_static("x-forwarded-for");

fn request_context<'a>(exchange: &'a Exchange<'_>) -> RequestContext<'a> {
    let served = exchange.served;
    let request = exchange.request;
    let (resource_path, _) = target(exchange);
    let authorizer = exchange.authorization.as_ref().map(|Authorization { grant, latency, .. }| AuthorizerContext {
        principal_id: &grant.principal,
        integration_latency: *latency,
        context: &grant.context,
    });
    let signer = exchange.signer.as_ref();
    RequestContext {
        account_id: ACCOUNT,
        api_id: &served.api,
        authorizer,
        deployment_id: &served.deployment,
        domain_name: exchange.domain_name(),
        domain_prefix: &served.api,
        extended_request_id: &exchange.extended_request_id,
        http_method: request.method.as_str(),
        identity: Identity {
            access_key: signer.map(|signer| &*signer.access_key),
            account_id: signer.map(|_| ACCOUNT),
            caller: signer.map(|signer| &*signer.id),
            user: signer.map(|signer| &*signer.id),
            user_arn: signer.map(|signer| &*signer.arn),
            source_ip: request.source_ip.to_string(),
            user_agent: media_type::header(&request.headers, header::USER_AGENT),
            ..Identity::default()
        },
        path: exchange.stage_path(),
        protocol: "HTTP/1.1",
        request_id: &exchange.request_id,
        request_time: exchange.request_time(),
        request_time_epoch: exchange.time.as_millisecond(),
        resource_id: exchange.target.as_ref().map_or("", |(resource, _)| &resource.id),
        resource_path,
        stage: &served.stage,
    }
}

impl Serialize for Single<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (position, (name, value)) in self.0.iter().enumerate() {
            if !self.0[position + 1..].iter().any(|(later, _)| later == name) {
                map.serialize_entry(name, value)?;
            }
        }
        map.end()
    }
}

impl Serialize for Multi<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (position, (name, _)) in self.0.iter().enumerate() {
            if !self.0[..position].iter().any(|(earlier, _)| earlier == name) {
                let values: Vec<&str> =
                    self.0[position..].iter().filter(|(other, _)| other == name).map(|(_, value)| &**value).collect();
                map.serialize_entry(name, &values)?;
            }
        }
        map.end()
    }
}

impl Serialize for Variables<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().copied())
    }
}
