//! What a function behind a proxy integration answers, made a response.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html>

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{self, HeaderName};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde::Deserialize;

use super::exchange::Exchange;
use super::media_type;
use crate::call::Response;

/// Headers of an answer that reach the client under `x-amzn-remapped-<name>`.
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html>
const REMAPPED: &[&str] = &[
    "authorization",
    "connection",
    "content-length",
    "content-md5",
    "date",
    "max-forwards",
    "server",
    "user-agent",
    "www-authenticate",
];

/// Headers of an answer that do not reach the client.
const DROPPED: &[&str] = &["expect", "host", "proxy-authenticate", "te", "trailer", "transfer-encoding", "upgrade"];

/// A function's answer: nothing else may be in it, and none of it must be.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Answer {
    status_code: Option<Status>,
    headers: Option<BTreeMap<String, Option<Scalar>>>,
    multi_value_headers: Option<BTreeMap<String, Option<Vec<Scalar>>>>,
    body: Option<String>,
    is_base64_encoded: Option<bool>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Status {
    Number(u16),
    Text(String),
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Scalar {
    Text(String),
    Bool(bool),
    Number(serde_json::Number),
}

impl Scalar {
    fn into_text(self) -> String {
        match self {
            Self::Text(text) => text,
            Self::Bool(value) => value.to_string(),
            Self::Number(number) => number.to_string(),
        }
    }
}

/// The response that `payload` is; `None` when it is malformed.
pub(super) fn read(payload: &[u8], exchange: &Exchange<'_>) -> Option<Response> {
    // An array of the right values would pass for the object.
    if !payload.trim_ascii_start().starts_with(b"{") {
        return None;
    }
    let answer: Answer = serde_json::from_slice(payload).ok()?;
    let status = match answer.status_code {
        None => StatusCode::OK,
        Some(Status::Number(number)) => StatusCode::from_u16(number).ok()?,
        Some(Status::Text(text)) => text.parse().ok()?,
    };
    let headers = headers(answer.headers.unwrap_or_default(), answer.multi_value_headers.unwrap_or_default())?;
    let types = &exchange.served.settings.binary_media_types;
    let accepted = media_type::first_accepted(&exchange.request.headers);
    let body = answer.body.unwrap_or_default();
    let is_binary = answer.is_base64_encoded == Some(true) && media_type::matches(types, accepted);
    let body = if is_binary { STANDARD.decode(body).ok()?.into() } else { Bytes::from(body) };
    (status.as_u16() < 600).then_some(Response { status, headers, body })
}

/// Both kinds of headers as one: of a name in both, the multiple values count.
fn headers(
    single: BTreeMap<String, Option<Scalar>>,
    multiple: BTreeMap<String, Option<Vec<Scalar>>>,
) -> Option<HeaderMap> {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    for (name, value) in single {
        if let (Some(name), Some(value)) = (outward(&name)?, value) {
            headers.insert(name, HeaderValue::from_str(&value.into_text()).ok()?);
        }
    }
    for (name, values) in multiple {
        let Some(name) = outward(&name)? else { continue };
        headers.remove(&name);
        for value in values.unwrap_or_default() {
            headers.append(name.clone(), HeaderValue::from_str(&value.into_text()).ok()?);
        }
    }
    Some(headers)
}

/// The name under which a header reaches the client, if it does; the outer `None` when it is no name.
#[expect(clippy::option_option, reason = "no name at all, and no way to the client, are two things")]
fn outward(name: &str) -> Option<Option<HeaderName>> {
    let name = HeaderName::try_from(name).ok()?;
    if DROPPED.contains(&name.as_str()) {
        return Some(None);
    }
    if REMAPPED.contains(&name.as_str()) {
        return HeaderName::try_from(format!("x-amzn-remapped-{name}")).ok().map(Some);
    }
    Some(Some(name))
}
