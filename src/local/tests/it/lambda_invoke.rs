//! Invoke.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use crate::lambda_client::{World, function_arn};

async fn world() -> World {
    let world = World::start().await;
    world.function("memo", json!({})).await;
    world
}

#[tokio::test]
async fn a_function_answers_with_what_it_returns() {
    let world = world().await;
    let answer = world.invoke("memo", json!({ "hello": "world" })).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.json(), json!({ "hello": "world" }));
    assert_eq!(answer.header("x-amz-executed-version"), "$LATEST");
    assert_eq!(answer.header("x-amz-function-error"), "");
}

#[tokio::test]
async fn the_context_has_the_request_its_deadline_and_the_arn_it_was_invoked_by() {
    let world = world().await;
    let answer = world.invoke("memo:$LATEST", json!({ "do": "context" })).await;
    let context = answer.json();
    assert_eq!(context["request_id"], answer.header("x-amzn-requestid"));
    assert_eq!(context["arn"], format!("{}:$LATEST", function_arn("memo")));
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("a time").as_millis();
    let left = i128::from(context["deadline"].as_u64().expect("milliseconds")) - i128::try_from(now).expect("a time");
    assert!((1..=3000).contains(&left), "{left} ms left of a timeout of 3 s");
    assert!(context["trace"].as_str().is_some_and(|trace| trace.starts_with("Root=1-")), "{context}");
}

#[tokio::test]
async fn an_error_of_the_handler_is_its_payload() {
    let world = world().await;
    let answer = world.invoke("memo", json!({ "do": "fail" })).await;
    assert_eq!((answer.status.as_u16(), answer.header("x-amz-function-error")), (200, "Unhandled"));
    assert_eq!(answer.json()["errorMessage"], "as asked");
}

#[tokio::test]
async fn a_panic_of_the_handler_is_an_error_and_the_process_lives_on() {
    let world = world().await;
    let before = world.invoke("memo", json!({ "do": "pid" })).await.json();
    let answer = world.invoke("memo", json!({ "do": "panic" })).await;
    assert_eq!(answer.header("x-amz-function-error"), "Unhandled");
    assert_eq!(world.invoke("memo", json!({ "do": "pid" })).await.json(), before);
}

#[tokio::test]
async fn an_exit_in_the_middle_of_a_request_is_an_error_and_the_next_request_has_a_new_process() {
    let world = world().await;
    let answer = world.invoke("memo", json!({ "do": "exit", "code": 7 })).await;
    assert_eq!(answer.header("x-amz-function-error"), "Unhandled");
    let error = answer.json();
    assert_eq!(error["errorType"], "Runtime.ExitError");
    let message =
        format!("RequestId: {} Error: Runtime exited with error: exit status 7", answer.header("x-amzn-requestid"));
    assert_eq!(error["errorMessage"], message);
    assert_eq!(world.invoke("memo", json!("again")).await.json(), "again");
}

#[tokio::test]
async fn a_timeout_kills_the_process() {
    let world = World::start().await;
    world.function("memo", json!({ "Timeout": 1 })).await;
    let answer = world.invoke("memo", json!({ "do": "sleep", "milliseconds": 60_000 })).await;
    assert_eq!(answer.header("x-amz-function-error"), "Unhandled");
    let message = format!("RequestId: {} Error: Task timed out after 1.00 seconds", answer.header("x-amzn-requestid"));
    assert_eq!(answer.json(), json!({ "errorType": "Sandbox.Timedout", "errorMessage": message }));
    world.environments(0).await;
}

#[tokio::test]
async fn an_answer_of_6_mb_is_the_largest() {
    let world = world().await;
    // A JSON text is its characters and two quotation marks.
    let fits = world.invoke("memo", json!({ "do": "huge", "bytes": 6_291_554 })).await;
    assert_eq!((fits.header("x-amz-function-error"), fits.bytes.len()), ("", 6_291_556));
    let before = world.invoke("memo", json!({ "do": "pid" })).await.json();
    let large = world.invoke("memo", json!({ "do": "huge", "bytes": 6_291_555 })).await;
    assert_eq!(large.json()["errorType"], "Function.ResponseSizeTooLarge");
    assert_eq!(world.invoke("memo", json!({ "do": "pid" })).await.json(), before, "the process lives on");
}

