//! Deployments are snapshots, and a stage serves the one it points to.

use serde_json::{Value, json};

use crate::apigateway_client::{Gateway, document, operation, proxy, role, uri};

/// A document whose one method is at `path`.
fn at(path: &str) -> Value {
    document(json!({ path: { "get": operation(proxy()) } }))
}

fn deployment(gateway: &Gateway, api: &str) -> String {
    let made = gateway.done("POST", &format!("/restapis/{api}/deployments"), &json!({}));
    made["id"].as_str().expect("an id").to_owned()
}

fn move_stage(gateway: &Gateway, api: &str, deployment: &str, base_url: &str) {
    let patches = json!({ "patchOperations": [
        { "op": "replace", "path": "/deploymentId", "value": deployment },
        { "op": "replace", "path": "/variables/base_url", "value": base_url },
    ] });
    gateway.done("PATCH", &format!("/restapis/{api}/stages/test"), &patches);
}

#[test]
fn a_stage_serves_its_deployment_and_not_the_working_copy() {
    let gateway = Gateway::shared();
    let api = gateway.deploy(&at("/old"));
    gateway.done("PUT", &format!("/restapis/{api}?mode=overwrite"), &at("/new"));
    assert_eq!((gateway.get(&api, "/old", &[]).status, gateway.get(&api, "/new", &[]).status), (200, 403));
    deployment(&gateway, &api);
    assert_eq!((gateway.get(&api, "/old", &[]).status, gateway.get(&api, "/new", &[]).status), (200, 403));
}

#[test]
fn one_update_moves_the_stage_with_its_variables_and_another_moves_it_back() {
    let gateway = Gateway::shared();
    let api = gateway.deploy(&at("/old"));
    let old = gateway.done("GET", &format!("/restapis/{api}/stages/test"), &Value::Null)["deploymentId"].clone();
    gateway.done("PUT", &format!("/restapis/{api}?mode=overwrite"), &at("/new"));
    let new = deployment(&gateway, &api);
    move_stage(&gateway, &api, &new, "http://localhost/new");
    let event = gateway.get(&api, "/new", &[]).json();
    assert_eq!(event["stageVariables"], json!({ "base_url": "http://localhost/new" }));
    assert_eq!(event["requestContext"]["deploymentId"], json!(new));
    assert_eq!(gateway.get(&api, "/old", &[]).status, 403);
    move_stage(&gateway, &api, old.as_str().unwrap(), "http://localhost/old");
    assert_eq!((gateway.get(&api, "/old", &[]).status, gateway.get(&api, "/new", &[]).status), (200, 403));
}

#[test]
fn a_deleted_api_serves_nothing() {
    let gateway = Gateway::shared();
    let api = gateway.deploy(&at("/a"));
    assert_eq!(gateway.call("DELETE", &format!("/restapis/{api}"), &Value::Null).status, 202);
    assert_eq!(gateway.get(&api, "/a", &[]).error().2, "Forbidden");
}

#[test]
fn a_disabled_endpoint_serves_nothing() {
    let gateway = Gateway::shared();
    let mut document = at("/a");
    document["x-amazon-apigateway-endpoint-configuration"] = json!({ "disableExecuteApiEndpoint": true });
    let api = gateway.deploy(&document);
    assert_eq!(gateway.get(&api, "/a", &[]).error().2, "Forbidden");
}

#[test]
fn access_logs_go_to_their_group() {
    let gateway = Gateway::shared();
    let logs = |operation: &str, body: &Value| gateway.logs(operation, body);
    assert_eq!(logs("CreateLogGroup", &json!({ "logGroupName": "access" })).status, 200);
    let role =
        json!({ "patchOperations": [{ "op": "replace", "path": "/cloudwatchRoleArn", "value": role("invoker") }] });
    gateway.done("PATCH", "/account", &role);
    let api = gateway.deploy(&at("/a"));
    let format = "$context.requestId $context.httpMethod $context.resourcePath $context.status $context.error.message";
    let patches = json!({ "patchOperations": [
        { "op": "replace", "path": "/accessLogSettings/format", "value": format },
        { "op": "replace", "path": "/accessLogSettings/destinationArn",
          "value": "arn:aws:logs:us-east-1:000000000000:log-group:access" },
    ] });
    gateway.done("PATCH", &format!("/restapis/{api}/stages/test"), &patches);
    let answer = gateway.get(&api, "/a", &[]);
    let line = format!("{} GET /a 200 -", answer.header("x-amzn-requestid").unwrap());
    let written = gateway.eventually(|| {
        let events = logs("FilterLogEvents", &json!({ "logGroupName": "access" })).json();
        let events = events["events"].as_array()?.clone();
        events.iter().find_map(|event| event["message"].as_str().filter(|message| **message == line).map(str::to_owned))
    });
    assert_eq!(written, line);
}

