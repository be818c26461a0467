//! `CreateFunction`, the Gets, the list, `DeleteFunction`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::lambda_client::{World, creation, function_arn, package, role_arn, zip};

#[tokio::test]
async fn a_new_function_is_pending_and_becomes_active() {
    let world = World::start().await;
    let created = world.create("memo", json!({})).await;
    assert_eq!(created.status, 201);
    let created = created.json();
    assert_eq!(created["State"], "Pending");
    assert_eq!(created["StateReasonCode"], "Creating");
    assert_eq!(created.get("LastUpdateStatus"), None);
    let settled = world.settled("memo").await;
    assert_eq!(settled["State"], "Active");
    assert_ne!(settled["RevisionId"], created["RevisionId"]);
}

#[tokio::test]
async fn every_setting_is_read_back_as_it_was_given() {
    let world = World::start().await;
    let settings = json!({
        "Description": "the memo service",
        "Timeout": 10,
        "MemorySize": 1769,
        "Environment": { "Variables": { "TABLE_MEMOS": "memo-dev-memos" } },
        "TracingConfig": { "Mode": "Active" },
        "Architectures": ["x86_64"],
        "EphemeralStorage": { "Size": 1024 },
        "LoggingConfig": {
            "LogFormat": "JSON", "ApplicationLogLevel": "WARN", "SystemLogLevel": "INFO", "LogGroup": "/aws/lambda/other",
        },
    });
    world.function("memo", settings.clone()).await;
    let live = world.get("/2015-03-31/functions/memo/configuration").await.json();
    for (name, value) in settings.as_object().expect("settings") {
        assert_eq!(live[name], *value, "{name}");
    }
}

#[tokio::test]
async fn what_is_not_given_has_aws_defaults() {
    let world = World::start().await;
    world.function("memo", json!({})).await;
    let live = world.get("/2015-03-31/functions/memo/configuration").await.json();
    assert_eq!(live["Timeout"], 3);
    assert_eq!(live["MemorySize"], 128);
    assert_eq!(live["EphemeralStorage"], json!({ "Size": 512 }));
    assert_eq!(live["TracingConfig"], json!({ "Mode": "PassThrough" }));
    assert_eq!(live["LoggingConfig"], json!({ "LogFormat": "Text", "LogGroup": "/aws/lambda/memo" }));
    assert_eq!(live["Architectures"], json!(["x86_64"]));
    assert_eq!(live.get("Environment"), None);
}

#[tokio::test]
async fn get_function_has_configuration_code_tags_and_concurrency() {
    let world = World::start().await;
    world.function("memo", json!({ "Tags": { "memoctl:stack": "memo" } })).await;
    let reserved = json!({ "ReservedConcurrentExecutions": 3 });
    world.call("PUT", "/2017-10-31/functions/memo/concurrency", reserved.clone()).await;
    let function = world.get("/2015-03-31/functions/memo").await.json();
    assert_eq!(function["Configuration"]["FunctionArn"], function_arn("memo"));
    assert_eq!(function["Tags"], json!({ "memoctl:stack": "memo" }));
    assert_eq!(function["Concurrency"], reserved);
    assert_eq!(function["Code"]["RepositoryType"], "S3");
}

#[tokio::test]
async fn the_code_can_be_fetched_where_get_function_says() {
    let world = World::start().await;
    world.function("memo", json!({})).await;
    let function = world.get("/2015-03-31/functions/memo").await.json();
    let location = function["Code"]["Location"].as_str().expect("a location");
    let path = location.strip_prefix(world.cloud.endpoint()).expect("a location in this cloud");
    let zip = world.get(path).await;
    assert_eq!(STANDARD.encode(&zip.bytes), package("memo"));
}

#[tokio::test]
async fn a_function_can_be_asked_for_by_every_form_of_its_name() {
    let world = World::start().await;
    world.function("memo", json!({})).await;
    for name in [
        "memo".to_owned(),
        "000000000000:function:memo".to_owned(),
        function_arn("memo"),
        function_arn("memo").replace(':', "%3A"),
    ] {
        let answer = world.get(&format!("/2015-03-31/functions/{name}")).await;
        assert_eq!(answer.json()["Configuration"]["FunctionName"], "memo", "{name}");
    }
}

