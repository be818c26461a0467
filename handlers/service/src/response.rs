//! What a handler answers, and the headers that every answer has.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::event::Reply;
use crate::problem::Problem;

/// Which pages may read an answer (CORS). API Gateway adds nothing to what a function answers, so the stage tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sharing {
    /// The one origin, or `*`: a bearer token is no ambient authority.
    pub origin: String,
    /// The headers that scripts may read.
    pub expose: String,
}

impl Default for Sharing {
    fn default() -> Self {
        Self { origin: "*".to_owned(), expose: "ETag,Link,Location,Retry-After".to_owned() }
    }
}

/// An answer in the making.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    pub status: u16,
    pub headers: BTreeMap<String, String>,
    pub body: String,
}

impl Response {
    /// An answer without a body: 204, 304.
    pub fn new(status: u16) -> Self {
        Self { status, headers: BTreeMap::new(), body: String::new() }
    }

    /// An answer whose body is `value` as JSON.
    pub fn json(status: u16, value: &impl Serialize) -> Result<Self, Problem> {
        let body = serde_json::to_string(value).map_err(|error| {
            tracing::error!(%error, "cannot serialise the answer");
            Problem::internal()
        })?;
        Ok(Self::new(status).body("application/json", body))
    }

    /// Sets a header, replacing one of the same name.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.insert(name.to_owned(), value.into());
        self
    }

    /// Sets the body and its media type.
    #[must_use]
    pub fn body(mut self, media_type: &str, body: String) -> Self {
        self.body = body;
        self.header("Content-Type", media_type)
    }

    /// Adds the headers that every answer has, and gives it API Gateway's form.
    pub fn into_reply(self, request_id: &str, sharing: &Sharing) -> Reply {
        let common = [
            ("Access-Control-Allow-Origin", sharing.origin.as_str()),
            ("Access-Control-Expose-Headers", sharing.expose.as_str()),
            ("Cache-Control", "no-store"),
            ("Strict-Transport-Security", "max-age=63072000; includeSubDomains"),
            ("X-Content-Type-Options", "nosniff"),
            ("X-Request-Id", request_id),
        ];
        let mut headers = self.headers;
        for (name, value) in common {
            headers.entry(name.to_owned()).or_insert_with(|| value.to_owned());
        }
        Reply { status_code: self.status, headers, body: self.body, is_base64_encoded: false }
    }
}
