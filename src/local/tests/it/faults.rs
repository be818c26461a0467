//! What goes wrong on request: which call, how, and whether it had taken effect.

use std::io::{BufRead as _, BufReader};
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use bytes::Bytes;
use local::{FaultKind, Faults, Held};
use serde_json::{Value, json};

use crate::lambda_client::{Answer, REGION, World, example, send};

/// How long a call is watched that must not be answered.
const A_WHILE: Duration = Duration::from_millis(100);

/// A call that makes one thing, a call that tells whether it is there, and the error that each service has.
struct Service {
    name: &'static str,
    make: fn() -> Call,
    look: fn() -> Call,
    internal: &'static str,
}

type Call = (&'static str, &'static str, Option<&'static str>, String);

const SERVICES: [Service; 6] = [
    Service {
        name: "iam",
        make: || ("POST", "/", None, role("CreateRole")),
        look: || ("POST", "/", None, "Action=GetRole&RoleName=made".to_owned()),
        internal: "<Code>InternalFailure</Code>",
    },
    Service {
        name: "s3",
        make: || ("PUT", "/made", None, BUCKET.to_owned()),
        look: || ("HEAD", "/made", None, String::new()),
        internal: "<Code>InternalError</Code>",
    },
    Service {
        name: "logs",
        make: || ("POST", "/", Some("Logs_20140328.CreateLogGroup"), json!({ "logGroupName": "made" }).to_string()),
        look: || ("POST", "/", Some("Logs_20140328.DescribeLogStreams"), json!({ "logGroupName": "made" }).to_string()),
        internal: "InternalFailure",
    },
    Service {
        name: "ssm",
        make: || {
            let body = json!({ "Name": "made", "Value": "1", "Type": "String" });
            ("POST", "/", Some("AmazonSSM.PutParameter"), body.to_string())
        },
        look: || ("POST", "/", Some("AmazonSSM.GetParameter"), json!({ "Name": "made" }).to_string()),
        internal: "InternalFailure",
    },
    Service {
        name: "dynamodb",
        make: || {
            let body = json!({
                "TableName": "made",
                "BillingMode": "PAY_PER_REQUEST",
                "AttributeDefinitions": [{ "AttributeName": "pk", "AttributeType": "S" }],
                "KeySchema": [{ "AttributeName": "pk", "KeyType": "HASH" }],
            });
            ("POST", "/", Some("DynamoDB_20120810.CreateTable"), body.to_string())
        },
        look: || ("POST", "/", Some("DynamoDB_20120810.DescribeTable"), json!({ "TableName": "made" }).to_string()),
        internal: "InternalFailure",
    },
    Service {
        name: "apigateway",
        make: || ("POST", "/restapis", None, json!({ "name": "made" }).to_string()),
        look: || ("GET", "/restapis", None, String::new()),
        internal: "InternalFailure",
    },
];

const BUCKET: &str = "<CreateBucketConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\
                      <LocationConstraint>eu-west-1</LocationConstraint></CreateBucketConfiguration>";

fn role(action: &str) -> String {
    let trust = json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": { "Service": "lambda.amazonaws.com" }, "Action": "sts:AssumeRole",
    }] });
    let trust = trust.to_string();
    let parameters = [("Action", action), ("RoleName", "made"), ("AssumeRolePolicyDocument", &trust)];
    form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish()
}

async fn world() -> World {
    World::on(tempfile::tempdir().expect("a directory")).await
}

async fn call(world: &World, service: &Service, call: fn() -> Call) -> Option<Answer> {
    let (method, path, target, body) = call();
    let target: Vec<(&str, &str)> = target.iter().map(|target| ("x-amz-target", *target)).collect();
    world.try_send(service.name, (method, path), &target, Bytes::from(body)).await
}

/// Whether an error has this code, in the header or in the document.
fn says(error: &Answer, code: &str) -> bool {
    error.header("x-amzn-errortype") == code || error.text().contains(code)
}

