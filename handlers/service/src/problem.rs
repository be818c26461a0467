//! Errors as RFC 9457 problem details, `application/problem+json`.

use serde::Serialize;
use serde_json::json;

use crate::response::Response;

/// An error answer: what a client gets instead of what it asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub status: u16,
    /// The machine-readable name of the case: `wrong-password`.
    pub code: &'static str,
    /// What is wrong with this request. Never holds a secret or what the server knows about others.
    pub detail: String,
    /// Each invalid member of the body.
    pub errors: Vec<Invalid>,
    /// Further headers: `Retry-After`, `ETag`.
    pub headers: Vec<(&'static str, String)>,
}

/// One invalid member of a request's body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Invalid {
    /// A JSON Pointer in its URI fragment form (RFC 6901 section 6): `#/email`.
    pub pointer: String,
    pub detail: String,
}

impl Problem {
    /// A problem with `status`, `code` and `detail`.
    pub fn new(status: u16, code: &'static str, detail: impl Into<String>) -> Self {
        Self { status, code, detail: detail.into(), errors: Vec::new(), headers: Vec::new() }
    }

    /// 404: the answer to an unknown path, a wrong method and an id that is not the caller's.
    pub fn not_found() -> Self {
        Self::new(404, "not-found", "There is no such resource.")
    }

    /// 422: every invalid member of the body at once.
    pub fn invalid(errors: Vec<Invalid>) -> Self {
        Self { errors, ..Self::new(422, "invalid-body", "Some members of the body are invalid.") }
    }

    /// 503 with `Retry-After`: a store that is busy or away.
    pub fn unavailable() -> Self {
        Self::new(503, "unavailable", "The service is busy; try again.").with("Retry-After", "1")
    }

    /// 500: the fault is the service's, and its cause is in the log under the request's id.
    pub fn internal() -> Self {
        Self::new(500, "internal", "The service failed; its log has the cause under the request's id.")
    }

    /// Adds a header.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Renders the problem for the request `request_id`.
    pub fn into_response(self, request_id: &str) -> Response {
        let mut body = json!({
            "type": "about:blank",
            "title": title(self.status),
            "status": self.status,
            "detail": self.detail,
            "instance": format!("urn:uuid:{request_id}"),
            "code": self.code,
        });
        if !self.errors.is_empty() {
            body["errors"] = json!(self.errors);
        }
        let response = Response::new(self.status).body("application/problem+json", body.to_string());
        self.headers.into_iter().fold(response, |response, (name, value)| response.header(name, value))
    }
}

/// The status's phrase: with `about:blank` the title is the same (RFC 9457 section 4.2.1).
fn title(status: u16) -> &'static str {
    match status {
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        409 => "Conflict",
        412 => "Precondition Failed",
        413 => "Content Too Large",
        415 => "Unsupported Media Type",
        422 => "Unprocessable Content",
        429 => "Too Many Requests",
        503 => "Service Unavailable",
        _ => "Internal Server Error",
    }
}
