//! Lambda authorizers.

use serde_json::{Value, json};

use crate::apigateway_client::{Answer, Gateway, document, proxy, role, uri};

/// A document with two methods behind an authorizer that is as given, invoked by the role that may.
#[expect(clippy::needless_pass_by_value, reason = "documents are written in place")]
fn guarded(authorizer: Value) -> Value {
    let mut extension = json!({ "authorizerUri": uri("gateway"), "authorizerCredentials": role("invoker") });
    extension.as_object_mut().expect("an object").extend(authorizer.as_object().expect("an object").clone());
    let operation = json!({ "security": [{ "guard": [] }], "x-amazon-apigateway-integration": proxy() });
    let mut document = document(json!({ "/a": { "get": operation }, "/b": { "get": operation } }));
    document["components"] = json!({ "securitySchemes": { "guard": {
        "type": "apiKey", "name": "Authorization", "in": "header",
        "x-amazon-apigateway-authtype": "custom",
        "x-amazon-apigateway-authorizer": extension,
    } } });
    document
}

fn request_type(ttl: u32) -> Value {
    guarded(json!({
        "type": "request", "identitySource": "method.request.header.Authorization", "authorizerResultTtlInSeconds": ttl,
    }))
}

/// The event with which the authorizer was asked when it granted what led to `answer`: with the id of that request.
fn asked(answer: &Answer) -> Value {
    let event = answer.json();
    let asked = event["requestContext"]["authorizer"]["event"].as_str().unwrap_or_else(|| panic!("{event}"));
    serde_json::from_str(asked).expect("an event")
}

fn with(gateway: &Gateway, api: &str, path: &str, token: &str) -> Answer {
    gateway.get(api, path, &[("authorization", token)])
}

#[test]
fn what_an_authorizer_tells_of_the_caller_arrives_as_text() {
    let gateway = Gateway::shared();
    let api = gateway.deploy(&request_type(0));
    let event = with(&gateway, &api, "/a", "allow").json();
    let context = &event["requestContext"]["authorizer"];
    assert_eq!(
        (&context["principalId"], &context["admin"], &context["name"]),
        (&json!("user-1"), &json!("true"), &json!("n"))
    );
    assert!(context["event"].is_string() && context["integrationLatency"].is_number(), "{context}");
}

#[test]
fn a_request_authorizer_gets_the_request_with_empty_maps_as_objects() {
    let gateway = Gateway::shared();
    let api = gateway.deploy(&request_type(0));
    let event = asked(&with(&gateway, &api, "/a?x=1", "allow"));
    assert_eq!(event["type"], "REQUEST");
    assert_eq!(event["methodArn"], json!(format!("arn:aws:execute-api:us-east-1:000000000000:{api}/test/GET/a")));
    assert_eq!((&event["path"], &event["resource"], &event["httpMethod"]), (&json!("/a"), &json!("/a"), &json!("GET")));
    assert_eq!(event["queryStringParameters"], json!({ "x": "1" }));
    assert_eq!((&event["pathParameters"], &event["stageVariables"]), (&json!({}), &json!({})));
    assert_eq!(event["requestContext"]["path"], "/test/a");
}

#[test]
fn a_token_authorizer_gets_the_token_alone() {
    let gateway = Gateway::shared();
    let api = gateway.deploy(&guarded(json!({ "type": "token", "authorizerResultTtlInSeconds": 0 })));
    assert_eq!(
        asked(&with(&gateway, &api, "/a", "allow")),
        json!({
            "type": "TOKEN",
            "authorizationToken": "allow",
            "methodArn": format!("arn:aws:execute-api:us-east-1:000000000000:{api}/test/GET/a"),
        })
    );
}

#[test]
fn a_missing_identity_source_is_401_without_a_call() {
    let gateway = Gateway::shared();
    let mut document = request_type(0);
    // With this role a call would be a configuration error.
    document["components"]["securitySchemes"]["guard"]["x-amazon-apigateway-authorizer"]["authorizerCredentials"] =
        json!(role("idler"));
    let api = gateway.deploy(&document);
    for headers in [&[][..], &[("authorization", "")]] {
        let answer = gateway.get(&api, "/a", headers);
        assert_eq!(answer.error(), (401, "UnauthorizedException".into(), "Unauthorized".into()));
    }
}

