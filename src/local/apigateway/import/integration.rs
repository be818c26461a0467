//! Integrations: `aws_proxy` with Lambda, `http_proxy`, and `mock`.

use std::collections::BTreeMap;

use super::{Import, document};
use crate::apigateway::backend;
use crate::apigateway::definition::{Integration, IntegrationResponse, IntegrationType, MethodResponse};
use crate::apigateway::expression::Expression;
use crate::apigateway::http_proxy;
use crate::apigateway::mock;
use crate::apigateway::template::Template;

impl Import<'_> {
    /// Makes an integration of a method of `resource`; `None` when it is of no type that there is.
    pub(super) fn integration(
        &mut self,
        place: &str,
        new: document::Integration,
        (resource, parameters, responses): (&str, &BTreeMap<String, bool>, &BTreeMap<String, MethodResponse>),
    ) -> Option<Integration> {
        let kind = match new.kind.to_lowercase().as_str() {
            "aws_proxy" => IntegrationType::AwsProxy,
            "http_proxy" => IntegrationType::HttpProxy,
            "mock" => IntegrationType::Mock,
            other => {
                self.refuse(place, &format!("integrations of type {other}"));
                return None;
            }
        };
        self.refuse_extras(place, &new, kind);
        let timeout_in_millis = new.timeout_in_millis.unwrap_or(29_000);
        if !(50..=29_000).contains(&timeout_in_millis) {
            self.errors.push(format!("Timeout should be between 50 ms and 29000 ms, found in {place}"));
        }
        let passthrough_behavior =
            new.passthrough_behavior.as_ref().map_or("WHEN_NO_MATCH".to_owned(), |text| text.to_uppercase());
        if !["WHEN_NO_MATCH", "WHEN_NO_TEMPLATES", "NEVER"].contains(&passthrough_behavior.as_str()) {
            self.errors.push(format!("Invalid passthroughBehavior {passthrough_behavior}, found in {place}"));
        }
        match kind {
            IntegrationType::AwsProxy => {
                if new.http_method.as_deref().unwrap_or_default().is_empty() {
                    self.errors.push(format!("Enumeration value for HttpMethod must be non-empty, found in {place}"));
                }
                if let Err(problem) = backend::function_arn(new.uri.as_deref().unwrap_or_default()) {
                    self.errors.push(format!("Invalid uri in {place}: {problem}"));
                }
                if !new.request_templates.is_empty() {
                    self.refuse(place, "requestTemplates of an aws_proxy integration");
                }
            }
            IntegrationType::HttpProxy => self.http_proxy(place, &new, parameters),
            IntegrationType::Mock => {
                for template in new.request_templates.values() {
                    if mock::status(template).is_none() {
                        self.refuse(place, "request templates of mocks other than {\"statusCode\": 200}");
                    }
                }
            }
        }
        let integration_responses = new
            .responses
            .into_iter()
            .map(|(pattern, response)| self.integration_response(place, (pattern, response), responses))
            .map(|response| (response.status_code.clone(), response))
            .collect();
        Some(Integration {
            kind,
            http_method: new.http_method.map(|method| method.to_uppercase()),
            uri: new.uri,
            credentials: new.credentials,
            connection_type: new.connection_type.map(|connection| connection.to_uppercase()),
            connection_id: new.connection_id,
            tls_config: new.tls_config,
            request_parameters: new.request_parameters,
            request_templates: new.request_templates,
            passthrough_behavior,
            content_handling: new.content_handling,
            timeout_in_millis,
            cache_namespace: new.cache_namespace.unwrap_or_else(|| resource.to_owned()),
            cache_key_parameters: Vec::new(),
            integration_responses,
        })
    }

    fn http_proxy(&mut self, place: &str, new: &document::Integration, declared: &BTreeMap<String, bool>) {
        if new.http_method.as_deref().unwrap_or_default().is_empty() {
            self.errors.push(format!("Enumeration value for HttpMethod must be non-empty, found in {place}"));
        }
        if let Some(problem) = http_proxy::refuse_uri(new.uri.as_deref().unwrap_or_default()) {
            self.errors.push(format!("{problem}, found in {place}"));
        }
        for (name, value) in &new.request_parameters {
            let is_declared = |parameter: &str| declared.contains_key(parameter);
            if let Some(problem) = http_proxy::refuse(name, value, is_declared) {
                self.errors.push(format!("{problem}, found in {place}"));
            }
        }
        if !new.request_templates.is_empty() {
            self.refuse(place, "requestTemplates of an http_proxy integration");
        }
        let is_linked =
            new.connection_type.as_deref().is_some_and(|connection| connection.eq_ignore_ascii_case("VPC_LINK"));
        if is_linked && new.connection_id.as_deref().unwrap_or_default().is_empty() {
            self.errors.push(format!("ConnectionId is required when ConnectionType is VPC_LINK, found in {place}"));
        }
    }

    fn refuse_extras(&mut self, place: &str, new: &document::Integration, kind: IntegrationType) {
        let transfer = new.response_transfer_mode.as_deref().unwrap_or("BUFFERED");
        let role =
            new.credentials.as_deref().is_none_or(|arn| arn.starts_with("arn:aws:iam::") && arn.contains(":role/"));
        let connection = new.connection_type.as_deref().unwrap_or("INTERNET");
        let is_http = kind == IntegrationType::HttpProxy;
        let connects =
            connection.eq_ignore_ascii_case("INTERNET") || is_http && connection.eq_ignore_ascii_case("VPC_LINK");
        for (given, what) in [
            (!is_http && !new.request_parameters.is_empty(), "requestParameters of an integration without HTTP"),
            (!is_http && new.tls_config.is_some(), "tlsConfig of an integration without HTTP"),
            (is_http && new.credentials.is_some(), "credentials of an http_proxy integration"),
            (is_http && new.content_handling.is_some(), "contentHandling of an http_proxy integration"),
            (!new.cache_key_parameters.is_empty(), "cacheKeyParameters"),
            (!role, "credentials that are not the ARN of a role"),
            (!connects, "VPC links of an integration without HTTP (connectionType)"),
            (!transfer.eq_ignore_ascii_case("BUFFERED"), "streaming (responseTransferMode)"),
        ] {
            if given {
                self.refuse(place, what);
            }
        }
    }

    fn integration_response(
        &mut self,
        place: &str,
        (pattern, new): (String, document::IntegrationResponse),
        responses: &BTreeMap<String, MethodResponse>,
    ) -> IntegrationResponse {
        let status_code = new.status_code.text();
        let declared = responses.get(&status_code);
        for (parameter, expression) in &new.response_parameters {
            if declared.is_none_or(|response| !response.response_parameters.contains_key(parameter)) {
                self.errors.push(format!(
                    "Invalid mapping expression specified: Validation Result: warnings : [], errors : [Invalid mapping \
                     expression parameter specified: {parameter}], found in {place}"
                ));
            }
            match Expression::parse(expression) {
                Some(Expression::Constant(_) | Expression::Context(_) | Expression::StageVariable(_)) => {}
                Some(Expression::Header(_) | Expression::Query(_) | Expression::Path(_)) | None => {
                    self.refuse(place, &format!("the response mapping {expression}"));
                }
            }
        }
        for template in new.response_templates.values() {
            if let Err(what) = Template::compile(template) {
                self.refuse(place, &what);
            }
        }
        if let Err(error) = regex_lite::Regex::new(&pattern) {
            self.errors.push(format!("Invalid selection pattern {pattern} in {place}: {error}"));
        }
        IntegrationResponse {
            status_code,
            selection_pattern: (pattern != "default").then_some(pattern),
            response_parameters: new.response_parameters,
            response_templates: new.response_templates,
        }
    }
}
