//! What takes time on AWS: transitions, and the retries of events.

use std::io::{Cursor, Write};
use std::path::Path;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, Method};
use tempfile::TempDir;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::*;
use crate::call::Caller;

const FUNCTION: &str = "/2015-03-31/functions/memo";
const FUNCTIONS: &str = "/2015-03-31/functions";
const SLOW: Delays = Delays { transition: Duration::from_hours(1), listing: Duration::ZERO };

fn request(method: &Method, path: &str, body: impl Into<Bytes>) -> Request {
    Request {
        id: request_id(),
        method: method.clone(),
        path: path.to_owned(),
        query: String::new(),
        headers: HeaderMap::new(),
        body: body.into(),
        region: "eu-west-1".to_owned(),
        caller: Caller::Developer,
    }
}

async fn call(lambda: &Lambda, method: Method, path: &str, body: Value) -> Result<Response, Error> {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let request = request(&method, path, body);
    lambda.call(&lambda.identify(&request)?, request).await
}

async fn lambda(delays: Delays, retries: Retries) -> (TempDir, Lambda) {
    let dir = tempfile::tempdir().expect("a directory");
    let iam = Iam::open(dir.path(), &realism::Delays::default()).expect("IAM");
    let trust = json!({ "Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Principal": { "Service": "lambda.amazonaws.com" }, "Action": "sts:AssumeRole",
    } });
    let form = form_urlencoded::Serializer::new(String::new())
        .extend_pairs([("Action", "CreateRole"), ("RoleName", "function")])
        .append_pair("AssumeRolePolicyDocument", &trust.to_string())
        .finish();
    let request = request(&Method::POST, "/", form);
    iam.call(&iam.identify(&request).expect("CreateRole"), request).await.expect("a role");
    let logs = Logs::open(dir.path(), "eu-west-1", &realism::Delays::default()).expect("logs");
    let services = (Arc::new(iam), Arc::new(logs));
    let lambda = Lambda::with((delays, retries), dir.path(), ("eu-west-1", "http://127.0.0.1:1"), services);
    (dir, lambda.expect("Lambda"))
}

/// A package with the example `function`.
fn package(mark: &str) -> String {
    let test = std::env::current_exe().expect("this test");
    let binary = test.ancestors().nth(2).expect("target/debug").join("examples/function");
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    writer.start_file("bootstrap", SimpleFileOptions::default().unix_permissions(0o755)).expect("a file");
    writeln!(writer, "#!/bin/sh\n# {mark}\nexec {}", binary.display()).expect("memory");
    STANDARD.encode(writer.finish().expect("a zip").into_inner())
}

async fn create(lambda: &Lambda) {
    let body = json!({
        "FunctionName": "memo",
        "Runtime": "provided.al2023",
        "Handler": "bootstrap",
        "Role": "arn:aws:iam::000000000000:role/function",
        "Code": { "ZipFile": package("first") },
    });
    call(lambda, Method::POST, FUNCTIONS, body).await.expect("a function");
}

fn settle(lambda: &Lambda) {
    let settled = lambda.shared.state.write(|state| {
        state.settle();
        Ok::<_, std::io::Error>(())
    });
    settled.expect("settled");
}

async fn code(lambda: &Lambda, mark: &str) -> Result<Response, Error> {
    call(lambda, Method::PUT, &format!("{FUNCTION}/code"), json!({ "ZipFile": package(mark) })).await
}

#[tokio::test]
async fn a_pending_function_can_neither_be_invoked_nor_changed_nor_deleted() {
    let (_dir, lambda) = lambda(SLOW, RETRIES).await;
    create(&lambda).await;
    for (method, path, body) in [
        (Method::POST, format!("{FUNCTION}/invocations"), json!({})),
        (Method::PUT, format!("{FUNCTION}/code"), json!({ "ZipFile": package("second") })),
        (Method::PUT, format!("{FUNCTION}/configuration"), json!({ "Timeout": 9 })),
        (Method::POST, format!("{FUNCTION}/versions"), json!({})),
        (Method::DELETE, FUNCTION.to_owned(), Value::Null),
    ] {
        let error = call(&lambda, method, &path, body).await.expect_err(&path);
        assert_eq!((error.status, error.code.as_str()), (409, "ResourceConflictException"), "{path}");
        assert!(error.message.ends_with("currently in the following state: Pending"), "{}", error.message);
    }
}

