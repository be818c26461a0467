//! The awsJson protocols (1.0 and 1.1): `X-Amz-Target: Prefix.Operation`, a JSON object each way.
//! <https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html>

use http::HeaderMap;
use http::header::HeaderValue;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use super::{ERROR_TYPE, response, status};
use crate::call::{Error, Request, Response};

/// The operation that `X-Amz-Target` names, when its prefix is the service's.
pub(crate) fn operation<'a>(headers: &'a HeaderMap, prefix: &str) -> Result<&'a str, Error> {
    let target = target(headers).unwrap_or_default();
    target.strip_prefix(prefix).and_then(|rest| rest.strip_prefix('.')).filter(|name| !name.is_empty()).ok_or_else(
        || Error::new(400, "UnknownOperationException", format!("the target {target:?} is not {prefix}.<Operation>")),
    )
}

/// The `X-Amz-Target` header.
pub(crate) fn target(headers: &HeaderMap) -> Option<&str> {
    headers.get("x-amz-target")?.to_str().ok()
}

/// Reads the request's body as `T`. Members that `T` does not know are refused by name: see `deny_unknown_fields`.
pub(crate) fn input<T: DeserializeOwned>(request: &Request) -> Result<T, Error> {
    let body: &[u8] = if request.body.is_empty() { b"{}" } else { &request.body };
    serde_json::from_slice(body).map_err(|error| {
        let text = error.to_string();
        let named = |prefix: &str| text.strip_prefix(prefix)?.split_once('`').map(|(member, _)| member);
        if let Some(member) = named("unknown field `") {
            return Error::not_implemented(&format!("the member {member}"));
        }
        if let Some(member) = named("missing field `") {
            let rule = "failed to satisfy constraint: Member must not be null";
            let text = format!("1 validation error detected: Value null at '{member}' {rule}");
            return Error::new(400, "ValidationException", text);
        }
        Error::new(400, "SerializationException", text)
    })
}

/// A successful answer with `output` as its body.
pub(crate) fn output(output: &impl Serialize) -> Result<Response, Error> {
    let body = serde_json::to_vec(output).map_err(std::io::Error::from)?;
    Ok(response(http::StatusCode::OK, "application/x-amz-json-1.1", body))
}

/// Renders an error: `{"__type": code, "message": ...}` with its further members.
pub(crate) fn refuse(error: &Error) -> Response {
    let mut body = json!({ "__type": error.code, "message": error.message });
    for (name, value) in &error.members {
        body[*name] = value.clone();
    }
    let mut response = response(status(error.status), "application/x-amz-json-1.1", body.to_string());
    let code = error.code.rsplit('#').next().unwrap_or_default();
    if let Ok(code) = HeaderValue::from_str(code) {
        response.headers.insert(ERROR_TYPE, code);
    }
    response
}
