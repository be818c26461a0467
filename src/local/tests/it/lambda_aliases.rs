//! Aliases.

use serde_json::{Value, json};

use crate::lambda_client::{World, function_arn};

const ALIASES: &str = "/2015-03-31/functions/memo/aliases";

/// A function with the versions 1 and 2, which tell themselves apart by their timeout.
async fn world() -> World {
    let world = World::start().await;
    world.function("memo", json!({ "Publish": true })).await;
    world.call("PUT", "/2015-03-31/functions/memo/configuration", json!({ "Timeout": 20 })).await;
    world.settled("memo").await;
    world.call("POST", "/2015-03-31/functions/memo/versions", json!({})).await;
    world.settled("memo:2").await;
    world
}

async fn create(world: &World, body: Value) {
    let created = world.call("POST", ALIASES, body).await;
    assert_eq!(created.status, 201, "{}", created.text());
}

#[tokio::test]
async fn an_alias_is_read_back_as_it_was_made() {
    let world = world().await;
    create(&world, json!({ "Name": "live", "FunctionVersion": "1", "Description": "what serves" })).await;
    let alias = world.get("/2015-03-31/functions/memo/aliases/live").await.json();
    assert_eq!(alias["AliasArn"], format!("{}:live", function_arn("memo")));
    assert_eq!(alias["FunctionVersion"], "1");
    assert_eq!(alias["Description"], "what serves");
    assert_eq!(world.get(ALIASES).await.json()["Aliases"], json!([alias]));
}

#[tokio::test]
async fn an_alias_invokes_the_version_it_stands_for() {
    let world = world().await;
    create(&world, json!({ "Name": "live", "FunctionVersion": "1" })).await;
    assert_eq!(world.invoke("memo:live", json!({})).await.header("x-amz-executed-version"), "1");
    let updated = world.call("PUT", "/2015-03-31/functions/memo/aliases/live", json!({ "FunctionVersion": "2" })).await;
    assert_eq!(updated.status, 200);
    assert_eq!(world.invoke("memo:live", json!({})).await.header("x-amz-executed-version"), "2");
}

#[tokio::test]
async fn a_weight_of_one_sends_everything_to_the_other_version() {
    let world = world().await;
    let weights = json!({ "AdditionalVersionWeights": { "2": 1.0 } });
    create(&world, json!({ "Name": "live", "FunctionVersion": "1", "RoutingConfig": weights })).await;
    assert_eq!(world.invoke("memo:live", json!({})).await.header("x-amz-executed-version"), "2");
    let cleared = json!({ "RoutingConfig": { "AdditionalVersionWeights": {} } });
    let updated = world.call("PUT", "/2015-03-31/functions/memo/aliases/live", cleared).await.json();
    assert_eq!(updated.get("RoutingConfig"), None);
    assert_eq!(world.invoke("memo:live", json!({})).await.header("x-amz-executed-version"), "1");
}

#[tokio::test]
async fn impossible_aliases_are_refused_in_aws_words() {
    let world = world().await;
    create(&world, json!({ "Name": "live", "FunctionVersion": "1" })).await;
    let weights = |version: &str, weights: Value| json!({ "Name": "new", "FunctionVersion": version, "RoutingConfig": { "AdditionalVersionWeights": weights } });
    for (body, status, code, message) in [
        (
            json!({ "Name": "live", "FunctionVersion": "2" }),
            409,
            "ResourceConflictException",
            "Alias already exists: arn:",
        ),
        (json!({ "Name": "7", "FunctionVersion": "2" }), 400, "ValidationException", "at 'name'"),
        (json!({ "Name": "new", "FunctionVersion": "9" }), 404, "ResourceNotFoundException", "function:memo:9"),
        (
            weights("1", json!({ "1": 0.5 })),
            400,
            "InvalidParameterValueException",
            "already included in routing configuration",
        ),
        (weights("1", json!({ "2": 1.5 })), 400, "ValidationException", "less than or equal to 1.0"),
        (
            weights("1", json!({ "2": 0.1, "3": 0.1 })),
            400,
            "InvalidParameterValueException",
            "cannot be greater than 1",
        ),
        (weights("$LATEST", json!({ "2": 0.5 })), 400, "InvalidParameterValueException", "$LATEST is not supported"),
    ] {
        world.call("POST", ALIASES, body).await.assert_error(status, code, message);
    }
}

#[tokio::test]
async fn a_version_that_an_alias_stands_for_cannot_be_deleted() {
    let world = world().await;
    create(&world, json!({ "Name": "live", "FunctionVersion": "1" })).await;
    let version = "/2015-03-31/functions/memo?Qualifier=1";
    let message = "Unable to delete version because the following aliases reference it: [live]";
    let answer = world.call("DELETE", version, Value::Null).await;
    answer.assert_error(409, "ResourceConflictException", message);
    assert_eq!(world.call("DELETE", "/2015-03-31/functions/memo/aliases/live", Value::Null).await.status, 204);
    assert_eq!(world.call("DELETE", version, Value::Null).await.status, 204);
}

#[tokio::test]
async fn an_alias_that_is_not_there_is_404() {
    let world = world().await;
    let answer = world.get("/2015-03-31/functions/memo/aliases/live").await;
    answer.assert_error(404, "ResourceNotFoundException", "Cannot find alias arn: ");
    world.invoke("memo:live", json!({})).await.assert_error(404, "ResourceNotFoundException", "Function not found: ");
}