#[tokio::test]
async fn a_pending_function_takes_permissions_and_aliases_and_reservations() {
    let (_dir, lambda) = lambda(SLOW, RETRIES).await;
    create(&lambda).await;
    let permission = json!({ "StatementId": "a", "Action": "lambda:InvokeFunction", "Principal": "s3.amazonaws.com" });
    let alias = json!({ "Name": "live", "FunctionVersion": "$LATEST" });
    let reserved = json!({ "ReservedConcurrentExecutions": 1 });
    for (method, path, body) in [
        (Method::POST, format!("{FUNCTION}/policy"), permission),
        (Method::POST, format!("{FUNCTION}/aliases"), alias),
        (Method::PUT, "/2017-10-31/functions/memo/concurrency".to_owned(), reserved),
    ] {
        call(&lambda, method, &path, body).await.expect(&path);
    }
}

#[tokio::test]
async fn an_update_in_progress_lets_no_other_in() {
    let (_dir, lambda) = lambda(SLOW, RETRIES).await;
    create(&lambda).await;
    settle(&lambda);
    code(&lambda, "second").await.expect("an update");
    let error = code(&lambda, "third").await.expect_err("another update");
    let arn = "arn:aws:lambda:eu-west-1:000000000000:function:memo";
    let message = "The operation cannot be performed at this time. An update is in progress for resource: ";
    assert_eq!((error.status, error.message), (409, format!("{message}{arn}")));
}

#[tokio::test]
async fn what_was_there_before_serves_while_an_update_is_in_progress() {
    let (_dir, lambda) = lambda(SLOW, RETRIES).await;
    create(&lambda).await;
    settle(&lambda);
    let before = lambda.invoke("memo", Bytes::from_static(br#"{"do":"pid"}"#)).await.expect("an answer").payload;
    code(&lambda, "second").await.expect("an update");
    let during = lambda.invoke("memo", Bytes::from_static(br#"{"do":"pid"}"#)).await.expect("an answer").payload;
    assert_eq!(before, during);
}

#[tokio::test]
async fn an_event_that_fails_is_tried_three_times() {
    let at_once = Retries { after_error: [Duration::ZERO; 2], after_throttle: Duration::ZERO };
    let (dir, lambda) = lambda(Delays::default(), at_once).await;
    create(&lambda).await;
    settle(&lambda);
    let tries = dir.path().join("tries");
    let mut event = request(
        &Method::POST,
        &format!("{FUNCTION}/invocations"),
        json!({ "do": "append", "path": tries }).to_string(),
    );
    event.headers.insert("x-amz-invocation-type", HeaderValue::from_static("Event"));
    lambda.call(&lambda.identify(&event).expect("Invoke"), event).await.expect("an accepted event");
    until_empty(&dir.path().join("lambda/events")).await;
    assert_eq!(std::fs::read_to_string(tries).expect("tries").lines().count(), 3);
}

#[tokio::test]
async fn code_that_nothing_refers_to_is_swept_away() {
    let (dir, lambda) = lambda(Delays::default(), RETRIES).await;
    create(&lambda).await;
    settle(&lambda);
    code(&lambda, "second").await.expect("an update");
    settle(&lambda);
    // Each is a zip and a folder, into which it is unpacked after its answer.
    let packages = || {
        let names = std::fs::read_dir(dir.path().join("lambda/code")).expect("a directory");
        let names = names.map(|entry| entry.expect("an entry").file_name().into_string().expect("a name"));
        let kinds = names.map(|name| name.split_once('.').map(|(_, kind)| kind.to_owned())).collect::<Vec<_>>();
        let number = |kind: Option<&str>| kinds.iter().filter(|its| its.as_deref() == kind).count();
        (number(Some("zip")), number(None))
    };
    until(|| packages() == (2, 2)).await;
    lambda.shared.sweep().expect("swept");
    assert_eq!(packages(), (1, 1));
}

async fn until_empty(dir: &Path) {
    until(|| std::fs::read_dir(dir).expect("a directory").count() == 0).await;
}

async fn until(is_so: impl Fn() -> bool) {
    for _ in 0..1000 {
        if is_so() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("what is waited for does not come")
}
