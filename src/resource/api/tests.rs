//! Round trips: what API Gateway would hold after the import of a rendered table parses back to that table.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_apigateway::types::{
    Authorizer, GatewayResponse, Integration, IntegrationResponse, Method, MethodResponse, RequestValidator, Resource,
    RestApi, TlsConfig,
};
use proptest::collection::{btree_map, btree_set};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::Value;

use super::parse::Answers;
use crate::digest::Digest;
use crate::openapi::{self, Authorization, Operation, Route, Table, Target, Validator, render};
use crate::scope::Scope;

const FUNCTIONS: [&str; 3] = ["memo-prod-auth", "memo-prod-authorizer", "memo-prod-memo"];

/// The content of the version `number` of any function.
fn content(function: &str, number: u64) -> Option<Digest> {
    (number < 9).then(|| Digest::of(&(function, number)))
}

fn number(function: &str, digest: &Digest) -> Option<u64> {
    (1..9).find(|number| content(function, *number).as_ref() == Some(digest))
}

/// An import as API Gateway does it: what is not said gets API Gateway's defaults, and the answers show them or leave
/// them out as recorded in localstack's snapshots of AWS (`test_import_swagger_api`).
fn import(document: &Value, parse: impl Fn(&Answers<'_>) -> Table) -> Table {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let strings = |value: &Value| -> Option<HashMap<String, String>> {
        value.as_object().map(|map| map.iter().map(|(key, value)| (key.clone(), text(value).unwrap())).collect())
    };
    let api = RestApi::builder()
        .set_name(text(&document["info"]["title"]))
        .set_description(text(&document["info"]["description"]))
        .set_binary_media_types(
            document["x-amazon-apigateway-binary-media-types"].as_array().map(|types| types.iter().filter_map(text).collect()),
        )
        .build();
    let mut authorizers = Vec::new();
    for (name, scheme) in document["components"]["securitySchemes"].as_object().unwrap() {
        let extension = &scheme["x-amazon-apigateway-authorizer"];
        let ttl = extension["authorizerResultTtlInSeconds"].as_i64().and_then(|ttl| ttl.try_into().ok());
        authorizers.push(
            Authorizer::builder()
                .id(format!("id-of-{name}"))
                .name(name)
                .r#type(extension["type"].as_str().unwrap().to_uppercase().as_str().into())
                .set_authorizer_uri(text(&extension["authorizerUri"]))
                .set_authorizer_credentials(text(&extension["authorizerCredentials"]))
                .set_identity_source(text(&extension["identitySource"]))
                .set_identity_validation_expression(text(&extension["identityValidationExpression"]))
                .set_authorizer_result_ttl_in_seconds(ttl)
                .build(),
        );
    }
    let mut responses = vec![GatewayResponse::builder().response_type("WAF_FILTERED".into()).default_response(true).build()];
    for (kind, response) in document["x-amazon-apigateway-gateway-responses"].as_object().unwrap() {
        responses.push(
            GatewayResponse::builder()
                .response_type(kind.as_str().into())
                .set_status_code(text(&response["statusCode"]))
                .set_response_parameters(strings(&response["responseParameters"]))
                .set_response_templates(strings(&response["responseTemplates"]))
                .build(),
        );
    }
    let validators = document["x-amazon-apigateway-request-validators"].as_object().into_iter().flatten();
    let validators = validators.map(|(name, validator)| {
        RequestValidator::builder()
            .id(format!("id-of-{name}"))
            .name(name)
            .validate_request_body(validator["validateRequestBody"].as_bool().unwrap())
            .validate_request_parameters(validator["validateRequestParameters"].as_bool().unwrap())
            .build()
    });
    let resources = document["paths"].as_object().unwrap().iter().map(|(path, methods)| {
        let methods = methods.as_object().unwrap().iter().map(|(name, operation)| {
            let name = if name == "x-amazon-apigateway-any-method" { "ANY".to_owned() } else { name.to_uppercase() };
            (name, method(operation, &strings))
        });
        Resource::builder().path(path).set_resource_methods(Some(methods.collect())).build()
    });
    parse(&Answers {
        api: &api,
        resources: resources.collect(),
        authorizers,
        responses,
        validators: validators.collect(),
    })
}