#[tokio::test]
async fn the_list_has_no_states() {
    let world = World::start().await;
    world.function("memo", json!({})).await;
    world.function("auth", json!({})).await;
    let list = world.get("/2015-03-31/functions/").await.json();
    let names: Vec<_> =
        list["Functions"].as_array().expect("functions").iter().map(|one| &one["FunctionName"]).collect();
    assert_eq!(names, ["auth", "memo"]);
    assert_eq!(list["Functions"][0].get("State"), None);
}

#[tokio::test]
async fn a_list_goes_on_at_its_marker() {
    let world = World::start().await;
    for name in ["a", "b", "c"] {
        world.function(name, json!({})).await;
    }
    let first = world.get("/2015-03-31/functions?MaxItems=2").await.json();
    assert_eq!(first["Functions"].as_array().map(Vec::len), Some(2));
    let marker = first["NextMarker"].as_str().expect("a marker");
    let second = world.get(&format!("/2015-03-31/functions?MaxItems=2&Marker={marker}")).await.json();
    assert_eq!(second["Functions"][0]["FunctionName"], "c");
    assert_eq!(second.get("NextMarker"), None);
}

#[tokio::test]
async fn a_name_that_is_taken_is_a_conflict() {
    let world = World::start().await;
    world.function("memo", json!({})).await;
    let again = world.create("memo", json!({})).await;
    again.assert_error(409, "ResourceConflictException", "Function already exist: memo");
}

#[tokio::test]
async fn a_role_that_lambda_cannot_assume_is_refused() {
    let world = World::start().await;
    let created = world.create("memo", json!({ "Role": role_arn("nobody") })).await;
    let message = "The role defined for the function cannot be assumed by Lambda.";
    created.assert_error(400, "InvalidParameterValueException", message);
}

#[tokio::test]
async fn limits_are_refused_in_aws_words() {
    let world = World::start().await;
    let long = "x".repeat(4096);
    for (changes, code, message) in [
        (
            json!({ "Timeout": 901 }),
            "ValidationException",
            "Value '901' at 'timeout' failed to satisfy constraint: Member must have value less than or equal to 900",
        ),
        (json!({ "MemorySize": 64 }), "ValidationException", "Member must have value greater than or equal to 128"),
        (json!({ "Architectures": ["riscv"] }), "ValidationException", "[x86_64, arm64]"),
        (json!({ "Role": "admin" }), "ValidationException", "at 'role' failed to satisfy constraint"),
        (
            json!({ "Environment": { "Variables": { "A1": long } } }),
            "InvalidParameterValueException",
            "exceeded the 4KB limit",
        ),
        (
            json!({ "Environment": { "Variables": { "AWS_REGION": "x" } } }),
            "InvalidParameterValueException",
            "Reserved keys used in this request: AWS_REGION",
        ),
        (
            json!({ "Environment": { "Variables": { "1A": "x" } } }),
            "ValidationException",
            "Map keys must satisfy constraint",
        ),
        (json!({ "Runtime": null }), "InvalidParameterValueException", "Runtime and Handler are mandatory parameters"),
        (
            json!({ "Code": { "ZipFile": zip(&[]) } }),
            "InvalidParameterValueException",
            "Uploaded file must be a non-empty zip",
        ),
        (json!({ "Code": { "ZipFile": "aGk=" } }), "InvalidParameterValueException", "Could not unzip uploaded file."),
        (
            json!({ "FunctionName": "n".repeat(65) }),
            "InvalidParameterValueException",
            "Member must have length less than or equal to 64",
        ),
    ] {
        world.create("memo", changes).await.assert_error(400, code, message);
    }
}

#[tokio::test]
async fn what_is_not_done_is_refused_by_name() {
    let world = World::start().await;
    for (changes, name) in [
        (json!({ "Layers": ["arn:aws:lambda:eu-west-1:000000000000:layer:a:1"] }), "Layers"),
        (json!({ "VpcConfig": { "SubnetIds": ["subnet-1"] } }), "VpcConfig"),
        (json!({ "PackageType": "Image" }), "Image"),
        (json!({ "Runtime": "nodejs22.x" }), "nodejs22.x"),
        (json!({ "SnapStart": { "ApplyOn": "PublishedVersions" } }), "SnapStart"),
        (json!({ "Code": { "S3Bucket": "b", "S3Key": "k", "ZipFile": package("memo") } }), "S3Bucket"),
        (json!({ "TenancyConfig": { "TenantIsolationMode": "PER_TENANT" } }), "TenancyConfig"),
    ] {
        world.create("memo", changes).await.assert_error(501, "NotImplemented", name);
    }
    let url = world.call("POST", "/2021-10-31/functions/memo/url", json!({ "AuthType": "NONE" })).await;
    url.assert_error(501, "NotImplemented", "lambda:CreateFunctionUrlConfig");
}

