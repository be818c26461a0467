//! The Lambda proxy integration: events and answers.

use serde_json::{Value, json};

use crate::apigateway_client::{Gateway, catch_all, document, operation, proxy, role, uri};

#[test]
fn the_event_has_all_members_and_empty_maps_are_null() {
    let gateway = Gateway::shared();
    let api = gateway.deploy(&catch_all());
    let event = gateway.get(&api, "/", &[("user-agent", "tests")]).json();
    let members: Vec<&String> = event.as_object().unwrap().keys().collect();
    assert_eq!(
        members,
        [
            "body",
            "headers",
            "httpMethod",
            "isBase64Encoded",
            "multiValueHeaders",
            "multiValueQueryStringParameters",
            "path",
            "pathParameters",
            "queryStringParameters",
            "requestContext",
            "resource",
            "stageVariables"
        ]
    );
    for member in
        ["body", "pathParameters", "queryStringParameters", "multiValueQueryStringParameters", "stageVariables"]
    {
        assert_eq!(event[member], Value::Null, "{member}");
    }
    assert_eq!((&event["path"], &event["resource"]), (&json!("/"), &json!("/")));
}

#[test]
fn the_request_context_tells_of_api_stage_and_caller() {
    let gateway = Gateway::shared();
    let api = gateway.deploy(&catch_all());
    let answer = gateway.get(&api, "/a/b/", &[("user-agent", "tests")]);
    let event = answer.json();
    let context = &event["requestContext"];
    let members: Vec<&String> = context.as_object().unwrap().keys().collect();
    assert_eq!(
        members,
        [
            "accountId",
            "apiId",
            "deploymentId",
            "domainName",
            "domainPrefix",
            "extendedRequestId",
            "httpMethod",
            "identity",
            "path",
            "protocol",
            "requestId",
            "requestTime",
            "requestTimeEpoch",
            "resourceId",
            "resourcePath",
            "stage"
        ]
    );
    assert_eq!(context["path"], "/test/a/b/");
    assert_eq!(context["resourcePath"], "/{proxy+}");
    assert_eq!(context["apiId"], json!(api));
    assert_eq!(context["requestId"].as_str(), answer.header("x-amzn-requestid"));
    assert_eq!(context["extendedRequestId"].as_str(), answer.header("x-amz-apigw-id"));
    assert_eq!(context["identity"]["sourceIp"], "127.0.0.1");
    assert_eq!(context["identity"]["userAgent"], "tests");
    assert_eq!(context["identity"].as_object().unwrap().len(), 12);
    assert_eq!(context["identity"]["userArn"], Value::Null);
}

#[test]
fn path_variables_keep_their_percent_encoding_and_the_query_loses_it() {
    let gateway = Gateway::shared();
    let api = gateway.deploy(&catch_all());
    let event = gateway.get(&api, "/a%2Fb/c+d/?x=1&x=a%2Bb&y=c+d&z", &[]).json();
    assert_eq!(event["path"], "/a%2Fb/c+d/");
    assert_eq!(event["pathParameters"], json!({ "proxy": "a%2Fb/c+d" }));
    assert_eq!(event["queryStringParameters"], json!({ "x": "a+b", "y": "c d", "z": "" }));
    assert_eq!(event["multiValueQueryStringParameters"], json!({ "x": ["1", "a+b"], "y": ["c d"], "z": [""] }));
}

#[test]
fn repeated_headers_come_in_both_forms_and_hop_by_hop_ones_not_at_all() {
    let gateway = Gateway::shared();
    let api = gateway.deploy(&catch_all());
    let headers =
        [("x-one", "1"), ("x-two", "a"), ("x-two", "b"), ("te", "trailers"), ("x-forwarded-for", "192.0.2.1")];
    let event = gateway.get(&api, "/", &headers).json();
    assert_eq!(event["headers"]["x-two"], "b");
    assert_eq!(event["multiValueHeaders"]["x-two"], json!(["a", "b"]));
    assert_eq!(event["headers"]["te"], Value::Null);
    assert_eq!(event["headers"]["X-Forwarded-For"], "192.0.2.1, 127.0.0.1");
    assert_eq!(event["headers"]["X-Forwarded-Proto"], "http");
}

#[test]
fn a_body_is_text_unless_its_media_type_is_binary() {
    let gateway = Gateway::shared();
    let mut binary = catch_all();
    binary["x-amazon-apigateway-binary-media-types"] = json!(["image/*"]);
    let api = gateway.deploy(&binary);
    let text = gateway.request((&api, "POST", "/"), &[("content-type", "text/plain")], "héllo").json();
    assert_eq!((&text["body"], &text["isBase64Encoded"]), (&json!("héllo"), &json!(false)));
    let image = gateway.request((&api, "POST", "/"), &[("content-type", "image/png; q=1")], "héllo").json();
    assert_eq!((&image["body"], &image["isBase64Encoded"]), (&json!("aMOpbGxv"), &json!(true)));
}

/// The answer to a request whose function answers `answer`.
fn answered(answer: &Value) -> crate::apigateway_client::Answer {
    let gateway = Gateway::shared();
    let api = gateway.deploy(&catch_all());
    gateway.post(&api, "/", &json!({ "return": answer }))
}

#[test]
fn the_status_may_be_a_number_or_text() {
    assert_eq!(answered(&json!({ "statusCode": 201 })).status, 201);
    assert_eq!(answered(&json!({ "statusCode": "202" })).status, 202);
}

#[test]
fn nothing_in_an_answer_is_mandatory() {
    let empty = answered(&json!({}));
    assert_eq!((empty.status, empty.text()), (200, ""));
    let nulls = answered(&json!({ "statusCode": 200, "headers": null, "body": null, "multiValueHeaders": null }));
    assert_eq!((nulls.status, nulls.header("content-type")), (200, Some("application/json")));
}

