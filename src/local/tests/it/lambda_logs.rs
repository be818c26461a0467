//! What functions write into CloudWatch Logs.

use bytes::Bytes;
use serde_json::{Value, json};

use crate::lambda_client::{World, role_arn};

async fn logs(world: &World, operation: &str, body: Value) -> Value {
    let target = format!("Logs_20140328.{operation}");
    let headers = [("x-amz-target", target.as_str()), ("content-type", "application/x-amz-json-1.1")];
    let answer = world.send("logs", "POST", "/", &headers, Bytes::from(body.to_string())).await;
    if answer.bytes.is_empty() { Value::Null } else { answer.json() }
}

/// The messages of the group, once there are `count` of them.
async fn messages(world: &World, count: usize) -> Vec<String> {
    let mut last = Vec::new();
    for _ in 0..300 {
        let events = logs(world, "FilterLogEvents", json!({ "logGroupName": "/aws/lambda/memo" })).await;
        let text = |event: &Value| event["message"].as_str().unwrap_or_default().to_owned();
        last = events["events"].as_array().into_iter().flatten().map(text).collect();
        if last.len() >= count {
            return last;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("there are only {last:?}")
}

async fn world(changes: Value) -> World {
    let world = World::start().await;
    logs(&world, "CreateLogGroup", json!({ "logGroupName": "/aws/lambda/memo" })).await;
    world.function("memo", changes).await;
    world
}

#[tokio::test]
async fn the_text_of_a_log_is_in_order() {
    let world = world(json!({})).await;
    world.invoke("memo", json!({ "do": "print", "line": "a line" })).await;
    let messages = messages(&world, 6).await;
    let starts = [
        "INIT_START Runtime Version: provided:al2023",
        "START RequestId: ",
        "a line\n",
        "and on stderr\n",
        "END ",
        "REPORT ",
    ];
    for (message, start) in messages.iter().zip(starts) {
        assert!(message.starts_with(start), "{messages:?}");
    }
}

#[tokio::test]
async fn the_stream_has_the_day_and_the_version_in_its_name() {
    let world = world(json!({ "Publish": true })).await;
    world.settled("memo:1").await;
    world.invoke("memo:1", json!({})).await;
    messages(&world, 3).await;
    let streams = logs(&world, "DescribeLogStreams", json!({ "logGroupName": "/aws/lambda/memo" })).await;
    let name = streams["logStreams"][0]["logStreamName"].as_str().expect("a stream");
    let (day, rest) = name.split_at(11);
    assert!(day.split('/').count() == 4 && rest.starts_with("[1]") && rest.len() == 35, "{name}");
}

#[tokio::test]
async fn the_platform_reports_in_json_when_the_format_is_json() {
    let world = world(json!({ "LoggingConfig": { "LogFormat": "JSON" } })).await;
    let answer = world.invoke("memo", json!({})).await;
    let messages = messages(&world, 3).await;
    let events: Vec<Value> = messages.iter().map(|text| serde_json::from_str(text).expect("JSON")).collect();
    let types: Vec<_> = events.iter().map(|event| event["type"].as_str().unwrap_or_default()).collect();
    assert_eq!(types, ["platform.initStart", "platform.start", "platform.report"]);
    let report = &events[2]["record"];
    assert_eq!(report["requestId"], answer.header("x-amzn-requestid"));
    assert_eq!(report["status"], "success");
    assert_eq!(report["metrics"]["memorySizeMB"], 128);
    assert!(report["metrics"]["maxMemoryUsedMB"].as_u64() > Some(0), "{report}");
}

#[tokio::test]
async fn an_exit_is_told_in_the_log() {
    let world = world(json!({})).await;
    world.invoke("memo", json!({ "do": "exit", "code": 7 })).await;
    let messages = messages(&world, 5).await;
    assert!(
        messages.iter().any(|text| text.contains("Runtime exited with error: exit status 7\nRuntime.ExitError")),
        "{messages:?}"
    );
}

#[tokio::test]
async fn a_role_without_permission_to_log_logs_nothing() {
    let world = world(json!({})).await;
    world.role("quiet", &json!({ "Effect": "Allow", "Action": "dynamodb:*", "Resource": "*" })).await;
    let settings = json!({ "Role": role_arn("quiet") });
    world.call("PUT", "/2015-03-31/functions/memo/configuration", settings).await;
    world.settled("memo").await;
    world.invoke("memo", json!({})).await;
    world.cloud.stop().await;
    let path = world.dir.path().join(crate::lambda_client::REGION).join("logs");
    let files = walk(&path);
    assert_eq!(files, 0, "a stream was written");
}

fn walk(dir: &std::path::Path) -> usize {
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
    entries
        .map(|entry| {
            if entry.path().is_dir() {
                walk(&entry.path())
            } else {
                usize::from(entry.path().extension().is_none_or(|extension| extension != "json"))
            }
        })
        .sum()
}