#[test]
fn a_token_that_the_expression_does_not_match_is_401() {
    let gateway = Gateway::shared();
    let api = gateway.deploy(&guarded(json!({ "type": "token", "identityValidationExpression": "al+ow" })));
    assert_eq!(with(&gateway, &api, "/a", "allow").status, 200);
    assert_eq!(with(&gateway, &api, "/a", "allows").status, 401);
}

#[test]
fn each_outcome_of_an_authorizer_has_its_status_and_message() {
    let gateway = Gateway::shared();
    let api = gateway.deploy(&request_type(0));
    let cases = [
        ("unauthorized", 401, "UnauthorizedException", "Unauthorized"),
        ("deny", 403, "AccessDeniedException", "User is not authorized to access this resource with an explicit deny"),
        ("elsewhere", 403, "AccessDeniedException", "User is not authorized to access this resource"),
        ("crash", 500, "AuthorizerFailureException", ""),
        ("shape", 500, "AuthorizerConfigurationException", ""),
        ("object", 500, "AuthorizerConfigurationException", ""),
        ("long", 500, "AuthorizerConfigurationException", ""),
    ];
    for (token, status, error, message) in cases {
        assert_eq!(
            with(&gateway, &api, "/a", token).error(),
            (status, error.to_owned(), message.to_owned()),
            "{token}"
        );
    }
}

#[test]
fn an_authorizer_that_may_not_be_invoked_is_a_configuration_error_with_a_null_message() {
    let gateway = Gateway::shared();
    let mut document = request_type(0);
    document["components"]["securitySchemes"]["guard"]["x-amazon-apigateway-authorizer"]["authorizerCredentials"] =
        json!(role("idler"));
    let api = gateway.deploy(&document);
    let answer = with(&gateway, &api, "/a", "allow");
    assert_eq!((answer.status, answer.text()), (500, r#"{"message":null}"#));
}

#[test]
fn a_cached_answer_serves_the_same_token_on_every_method() {
    let gateway = Gateway::shared();
    let api = gateway.deploy(&request_type(300));
    let first = asked(&with(&gateway, &api, "/a", "token-1"));
    assert_eq!(asked(&with(&gateway, &api, "/b", "token-1")), first);
    assert_ne!(asked(&with(&gateway, &api, "/a", "token-2")), first);
}

#[test]
fn a_cached_policy_that_names_one_method_refuses_the_others() {
    let gateway = Gateway::shared();
    let api = gateway.deploy(&request_type(300));
    assert_eq!(with(&gateway, &api, "/a", "this").status, 200);
    assert_eq!(with(&gateway, &api, "/b", "this").status, 403);
}

#[test]
fn a_flush_empties_the_cache_and_a_release_does_not() {
    let gateway = Gateway::shared();
    let api = gateway.deploy(&request_type(300));
    let first = asked(&with(&gateway, &api, "/a", "t"));
    gateway.done("POST", &format!("/restapis/{api}/deployments"), &json!({ "stageName": "test" }));
    assert_eq!(asked(&with(&gateway, &api, "/a", "t")), first);
    let flushed = gateway.call("DELETE", &format!("/restapis/{api}/stages/test/cache/authorizers"), &Value::Null);
    assert_eq!(flushed.status, 202);
    assert_ne!(asked(&with(&gateway, &api, "/a", "t")), first);
}

#[test]
fn identity_may_come_from_query_context_and_stage_variables() {
    let gateway = Gateway::shared();
    let source = "method.request.querystring.key, context.stage, stageVariables.realm";
    let api = gateway.deploy(&guarded(json!({ "type": "request", "identitySource": source })));
    assert_eq!(gateway.get(&api, "/a?key=1", &[]).status, 401);
    let patches = json!({ "patchOperations": [{ "op": "replace", "path": "/variables/realm", "value": "r" }] });
    gateway.done("PATCH", &format!("/restapis/{api}/stages/test"), &patches);
    assert_eq!(gateway.get(&api, "/a?key=1", &[]).status, 200);
    assert_eq!(gateway.get(&api, "/a", &[]).status, 401);
}