/// Whether the thing is there.
async fn is_made(world: &World, service: &Service) -> bool {
    world.cloud.inject(Faults::none());
    let answer = call(world, service, service.look).await.expect("an answer");
    match service.name {
        "apigateway" => answer.json()["item"].as_array().is_some_and(|items| !items.is_empty()),
        _ => answer.status == 200,
    }
}

#[tokio::test]
async fn an_error_before_the_effect_leaves_nothing_made_in_any_service() {
    let world = world().await;
    for service in &SERVICES {
        world.cloud.inject(Faults::at(1, FaultKind::ErrorBefore));
        let answer = call(&world, service, service.make).await.expect("an answer");
        assert_eq!(answer.status, 500, "{}: {}", service.name, answer.text());
        assert!(says(&answer, service.internal), "{}: {}", service.name, answer.text());
        assert!(!is_made(&world, service).await, "{}", service.name);
    }
}

#[tokio::test]
async fn an_error_after_the_effect_leaves_the_thing_made_in_any_service() {
    let world = world().await;
    for service in &SERVICES {
        world.cloud.inject(Faults::at(1, FaultKind::ErrorAfter));
        let answer = call(&world, service, service.make).await.expect("an answer");
        assert_eq!(answer.status, 500, "{}: {}", service.name, answer.text());
        assert!(says(&answer, service.internal), "{}: {}", service.name, answer.text());
        assert!(is_made(&world, service).await, "{}", service.name);
    }
}

#[tokio::test]
async fn a_cut_before_the_effect_closes_the_connection_and_leaves_nothing_made() {
    let world = world().await;
    for service in &SERVICES {
        world.cloud.inject(Faults::at(1, FaultKind::CutBefore));
        assert!(call(&world, service, service.make).await.is_none(), "{}", service.name);
        assert!(!is_made(&world, service).await, "{}", service.name);
    }
}

#[tokio::test]
async fn a_cut_after_the_effect_closes_the_connection_and_leaves_the_thing_made() {
    let world = world().await;
    for service in &SERVICES {
        world.cloud.inject(Faults::at(1, FaultKind::CutAfter));
        assert!(call(&world, service, service.make).await.is_none(), "{}", service.name);
        assert!(is_made(&world, service).await, "{}", service.name);
    }
}

#[tokio::test]
async fn a_call_that_is_held_before_its_effect_is_told_and_never_answered() {
    let world = world().await;
    for service in &SERVICES {
        world.cloud.inject(Faults::at(1, FaultKind::HoldBefore));
        let held = held(&world, service).await;
        assert!(held.number == 1 && held.call.starts_with(&format!("{}:", service.name)), "{held:?}");
        assert!(!is_made(&world, service).await, "{}", service.name);
    }
}

#[tokio::test]
async fn a_call_that_is_held_after_its_effect_is_told_and_never_answered() {
    let world = world().await;
    for service in &SERVICES {
        world.cloud.inject(Faults::at(1, FaultKind::HoldAfter));
        held(&world, service).await;
        assert!(is_made(&world, service).await, "{}", service.name);
    }
}

/// Makes the thing, in vain: the call is not answered within a while.
async fn held(world: &World, service: &Service) -> Held {
    let waiting = async {
        let held = world.cloud.held().await;
        tokio::time::sleep(A_WHILE).await;
        held
    };
    tokio::select! {
        held = waiting => held,
        _ = call(world, service, service.make) => panic!("{} answers", service.name),
    }
}

#[tokio::test]
async fn a_slow_answer_comes_late_by_the_clock_of_the_cloud() {
    let world = World::with(tempfile::tempdir().unwrap(), |options| {
        options.speed = 100.0;
        options.faults = Faults::at(1, FaultKind::Slow(Duration::from_secs(10)));
    })
    .await;
    let start = Instant::now();
    assert_eq!(call(&world, &SERVICES[0], SERVICES[0].make).await.expect("an answer").status, 200);
    let late = start.elapsed();
    assert!(late >= Duration::from_millis(100) && late < Duration::from_secs(5), "{late:?}");
}

