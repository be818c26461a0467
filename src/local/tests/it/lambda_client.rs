//! A cloud with roles and functions, and calls to its Lambda as an SDK makes them.

use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderMap, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper_util::rt::TokioIo;
use local::{Cloud, Options};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpStream;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

pub(crate) const REGION: &str = "eu-west-1";

/// A cloud of its own for each test.
pub(crate) struct World {
    pub(crate) cloud: Cloud,
    pub(crate) dir: TempDir,
}

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) bytes: Bytes,
}

impl World {
    /// A cloud with the role `function`, which Lambda may assume and which may do what it likes.
    pub(crate) async fn start() -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let world = Self::on(dir).await;
        world.role("function", &json!({ "Effect": "Allow", "Action": "*", "Resource": "*" })).await;
        world
    }

    /// A cloud on the state in `dir`.
    pub(crate) async fn on(dir: TempDir) -> Self {
        Self::with(dir, |_| ()).await
    }

    /// A cloud on the state in `dir`, with `changes` made to how it is started.
    pub(crate) async fn with(dir: TempDir, changes: impl FnOnce(&mut Options)) -> Self {
        let mut options = Options { ephemeral: true, ..Options::new(dir.path(), REGION) };
        changes(&mut options);
        Self { cloud: Cloud::start(options).await.expect("a cloud"), dir }
    }

    /// Makes a role that Lambda may assume, with one statement.
    pub(crate) async fn role(&self, name: &str, statement: &Value) -> String {
        let trust = json!({ "Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Principal": { "Service": "lambda.amazonaws.com" }, "Action": "sts:AssumeRole",
        }] });
        let policy = json!({ "Version": "2012-10-17", "Statement": [statement] });
        let form = |parameters: &[(&str, &str)]| {
            form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish()
        };
        for body in [
            form(&[("Action", "CreateRole"), ("RoleName", name), ("AssumeRolePolicyDocument", &trust.to_string())]),
            form(&[
                ("Action", "PutRolePolicy"),
                ("RoleName", name),
                ("PolicyName", "all"),
                ("PolicyDocument", &policy.to_string()),
            ]),
        ] {
            let answer = self.send("iam", "POST", "/", &[], body.into()).await;
            assert_eq!(answer.status, 200, "{}", answer.text());
        }
        role_arn(name)
    }

    /// A signed request, which is answered.
    pub(crate) async fn send(
        &self,
        service: &str,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Bytes,
    ) -> Answer {
        self.try_send(service, (method, path), headers, body).await.expect("an answer")
    }

    /// A signed request; `None` when the connection closes without an answer.
    pub(crate) async fn try_send(
        &self,
        service: &str,
        (method, path): (&str, &str),
        headers: &[(&str, &str)],
        body: Bytes,
    ) -> Option<Answer> {
        self.try_send_as("AKIDEXAMPLE", service, (method, path), headers, body).await
    }

    /// A request signed with an access key; `None` when the connection closes without an answer.
    pub(crate) async fn try_send_as(
        &self,
        key: &str,
        service: &str,
        to: (&str, &str),
        headers: &[(&str, &str)],
        body: Bytes,
    ) -> Option<Answer> {
        send(key, self.cloud.endpoint(), service, to, headers, body).await
    }

    /// A call to Lambda with a JSON body, null for none.
    pub(crate) async fn call(&self, method: &str, path: &str, body: Value) -> Answer {
        let body = if body.is_null() { Bytes::new() } else { body.to_string().into() };
        self.send("lambda", method, path, &[], body).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.call("GET", path, Value::Null).await
    }

    /// `CreateFunction`, with `changes` laid over what the test function needs.
    pub(crate) async fn create(&self, name: &str, changes: Value) -> Answer {
        self.call("POST", "/2015-03-31/functions", creation(name, &changes)).await
    }

    /// A function that is active.
    pub(crate) async fn function(&self, name: &str, changes: Value) {
        let answer = self.create(name, changes).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        self.settled(name).await;
    }

    /// Waits until the function is active and not being updated, as a deployer does; gives its configuration.
    pub(crate) async fn settled(&self, name: &str) -> Value {
        let path = format!("/2015-03-31/functions/{name}/configuration");
        self.until(&path, |configuration| {
            configuration["State"] == "Active" && configuration["LastUpdateStatus"] == "Successful"
        })
        .await
    }

    /// Asks until the answer is as wanted.
    pub(crate) async fn until(&self, path: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let mut last = Value::Null;
        for _ in 0..500 {
            last = self.get(path).await.json();
            if wanted(&last) {
                return last;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("{path} stays {last}")
    }

    /// Invoke, and wait.
    pub(crate) async fn invoke(&self, name: &str, event: Value) -> Answer {
        self.call("POST", &format!("/2015-03-31/functions/{name}/invocations"), event).await
    }

    /// Invoke with headers.
    pub(crate) async fn invoke_with(&self, name: &str, headers: &[(&str, &str)], event: Value) -> Answer {
        let path = format!("/2015-03-31/functions/{name}/invocations");
        self.send("lambda", "POST", &path, headers, event.to_string().into()).await
    }

    /// Waits until there are so many processes.
    pub(crate) async fn environments(&self, count: usize) {
        let start = Instant::now();
        while self.cloud.environments() != count {
            assert!(start.elapsed() < Duration::from_secs(5), "there are {}", self.cloud.environments());
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

/// A request to a cloud, signed with an access key; `None` when the connection closes without an answer.
pub(crate) async fn send(
    key: &str,
    endpoint: &str,
    service: &str,
    (method, path): (&str, &str),
    headers: &[(&str, &str)],
    body: Bytes,
) -> Option<Answer> {
    let address = endpoint.strip_prefix("http://").expect("an endpoint");
    let stream = TcpStream::connect(address).await.expect("a connection");
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.expect("a handshake");
    tokio::spawn(connection);
    let region = if matches!(service, "cloudfront" | "route53") { "us-east-1" } else { REGION };
    let scope = format!("Credential={key}/20261120/{region}/{service}/aws4_request");
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header("host", address)
        .header("authorization", format!("AWS4-HMAC-SHA256 {scope}, SignedHeaders=host, Signature=00"));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    if service == "iam" {
        request = request.header("content-type", "application/x-www-form-urlencoded");
    }
    let response = sender.send_request(request.body(Full::new(body)).expect("a request")).await.ok()?;
    let (parts, body) = response.into_parts();
    let bytes = body.collect().await.expect("a body").to_bytes();
    Some(Answer { status: parts.status, headers: parts.headers, bytes })
}

impl Answer {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("ASCII"))
    }

    /// Status, code and message of an error.
    pub(crate) fn error(&self) -> (u16, String, String) {
        let body = self.json();
        let message = body.get("message").or(body.get("Message")).and_then(Value::as_str).unwrap_or_default();
        (self.status.as_u16(), self.header("x-amzn-errortype").to_owned(), message.to_owned())
    }

    /// Fails unless this is an error of that code, with a message that contains `part`.
    pub(crate) fn assert_error(&self, status: u16, code: &str, part: &str) {
        let error = self.error();
        assert!(error.0 == status && error.1 == code && error.2.contains(part), "{error:?}");
    }
}

pub(crate) fn role_arn(name: &str) -> String {
    format!("arn:aws:iam::000000000000:role/{name}")
}

pub(crate) fn function_arn(name: &str) -> String {
    format!("arn:aws:lambda:{REGION}:000000000000:function:{name}")
}

/// The body of `CreateFunction`.
pub(crate) fn creation(name: &str, changes: &Value) -> Value {
    let mut body = json!({
        "FunctionName": name,
        "Runtime": "provided.al2023",
        "Handler": "bootstrap",
        "Role": role_arn("function"),
        "Code": { "ZipFile": package(name) },
    });
    for (member, value) in changes.as_object().into_iter().flatten() {
        body[member] = value.clone();
    }
    body
}

/// A package with the test function, in base64; `mark` makes it differ from others.
pub(crate) fn package(mark: &str) -> String {
    let script = format!("#!/bin/sh\n# {mark}\nexec {}\n", binary().display());
    zip(&[("bootstrap", 0o755, script.as_bytes())])
}

/// A zip in base64.
pub(crate) fn zip(files: &[(&str, u32, &[u8])]) -> String {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, mode, content) in files {
        writer.start_file(*name, SimpleFileOptions::default().unix_permissions(*mode)).expect("a file");
        writer.write_all(content).expect("memory");
    }
    STANDARD.encode(writer.finish().expect("a zip").into_inner())
}

fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| example("function"))
}

/// An example of this crate, which `cargo test` builds unless it is told to test one target only.
pub(crate) fn example(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("this test");
    let binary = test.ancestors().nth(2).expect("target/debug").join("examples").join(name);
    if !binary.exists() {
        let built = Command::new(env!("CARGO")).args(["build", "-p", "local", "--example", name]).status();
        assert!(built.expect("cargo").success(), "the example is not built");
    }
    binary
}
