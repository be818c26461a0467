//! The awsQuery protocol of IAM and STS: form parameters in, XML out.
//! <https://smithy.io/2.0/aws/protocols/aws-query-protocol.html>

use std::collections::BTreeMap;

use http::StatusCode;

use super::xml::Element;
use super::{response, status};
use crate::call::{Error, Request, Response};

/// The parameters of a request, of the query string and of the body.
#[derive(Clone, Debug)]
pub(crate) struct Parameters(BTreeMap<String, String>);

impl Parameters {
    /// Reads the parameters of `request`.
    pub(crate) fn of(request: &Request) -> Self {
        let query = form_urlencoded::parse(request.query.as_bytes());
        Self(
            query
                .chain(form_urlencoded::parse(&request.body))
                .map(|(name, value)| (name.into_owned(), value.into_owned()))
                .collect(),
        )
    }

    /// Reads the parameters of a query string alone.
    pub(crate) fn of_query(query: &str) -> Self {
        Self(form_urlencoded::parse(query.as_bytes()).into_owned().collect())
    }

    /// The operation: the parameter `Action`.
    pub(crate) fn action(&self) -> Result<&str, Error> {
        self.get("Action").ok_or_else(|| Error::new(400, "MissingAction", "the request has no parameter Action"))
    }

    /// The parameter `name`, when present and not empty.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// The parameter `name`, present even when empty.
    pub(crate) fn given(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The parameter `name`; AWS's validation error when it is absent.
    pub(crate) fn required(&self, name: &str) -> Result<&str, Error> {
        self.given(name).ok_or_else(|| {
            let member = lower_first(name);
            validation(&format!("Value null at '{member}' failed to satisfy constraint: Member must not be null"))
        })
    }

    /// The members of the list `name`: the parameters `name.member.1` and following, with the rest of their names cut.
    pub(crate) fn list(&self, name: &str) -> Vec<Parameters> {
        let members = (1..).map(|index| {
            let prefix = format!("{name}.member.{index}");
            let member = self.0.iter().filter_map(|(key, value)| {
                let rest = key.strip_prefix(&prefix)?;
                let rest = rest.strip_prefix('.').or(rest.is_empty().then_some(""))?;
                Some((rest.to_owned(), value.clone()))
            });
            Parameters(member.collect())
        });
        members.take_while(|member| !member.0.is_empty()).collect()
    }

    /// The text of a list's plain member.
    pub(crate) fn text(&self) -> &str {
        self.given("").unwrap_or_default()
    }

    /// Refuses, by name, parameters that the operation does not know: `known` names them, lists by their own name.
    pub(crate) fn only(&self, known: &[&str]) -> Result<(), Error> {
        let stranger = self.0.keys().find(|key| {
            let name = key.split('.').next().unwrap_or_default();
            !known.contains(&name) && !matches!(name, "Action" | "Version") && !name.starts_with("X-Amz-")
        });
        match stranger {
            Some(name) => Err(Error::not_implemented(&format!("the parameter {name}"))),
            None => Ok(()),
        }
    }
}

/// AWS's `ValidationError` for one failed constraint.
pub(crate) fn validation(what: &str) -> Error {
    validation_error(&format!("1 validation error detected: {what}"))
}

/// AWS's `ValidationError` with a text of the service's own.
pub(crate) fn validation_error(text: &str) -> Error {
    Error::new(400, "ValidationError", text)
}

/// A successful answer: `<ActionResponse><ActionResult>...`.
pub(crate) fn output(namespace: &str, action: &str, result: Option<Element>, request_id: &str) -> Response {
    let metadata = Element::new("ResponseMetadata").with(Element::text("RequestId", request_id));
    let root = Element::new(&format!("{action}Response")).attribute("xmlns", namespace);
    let root = match result {
        Some(result) => root.with(result),
        None => root,
    };
    response(StatusCode::OK, "text/xml", root.with(metadata).to_string())
}

/// Renders an error: `<ErrorResponse><Error><Type/><Code/><Message/></Error><RequestId/></ErrorResponse>`.
pub(crate) fn refuse(namespace: &str, error: &Error, request_id: &str) -> Response {
    let fault = if error.status < 500 { "Sender" } else { "Receiver" };
    let detail = Element::new("Error")
        .with(Element::text("Type", fault))
        .with(Element::text("Code", &error.code))
        .with(Element::text("Message", &error.message));
    let root = Element::new("ErrorResponse")
        .attribute("xmlns", namespace)
        .with(detail)
        .with(Element::text("RequestId", request_id));
    response(status(error.status), "text/xml", root.to_string())
}

fn lower_first(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}
