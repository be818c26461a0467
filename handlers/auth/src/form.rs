//! `/oauth/*`: forms and errors as RFC 6749 has them.

use std::borrow::Cow;
use std::collections::BTreeMap;

use percent_encoding::percent_decode;
use serde_json::json;
use service::{Problem, Request, Response, is_media_type};

use crate::BODY;

/// What ends a request without what was asked for: an error in the form of RFC 6749 section 5.2.
pub(crate) struct Failure {
    status: u16,
    error: &'static str,
    description: Cow<'static, str>,
    /// Further headers: `Retry-After`, `WWW-Authenticate`.
    headers: Vec<(&'static str, String)>,
}

/// What is not the client's fault. Section 5.2 has no codes for that; these are section 4.1.2.1's.
impl<E: Into<Problem>> From<E> for Failure {
    fn from(error: E) -> Self {
        let Problem { status, code: _, detail, errors: _, headers } = error.into();
        let error = if status == 503 { "temporarily_unavailable" } else { "server_error" };
        Self { status, error, description: detail.into(), headers }
    }
}

impl Failure {
    /// 400 with `error`, one of the RFC's codes.
    pub(crate) fn new(error: &'static str, description: &'static str) -> Self {
        Self { status: 400, error, description: description.into(), headers: Vec::new() }
    }

    /// What is wrong with the access token of a request, under its code in RFC 6750 section 3.1.
    pub(crate) fn of_token(problem: Problem) -> Self {
        let failure = Self::from(problem);
        if failure.status == 401 { Self { error: "invalid_token", ..failure } } else { failure }
    }

    /// The answer to a client.
    pub(crate) fn answer(self) -> Result<Response, Problem> {
        let Self { status, error, description, headers } = self;
        let response = Response::json(status, &json!({ "error": error, "error_description": description }))?;
        Ok(headers.into_iter().fold(response, |response, (name, value)| response.header(name, value)))
    }
}

/// The parameters of a form: unknown ones are left alone, empty ones count as absent, none may stand twice (RFC 6749
/// section 3.2).
pub(crate) struct Form(BTreeMap<String, String>);

impl Form {
    /// Reads the body of `request`.
    pub(crate) fn read(request: &Request) -> Result<Self, Failure> {
        let media_type = request.single_header("Content-Type").ok().flatten().unwrap_or_default();
        if !is_media_type(media_type, "application/x-www-form-urlencoded") {
            return Err(Failure::new("invalid_request", "The body has to be application/x-www-form-urlencoded."));
        }
        let body = request.body(BODY).map_err(|problem| {
            let (status, headers) = (problem.status, problem.headers);
            let description = "The body is unreadable or too large.".into();
            Failure { status, error: "invalid_request", description, headers }
        })?;
        // What is decoded is as it was sent, or not at all: else two tokens could be one.
        if percent_decode(&body).decode_utf8().is_err() {
            return Err(Failure::new("invalid_request", "The form is not UTF-8."));
        }
        let mut form = BTreeMap::new();
        for (name, value) in form_urlencoded::parse(&body).filter(|(_, value)| !value.is_empty()) {
            if form.insert(name.into_owned(), value.into_owned()).is_some() {
                return Err(Failure::new("invalid_request", "A parameter stands twice."));
            }
        }
        Ok(Self(form))
    }

    /// The value of `name`, if it stands.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The value of `name`; `description` says that it is missing.
    pub(crate) fn demand(&self, name: &str, description: &'static str) -> Result<&str, Failure> {
        self.get(name).ok_or_else(|| Failure::new("invalid_request", description))
    }
}
