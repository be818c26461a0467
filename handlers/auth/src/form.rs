//! `/oauth/*`: forms and errors as RFC 6749 has them.

use std::collections::BTreeMap;

use serde_json::json;
use service::{Problem, Request, Response, is_media_type};

use crate::BODY;

/// An error in the form of RFC 6749 section 5.2.
pub(crate) struct OAuthError {
    status: u16,
    error: &'static str,
    description: &'static str,
}

/// What ends a request without what was asked for.
pub(crate) enum Failure {
    OAuth(OAuthError),
    Problem(Problem),
}

impl<E: Into<Problem>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::Problem(error.into())
    }
}

impl Failure {
    /// 400 with `error`, one of the RFC's codes.
    pub(crate) fn new(error: &'static str, description: &'static str) -> Self {
        Self::OAuth(OAuthError { status: 400, error, description })
    }

    /// The answer to a client.
    pub(crate) fn answer(self) -> Result<Response, Problem> {
        match self {
            Self::Problem(problem) => Err(problem),
            Self::OAuth(OAuthError { status, error, description }) => {
                Response::json(status, &json!({ "error": error, "error_description": description }))
            }
        }
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
            let description = "The body is unreadable or too large.";
            Failure::OAuth(OAuthError { status: problem.status, error: "invalid_request", description })
        })?;
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
