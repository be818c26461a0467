//! `/oauth/*`: forms and errors as RFC 6749 has them.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::json;
use service::{Problem, Request, Response, is_media_type};

use crate::BODY;

/// An error in the form of RFC 6749 section 5.2.
pub(crate) struct OAuthError {
    status: u16,
    error: &'static str,
    description: Cow<'static, str>,
    /// Further headers: `WWW-Authenticate`.
    headers: Vec<(&'static str, String)>,
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
        Self::OAuth(OAuthError { status: 400, error, description: description.into(), headers: Vec::new() })
    }

    /// What is wrong with the access token of a request, under its code in RFC 6750 section 3.1.
    pub(crate) fn of_token(problem: Problem) -> Self {
        match problem.status {
            401 => Self::OAuth(OAuthError {
                status: 401,
                error: "invalid_token",
                description: problem.detail.into(),
                headers: problem.headers,
            }),
            _ => Self::Problem(problem),
        }
    }

    /// The answer to a client.
    pub(crate) fn answer(self) -> Result<Response, Problem> {
        match self {
            Self::Problem(problem) => Err(problem),
            Self::OAuth(OAuthError { status, error, description, headers }) => {
                let response = Response::json(status, &json!({ "error": error, "error_description": description }))?;
                Ok(headers.into_iter().fold(response, |response, (name, value)| response.header(name, value)))
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
            let (status, headers) = (problem.status, problem.headers);
            let description = "The body is unreadable or too large.".into();
            Failure::OAuth(OAuthError { status, error: "invalid_request", description, headers })
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