#[test]
fn a_malformed_answer_is_a_502() {
    for answer in [
        json!(null),
        json!("text"),
        json!([200]),
        json!({ "statusCode": 200, "wrongValue": 1 }),
        json!({ "statusCode": "test" }),
        json!({ "statusCode": 99 }),
        json!({ "statusCode": 600 }),
        json!({ "statusCode": 200, "body": {} }),
        json!({ "statusCode": 200, "multiValueHeaders": { "x": "no list" } }),
        json!({ "statusCode": 200, "headers": { "no name": "x" } }),
    ] {
        let got = answered(&answer);
        assert_eq!((got.status, got.text()), (502, r#"{"message":"Internal server error"}"#), "{answer}");
    }
}

#[test]
fn a_failed_function_is_a_502() {
    let gateway = Gateway::shared();
    let api = gateway.deploy(&catch_all());
    let answer = gateway.post(&api, "/", &json!({ "fail": "secret" }));
    assert_eq!((answer.status, answer.text()), (502, r#"{"message":"Internal server error"}"#));
}

#[test]
fn headers_of_both_kinds_merge_and_lists_win() {
    let answer = answered(&json!({
        "statusCode": 200,
        "headers": { "x-both": "single", "x-true": true, "Content-Type": "text/plain" },
        "multiValueHeaders": { "X-Both": ["a", "b"], "Set-Cookie": ["c=1", "d=2"] },
    }));
    let all =
        |name: &str| answer.headers.get_all(name).iter().map(|v| v.to_str().unwrap().to_owned()).collect::<Vec<_>>();
    assert_eq!(all("x-both"), ["a", "b"]);
    assert_eq!(all("set-cookie"), ["c=1", "d=2"]);
    assert_eq!(all("x-true"), ["true"]);
    assert_eq!(all("content-type"), ["text/plain"]);
}

#[test]
fn headers_that_are_the_gateways_own_are_remapped_or_dropped() {
    let answer = answered(&json!({
        "statusCode": 401,
        "headers": { "WWW-Authenticate": "Bearer", "Date": "today", "Transfer-Encoding": "chunked", "Connection": "close" },
        "body": "no",
    }));
    assert_eq!(answer.header("x-amzn-remapped-www-authenticate"), Some("Bearer"));
    assert_eq!(answer.header("www-authenticate"), None);
    assert_eq!(answer.header("x-amzn-remapped-date"), Some("today"));
    assert_eq!((answer.header("transfer-encoding"), answer.text()), (None, "no"));
}

#[test]
fn a_base64_body_is_decoded_when_the_client_accepts_a_binary_media_type() {
    let gateway = Gateway::shared();
    let mut binary = catch_all();
    binary["x-amazon-apigateway-binary-media-types"] = json!(["image/png"]);
    let api = gateway.deploy(&binary);
    let body = json!({ "return": { "statusCode": 200, "body": "aGVsbG8=", "isBase64Encoded": true } }).to_string();
    let accepting = |accept: &str| gateway.request((&api, "POST", "/"), &[("accept", accept)], &body);
    assert_eq!(accepting("image/png, text/html").text(), "hello");
    assert_eq!(accepting("text/html, image/png").text(), "aGVsbG8=");
}

#[test]
fn an_integration_that_takes_too_long_is_a_504() {
    let gateway = Gateway::shared();
    let mut slow = proxy();
    slow["timeoutInMillis"] = json!(50);
    let api = gateway.deploy(&document(json!({ "/": { "post": operation(slow) } })));
    let answer = gateway.post(&api, "/", &json!({ "sleep": 3000 }));
    assert_eq!(
        (answer.status, answer.text()),
        (504, r#"{"message": "Endpoint request timed out"}"#.replace(": ", ":").as_str())
    );
}

#[test]
fn a_role_without_the_grant_or_no_function_is_a_500() {
    let gateway = Gateway::shared();
    let integration = |function: &str, role: &str| json!({ "type": "aws_proxy", "httpMethod": "POST", "uri": uri(function), "credentials": role });
    let api = gateway.deploy(&document(json!({
        "/idler": { "get": operation(integration("gateway", &role("idler"))) },
        "/nobody": { "get": operation(integration("gateway", &role("nobody"))) },
        "/nothing": { "get": operation(integration("nothing", &role("invoker"))) },
        "/get": { "get": operation(json!({ "type": "aws_proxy", "httpMethod": "GET", "uri": uri("gateway"), "credentials": role("invoker") })) },
    })));
    for path in ["/idler", "/nobody", "/nothing", "/get"] {
        let answer = gateway.get(&api, path, &[]);
        assert_eq!((answer.status, answer.text()), (500, r#"{"message":"Internal server error"}"#), "{path}");
    }
}

#[test]
fn without_a_role_the_functions_own_policy_decides() {
    let gateway = Gateway::shared();
    gateway.create_function("owned");
    let api = gateway.deploy(&document(json!({
        "/memos/{id}": { "get": operation(json!({ "type": "aws_proxy", "httpMethod": "POST", "uri": uri("owned") })) },
    })));
    assert_eq!(gateway.get(&api, "/memos/1", &[]).status, 500);
    let permission = json!({
        "StatementId": "gateway",
        "Action": "lambda:InvokeFunction",
        "Principal": "apigateway.amazonaws.com",
        "SourceArn": format!("arn:aws:execute-api:us-east-1:000000000000:{api}/*/GET/memos/*"),
    });
    let added = gateway.aws("lambda", "POST", "/2015-03-31/functions/owned/policy", &permission);
    assert_eq!(added.status, 201, "{added:?}");
    assert_eq!(gateway.get(&api, "/memos/1", &[]).status, 200);
}
