//! Execution environments: what processes get, how many there are, how they begin and end.

use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::Command;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::lambda_client::{REGION, World, zip};

async fn world() -> World {
    let world = World::start().await;
    world.function("memo", json!({})).await;
    world
}

#[tokio::test]
async fn a_process_has_lambdas_variables_and_its_own_and_none_of_the_hosts() {
    let world = World::start().await;
    world.function("memo", json!({ "Environment": { "Variables": { "TABLE_MEMOS": "memos" } } })).await;
    let environment = world.invoke("memo", json!({ "do": "environment" })).await.json();
    for (name, value) in [
        ("AWS_LAMBDA_FUNCTION_NAME", "memo"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128"),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
        ("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/memo"),
        ("AWS_LAMBDA_LOG_FORMAT", "Text"),
        ("AWS_REGION", REGION),
        ("AWS_DEFAULT_REGION", REGION),
        ("AWS_ENDPOINT_URL", world.cloud.endpoint()),
        ("_HANDLER", "bootstrap"),
        ("TZ", ":UTC"),
        ("TABLE_MEMOS", "memos"),
    ] {
        assert_eq!(environment[name], value, "{name}");
    }
    assert!(environment["AWS_ACCESS_KEY_ID"].as_str().is_some_and(|key| key.starts_with("ASIA")), "{environment}");
    // The shell between this test and the function sets PWD and the like by itself.
    assert_eq!(environment["CARGO_MANIFEST_DIR"], Value::Null);
    assert_eq!(environment["HOME"], Value::Null);
    assert_eq!(environment["PWD"], environment["LAMBDA_TASK_ROOT"]);
}

#[tokio::test]
async fn a_warm_process_serves_one_request_after_the_other() {
    let world = world().await;
    let first = world.invoke("memo", json!({ "do": "pid" })).await.json();
    for _ in 0..20 {
        assert_eq!(world.invoke("memo", json!({ "do": "pid" })).await.json(), first);
    }
    assert_eq!(world.cloud.environments(), 1);
}

#[tokio::test]
async fn requests_at_the_same_time_have_a_process_each() {
    let world = world().await;
    let event = || json!({ "do": "sleep", "milliseconds": 400 });
    let answers = join_all((0..4).map(|_| world.invoke("memo", event()))).await;
    assert!(answers.iter().all(|answer| answer.json() == "slept"));
    assert_eq!(world.cloud.environments(), 4);
}

#[tokio::test]
async fn a_reservation_bounds_the_requests_at_the_same_time() {
    let world = world().await;
    let reserved = json!({ "ReservedConcurrentExecutions": 1 });
    world.call("PUT", "/2017-10-31/functions/memo/concurrency", reserved).await;
    let event = || json!({ "do": "sleep", "milliseconds": 500 });
    let answers = join_all((0..3).map(|_| world.invoke("memo", event()))).await;
    let throttled: Vec<_> = answers.iter().filter(|answer| answer.status == 429).collect();
    assert_eq!(throttled.len(), 2);
    throttled[0].assert_error(429, "TooManyRequestsException", "Rate Exceeded.");
    assert_eq!(throttled[0].json()["Reason"], "ReservedFunctionConcurrentInvocationLimitExceeded");
    assert_eq!(world.invoke("memo", json!("later")).await.json(), "later");
}

#[tokio::test]
async fn a_reservation_of_none_switches_the_function_off() {
    let world = world().await;
    let reserved = json!({ "ReservedConcurrentExecutions": 0 });
    world.call("PUT", "/2017-10-31/functions/memo/concurrency", reserved).await;
    world.invoke("memo", json!({})).await.assert_error(429, "TooManyRequestsException", "Rate Exceeded.");
}

#[tokio::test]
async fn a_process_that_exits_before_its_first_request_is_tried_twice() {
    let world = World::start().await;
    world.function("memo", json!({ "Environment": { "Variables": { "INIT": "fail" } } })).await;
    let answer = world.invoke("memo", json!({})).await;
    assert_eq!(answer.header("x-amz-function-error"), "Unhandled");
    let error = answer.json();
    assert_eq!(error["errorType"], "Runtime.ExitError");
    assert!(error["errorMessage"].as_str().is_some_and(|text| text.ends_with("exit status 3")), "{error}");
    world.environments(0).await;
}

#[tokio::test]
async fn a_package_without_a_bootstrap_has_no_valid_entry_point() {
    let world = World::start().await;
    let code = json!({ "ZipFile": zip(&[("readme", 0o644, b"nothing")]) });
    world.function("memo", json!({ "Code": code })).await;
    let error = world.invoke("memo", json!({})).await.json();
    assert_eq!(error["errorType"], "Runtime.InvalidEntrypoint");
    assert!(error["errorMessage"].as_str().is_some_and(|text| text.contains("Couldn't find valid bootstrap(s)")));
}

#[tokio::test]
async fn a_bootstrap_that_is_not_executable_is_told() {
    let world = World::start().await;
    let code = json!({ "ZipFile": zip(&[("bootstrap", 0o644, b"#!/bin/sh\n")]) });
    world.function("memo", json!({ "Code": code })).await;
    let error = world.invoke("memo", json!({})).await.json();
    assert!(error["errorMessage"].as_str().is_some_and(|text| text.contains("permission denied")), "{error}");
}

#[tokio::test]
async fn a_process_that_was_killed_while_idle_is_replaced_unnoticed() {
    let world = world().await;
    let pid = world.invoke("memo", json!({ "do": "pid" })).await.json();
    let killed = Command::new("kill").args(["-9", &pid.to_string()]).status().expect("kill");
    assert!(killed.success());
    world.environments(0).await;
    assert_eq!(world.invoke("memo", json!("hello")).await.json(), "hello");
}

#[tokio::test]
async fn stopping_the_cloud_ends_its_processes() {
    let world = world().await;
    let pid = world.invoke("memo", json!({ "do": "pid" })).await.json();
    world.cloud.stop().await;
    assert!(!alive(&pid), "{pid} is still there");
}

#[tokio::test]
async fn dropping_the_cloud_ends_its_processes() {
    let world = world().await;
    let pid = world.invoke("memo", json!({ "do": "pid" })).await.json();
    drop(world);
    let start = Instant::now();
    while alive(&pid) {
        assert!(start.elapsed() < Duration::from_secs(5), "{pid} is still there");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn a_start_ends_the_processes_that_a_killed_cloud_has_left() {
    let world = world().await;
    let World { cloud, dir } = world;
    cloud.stop().await;
    let mut orphan = Command::new("sleep").arg("60").process_group(0).spawn().expect("sleep");
    let mut other = Command::new("sleep").arg("60").process_group(0).spawn().expect("sleep");
    // What the register says of a process: its start in clock ticks, and the boot.
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", orphan.id())).expect("a process");
    let started = stat.rsplit_once(')').expect("a name").1.split_whitespace().nth(19).expect("a start").to_owned();
    let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").expect("a boot");
    let register = dir.path().join(REGION).join("lambda/processes");
    std::fs::write(register.join(orphan.id().to_string()), format!("{started} {}", boot.trim())).expect("written");
    std::fs::write(register.join(other.id().to_string()), "1 another boot").expect("written");
    let _world = World::on(dir).await;
    assert_eq!(orphan.wait().expect("an end").signal(), Some(9));
    assert!(other.try_wait().expect("a process").is_none(), "a process of another start was ended");
    other.kill().expect("killed");
    other.wait().expect("an end");
}

fn alive(pid: &Value) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(')').is_some_and(|(_, fields)| !fields.trim_start().starts_with('Z'))
}
