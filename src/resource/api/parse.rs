//! What API Gateway answers, as the table that the document was rendered from.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use aws_sdk_apigateway::types::{
    Authorizer, ConnectionType, ContentHandlingStrategy, GatewayResponse, GatewayResponseType, Integration,
    IntegrationResponse, Method, RequestValidator, Resource, RestApi, TlsConfig,
};

use crate::openapi::{self, Authorization, Operation, Response, Route, Table, Target, Validator};
use crate::scope::Scope;

/// What the reads of one API gave.
pub(super) struct Answers<'a> {
    pub(super) api: &'a RestApi,
    pub(super) resources: Vec<Resource>,
    pub(super) authorizers: Vec<Authorizer>,
    pub(super) responses: Vec<GatewayResponse>,
    pub(super) validators: Vec<RequestValidator>,
}

/// What is meant where nothing is said (API Gateway's API reference).
const TIMEOUT: u32 = 29_000;
const TTL: u32 = 300;
const PASSTHROUGH: &str = "WHEN_NO_MATCH";

impl Answers<'_> {
    pub(super) fn table(&self, scope: &Scope) -> Table {
        let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
        let routes = self.resources.iter().flat_map(|resource| {
            resource.resource_methods().into_iter().flatten().map(|(method, content)| {
                let operation = Operation { path: text(resource.path()), method: method.clone() };
                (operation, self.route(content, scope))
            })
        });
        let authorizers = self.authorizers.iter().map(|live| (text(live.name()), authorizer(live, scope)));
        let changed = self.responses.iter().filter(|response| !response.default_response());
        let responses = changed.map(|live| (text(live.response_type().map(GatewayResponseType::as_str)), response(live)));
        let validators = self.validators.iter().map(|live| {
            let validator =
                Validator { body: live.validate_request_body(), parameters: live.validate_request_parameters() };
            (text(live.name()), validator)
        });
        Table {
            title: text(self.api.name()),
            description: text(self.api.description()),
            routes: routes.collect(),
            authorizers: authorizers.collect(),
            responses: responses.collect(),
            validators: validators.collect(),
            binary_media_types: self.api.binary_media_types().iter().cloned().collect(),
        }
    }

    fn route(&self, live: &Method, scope: &Scope) -> Route {
        let authorizer = live.authorizer_id().map(|id| {
            let named = self.authorizers.iter().find(|authorizer| authorizer.id() == Some(id));
            named.and_then(Authorizer::name).unwrap_or(id).to_owned()
        });
        let authorization = match (live.authorization_type(), authorizer) {
            (None | Some("NONE"), _) => Authorization::None,
            (Some("CUSTOM"), Some(name)) => Authorization::Authorizer(name),
            (Some("AWS_IAM"), None) => Authorization::Iam,
            (Some(other), _) => Authorization::Other { r#type: other.to_owned() },
        };
        let validator = live.request_validator_id().map(|id| {
            let named = self.validators.iter().find(|validator| validator.id() == Some(id));
            named.and_then(RequestValidator::name).unwrap_or(id).to_owned()
        });
        let parameters = live.request_parameters().into_iter().flatten();
        let responses = live.method_responses().into_iter().flatten().map(|(status, response)| {
            let headers = response.response_parameters().into_iter().flat_map(HashMap::keys);
            let names = headers.map(|name| name.strip_prefix("method.response.header.").unwrap_or(name).to_owned());
            (status.clone(), names.collect::<BTreeSet<_>>())
        });
        Route {
            integration: integration(live.method_integration(), scope),
            authorization,
            api_key_required: live.api_key_required().unwrap_or_default(),
            validator,
            parameters: parameters
                .filter(|(name, _)| !name.starts_with("method.request.path."))
                .map(|(name, required)| (name.clone(), *required))
                .collect(),
            responses: responses.collect(),
        }
    }
}

/// An integration; a method that has none yet invokes nothing.
fn integration(live: Option<&Integration>, scope: &Scope) -> openapi::Integration {
    let kind = live.and_then(Integration::r#type).map_or_else(String::new, |kind| kind.as_str().to_owned());
    let responses = live.and_then(Integration::integration_responses).into_iter().flatten();
    openapi::Integration {
        kind,
        target: Target::parse(live.and_then(Integration::uri), scope),
        method: live.and_then(Integration::http_method).map(str::to_owned),
        vpc_link: live
            .filter(|live| live.connection_type() == Some(&ConnectionType::VpcLink))
            .and_then(Integration::connection_id)
            .map(str::to_owned),
        any_authority: live.and_then(Integration::tls_config).is_some_and(TlsConfig::insecure_skip_verification),
        credentials: live.and_then(Integration::credentials).map(str::to_owned),
        timeout: live.and_then(|live| live.timeout_in_millis().try_into().ok()).filter(|ms| *ms > 0).unwrap_or(TIMEOUT),
        passthrough: live.and_then(Integration::passthrough_behavior).unwrap_or(PASSTHROUGH).to_owned(),
        content_handling: live
            .and_then(Integration::content_handling)
            .map(ContentHandlingStrategy::as_str)
            .map(str::to_owned),
        request_parameters: sorted(live.and_then(Integration::request_parameters)),
        request_templates: sorted(live.and_then(Integration::request_templates)),
        integration_responses: responses
            .map(|(status, response)| (status.clone(), integration_response(response)))
            .collect(),
    }
}

fn integration_response(live: &IntegrationResponse) -> openapi::IntegrationResponse {
    openapi::IntegrationResponse {
        pattern: live.selection_pattern().filter(|pattern| !pattern.is_empty()).map(str::to_owned),
        parameters: sorted(live.response_parameters()),
        templates: sorted(live.response_templates()),
    }
}

fn authorizer(live: &Authorizer, scope: &Scope) -> openapi::Authorizer {
    let text = |text: Option<&str>| text.map(str::to_owned);
    openapi::Authorizer {
        kind: live.r#type().map_or_else(String::new, |kind| kind.as_str().to_owned()),
        target: Target::parse(live.authorizer_uri(), scope),
        credentials: text(live.authorizer_credentials()),
        identity_source: text(live.identity_source()),
        identity_validation: text(live.identity_validation_expression()),
        ttl: live.authorizer_result_ttl_in_seconds().and_then(|ttl| ttl.try_into().ok()).unwrap_or(TTL),
    }
}

fn response(live: &GatewayResponse) -> Response {
    Response {
        status: live.status_code().map(str::to_owned),
        parameters: sorted(live.response_parameters()),
        templates: sorted(live.response_templates()),
    }
}

fn sorted(map: Option<&HashMap<String, String>>) -> BTreeMap<String, String> {
    map.into_iter().flatten().map(|(key, value)| (key.clone(), value.clone())).collect()
}