fn method(operation: &Value, strings: &impl Fn(&Value) -> Option<HashMap<String, String>>) -> Method {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let extension = &operation["x-amazon-apigateway-integration"];
    let authorizer = operation["security"].as_array().and_then(|security| security.first()?.as_object()?.keys().next().cloned());
    let parameters = operation["parameters"].as_array().into_iter().flatten().map(|parameter| {
        let place = if parameter["in"] == "query" { "querystring" } else { parameter["in"].as_str().unwrap() };
        let name = format!("method.request.{place}.{}", parameter["name"].as_str().unwrap());
        (name, parameter["required"].as_bool().unwrap())
    });
    let responses = operation["responses"].as_object().unwrap().iter().map(|(status, response)| {
        let headers = response["headers"].as_object().into_iter().flatten();
        let headers = headers.map(|(name, _)| (format!("method.response.header.{name}"), false));
        let response = MethodResponse::builder().status_code(status).set_response_parameters(Some(headers.collect()));
        (status.clone(), response.build())
    });
    let answers = extension["responses"].as_object().into_iter().flatten().map(|(pattern, response)| {
        let status = text(&response["statusCode"]).unwrap();
        let answer = IntegrationResponse::builder()
            .status_code(&status)
            .set_selection_pattern((pattern != "default").then(|| pattern.clone()))
            .set_response_parameters(strings(&response["responseParameters"]))
            .set_response_templates(strings(&response["responseTemplates"]));
        (status, answer.build())
    });
    let integration = Integration::builder()
        .r#type(extension["type"].as_str().unwrap().to_uppercase().as_str().into())
        .set_http_method(text(&extension["httpMethod"]))
        .set_uri(text(&extension["uri"]))
        .set_credentials(text(&extension["credentials"]))
        .connection_type(extension["connectionType"].as_str().unwrap_or("INTERNET").into())
        .set_connection_id(text(&extension["connectionId"]))
        .tls_config(
            TlsConfig::builder()
                .insecure_skip_verification(extension["tlsConfig"]["insecureSkipVerification"] == true)
                .build(),
        )
        .timeout_in_millis(extension["timeoutInMillis"].as_i64().unwrap().try_into().unwrap())
        .set_passthrough_behavior(text(&extension["passthroughBehavior"]).map(|behaviour| behaviour.to_uppercase()))
        .set_content_handling(extension["contentHandling"].as_str().map(Into::into))
        .set_request_parameters(strings(&extension["requestParameters"]))
        .set_request_templates(strings(&extension["requestTemplates"]))
        .set_integration_responses(Some(answers.collect()))
        .cache_namespace("resource-id")
        .build();
    Method::builder()
        .authorization_type(if authorizer.is_some() { "CUSTOM" } else { "NONE" })
        .set_authorizer_id(authorizer.map(|name| format!("id-of-{name}")))
        .api_key_required(false)
        .set_request_validator_id(text(&operation["x-amazon-apigateway-request-validator"]).map(|name| format!("id-of-{name}")))
        .set_request_parameters(Some(parameters.collect()))
        .set_method_responses(Some(responses.collect()))
        .method_integration(integration)
        .build()
}

fn round_trip(table: &Table) -> Table {
    let document = render(table, &Scope::example(), number).unwrap();
    import(&document, |answers| answers.table(&Scope::example()).resolved(content))
}

fn target() -> impl Strategy<Value = Target> {
    let function = || select(FUNCTIONS.to_vec()).prop_map(str::to_owned);
    prop_oneof![
        8 => (function(), 1..9u64).prop_map(|(function, number)| Target::Version {
            digest: content(&function, number).unwrap(), function
        }),
        1 => (function(), 9..20u64).prop_map(|(function, number)| Target::Unpinned {
            function, qualifier: Some(number.to_string())
        }),
        1 => function().prop_map(|function| Target::Unpinned { function, qualifier: None }),
        1 => Just(Target::Uri("https://example.com/".to_owned())),
        1 => Just(Target::Nothing),
    ]
}

fn words() -> impl Strategy<Value = BTreeMap<String, String>> {
    btree_map("[a-z.]{1,8}", "[a-zA-Z0-9'$ {}\"]{0,12}", 0..3)
}

