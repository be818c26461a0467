//! The two updates.

use serde_json::{Value, json};

use crate::lambda_client::{World, package};

const CONFIGURATION: &str = "/2015-03-31/functions/memo/configuration";
const CODE: &str = "/2015-03-31/functions/memo/code";

async fn world() -> World {
    let world = World::start().await;
    world.function("memo", json!({ "Environment": { "Variables": { "KEPT": "1" } } })).await;
    world
}

#[tokio::test]
async fn an_update_is_in_progress_and_becomes_successful_with_a_new_revision_each() {
    let world = world().await;
    let before = world.get(CONFIGURATION).await.json();
    let updated = world.call("PUT", CONFIGURATION, json!({ "Timeout": 20 })).await.json();
    assert_eq!(updated["LastUpdateStatus"], "InProgress");
    assert_eq!(updated["LastUpdateStatusReasonCode"], "Creating");
    assert_eq!(updated["State"], "Active");
    let settled = world.settled("memo").await;
    assert_eq!(settled["Timeout"], 20);
    assert_ne!(before["RevisionId"], updated["RevisionId"]);
    assert_ne!(updated["RevisionId"], settled["RevisionId"]);
}

#[tokio::test]
async fn what_an_update_leaves_out_stays() {
    let world = world().await;
    world.call("PUT", CONFIGURATION, json!({ "MemorySize": 256 })).await;
    let settled = world.settled("memo").await;
    assert_eq!(settled["Environment"]["Variables"]["KEPT"], "1");
}

#[tokio::test]
async fn an_update_with_an_old_revision_is_412() {
    let world = world().await;
    let old = world.get(CONFIGURATION).await.json()["RevisionId"].clone();
    world.call("PUT", CONFIGURATION, json!({ "Timeout": 20, "RevisionId": old })).await;
    world.settled("memo").await;
    for (path, body) in [
        (CONFIGURATION, json!({ "Timeout": 30, "RevisionId": old })),
        (CODE, json!({ "ZipFile": package("new"), "RevisionId": old })),
    ] {
        let answer = world.call("PUT", path, body).await;
        answer.assert_error(412, "PreconditionFailedException", "The Revision Id provided does not match");
    }
}

#[tokio::test]
async fn new_code_has_a_new_sha256_and_new_processes() {
    let world = world().await;
    let before = world.get(CONFIGURATION).await.json();
    let first = world.invoke("memo", json!({ "do": "pid" })).await.json();
    let updated = world.call("PUT", CODE, json!({ "ZipFile": package("new") })).await;
    assert_eq!(updated.status, 200, "{}", updated.text());
    let settled = world.settled("memo").await;
    assert_ne!(settled["CodeSha256"], before["CodeSha256"]);
    world.environments(0).await;
    assert_ne!(world.invoke("memo", json!({ "do": "pid" })).await.json(), first);
}

#[tokio::test]
async fn a_dry_run_changes_nothing() {
    let world = world().await;
    let before = world.get(CONFIGURATION).await.json();
    let answer = world.call("PUT", CODE, json!({ "ZipFile": package("new"), "DryRun": true })).await.json();
    assert_ne!(answer["CodeSha256"], before["CodeSha256"]);
    assert_eq!(world.get(CONFIGURATION).await.json(), before);
}

#[tokio::test]
async fn a_running_request_survives_the_update_of_its_code() {
    let world = std::sync::Arc::new(world().await);
    let running = tokio::spawn({
        let world = std::sync::Arc::clone(&world);
        async move { world.invoke("memo", json!({ "do": "sleep", "milliseconds": 500 })).await.json() }
    });
    world.environments(1).await;
    world.call("PUT", CODE, json!({ "ZipFile": package("new") })).await;
    world.settled("memo").await;
    assert_eq!(running.await.expect("an answer"), "slept");
    world.environments(0).await;
}

#[tokio::test]
async fn the_format_json_brings_levels_and_the_format_text_removes_them() {
    let world = world().await;
    world.call("PUT", CONFIGURATION, json!({ "LoggingConfig": { "LogFormat": "JSON" } })).await;
    let settled = world.settled("memo").await;
    assert_eq!(
        settled["LoggingConfig"],
        json!({
            "LogFormat": "JSON", "ApplicationLogLevel": "INFO", "SystemLogLevel": "INFO",
            "LogGroup": "/aws/lambda/memo",
        })
    );
    world.call("PUT", CONFIGURATION, json!({ "LoggingConfig": { "LogFormat": "Text" } })).await;
    let settled = world.settled("memo").await;
    assert_eq!(settled["LoggingConfig"], json!({ "LogFormat": "Text", "LogGroup": "/aws/lambda/memo" }));
}

#[tokio::test]
async fn a_version_cannot_be_updated() {
    let world = world().await;
    world.call("POST", "/2015-03-31/functions/memo/versions", json!({})).await;
    let answer = world.call("PUT", "/2015-03-31/functions/memo:1/configuration", json!({ "Timeout": 9 })).await;
    answer.assert_error(400, "InvalidParameterValueException", "Aliases and versions do not support this operation");
}

#[tokio::test]
async fn updating_what_is_not_there_is_404() {
    let world = World::start().await;
    let answer = world.call("PUT", CONFIGURATION, json!({ "Timeout": 9 })).await;
    answer.assert_error(404, "ResourceNotFoundException", "Function not found: ");
    let answer = world.call("DELETE", "/2015-03-31/functions/memo", Value::Null).await;
    answer.assert_error(404, "ResourceNotFoundException", "Function not found: ");
}