#[test]
fn access_logs_name_the_invocations_behind_a_request_as_the_functions_logs_do() {
    let gateway = Gateway::shared();
    gateway.create_function("invoked");
    for group in ["invocations", "/aws/lambda/invoked"] {
        assert_eq!(gateway.logs("CreateLogGroup", &json!({ "logGroupName": group })).status, 200);
    }
    let log_role =
        json!({ "patchOperations": [{ "op": "replace", "path": "/cloudwatchRoleArn", "value": role("invoker") }] });
    gateway.done("PATCH", "/account", &log_role);
    let integration =
        json!({ "type": "aws_proxy", "httpMethod": "POST", "uri": uri("invoked"), "credentials": role("invoker") });
    let mut document = document(json!({ "/a": { "get": {
        "security": [{ "guard": [] }], "x-amazon-apigateway-integration": integration,
    } } }));
    document["components"] = json!({ "securitySchemes": { "guard": {
        "type": "apiKey", "name": "Authorization", "in": "header",
        "x-amazon-apigateway-authtype": "custom",
        "x-amazon-apigateway-authorizer": {
            "type": "request", "identitySource": "method.request.header.Authorization",
            "authorizerUri": uri("invoked"), "authorizerCredentials": role("invoker"), "authorizerResultTtlInSeconds": 60,
        },
    } } });
    let api = gateway.deploy(&document);
    let format = "$context.requestId $context.authorizer.requestId $context.integration.requestId";
    let patches = json!({ "patchOperations": [
        { "op": "replace", "path": "/accessLogSettings/format", "value": format },
        { "op": "replace", "path": "/accessLogSettings/destinationArn",
          "value": "arn:aws:logs:us-east-1:000000000000:log-group:invocations" },
    ] });
    gateway.done("PATCH", &format!("/restapis/{api}/stages/test"), &patches);
    let messages = |group: &str| {
        let events = gateway.logs("FilterLogEvents", &json!({ "logGroupName": group })).json();
        let messages = events["events"].as_array().cloned().unwrap_or_default();
        messages.iter().filter_map(|event| event["message"].as_str().map(str::to_owned)).collect::<Vec<_>>()
    };
    // The ids of the invocations of a request's authorizer and integration.
    let invocations = || {
        let answer = gateway.get(&api, "/a", &[("authorization", "allow")]);
        assert_eq!(answer.status, 200, "{answer:?}");
        let id = answer.header("x-amzn-requestid").unwrap();
        gateway.eventually(|| {
            let line = messages("invocations").into_iter().find_map(|line| Some(line.strip_prefix(id)?.to_owned()))?;
            let (authorizer, integration) = line.trim().split_once(' ')?;
            Some((authorizer.to_owned(), integration.to_owned()))
        })
    };
    let (asked, ran) = invocations();
    gateway.eventually(|| {
        let log = messages("/aws/lambda/invoked");
        let started = |id: &str| log.contains(&format!("START RequestId: {id} Version: $LATEST\n"));
        (started(&asked) && started(&ran)).then_some(())
    });
    let (asked, _) = invocations();
    assert_eq!(asked, "-", "the second request is granted by the cache, which invokes nothing");
}

#[test]
fn what_is_served_and_what_is_known_survives_a_restart() {
    let mock = json!({
        "responses": { "200": {} },
        "x-amazon-apigateway-integration": {
            "type": "mock",
            "requestTemplates": { "application/json": "{\"statusCode\": 200}" },
            "responses": { "default": { "statusCode": "200", "responseTemplates": {
                "text/plain": "$context.deploymentId $stageVariables.name",
            } } },
        },
    });
    let before = Gateway::on(tempfile::tempdir().unwrap());
    let api = before.deploy(&document(json!({ "/a": { "get": mock } })));
    let patches = json!({ "patchOperations": [{ "op": "replace", "path": "/variables/name", "value": "kept" }] });
    let stage = before.done("PATCH", &format!("/restapis/{api}/stages/test"), &patches);
    let answer = before.get(&api, "/a", &[]).text().to_owned();
    assert!(answer.ends_with(" kept"), "{answer}");
    let after = Gateway::on(before.stop());
    assert_eq!(after.get(&api, "/a", &[]).text(), answer);
    assert_eq!(after.done("GET", &format!("/restapis/{api}/stages/test"), &Value::Null), stage);
}
