//! What API Gateway answers without a function: mocks, gateway responses, validation, throttling.

use serde_json::{Value, json};

use crate::apigateway_client::{Gateway, document, operation, proxy};

fn preflight() -> Value {
    json!({
        "responses": { "204": { "headers": {
            "Access-Control-Allow-Origin": { "schema": { "type": "string" } },
            "X-Stage": { "schema": { "type": "string" } },
        } } },
        "x-amazon-apigateway-integration": {
            "type": "mock",
            "requestTemplates": { "application/json": "{\"statusCode\": 204}" },
            "responses": { "default": { "statusCode": "204", "responseParameters": {
                "method.response.header.Access-Control-Allow-Origin": "'*'",
                "method.response.header.X-Stage": "context.stage",
            } } },
        },
    })
}

#[test]
fn a_mock_answers_a_preflight_with_its_headers() {
    let gateway = Gateway::shared();
    let api = gateway.deploy(&document(json!({ "/memos": { "options": preflight() } })));
    let answer = gateway.request((&api, "OPTIONS", "/memos"), &[("origin", "http://localhost")], "");
    assert_eq!((answer.status, answer.text()), (204, ""));
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    assert_eq!(answer.header("x-stage"), Some("test"));
}

#[test]
fn a_mock_fails_when_every_body_counts_as_binary_unless_converted() {
    let gateway = Gateway::shared();
    let mut converted = preflight();
    converted["x-amazon-apigateway-integration"]["contentHandling"] = json!("CONVERT_TO_TEXT");
    let mut paths = document(json!({ "/a": { "options": preflight() }, "/b": { "options": converted } }));
    paths["x-amazon-apigateway-binary-media-types"] = json!(["*/*"]);
    let api = gateway.deploy(&paths);
    assert_eq!(gateway.request((&api, "OPTIONS", "/a"), &[], "").status, 500);
    assert_eq!(gateway.request((&api, "OPTIONS", "/b"), &[], "").status, 204);
}

#[test]
fn a_mock_that_passes_nothing_through_refuses_other_media_types() {
    let gateway = Gateway::shared();
    let mut strict = preflight();
    strict["x-amazon-apigateway-integration"]["passthroughBehavior"] = json!("never");
    let api = gateway.deploy(&document(json!({ "/": { "post": strict } })));
    let answer = gateway.request((&api, "POST", "/"), &[("content-type", "text/plain")], "x");
    assert_eq!(answer.error(), (415, "BadRequestException".into(), "Unsupported Media Type".into()));
}

#[test]
fn a_path_or_a_method_that_is_not_there_is_a_missing_authentication_token() {
    let gateway = Gateway::shared();
    let api = gateway.deploy(&document(json!({ "/v1/memos": { "get": operation(proxy()) } })));
    for (method, path) in [("GET", "/v2"), ("GET", "/v1"), ("POST", "/v1/memos"), ("GET", "/v1/memos/1")] {
        assert_eq!(
            gateway.request((&api, method, path), &[], "").error(),
            (403, "MissingAuthenticationTokenException".into(), "Missing Authentication Token".into()),
            "{method} {path}"
        );
    }
}

#[test]
fn a_stage_or_an_api_that_is_not_there_is_forbidden() {
    let gateway = Gateway::shared();
    let api = gateway.import(&document(json!({ "/": { "get": operation(proxy()) } })));
    for api in [api.as_str(), "nothing"] {
        assert_eq!(gateway.get(api, "/", &[]).error(), (403, "ForbiddenException".into(), "Forbidden".into()));
    }
}

fn customised(responses: &Value) -> Value {
    let mut document = document(json!({ "/": { "get": operation(proxy()) } }));
    document["x-amazon-apigateway-gateway-responses"] = responses.clone();
    document
}

