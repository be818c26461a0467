//! The mock integration: an answer from the API's own definition, for `OPTIONS` above all.

use http::{HeaderMap, HeaderName, header};
use regex_lite::Regex;

use super::definition::{Integration, IntegrationResponse};
use super::exchange::Exchange;
use super::expression::Expression;
use super::failure::{self, Failure};
use super::gateway_response::UNSUPPORTED_MEDIA_TYPE;
use super::media_type;
use super::template::Template;
use crate::call::Response;
use crate::wire;

/// A mock, compiled.
#[derive(Debug)]
pub(super) struct Mock {
    /// The status that the request template of a media type gives.
    templates: Vec<(String, u16)>,
    passthrough: String,
    to_text: bool,
    answers: Vec<Answer>,
}

#[derive(Debug)]
struct Answer {
    /// What the status must match; the default answer has none.
    pattern: Option<Regex>,
    status: u16,
    headers: Vec<(HeaderName, Expression)>,
    templates: Vec<(String, Template)>,
}

/// The status in a request template of the form `{"statusCode": 200}`, with or without quotes.
pub(super) fn status(template: &str) -> Option<u16> {
    let text: String = template.chars().filter(|c| !c.is_whitespace() && *c != '"' && *c != '\'').collect();
    let status = text.strip_prefix("{statusCode:")?.strip_suffix('}')?.parse().ok()?;
    (100..600).contains(&status).then_some(status)
}

impl Mock {
    pub(super) fn compile(integration: &Integration) -> Self {
        let templates = integration.request_templates.iter();
        Self {
            templates: templates.filter_map(|(name, template)| Some((name.clone(), status(template)?))).collect(),
            passthrough: integration.passthrough_behavior.clone(),
            to_text: integration.content_handling.as_deref() == Some("CONVERT_TO_TEXT"),
            answers: integration.integration_responses.values().filter_map(Answer::compile).collect(),
        }
    }

    /// The answer to `exchange`'s request.
    pub(super) fn answer(&self, exchange: &Exchange<'_>) -> Result<Response, Failure> {
        let content_type = media_type::header(&exchange.request.headers, header::CONTENT_TYPE);
        // A body that counts as binary is no text for a template.
        let is_binary = media_type::matches(&exchange.served.settings.binary_media_types, content_type);
        if is_binary && !self.to_text {
            return Err(Failure::internal(500));
        }
        let status = self.status(content_type, &exchange.request.body)?;
        let text = status.to_string();
        let chosen = self.answers.iter().find(|answer| answer.matches(&text));
        let answer = chosen.or_else(|| self.answers.iter().find(|answer| answer.pattern.is_none()));
        answer.map(|answer| answer.render(exchange)).ok_or_else(|| Failure::internal(500))
    }

    fn status(&self, content_type: Option<&str>, body: &[u8]) -> Result<u16, Failure> {
        let content_type = content_type.map_or("application/json", media_type::essence);
        if let Some((_, status)) = self.templates.iter().find(|(name, _)| name.eq_ignore_ascii_case(content_type)) {
            return Ok(*status);
        }
        let passes = match self.passthrough.as_str() {
            "NEVER" => false,
            "WHEN_NO_TEMPLATES" => self.templates.is_empty(),
            _ => true,
        };
        if !passes {
            return Err(Failure::new(UNSUPPORTED_MEDIA_TYPE, "Unsupported Media Type"));
        }
        // What the client sent takes the template's place.
        let sent: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
        let status =
            sent.get("statusCode").and_then(serde_json::Value::as_u64).and_then(|status| status.try_into().ok());
        status.ok_or_else(|| Failure::internal(500))
    }
}

impl Answer {
    fn compile(response: &IntegrationResponse) -> Option<Self> {
        let header = |(name, expression): (&String, &String)| {
            let name = HeaderName::try_from(name.strip_prefix("method.response.header.")?).ok()?;
            Some((name, Expression::parse(expression)?))
        };
        Some(Self {
            pattern: response.selection_pattern.as_ref().map(|pattern| Regex::new(pattern)).transpose().ok()?,
            status: response.status_code.parse().ok()?,
            headers: response.response_parameters.iter().filter_map(header).collect(),
            templates: failure::compile(&response.response_templates),
        })
    }

    fn matches(&self, status: &str) -> bool {
        self.pattern.as_ref().and_then(|pattern| pattern.find(status)).is_some_and(|found| found.len() == status.len())
    }

    fn render(&self, exchange: &Exchange<'_>) -> Response {
        let mut headers = HeaderMap::new();
        let mut body = String::new();
        match failure::choose(&self.templates, &exchange.request.headers) {
            Some((media_type, template)) => {
                failure::insert(&mut headers, header::CONTENT_TYPE, media_type);
                body = template.render("", |variable| exchange.value(variable).map(|value| value.into_owned().into()));
            }
            None => failure::insert(&mut headers, header::CONTENT_TYPE, "application/json"),
        }
        for (name, expression) in &self.headers {
            if let Some(value) = exchange.value(expression) {
                failure::insert(&mut headers, name.clone(), &value);
            }
        }
        Response { status: wire::status(self.status), headers, body: body.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::status;

    #[test]
    fn a_template_may_write_the_status_as_json_or_as_velocity_does() {
        for template in [r#"{"statusCode": 204}"#, "{ statusCode: 204 }", "{'statusCode':204}\n"] {
            assert_eq!(status(template), Some(204), "{template}");
        }
    }

    #[test]
    fn a_template_of_another_form_is_none() {
        for template in ["", "{}", r#"{"statusCode": "$input.params('s')"}"#, r#"{"statusCode": 99}"#] {
            assert_eq!(status(template), None, "{template}");
        }
    }
}
