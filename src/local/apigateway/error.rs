//! API Gateway's errors, with the codes and the words of the service.

use http::HeaderValue;
use serde_json::{Value, json};

use crate::ACCOUNT;
use crate::call::{Error, Response};
use crate::wire::{self, ERROR_TYPE};

/// 400 `BadRequestException`.
pub(super) fn bad_request(message: impl Into<String>) -> Error {
    Error::new(400, "BadRequestException", message)
}

/// 404 `NotFoundException`.
pub(super) fn not_found(message: impl Into<String>) -> Error {
    Error::new(404, "NotFoundException", message)
}

/// 404 for an API that is not there.
pub(super) fn no_such_api(id: &str) -> Error {
    not_found(format!("Invalid API identifier specified {ACCOUNT}:{id}"))
}

/// 409 `ConflictException`.
pub(super) fn conflict(message: impl Into<String>) -> Error {
    Error::new(409, "ConflictException", message)
}

/// 429 `LimitExceededException`: a quota is used up.
pub(super) fn limit_exceeded(message: impl Into<String>) -> Error {
    Error::new(429, "LimitExceededException", message)
}

/// 400 for what AWS does and the local cloud does not: `what` names the setting.
pub(super) fn unsupported(what: &str) -> Error {
    bad_request(format!("The local cloud does not implement {what}"))
}

/// Renders `error` as the protocol (rest-json) does.
pub(super) fn render(error: &Error) -> Response {
    let mut body = json!({ "message": error.message });
    for (name, value) in &error.members {
        body[*name] = value.clone();
    }
    let mut response = answer(error.status, &body);
    if let Ok(code) = HeaderValue::from_str(&error.code) {
        response.headers.insert(ERROR_TYPE, code);
    }
    response
}

/// A JSON answer; `null` is an empty one.
pub(super) fn answer(status: u16, body: &Value) -> Response {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    wire::response(wire::status(status), "application/json", body)
}