#[test]
fn a_gateway_response_sets_status_headers_and_body() {
    let gateway = Gateway::shared();
    let api = gateway.deploy(&customised(&json!({ "MISSING_AUTHENTICATION_TOKEN": {
        "statusCode": 404,
        "responseParameters": {
            "gatewayresponse.header.Content-Type": "'application/problem+json'",
            "gatewayresponse.header.X-Request-Id": "context.requestId",
            "gatewayresponse.header.X-Echo": "method.request.header.X-Given",
        },
        "responseTemplates": { "application/json":
            "{\"title\":$context.error.messageString,\"type\":\"$context.error.responseType\",\"stage\":\"$context.stage\"}" },
    } })));
    let answer = gateway.get(&api, "/nowhere", &[("x-given", "given")]);
    assert_eq!(answer.status, 404);
    assert_eq!(
        answer.json(),
        json!({ "title": "Missing Authentication Token", "type": "MISSING_AUTHENTICATION_TOKEN", "stage": "test" })
    );
    assert_eq!(answer.header("content-type"), Some("application/problem+json"));
    assert_eq!(answer.header("x-request-id"), answer.header("x-amzn-requestid"));
    assert_eq!(answer.header("x-echo"), Some("given"));
}

#[test]
fn a_default_of_all_4xx_lends_its_headers_and_keeps_each_status_unless_it_sets_one() {
    let gateway = Gateway::shared();
    let origin = json!({ "gatewayresponse.header.Access-Control-Allow-Origin": "'*'" });
    let api = gateway.deploy(&customised(&json!({ "DEFAULT_4XX": { "responseParameters": origin } })));
    let answer = gateway.get(&api, "/nowhere", &[]);
    assert_eq!((answer.status, answer.header("access-control-allow-origin")), (403, Some("*")));
    let api = gateway.deploy(&customised(&json!({ "DEFAULT_4XX": { "statusCode": "418" } })));
    assert_eq!(gateway.get(&api, "/nowhere", &[]).status, 418);
}

#[test]
fn missing_parameters_that_a_validator_requires_are_named() {
    let gateway = Gateway::shared();
    let operation = |validator: Value| {
        json!({
            "parameters": [
                { "name": "page", "in": "query", "required": true },
                { "name": "X-Tenant", "in": "header", "required": true },
                { "name": "q", "in": "query" },
            ],
            "x-amazon-apigateway-request-validator": validator,
            "x-amazon-apigateway-integration": proxy(),
        })
    };
    let mut paths = document(
        json!({ "/strict": { "get": operation(json!("params")) }, "/lax": { "get": operation(json!("none")) } }),
    );
    paths["x-amazon-apigateway-request-validators"] = json!({
        "params": { "validateRequestParameters": true, "validateRequestBody": false },
        "none": {},
    });
    let api = gateway.deploy(&paths);
    let message = "Missing required request parameters: [X-Tenant, page]";
    assert_eq!(gateway.get(&api, "/strict", &[]).error(), (400, "BadRequestException".into(), message.into()));
    assert_eq!(gateway.get(&api, "/strict?page=1", &[("x-tenant", "t")]).status, 200);
    assert_eq!(gateway.get(&api, "/lax", &[]).status, 200);
}

#[test]
fn a_throttled_method_answers_429_after_its_burst() {
    let gateway = Gateway::shared();
    let api = gateway.deploy(&document(json!({ "/a": { "options": preflight() }, "/b": { "options": preflight() } })));
    let patches = [("/~1a/OPTIONS/throttling/rateLimit", "0"), ("/~1a/OPTIONS/throttling/burstLimit", "2")];
    let patches: Vec<Value> =
        patches.iter().map(|(path, value)| json!({ "op": "replace", "path": path, "value": value })).collect();
    gateway.done("PATCH", &format!("/restapis/{api}/stages/test"), &json!({ "patchOperations": patches }));
    let ask = |path: &str| gateway.request((&api, "OPTIONS", path), &[], "");
    assert_eq!([ask("/a").status, ask("/a").status], [204, 204]);
    assert_eq!(ask("/a").error(), (429, "TooManyRequestsException".into(), "Too Many Requests".into()));
    assert_eq!(ask("/b").status, 204);
}