#[tokio::test]
async fn a_request_of_6_mb_is_the_largest() {
    let world = world().await;
    let large = world.invoke("memo", json!("x".repeat(6_291_456))).await;
    large.assert_error(413, "RequestTooLargeException", "Request must be smaller than 6291456 bytes");
}

#[tokio::test]
async fn a_payload_that_is_no_json_is_refused() {
    let world = world().await;
    let path = "/2015-03-31/functions/memo/invocations";
    let answer = world.send("lambda", "POST", path, &[], "{".into()).await;
    answer.assert_error(400, "InvalidRequestContentException", "Could not parse request body into json");
}

#[tokio::test]
async fn no_payload_is_an_empty_object() {
    let world = world().await;
    let path = "/2015-03-31/functions/memo/invocations";
    assert_eq!(world.send("lambda", "POST", path, &[], "".into()).await.json(), json!({}));
}

#[tokio::test]
async fn the_tail_of_the_log_comes_with_the_answer() {
    let world = world().await;
    let answer =
        world.invoke_with("memo", &[("x-amz-log-type", "Tail")], json!({ "do": "print", "line": "a line" })).await;
    let tail = STANDARD.decode(answer.header("x-amz-log-result")).expect("base64");
    let tail = String::from_utf8(tail).expect("UTF-8");
    let id = answer.header("x-amzn-requestid");
    let expected = format!(
        "START RequestId: {id} Version: $LATEST\na line\nand on stderr\nEND RequestId: {id}\nREPORT RequestId: {id}\tDuration: "
    );
    assert!(tail.starts_with(&expected), "{tail}");
    assert!(tail.contains("Init Duration: "), "{tail}");
}

#[tokio::test]
async fn a_dry_run_runs_nothing() {
    let world = world().await;
    let answer = world.invoke_with("memo", &[("x-amz-invocation-type", "DryRun")], json!({})).await;
    assert_eq!(answer.status, 204);
    assert_eq!(world.cloud.environments(), 0);
    let missing = world.invoke_with("other", &[("x-amz-invocation-type", "DryRun")], json!({})).await;
    missing.assert_error(404, "ResourceNotFoundException", "Function not found: ");
}

#[tokio::test]
async fn an_event_is_accepted_at_once_and_served_later() {
    let world = world().await;
    let event = json!({ "do": "sleep", "milliseconds": 50 });
    let answer = world.invoke_with("memo", &[("x-amz-invocation-type", "Event")], event).await;
    assert_eq!((answer.status.as_u16(), answer.bytes.len()), (202, 0));
    world.environments(1).await;
}

#[tokio::test]
async fn an_accepted_event_survives_a_restart() {
    let world = World::start().await;
    world.function("memo", json!({ "Timeout": 60 })).await;
    let event = json!({ "do": "sleep", "milliseconds": 60_000 });
    world.invoke_with("memo", &[("x-amz-invocation-type", "Event")], event).await;
    world.environments(1).await;
    let World { cloud, dir } = world;
    cloud.stop().await;
    let world = World::on(dir).await;
    world.environments(1).await;
}

#[tokio::test]
async fn a_function_whose_caller_has_gone_runs_to_its_end() {
    let world = world().await;
    let invocation = world.invoke("memo", json!({ "do": "sleep", "milliseconds": 300 }));
    assert!(tokio::time::timeout(Duration::from_millis(150), invocation).await.is_err());
    // The process is taken for this one too, when it is free again: a new one would be a second.
    tokio::time::sleep(Duration::from_millis(400)).await;
    world.invoke("memo", json!({})).await;
    assert_eq!(world.cloud.environments(), 1);
}