fn integration() -> impl Strategy<Value = openapi::Integration> {
    let kind = select(vec!["AWS_PROXY", "MOCK", "HTTP_PROXY"]);
    let handling = proptest::option::of(select(vec!["CONVERT_TO_TEXT", "CONVERT_TO_BINARY"]));
    // A document has one response for each pattern, so there is one without.
    let answer = proptest::option::of(("[2-5][0-9][0-9]", words(), words()));
    let texts = (words(), words(), proptest::option::of("arn:aws:iam::1:role/[a-z]{1,5}"));
    let way = (proptest::option::of("[a-z0-9]{6}"), any::<bool>());
    (kind, target(), texts, 50..29_001u32, handling, answer, way).prop_map(
        |(kind, target, (parameters, templates, credentials), timeout, handling, answer, (vpc_link, any_authority))| openapi::Integration {
            kind: kind.to_owned(),
            target,
            method: (kind != "MOCK").then(|| "POST".to_owned()),
            vpc_link,
            any_authority,
            credentials,
            timeout,
            passthrough: "NEVER".to_owned(),
            content_handling: handling.map(str::to_owned),
            request_parameters: parameters,
            request_templates: templates,
            integration_responses: answer
                .map(|(status, parameters, templates)| {
                    (status, openapi::IntegrationResponse { pattern: None, parameters, templates })
                })
                .into_iter()
                .collect(),
        },
    )
}

prop_compose! {
    fn route()(
        integration in integration(),
        authorizer in proptest::option::of(select(vec!["jwt", "other"])),
        validator in proptest::option::of(select(vec!["body", "all"])),
        query in btree_map("[a-z]{1,5}", any::<bool>(), 0..2),
        responses in btree_map("[2-5][0-9][0-9]", btree_set("[A-Z][a-z]{1,6}", 0..3), 0..3),
    ) -> Route {
        Route {
            integration,
            authorization: authorizer.map_or(Authorization::None, |name| Authorization::Authorizer(name.to_owned())),
            api_key_required: false,
            validator: validator.map(str::to_owned),
            parameters: query.into_iter().map(|(name, required)| (format!("method.request.querystring.{name}"), required)).collect(),
            responses,
        }
    }
}

prop_compose! {
    fn authorizer()(target in target(), ttl in 0..3601u32, expression in proptest::option::of("[a-z]{1,5}")) -> openapi::Authorizer {
        openapi::Authorizer {
            kind: "REQUEST".to_owned(),
            target,
            credentials: None,
            identity_source: Some("method.request.header.Authorization".to_owned()),
            identity_validation: expression,
            ttl,
        }
    }
}

prop_compose! {
    fn table()(
        routes in btree_map(("(/[a-z]{1,4}|/\\{[a-z]{1,4}\\}){1,3}", select(vec!["GET", "PUT", "ANY", "OPTIONS"])), route(), 0..5),
        jwt in authorizer(),
        other in authorizer(),
        responses in btree_map(select(vec!["UNAUTHORIZED", "DEFAULT_4XX", "THROTTLED"]), (proptest::option::of("[45][0-9][0-9]"), words(), words()), 0..3),
        binary in btree_set("[a-z]{1,4}/[a-z]{1,4}", 0..2),
        body: bool,
    ) -> Table {
        Table {
            title: "memo-prod-api".to_owned(),
            description: "memoctl:memo/prod/api/api".to_owned(),
            routes: routes
                .into_iter()
                .map(|((path, method), route)| (Operation { path, method: method.to_owned() }, route))
                .collect(),
            authorizers: BTreeMap::from([("jwt".to_owned(), jwt), ("other".to_owned(), other)]),
            responses: responses
                .into_iter()
                .map(|(kind, (status, parameters, templates))| {
                    (kind.to_owned(), openapi::Response { status, parameters, templates })
                })
                .collect(),
            validators: BTreeMap::from([
                ("body".to_owned(), Validator { body, parameters: false }),
                ("all".to_owned(), Validator { body: true, parameters: true }),
            ]),
            binary_media_types: binary,
        }
    }
}

proptest! {
    #[test]
    fn what_api_gateway_holds_after_an_import_parses_back_to_the_table(table in table()) {
        prop_assert_eq!(round_trip(&table), table);
    }
}

#[test]
fn what_an_answer_leaves_out_is_api_gateways_default() {
    let authorizer = Authorizer::builder().name("jwt").build();
    let method = Method::builder().method_integration(Integration::builder().build()).build();
    let resource = Resource::builder().path("/").resource_methods("GET", method).build();
    let answers = Answers {
        api: &RestApi::builder().build(),
        resources: vec![resource],
        authorizers: vec![authorizer],
        responses: Vec::new(),
        validators: Vec::new(),
    };
    let table = answers.table(&Scope::example());
    let integration = &table.routes.values().next().unwrap().integration;
    assert_eq!((integration.timeout, integration.passthrough.as_str()), (29_000, "WHEN_NO_MATCH"));
    assert_eq!(table.authorizers["jwt"].ttl, 300);
}
