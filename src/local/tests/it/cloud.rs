//! The cloud as a whole: one process on a state, the port that it remembers, who may talk to it.

use std::path::Path;

use http::HeaderMap;
use local::{Cloud, Options, StartError};
use serde_json::json;

use crate::lambda_client::{REGION, World};

fn options(dir: &Path) -> Options {
    Options { port: Some(0), ..Options::new(dir, REGION) }
}

async fn start(options: Options) -> Cloud {
    Cloud::start(options).await.expect("a cloud")
}

fn port(endpoint: &str) -> u16 {
    endpoint.rsplit(':').next().and_then(|port| port.parse().ok()).expect("a port")
}

#[tokio::test]
async fn a_second_cloud_on_a_state_is_told_where_the_first_one_answers() {
    let dir = tempfile::tempdir().unwrap();
    let first = start(options(dir.path())).await;
    match Cloud::start(options(dir.path())).await {
        Err(StartError::Running { endpoint, .. }) => assert_eq!(endpoint, first.endpoint()),
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("two clouds have one state open"),
    }
}

#[tokio::test]
async fn a_state_is_free_when_its_cloud_has_stopped() {
    let dir = tempfile::tempdir().unwrap();
    start(options(dir.path())).await.stop().await;
    drop(start(options(dir.path())).await);
    start(options(dir.path())).await;
}

#[tokio::test]
async fn each_region_has_a_state_of_its_own() {
    let dir = tempfile::tempdir().unwrap();
    let one = start(options(dir.path())).await;
    let other = start(Options { region: "us-east-1".to_owned(), ..options(dir.path()) }).await;
    assert_ne!(one.endpoint(), other.endpoint());
    assert!(dir.path().join(REGION).is_dir() && dir.path().join("us-east-1").is_dir());
}

#[tokio::test]
async fn a_chosen_port_is_remembered() {
    let dir = tempfile::tempdir().unwrap();
    let cloud = start(options(dir.path())).await;
    let chosen = port(cloud.endpoint());
    assert_eq!(port(cloud.base_url()), chosen);
    cloud.stop().await;
    let again = start(Options { port: None, ..options(dir.path()) }).await;
    assert_eq!(port(again.endpoint()), chosen);
}

#[tokio::test]
async fn an_ephemeral_cloud_advertises_the_port_that_the_state_remembers() {
    let dir = tempfile::tempdir().unwrap();
    let fresh = start(Options { port: None, ephemeral: true, ..options(dir.path()) }).await;
    assert_eq!(fresh.base_url(), "http://127.0.0.1:4567");
    assert_ne!(fresh.endpoint(), fresh.base_url());
    fresh.stop().await;
    let cloud = start(options(dir.path())).await;
    let base = cloud.base_url().to_owned();
    cloud.stop().await;
    let ephemeral = start(Options { port: None, ephemeral: true, ..options(dir.path()) }).await;
    assert_eq!(ephemeral.base_url(), base);
}

#[tokio::test]
async fn a_port_that_is_taken_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let wanted = taken.local_addr().unwrap().port();
    match Cloud::start(Options { port: Some(wanted), ..options(dir.path()) }).await {
        Err(StartError::Port { port, .. }) => assert_eq!(port, wanted),
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("two listen on one port"),
    }
}

#[tokio::test]
async fn what_is_no_region_is_refused_before_anything_is_made() {
    let dir = tempfile::tempdir().unwrap();
    for region in ["", "../x", "eu/west", "EU"] {
        let refused = Cloud::start(Options { region: region.to_owned(), ..options(dir.path()) }).await;
        assert!(matches!(refused, Err(StartError::Region { .. })), "{region:?}");
    }
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[cfg(unix)]
#[tokio::test]
async fn nobody_else_can_read_the_state() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = tempfile::tempdir().unwrap();
    let _cloud = start(options(dir.path())).await;
    let mode = std::fs::metadata(dir.path().join(REGION)).unwrap().permissions().mode();
    assert_eq!(mode & 0o077, 0, "{mode:o}");
}

#[tokio::test]
async fn state_survives_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let world = World::on(dir).await;
    world.role("kept", &json!({ "Effect": "Allow", "Action": "*", "Resource": "*" })).await;
    let World { cloud, dir } = world;
    cloud.stop().await;
    let world = World::on(dir).await;
    let answer = world.send("iam", "POST", "/", &[], "Action=GetRole&RoleName=kept".into()).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
}

#[tokio::test]
async fn every_answer_has_a_request_id() {
    let world = World::on(tempfile::tempdir().unwrap()).await;
    let known = |headers: &HeaderMap| headers.get("x-amzn-requestid").is_some_and(|id| id.len() == 36);
    for (service, path) in
        [("iam", "/"), ("s3", "/"), ("sqs", "/"), ("lambda", "/nowhere"), ("iam", "/_aws/execute-api/a/b/")]
    {
        let answer = world.send(service, "GET", path, &[], bytes::Bytes::new()).await;
        assert!(known(&answer.headers), "{service} {path}: {}", answer.text());
    }
}

#[tokio::test]
async fn calls_are_counted_by_service_and_operation() {
    let world = World::on(tempfile::tempdir().unwrap()).await;
    for body in ["Action=ListRoles", "Action=ListRoles", "Action=DeleteRole&RoleName=none", "Action=Unknown"] {
        world.send("iam", "POST", "/", &[], body.into()).await;
    }
    let calls = world.cloud.calls();
    assert_eq!(calls.reading.into_iter().collect::<Vec<_>>(), [("iam:ListRoles".to_owned(), 2)]);
    assert_eq!(calls.mutating.into_iter().collect::<Vec<_>>(), [("iam:DeleteRole".to_owned(), 1)]);
}
