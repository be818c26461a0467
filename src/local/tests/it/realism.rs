//! AWS's slowness on request: what is refused at first, and what comes of waiting.

use std::future::Future;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::future::join_all;
use local::Realism;
use serde_json::{Value, json};

use crate::lambda_client::{Answer, World, creation};

/// How many times faster than AWS: slow enough that what has to be seen meanwhile is seen on a busy machine.
const SPEED: f64 = 10.0;

/// How long anything may take that is waited for, by this machine's clock.
const PATIENCE: Duration = Duration::from_secs(20);

async fn world() -> World {
    at(SPEED).await
}

async fn at(speed: f64) -> World {
    World::with(tempfile::tempdir().expect("a directory"), |options| {
        options.realism = Realism::Aws;
        options.speed = speed;
    })
    .await
}

/// Asks until the answer is as wanted; the answer, and how long that took by the clock of the cloud.
async fn until<T, F: Future<Output = T>>(ask: impl Fn() -> F, wanted: impl Fn(&T) -> bool) -> (T, Duration) {
    let start = Instant::now();
    loop {
        let answer = ask().await;
        if wanted(&answer) {
            return (answer, start.elapsed().mul_f64(SPEED));
        }
        assert!(start.elapsed() < PATIENCE, "it does not come");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

async fn iam(world: &World, parameters: &[(&str, &str)]) -> Answer {
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
    world.send("iam", "POST", "/", &[], body.into()).await
}

async fn json_call(world: &World, service: &str, target: &str, body: Value) -> Answer {
    let prefix = match service {
        "dynamodb" => "DynamoDB_20120810",
        "logs" => "Logs_20140328",
        "ssm" => "AmazonSSM",
        other => panic!("{other} has no targets here"),
    };
    let target = format!("{prefix}.{target}");
    world.send(service, "POST", "/", &[("x-amz-target", &target)], body.to_string().into()).await
}

async fn gateway(world: &World, method: &str, path: &str, body: Value) -> Answer {
    let body = if body.is_null() { Bytes::new() } else { body.to_string().into() };
    world.send("apigateway", method, path, &[], body).await
}

/// The role `function`, which may do anything.
async fn role(world: &World) {
    world.role("function", &json!({ "Effect": "Allow", "Action": "*", "Resource": "*" })).await;
}

/// A function that is active, of a role that can be assumed.
async fn function(world: &World, name: &str) {
    role(world).await;
    until(|| world.create(name, json!({})), |answer| answer.status == 201).await;
    world.settled(name).await;
}

async fn table(world: &World, name: &str) -> Answer {
    let body = json!({
        "TableName": name,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{ "AttributeName": "pk", "AttributeType": "S" }],
        "KeySchema": [{ "AttributeName": "pk", "KeyType": "HASH" }],
    });
    json_call(world, "dynamodb", "CreateTable", body).await
}

async fn table_status(world: &World, name: &str) -> Option<String> {
    let answer = json_call(world, "dynamodb", "DescribeTable", json!({ "TableName": name })).await;
    (answer.status == 200).then(|| answer.json()["Table"]["TableStatus"].as_str().expect("a status").to_owned())
}

#[tokio::test]
async fn a_cloud_like_aws_says_so() {
    let world = world().await;
    assert_eq!((world.cloud.realism(), world.cloud.speed()), (Realism::Aws, SPEED));
    let about = world.send("iam", "GET", "/_aws/local", &[], Bytes::new()).await.json();
    assert_eq!(about["realism"], "aws");
}

#[tokio::test]
async fn a_call_takes_its_time() {
    let world = at(1.0).await;
    let start = Instant::now();
    iam(&world, &[("Action", "ListRoles")]).await;
    assert!(start.elapsed() >= Duration::from_millis(50), "{:?}", start.elapsed());
}

#[tokio::test]
async fn a_new_role_cannot_be_assumed_for_seven_to_twelve_seconds() {
    let world = world().await;
    let start = Instant::now();
    role(&world).await;
    let text = "The role defined for the function cannot be assumed by Lambda.";
    world.create("memo", json!({})).await.assert_error(400, "InvalidParameterValueException", text);
    until(|| world.create("memo", json!({})), |answer| answer.status == 201).await;
    let took = start.elapsed().mul_f64(SPEED);
    assert!(took >= Duration::from_secs(7), "{took:?}");
}

#[tokio::test]
async fn a_role_that_is_new_does_not_suit_an_update_of_a_configuration() {
    let world = world().await;
    function(&world, "memo").await;
    let other = world.role("other", &json!({ "Effect": "Allow", "Action": "*", "Resource": "*" })).await;
    let path = "/2015-03-31/functions/memo/configuration";
    let update = || world.call("PUT", path, json!({ "Role": other }));
    update().await.assert_error(400, "InvalidParameterValueException", "cannot be assumed by Lambda.");
    until(update, |answer| answer.status == 200).await;
}

#[tokio::test]
async fn a_grant_that_was_taken_away_works_on_for_a_while() {
    let world = world().await;
    function(&world, "memo").await;
    let environment = world.invoke("memo", json!({ "do": "environment" })).await.json();
    let key = environment["AWS_ACCESS_KEY_ID"].as_str().expect("a key");
    let list = || async {
        let answer = world.try_send_as(key, "lambda", ("GET", "/2015-03-31/functions"), &[], Bytes::new()).await;
        answer.expect("an answer").status.as_u16()
    };
    until(list, |status| *status == 200).await;
    iam(&world, &[("Action", "DeleteRolePolicy"), ("RoleName", "function"), ("PolicyName", "all")]).await;
    assert_eq!(list().await, 200);
    let (_, took) = until(list, |status| *status == 403).await;
    assert!(took >= Duration::from_secs(6), "{took:?}");
}

#[tokio::test]
async fn a_new_function_is_pending_and_an_update_keeps_others_out() {
    let world = world().await;
    role(&world).await;
    let (created, _) = until(|| world.create("memo", json!({})), |answer| answer.status == 201).await;
    assert_eq!(created.json()["State"], "Pending");
    let path = "/2015-03-31/functions/memo/configuration";
    let update = |memory: u32| world.call("PUT", path, json!({ "MemorySize": memory }));
    update(256).await.assert_error(409, "ResourceConflictException", "in the following state: Pending");
    world.settled("memo").await;
    assert_eq!(update(256).await.status, 200);
    update(512).await.assert_error(409, "ResourceConflictException", "An update is in progress for resource");
    world.settled("memo").await;
}

#[tokio::test]
async fn one_api_in_three_seconds_can_be_made() {
    let world = world().await;
    let create = || gateway(&world, "POST", "/restapis", json!({ "name": "memo" }));
    assert_eq!(create().await.status, 201);
    create().await.assert_error(429, "TooManyRequestsException", "Too Many Requests");
    let (_, took) = until(create, |answer| answer.status == 201).await;
    assert!(took >= Duration::from_secs(2), "{took:?}");
}

#[tokio::test]
async fn too_many_calls_of_lambda_at_once_are_throttled_but_not_those_of_get_function() {
    let world = at(1.0).await;
    let many = |path: &'static str| join_all((0..40).map(|_| world.get(path)));
    let lists = many("/2015-03-31/functions").await;
    let refused: Vec<_> = lists.iter().filter(|answer| answer.status != 200).collect();
    assert!(refused.len() >= 10, "{}", refused.len());
    refused[0].assert_error(429, "TooManyRequestsException", "Rate exceeded");
    assert!(many("/2015-03-31/functions/none").await.iter().all(|answer| answer.status == 404));
}

#[tokio::test]
async fn retentions_and_tags_of_log_groups_are_throttled_at_five_a_second_and_groups_at_ten() {
    let world = at(1.0).await;
    let refused = async |target: &'static str, body: &'static str| {
        let body: Value = serde_json::from_str(body).expect("JSON");
        let answers = join_all((0..20).map(|_| json_call(&world, "logs", target, body.clone()))).await;
        let throttled: Vec<_> = answers.iter().filter(|answer| answer.text().contains("ThrottlingException")).collect();
        throttled[0].assert_error(400, "ThrottlingException", "Rate exceeded");
        throttled.len()
    };
    // The calls take some time, in which a bucket gets a token or another.
    assert!((12..=15).contains(&refused("PutRetentionPolicy", r#"{"logGroupName":"none","retentionInDays":1}"#).await));
    assert!(
        (12..=15).contains(
            &refused("ListTagsForResource", r#"{"resourceArn":"arn:aws:logs:us-east-1:000000000000:log-group:none"}"#)
                .await
        )
    );
    assert!((6..=10).contains(&refused("CreateLogGroup", r#"{"logGroupName":"some"}"#).await));
}

#[tokio::test]
async fn changes_of_one_api_keep_each_other_out() {
    let world = world().await;
    let api = gateway(&world, "POST", "/restapis", json!({ "name": "memo" })).await.json();
    let path = format!("/restapis/{}", api["id"].as_str().expect("an id"));
    let body = json!({ "patchOperations": [{ "op": "replace", "path": "/description", "value": "x" }] });
    let both = join_all((0..2).map(|_| gateway(&world, "PATCH", &path, body.clone()))).await;
    let (done, refused): (Vec<_>, Vec<_>) = both.iter().partition(|answer| answer.status == 200);
    assert_eq!((done.len(), refused.len()), (1, 1));
    refused[0].assert_error(409, "ConflictException", "Unable to complete operation due to concurrent modification.");
    assert_eq!(gateway(&world, "PATCH", &path, body).await.status, 200);
}

/// A document with a mock that answers with `status`.
fn mock(status: &str) -> Value {
    json!({ "openapi": "3.0.1", "info": { "title": "memo", "version": "1" }, "paths": { "/": { "get": {
        "responses": { status: { "description": "" } },
        "x-amazon-apigateway-integration": {
            "type": "mock",
            "requestTemplates": { "application/json": format!("{{\"statusCode\": {status}}}") },
            "responses": { "default": { "statusCode": status } },
        },
    } } } })
}

/// Has `call` succeed, which may be throttled or kept out at first.
async fn gateway_done(world: &World, method: &str, path: &str, body: &Value) -> Value {
    let (answer, _) = until(
        || gateway(world, method, path, body.clone()),
        |answer| {
            assert!(matches!(answer.status.as_u16(), 200 | 201 | 409 | 429), "{}", answer.text());
            answer.status.is_success()
        },
    )
    .await;
    answer.json()
}

#[tokio::test]
async fn a_stage_goes_on_with_the_old_deployment_then_mixes_then_serves_the_new_one() {
    let world = world().await;
    let api = gateway_done(&world, "POST", "/restapis", &json!({ "name": "memo" })).await;
    let path = format!("/restapis/{}", api["id"].as_str().expect("an id"));
    let served = format!("/_aws/execute-api/{}/test/", api["id"].as_str().expect("an id"));
    let get = || async { world.send("execute-api", "GET", &served, &[], Bytes::new()).await.status.as_u16() };
    gateway_done(&world, "PUT", &format!("{path}?mode=overwrite"), &mock("201")).await;
    let old = gateway_done(&world, "POST", &format!("{path}/deployments"), &json!({})).await;
    let stage = json!({ "stageName": "test", "deploymentId": old["id"] });
    gateway_done(&world, "POST", &format!("{path}/stages"), &stage).await;
    assert_eq!(get().await, 403);
    settled(&get, 201).await;
    gateway_done(&world, "PUT", &format!("{path}?mode=overwrite"), &mock("202")).await;
    let new = gateway_done(&world, "POST", &format!("{path}/deployments"), &json!({})).await;
    let switch = json!({ "patchOperations": [{ "op": "replace", "path": "/deploymentId", "value": new["id"] }] });
    gateway_done(&world, "PATCH", &format!("{path}/stages/test"), &switch).await;
    let seen = settled(&get, 202).await;
    assert_eq!(seen[0], 201, "the old deployment serves on");
    assert!(seen.windows(2).any(|pair| pair == [202, 201]), "old and new are mixed: {seen:?}");
    assert!(seen.iter().all(|status| matches!(status, 201 | 202)), "{seen:?}");
}

/// Asks until many answers in a row are `status`; all answers.
async fn settled<F: Future<Output = u16>>(get: &impl Fn() -> F, status: u16) -> Vec<u16> {
    let (start, mut seen) = (Instant::now(), Vec::new());
    while !seen.ends_with(&[status; 20]) {
        assert!(start.elapsed() < PATIENCE, "{seen:?}");
        seen.push(get().await);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    seen
}

#[tokio::test]
async fn a_new_table_is_creating_and_takes_no_items_until_it_is_active() {
    let world = world().await;
    let created = table(&world, "memos").await.json();
    assert_eq!(created["TableDescription"]["TableStatus"], "CREATING");
    let put =
        || json_call(&world, "dynamodb", "PutItem", json!({ "TableName": "memos", "Item": { "pk": { "S": "1" } } }));
    put().await.assert_error(400, "ResourceNotFoundException", "Requested resource not found");
    let delete = || json_call(&world, "dynamodb", "DeleteTable", json!({ "TableName": "memos" }));
    delete().await.assert_error(400, "ResourceInUseException", "Table is being created");
    until(|| table_status(&world, "memos"), |status| status.as_deref() == Some("CREATING")).await;
    until(|| table_status(&world, "memos"), |status| status.as_deref() == Some("ACTIVE")).await;
    assert_eq!(put().await.status, 200);
}

#[tokio::test]
async fn a_new_table_is_not_described_at_once() {
    let world = at(1.0).await;
    table(&world, "memos").await;
    assert_eq!(table_status(&world, "memos").await, None);
    until(|| table_status(&world, "memos"), Option::is_some).await;
}

#[tokio::test]
async fn a_table_that_is_deleted_is_deleting_and_then_gone() {
    let world = world().await;
    table(&world, "memos").await;
    until(|| table_status(&world, "memos"), |status| status.as_deref() == Some("ACTIVE")).await;
    let delete = || json_call(&world, "dynamodb", "DeleteTable", json!({ "TableName": "memos" }));
    assert_eq!(delete().await.json()["TableDescription"]["TableStatus"], "DELETING");
    assert_eq!(delete().await.status, 200, "a table that is being deleted can be deleted");
    assert_eq!(table_status(&world, "memos").await.as_deref(), Some("DELETING"));
    table(&world, "memos").await.assert_error(400, "ResourceInUseException", "Table is being deleted");
    until(|| table_status(&world, "memos"), Option::is_none).await;
    assert_eq!(table(&world, "memos").await.status, 200);
}

#[tokio::test]
async fn backups_of_a_new_table_are_unavailable_at_first() {
    let world = world().await;
    table(&world, "memos").await;
    until(|| table_status(&world, "memos"), |status| status.as_deref() == Some("ACTIVE")).await;
    let enable = || {
        let specification = json!({ "PointInTimeRecoveryEnabled": true });
        let body = json!({ "TableName": "memos", "PointInTimeRecoverySpecification": specification });
        json_call(&world, "dynamodb", "UpdateContinuousBackups", body)
    };
    enable().await.assert_error(400, "ContinuousBackupsUnavailableException", "Backups are being enabled");
    until(enable, |answer| answer.status == 200).await;
}

#[tokio::test]
async fn a_time_to_live_changes_once_an_hour() {
    let world = at(2000.0).await;
    table(&world, "memos").await;
    until(|| table_status(&world, "memos"), |status| status.as_deref() == Some("ACTIVE")).await;
    let set = |enabled: bool| {
        let specification = json!({ "Enabled": enabled, "AttributeName": "expires_at" });
        let body = json!({ "TableName": "memos", "TimeToLiveSpecification": specification });
        json_call(&world, "dynamodb", "UpdateTimeToLive", body)
    };
    assert_eq!(set(true).await.status, 200);
    let text = "Time to live has been modified multiple times within a fixed interval";
    set(false).await.assert_error(400, "ValidationException", text);
    until(|| set(false), |answer| answer.status == 200).await;
}

#[tokio::test]
async fn late_logs_make_a_deleted_group_again_when_the_role_may() {
    let world = world().await;
    function(&world, "memo").await;
    let group = json!({ "logGroupName": "/aws/lambda/memo" });
    let delete = || json_call(&world, "logs", "DeleteLogGroup", group.clone());
    world.invoke("memo", json!({ "do": "print", "line": "late" })).await;
    delete().await.assert_error(400, "ResourceNotFoundException", "does not exist");
    until(delete, |answer| answer.status == 200).await;
}

#[tokio::test]
async fn lists_lack_what_is_new_while_direct_reads_have_it() {
    let world = world().await;
    role(&world).await;
    let listed = || async {
        let answer = iam(&world, &[("Action", "ListRoles")]).await;
        answer.text().contains("<RoleName>function</RoleName>")
    };
    assert!(!listed().await);
    assert_eq!(iam(&world, &[("Action", "GetRole"), ("RoleName", "function")]).await.status, 200);
    until(listed, |listed| *listed).await;
}

#[tokio::test]
async fn every_list_lacks_what_is_new() {
    let world = at(1.0).await;
    table(&world, "new").await;
    json_call(&world, "logs", "CreateLogGroup", json!({ "logGroupName": "new" })).await;
    gateway(&world, "POST", "/restapis", json!({ "name": "new" })).await;
    let parameter = json!({ "Name": "new", "Value": "1", "Type": "String" });
    json_call(&world, "ssm", "PutParameter", parameter).await;
    let lists = [
        json_call(&world, "ssm", "DescribeParameters", json!({})).await,
        json_call(&world, "dynamodb", "ListTables", json!({})).await,
        json_call(&world, "logs", "DescribeLogGroups", json!({})).await,
        gateway(&world, "GET", "/restapis", Value::Null).await,
    ];
    for list in lists {
        assert!(list.status == 200 && !list.text().contains("\"new\""), "{}", list.text());
    }
}

#[tokio::test]
async fn a_restart_completes_what_was_under_way() {
    let world = at(0.1).await;
    role(&world).await;
    let World { cloud, dir } = world;
    cloud.stop().await;
    let world = World::with(dir, |options| options.realism = Realism::Aws).await;
    let answer = world.call("POST", "/2015-03-31/functions", creation("memo", &json!({}))).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
}
