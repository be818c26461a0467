//! A gateway response on its way out: what went wrong, and how the API wants it told.

use std::borrow::Cow;

use http::{HeaderMap, HeaderName, HeaderValue};

use super::definition::Definition;
use super::exchange::Exchange;
use super::expression::Expression;
use super::gateway_response::{self, Type, default_templates};
use super::media_type;
use super::template::Template;
use crate::call::Response;
use crate::wire::{ERROR_TYPE, status};

/// What went wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Failure {
    pub(super) kind: Type,
    /// Of a type that has none.
    pub(super) status: Option<u16>,
    /// `null` to the client when there is none.
    pub(super) message: Option<Cow<'static, str>>,
    pub(super) validation: Option<String>,
    /// Whether IAM has denied the call, whose own answer has another form.
    pub(super) by_iam: bool,
}

impl Failure {
    /// A failure of a type, with its message.
    pub(super) fn new(kind: Type, message: impl Into<Cow<'static, str>>) -> Self {
        Self { kind, status: None, message: Some(message.into()), validation: None, by_iam: false }
    }

    /// What clients get of a fault behind the gateway.
    pub(super) fn internal(status: u16) -> Self {
        let message = "Internal server error";
        Self { status: Some(status), ..Self::new(gateway_response::DEFAULT_5XX, message) }
    }

    /// `$context.error.<name>`
    pub(super) fn variable(&self, name: &str) -> Option<Cow<'_, str>> {
        let message = self.message.as_deref();
        match name {
            "message" => message.map(Into::into),
            // With its quotes, so that a template can put it into JSON as it is.
            "messageString" => {
                Some(message.map_or_else(|| "null".into(), |text| serde_json::json!(text).to_string().into()))
            }
            "responseType" => Some(self.kind.name.into()),
            "validationErrorString" => self.validation.as_deref().map(Into::into),
            _ => None,
        }
    }
}

/// A gateway response, compiled.
#[derive(Debug)]
pub(super) struct Answer {
    /// The API's own, or the type's.
    status: Option<u16>,
    headers: Vec<(HeaderName, Expression)>,
    /// By media type.
    templates: Vec<(String, Template)>,
    /// Whether the API says nothing of the type, nor of its family.
    is_awss_own: bool,
}

impl Answer {
    /// The answer of a type, in `definition`.
    pub(super) fn compile(kind: Type, definition: &Definition) -> Self {
        let response = kind.effective(definition);
        let header = |(name, expression): (&String, &String)| {
            let name = HeaderName::try_from(name.strip_prefix("gatewayresponse.header.")?).ok()?;
            Some((name, Expression::parse(expression)?))
        };
        Self {
            status: response.status_code.and_then(|status| status.parse().ok()),
            headers: response.response_parameters.iter().filter_map(header).collect(),
            templates: compile(&response.response_templates),
            is_awss_own: response.default_response && response.response_templates == default_templates(),
        }
    }

    /// Renders `exchange`'s failure. A status of the API's own comes before that of the failure.
    pub(super) fn render(&self, failure: &Failure, exchange: &Exchange<'_>) -> Response {
        let code = self.status.or(failure.status).unwrap_or(500);
        let mut headers = HeaderMap::new();
        let mut body = String::new();
        if let Some((media_type, template)) = choose(&self.templates, &exchange.request.headers) {
            insert(&mut headers, http::header::CONTENT_TYPE, media_type);
            body = template.render("", |variable| exchange.value(variable).map(|value| value.into_owned().into()));
        }
        if failure.by_iam && self.is_awss_own {
            body = serde_json::json!({ "Message": failure.message }).to_string();
        }
        insert(&mut headers, ERROR_TYPE, failure.kind.error);
        for (name, expression) in &self.headers {
            if let Some(value) = exchange.value(expression) {
                insert(&mut headers, name.clone(), &value);
            }
        }
        Response { status: status(code), headers, body: body.into() }
    }
}

/// Templates by media type; what does not compile was refused when it was set.
pub(super) fn compile(templates: &super::model::Strings) -> Vec<(String, Template)> {
    templates
        .iter()
        .filter_map(|(media_type, text)| Some((media_type.clone(), Template::compile(text).ok()?)))
        .collect()
}

/// The template for what a client accepts, else that for JSON, else the first.
pub(super) fn choose<'a>(templates: &'a [(String, Template)], headers: &HeaderMap) -> Option<&'a (String, Template)> {
    let of = |wanted: &str| templates.iter().find(|(media_type, _)| media_type.eq_ignore_ascii_case(wanted));
    media_type::first_accepted(headers).and_then(of).or_else(|| of("application/json")).or_else(|| templates.first())
}

/// Sets a header, when `value` can be one.
pub(super) fn insert(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}
