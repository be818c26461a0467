//! `PublishVersion` and what versions are.

use serde_json::{Value, json};

use crate::lambda_client::{World, function_arn, package};

const VERSIONS: &str = "/2015-03-31/functions/memo/versions";

async fn world() -> World {
    let world = World::start().await;
    world.function("memo", json!({ "Description": "first" })).await;
    world
}

async fn publish(world: &World) -> Value {
    let published = world.call("POST", VERSIONS, json!({})).await;
    assert_eq!(published.status, 201, "{}", published.text());
    published.json()
}

#[tokio::test]
async fn a_version_has_its_number_in_its_arn() {
    let world = world().await;
    let version = publish(&world).await;
    assert_eq!(version["Version"], "1");
    assert_eq!(version["FunctionArn"], format!("{}:1", function_arn("memo")));
    assert_eq!(world.settled("memo:1").await["Version"], "1");
}

#[tokio::test]
async fn publishing_what_has_not_changed_gives_the_same_version() {
    let world = world().await;
    let first = publish(&world).await;
    let again = world.call("POST", VERSIONS, json!({ "Description": "another" })).await.json();
    assert_eq!(again["Version"], first["Version"]);
}

#[tokio::test]
async fn a_version_keeps_its_own_configuration() {
    let world = world().await;
    publish(&world).await;
    world.settled("memo:1").await;
    world.call("PUT", "/2015-03-31/functions/memo/configuration", json!({ "Timeout": 20 })).await;
    world.settled("memo").await;
    assert_eq!(publish(&world).await["Version"], "2");
    assert_eq!(world.settled("memo:1").await["Timeout"], 3);
    assert_eq!(world.settled("memo:2").await["Timeout"], 20);
}

#[tokio::test]
async fn a_version_has_the_description_it_is_published_with() {
    let world = world().await;
    let version = world.call("POST", VERSIONS, json!({ "Description": "policy:abc" })).await.json();
    assert_eq!(version["Description"], "policy:abc");
    assert_eq!(world.settled("memo").await["Description"], "first");
}

#[tokio::test]
async fn another_sha256_than_the_latest_is_refused() {
    let world = world().await;
    let answer = world.call("POST", VERSIONS, json!({ "CodeSha256": "other" })).await;
    answer.assert_error(
        400,
        "InvalidParameterValueException",
        "CodeSHA256 (other) is different from current CodeSHA256 in $LATEST (",
    );
}

#[tokio::test]
async fn an_old_revision_is_412() {
    let world = world().await;
    let answer = world.call("POST", VERSIONS, json!({ "RevisionId": "other" })).await;
    answer.assert_error(412, "PreconditionFailedException", "The Revision Id provided does not match");
}

#[tokio::test]
async fn new_code_can_be_published_with_its_upload() {
    let world = world().await;
    let code = json!({ "ZipFile": package("new"), "Publish": true });
    let version = world.call("PUT", "/2015-03-31/functions/memo/code", code).await.json();
    assert_eq!(version["Version"], "1");
    assert_eq!(version["FunctionArn"], format!("{}:1", function_arn("memo")));
}

#[tokio::test]
async fn a_function_can_be_published_with_its_creation() {
    let world = World::start().await;
    let created = world.create("memo", json!({ "Publish": true })).await.json();
    assert_eq!(created["Version"], "1");
    assert_eq!(world.settled("memo:1").await["State"], "Active");
    assert_eq!(world.settled("memo").await["Version"], "$LATEST");
}

#[tokio::test]
async fn the_list_has_latest_and_all_versions() {
    let world = world().await;
    publish(&world).await;
    let list = world.get(VERSIONS).await.json();
    let arns: Vec<_> =
        list["Versions"].as_array().expect("versions").iter().map(|one| one["FunctionArn"].clone()).collect();
    assert_eq!(arns, [format!("{}:$LATEST", function_arn("memo")), format!("{}:1", function_arn("memo"))]);
}

#[tokio::test]
async fn a_deleted_versions_number_is_not_used_again() {
    let world = world().await;
    publish(&world).await;
    let deleted = world.call("DELETE", "/2015-03-31/functions/memo?Qualifier=1", Value::Null).await;
    assert_eq!(deleted.status, 204);
    world.get("/2015-03-31/functions/memo:1").await.assert_error(404, "ResourceNotFoundException", "function:memo:1");
    assert_eq!(publish(&world).await["Version"], "2");
}

#[tokio::test]
async fn latest_cannot_be_deleted_alone() {
    let world = world().await;
    let answer = world.call("DELETE", "/2015-03-31/functions/memo?Qualifier=$LATEST", Value::Null).await;
    answer.assert_error(400, "InvalidParameterValueException", "$LATEST version cannot be deleted");
}
