//! `AddPermission`, `GetPolicy`, `RemovePermission`.

use serde_json::{Value, json};

use crate::lambda_client::{World, function_arn};

const POLICY: &str = "/2015-03-31/functions/memo/policy";

fn permission() -> Value {
    json!({
        "StatementId": "gateway",
        "Action": "lambda:InvokeFunction",
        "Principal": "apigateway.amazonaws.com",
        "SourceArn": "arn:aws:execute-api:eu-west-1:000000000000:a1/*/GET/memos",
    })
}

async fn world() -> World {
    let world = World::start().await;
    world.function("memo", json!({ "Publish": true })).await;
    world
}

fn statements(policy: &Value) -> Value {
    let policy: Value = serde_json::from_str(policy["Policy"].as_str().expect("a policy")).expect("JSON");
    policy["Statement"].clone()
}

#[tokio::test]
async fn a_permission_becomes_a_statement_with_arn_like() {
    let world = world().await;
    assert_eq!(world.call("POST", POLICY, permission()).await.status, 201);
    let expected = json!([{
        "Sid": "gateway",
        "Effect": "Allow",
        "Principal": { "Service": "apigateway.amazonaws.com" },
        "Action": "lambda:InvokeFunction",
        "Resource": function_arn("memo"),
        "Condition": { "ArnLike": { "AWS:SourceArn": "arn:aws:execute-api:eu-west-1:000000000000:a1/*/GET/memos" } },
    }]);
    assert_eq!(statements(&world.get(POLICY).await.json()), expected);
}

#[tokio::test]
async fn each_qualifier_has_a_policy_of_its_own() {
    let world = world().await;
    assert_eq!(world.call("POST", &format!("{POLICY}?Qualifier=1"), permission()).await.status, 201);
    world.get(POLICY).await.assert_error(
        404,
        "ResourceNotFoundException",
        "The resource you requested does not exist.",
    );
    let policy = world.get(&format!("{POLICY}?Qualifier=1")).await.json();
    assert_eq!(statements(&policy)[0]["Resource"], format!("{}:1", function_arn("memo")));
}

#[tokio::test]
async fn a_permission_changes_the_revision() {
    let world = world().await;
    let before = world.settled("memo").await["RevisionId"].clone();
    world.call("POST", POLICY, permission()).await;
    assert_ne!(world.settled("memo").await["RevisionId"], before);
}

#[tokio::test]
async fn a_statement_id_is_used_once() {
    let world = world().await;
    world.call("POST", POLICY, permission()).await;
    let again = world.call("POST", POLICY, permission()).await;
    again.assert_error(409, "ResourceConflictException", "The statement id (gateway) provided already exists.");
}

#[tokio::test]
async fn the_last_statement_takes_the_policy_with_it() {
    let world = world().await;
    world.call("POST", POLICY, permission()).await;
    assert_eq!(world.call("DELETE", &format!("{POLICY}/gateway"), Value::Null).await.status, 204);
    world.get(POLICY).await.assert_error(404, "ResourceNotFoundException", "does not exist");
    let again = world.call("DELETE", &format!("{POLICY}/gateway"), Value::Null).await;
    again.assert_error(404, "ResourceNotFoundException", "No policy is associated with the given resource.");
}

#[tokio::test]
async fn impossible_permissions_are_refused_in_aws_words() {
    let world = world().await;
    let with = |member: &str, value: &str| {
        let mut body = permission();
        body[member] = json!(value);
        body
    };
    for (path, body, code, message) in [
        (POLICY.to_owned(), with("StatementId", "a b"), "ValidationException", "at 'statementId'"),
        (
            POLICY.to_owned(),
            with("Principal", "somebody"),
            "InvalidParameterValueException",
            "The provided principal was invalid.",
        ),
        (POLICY.to_owned(), with("RevisionId", "old"), "PreconditionFailedException", "The Revision Id provided"),
        (format!("{POLICY}?Qualifier=$LATEST"), permission(), "InvalidParameterValueException", "policies for $LATEST"),
    ] {
        let answer = world.call("POST", &path, body).await;
        let status = if code == "PreconditionFailedException" { 412 } else { 400 };
        answer.assert_error(status, code, message);
    }
}