#[tokio::test]
async fn an_empty_vpc_config_is_no_wish() {
    let world = World::start().await;
    let created = world.create("memo", json!({ "VpcConfig": { "SubnetIds": [], "SecurityGroupIds": [] } })).await;
    assert_eq!(created.status, 201, "{}", created.text());
}

#[tokio::test]
async fn a_deleted_function_is_gone_with_its_processes() {
    let world = World::start().await;
    world.function("memo", json!({})).await;
    world.invoke("memo", json!({})).await;
    world.environments(1).await;
    let deleted = world.call("DELETE", "/2015-03-31/functions/memo", Value::Null).await;
    assert_eq!(deleted.status, 204);
    world.environments(0).await;
    let gone = world.get("/2015-03-31/functions/memo").await;
    gone.assert_error(404, "ResourceNotFoundException", &format!("Function not found: {}", function_arn("memo")));
}

#[tokio::test]
async fn tags_are_set_read_and_removed_by_arn() {
    let world = World::start().await;
    world.function("memo", json!({ "Tags": { "a": "1", "b": "2" } })).await;
    let path = format!("/2017-03-31/tags/{}", function_arn("memo").replace(':', "%3A"));
    assert_eq!(world.call("POST", &path, json!({ "Tags": { "c": "3" } })).await.status, 204);
    assert_eq!(world.call("DELETE", &format!("{path}?tagKeys=a&tagKeys=b"), Value::Null).await.status, 204);
    assert_eq!(world.get(&path).await.json(), json!({ "Tags": { "c": "3" } }));
}

#[tokio::test]
async fn a_version_has_no_tags() {
    let world = World::start().await;
    world.function("memo", json!({})).await;
    let path = format!("/2017-03-31/tags/{}:1", function_arn("memo"));
    let answer = world.call("POST", &path, json!({ "Tags": { "c": "3" } })).await;
    answer.assert_error(
        400,
        "InvalidParameterValueException",
        "Tags on function aliases and versions are not supported",
    );
}

#[tokio::test]
async fn reservations_must_leave_100_unreserved() {
    let world = World::start().await;
    world.function("memo", json!({})).await;
    let path = "/2017-10-31/functions/memo/concurrency";
    let answer = world.call("PUT", path, json!({ "ReservedConcurrentExecutions": 901 })).await;
    answer.assert_error(400, "InvalidParameterValueException", "below its minimum value of [100]");
    assert_eq!(world.call("PUT", path, json!({ "ReservedConcurrentExecutions": 900 })).await.status, 200);
    let settings = world.get("/2016-08-19/account-settings").await.json();
    assert_eq!(settings["AccountLimit"]["UnreservedConcurrentExecutions"], 100);
    assert_eq!(world.call("DELETE", path, Value::Null).await.status, 204);
    assert_eq!(world.get("/2019-09-30/functions/memo/concurrency").await.json(), json!({}));
}

#[tokio::test]
async fn functions_survive_a_restart() {
    let world = World::start().await;
    world.function("memo", json!({ "Publish": true })).await;
    let World { cloud, dir } = world;
    cloud.stop().await;
    let world = World::on(dir).await;
    assert_eq!(world.invoke("memo:1", json!("hello")).await.json(), "hello");
}

#[tokio::test]
async fn a_body_over_the_limit_of_zips_is_413() {
    let world = World::start().await;
    let zip = STANDARD.encode(vec![0_u8; 52_428_801]);
    let created =
        world.call("POST", "/2015-03-31/functions", creation("memo", &json!({ "Code": { "ZipFile": zip } }))).await;
    created.assert_error(413, "RequestEntityTooLargeException", "Zipped size must be smaller than 52428800 bytes");
}
