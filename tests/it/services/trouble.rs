//! What clients are told when something behind the gateway is broken or too much is asked of it.

use std::time::{Duration, Instant};

use aws_sdk_apigateway::types::{Op, PatchOperation};
use aws_sdk_ssm::types::ParameterType;
use local::{FaultKind, Faults, FunctionFault};
use memoctl::package::Artifacts;
use memoctl::stack::Stack;
use serde_json::{Value, json};

use super::http::Call;
use super::person::Person;
use super::site::{Site, handlers, shared, shipped, zipped};
use crate::shipped::{PASSWORD, Shipped};

#[tokio::test]
async fn without_keys_to_judge_by_a_token_is_503_until_they_are_there() {
    let site = Site::start(shipped(), handlers);
    let aws = site.aws().await;
    let name = aws.scope.public_parameter("jwt");
    let keys = aws.ssm.get_parameter().name(&name).send().await.unwrap().parameter.unwrap().value.unwrap();
    aws.ssm.delete_parameter().name(&name).send().await.unwrap();
    let person = Person::new(&site).await;
    let answer = person.ask("GET /v1/memos").await.expect(503);
    assert_eq!(answer.json()["title"], "Service Unavailable");
    aws.ssm.put_parameter().name(&name).value(keys).r#type(ParameterType::String).send().await.unwrap();
    // The answer that there was none is not kept.
    person.ask("GET /v1/memos").await.expect(200);
}

#[tokio::test]
async fn beyond_the_limits_of_a_method_requests_are_429_of_the_gateway() {
    let site = shared();
    let aws = site.aws().await;
    // A method that no other test asks for.
    let set = |what: &str, value: &str| {
        let path = format!("/~1v1~1tags/OPTIONS/throttling/{what}");
        PatchOperation::builder().op(Op::Replace).path(path).value(value).build()
    };
    let apis = aws.apigateway.get_rest_apis().send().await.unwrap();
    let update = aws.apigateway.update_stage().rest_api_id(apis.items()[0].id().unwrap()).stage_name("dev");
    let limits = [set("rateLimit", "0.001"), set("burstLimit", "1")];
    update.set_patch_operations(Some(limits.into())).send().await.unwrap();
    let preflight = Call::new("OPTIONS /v1/tags");
    site.send(&preflight).await.expect(204);
    let refused = site.ask(&preflight).await.expect(429);
    assert_eq!(refused.header("Content-Type"), "application/problem+json");
    assert_eq!(refused.json()["title"], "Too Many Requests");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_late_answers_of_the_store_are_503_of_the_service_and_not_502_of_the_gateway() {
    let shipped = Shipped::deployed().await;
    shipped.person("ada@example.com").await;
    let login = json!({ "email": "ada@example.com", "password": PASSWORD });
    // Each is late and none too late: of a login there are eight, and the function has ten seconds.
    let kind = FaultKind::Slow(Duration::from_millis(1_350));
    let calls = ["UpdateItem", "GetItem", "DeleteItem", "Query", "TransactWriteItems"];
    let late =
        |call: &str| (1..=9).map(move |at| FunctionFault { call: format!("dynamodb:{call}"), at, kind }).collect();
    let functions: Vec<Vec<_>> = calls.map(late).into();
    shipped.cloud.inject(Faults { functions: functions.concat(), ..Faults::none() });
    let start = Instant::now();
    let answer = shipped.ask("POST /v1/sessions", "", &login).await;
    let fault: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!((answer.status, &fault["code"]), (503, &json!("unavailable")), "{answer:?}");
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
    shipped.cloud.inject(Faults::none());
    assert_eq!(shipped.ask("POST /v1/sessions", "", &login).await.status, 200);
}

/// Handlers that answer what is no answer.
fn nonsense(stack: &Stack) -> Artifacts {
    let bootstrap = r#"#!/usr/bin/env python3
import os, urllib.request
base = "http://" + os.environ["AWS_LAMBDA_RUNTIME_API"] + "/2018-06-01/runtime/invocation/"
while True:
    with urllib.request.urlopen(base + "next") as event:
        id = event.headers["Lambda-Runtime-Aws-Request-Id"]
    urllib.request.urlopen(urllib.request.Request(base + id + "/response", b'"secret"')).read()
"#;
    let artifact = zipped([("bootstrap", bootstrap)]);
    stack.functions.keys().map(|name| (name.clone(), artifact.clone())).collect()
}

#[tokio::test]
async fn a_broken_handler_is_a_problem_of_the_gateway_that_tells_nothing_of_it() {
    let site = Site::start(shipped(), nonsense);
    let answer = site.ask(&Call::new("GET /healthz")).await.expect(502);
    assert_eq!(answer.header("Content-Type"), "application/problem+json");
    assert_eq!((answer.header("Cache-Control"), answer.header("X-Content-Type-Options")), ("no-store", "nosniff"));
    let fault = json!({
        "type": "about:blank", "title": "Server Error", "code": "internal", "detail": "The service failed, or took too long.",
    });
    assert_eq!(answer.lasting(), fault);
    // An authorizer whose answer is no policy is as broken.
    let answer = site.ask(&Call::new("GET /v1/memos").bearer("x")).await.expect(500);
    assert_eq!(answer.lasting(), fault);
}