#[tokio::test]
async fn only_the_call_of_the_number_is_hurt() {
    let world = world().await;
    world.cloud.inject(Faults::at(3, FaultKind::ErrorBefore));
    let mut statuses = Vec::new();
    for _ in 0..4 {
        statuses.push(world.get("/2015-03-31/functions").await.status.as_u16());
    }
    assert_eq!(statuses, [200, 200, 500, 200]);
    assert_eq!(world.cloud.arrived(), 4);
}

#[tokio::test]
async fn an_even_call_fails_as_unavailable() {
    let world = world().await;
    world.cloud.inject(Faults::at(2, FaultKind::ErrorBefore));
    world.get("/2015-03-31/functions").await;
    world.get("/2015-03-31/functions").await.assert_error(503, "ServiceUnavailable", "unable");
}

#[tokio::test]
async fn random_faults_hurt_the_same_calls_each_time() {
    let world = world().await;
    let mut runs = Vec::new();
    for _ in 0..2 {
        world.cloud.inject(Faults::random(11, 0.3));
        let mut run = Vec::new();
        for _ in 0..40 {
            let answer = world.try_send("lambda", ("GET", "/2015-03-31/functions"), &[], Bytes::new()).await;
            run.push(answer.map(|answer| answer.status.as_u16()));
        }
        runs.push(run);
    }
    assert_eq!(runs[0], runs[1]);
    for outcome in [None, Some(200), Some(500), Some(503)] {
        assert!(runs[0].contains(&outcome), "{outcome:?}");
    }
}

#[tokio::test]
async fn calls_of_functions_are_not_counted_nor_hurt() {
    let world = World::start().await;
    world.function("lister", Value::Null).await;
    let environment = world.invoke("lister", json!({ "do": "environment" })).await.json();
    let key = environment["AWS_ACCESS_KEY_ID"].as_str().expect("a key");
    world.cloud.inject(Faults::at(1, FaultKind::ErrorBefore));
    let path = ("GET", "/2015-03-31/functions");
    let answer = world.try_send_as(key, "lambda", path, &[], Bytes::new()).await.expect("an answer");
    assert_eq!((answer.status.as_u16(), world.cloud.arrived()), (200, 0));
}

/// What is left of a cloud in a process of its own that is killed at a call which makes a role.
async fn killed_at(kind: &str) -> World {
    let dir = tempfile::tempdir().expect("a directory");
    let mut process = Command::new(example("serve"))
        .args(["--port", "0", "--region", REGION, "--faults", &format!("at=1:{kind}"), "--state"])
        .arg(dir.path())
        .stdout(Stdio::piped())
        .spawn()
        .expect("a process");
    let mut line = String::new();
    BufReader::new(process.stdout.take().expect("its output")).read_line(&mut line).expect("a line");
    let about: Value = serde_json::from_str(&line).expect("where it answers");
    let endpoint = about["endpoint"].as_str().expect("an endpoint");
    let (method, path, _, body) = (SERVICES[0].make)();
    let answer = send("AKIDEXAMPLE", endpoint, "iam", (method, path), &[], body.into()).await;
    assert!(answer.is_none(), "it answers");
    assert_eq!(process.wait().expect("an end").signal(), Some(9));
    World::on(dir).await
}

#[tokio::test]
async fn a_kill_before_the_effect_leaves_nothing_made() {
    let world = killed_at("kill-before").await;
    assert!(!is_made(&world, &SERVICES[0]).await);
}

#[tokio::test]
async fn a_kill_after_the_effect_leaves_the_thing_made() {
    let world = killed_at("kill-after").await;
    assert!(is_made(&world, &SERVICES[0]).await);
}

#[tokio::test]
async fn a_cloud_tells_its_realism_and_its_speed() {
    let world = World::with(tempfile::tempdir().unwrap(), |options| options.speed = 20.0).await;
    let about = world.send("iam", "GET", "/_aws/local", &[], Bytes::new()).await.json();
    assert_eq!((&about["realism"], &about["speed"]), (&json!("off"), &json!(20.0)));
}
