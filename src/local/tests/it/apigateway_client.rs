//! A cloud with one function in it, which the tests of API Gateway share while any of them runs.

use std::sync::{Arc, LazyLock, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper_util::rt::TokioIo;
use local::{Cloud, Options};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::lambda_client;

pub(crate) const REGION: &str = "us-east-1";
const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":["lambda.amazonaws.com","apigateway.amazonaws.com"]},"Action":"sts:AssumeRole"}]}"#;
const MAY_INVOKE: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["lambda:InvokeFunction","logs:*"],"Resource":"*"}]}"#;

/// The cloud, its function `gateway`, and two roles: `invoker` may invoke it, `idler` may nothing.
pub(crate) struct Gateway {
    runtime: Runtime,
    cloud: Option<Cloud>,
    endpoint: String,
    state: Option<tempfile::TempDir>,
}

/// An answer of the cloud.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: http::HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("as the cloud answers")
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().expect("as the cloud answers"))
    }

    /// The code and the message of an error.
    pub(crate) fn error(&self) -> (u16, String, String) {
        let message = self.json()["message"].as_str().unwrap_or_default().to_owned();
        (self.status, self.header("x-amzn-errortype").unwrap_or_default().to_owned(), message)
    }
}

impl Gateway {
    /// The cloud that other tests use at this moment, or a new one.
    pub(crate) fn shared() -> Arc<Self> {
        static SHARED: Mutex<Weak<Gateway>> = Mutex::new(Weak::new());
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        shared.upgrade().unwrap_or_else(|| {
            let gateway = Arc::new(Self::start());
            *shared = Arc::downgrade(&gateway);
            gateway
        })
    }

    /// A cloud on the state in `state`, as it is.
    pub(crate) fn on(state: tempfile::TempDir) -> Self {
        let runtime = Runtime::new().expect("a runtime");
        let options = Options { ephemeral: true, ..Options::new(state.path(), REGION) };
        let cloud = runtime.block_on(Cloud::start(options)).expect("a cloud");
        let endpoint = cloud.endpoint().to_owned();
        Self { runtime, cloud: Some(cloud), endpoint, state: Some(state) }
    }

    /// Stops the cloud; its state.
    pub(crate) fn stop(mut self) -> tempfile::TempDir {
        self.state.take().expect("a state")
    }

    fn start() -> Self {
        let gateway = Self::on(tempfile::tempdir().expect("a directory"));
        for (role, policy) in [("invoker", Some(MAY_INVOKE)), ("idler", None)] {
            gateway.iam(&[("Action", "CreateRole"), ("RoleName", role), ("AssumeRolePolicyDocument", TRUST)]);
            if let Some(policy) = policy {
                let name = ("PolicyName", "p");
                gateway.iam(&[("Action", "PutRolePolicy"), ("RoleName", role), name, ("PolicyDocument", policy)]);
            }
        }
        gateway.create_function("gateway");
        gateway
    }

    /// Makes a function of the example `gateway`, and waits until it can be invoked.
    pub(crate) fn create_function(&self, name: &str) {
        let body = json!({
            "FunctionName": name,
            "Runtime": "provided.al2023",
            "Role": role("invoker"),
            "Handler": "bootstrap",
            "Timeout": 20,
            "Code": { "ZipFile": package() },
        });
        let created = self.aws("lambda", "POST", "/2015-03-31/functions", &body);
        assert_eq!(created.status, 201, "{created:?}");
        self.eventually(|| {
            let shown = self.aws("lambda", "GET", &format!("/2015-03-31/functions/{name}"), &Value::Null);
            (shown.json()["Configuration"]["State"] == "Active").then_some(())
        });
    }

    /// What `look` finds, once it does: half a minute at most.
    pub(crate) fn eventually<T>(&self, look: impl Fn() -> Option<T>) -> T {
        let start = Instant::now();
        loop {
            if let Some(found) = look() {
                return found;
            }
            assert!(start.elapsed() < Duration::from_secs(30), "nothing came of it");
            self.runtime.block_on(async { tokio::time::sleep(Duration::from_millis(10)).await });
        }
    }

    /// A call to CloudWatch Logs.
    pub(crate) fn logs(&self, operation: &str, body: &Value) -> Answer {
        let target = format!("Logs_20140328.{operation}");
        let headers = [
            ("content-type", "application/x-amz-json-1.1"),
            ("x-amz-target", target.as_str()),
            ("authorization", &signature("logs")),
        ];
        self.send("POST", "/", &headers, body.to_string().into())
    }

    /// Where the cloud answers.
    pub(crate) fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// A call to IAM that succeeds.
    pub(crate) fn iam(&self, parameters: &[(&str, &str)]) {
        let parameters: Vec<_> = [("Version", "2010-05-08")].iter().chain(parameters).copied().collect();
        let answer = self.query("iam", &parameters);
        assert_eq!(answer.status, 200, "{answer:?}");
    }

    /// A call to a service that takes forms.
    pub(crate) fn query(&self, service: &str, parameters: &[(&str, &str)]) -> Answer {
        let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
        let headers = [("content-type", "application/x-www-form-urlencoded"), ("authorization", &signature(service))];
        self.send("POST", "/", &headers, form.into())
    }

    /// A signed call to an AWS API; no body when it is null.
    pub(crate) fn aws(&self, service: &str, method: &str, path: &str, body: &Value) -> Answer {
        let body = if body.is_null() { Bytes::new() } else { body.to_string().into() };
        let headers = [("content-type", "application/json"), ("authorization", &signature(service))];
        self.send(method, path, &headers, body)
    }

    /// A call to API Gateway's control plane.
    pub(crate) fn call(&self, method: &str, path: &str, body: &Value) -> Answer {
        self.aws("apigateway", method, path, body)
    }

    /// A call to the control plane that succeeds, and what it answers.
    pub(crate) fn done(&self, method: &str, path: &str, body: &Value) -> Value {
        let answer = self.call(method, path, body);
        assert!(answer.status < 300, "{method} {path}: {answer:?}");
        if answer.body.is_empty() { Value::Null } else { answer.json() }
    }

    /// Imports a document as a new API; its id.
    pub(crate) fn import(&self, document: &Value) -> String {
        let api = self.done("POST", "/restapis?mode=import&failonwarnings=true", document);
        api["id"].as_str().expect("as the cloud answers").to_owned()
    }

    /// Imports a document and deploys it to the stage `test`; the API's id.
    pub(crate) fn deploy(&self, document: &Value) -> String {
        let api = self.import(document);
        self.done("POST", &format!("/restapis/{api}/deployments"), &json!({ "stageName": "test" }));
        api
    }

    /// A client's request to the stage `test` of an API; `path` has its slash.
    pub(crate) fn request(
        &self,
        (api, method, path): (&str, &str, &str),
        headers: &[(&str, &str)],
        body: &str,
    ) -> Answer {
        self.send(method, &format!("/_aws/execute-api/{api}/test{path}"), headers, body.to_owned().into())
    }

    /// A client's `GET`.
    pub(crate) fn get(&self, api: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.request((api, "GET", path), headers, "")
    }

    /// A client's `POST` of JSON.
    pub(crate) fn post(&self, api: &str, path: &str, body: &Value) -> Answer {
        self.request((api, "POST", path), &[("content-type", "application/json")], &body.to_string())
    }

    pub(crate) fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Bytes) -> Answer {
        let host = self.endpoint.strip_prefix("http://").expect("as the cloud answers");
        self.send_to(host, (method, path), headers, body)
    }

    /// A request to the cloud under the name `host`.
    pub(crate) fn send_to(
        &self,
        host: &str,
        (method, path): (&str, &str),
        headers: &[(&str, &str)],
        body: Bytes,
    ) -> Answer {
        let address = self.endpoint.strip_prefix("http://").expect("as the cloud answers");
        let mut request = http::Request::builder().method(method).uri(path).header("host", host);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Full::new(body)).expect("as the cloud answers");
        self.runtime.block_on(async {
            let stream = tokio::net::TcpStream::connect(address).await.expect("as the cloud answers");
            let (mut sender, connection) =
                hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.expect("as the cloud answers");
            let connection = tokio::spawn(connection);
            let (parts, body) = sender.send_request(request).await.expect("as the cloud answers").into_parts();
            let body = body.collect().await.expect("as the cloud answers").to_bytes();
            connection.abort();
            Answer { status: parts.status.as_u16(), headers: parts.headers, body }
        })
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        if let Some(cloud) = self.cloud.take() {
            self.runtime.block_on(cloud.stop());
        }
    }
}

/// The ARN of a role of the account.
pub(crate) fn role(name: &str) -> String {
    format!("arn:aws:iam::000000000000:role/{name}")
}

/// The URI by which API Gateway invokes a function.
pub(crate) fn uri(function: &str) -> String {
    format!(
        "arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/arn:aws:lambda:{REGION}:000000000000:function:{function}/invocations"
    )
}

/// A proxy integration with the function, invoked through the role that may.
pub(crate) fn proxy() -> Value {
    json!({ "type": "aws_proxy", "httpMethod": "POST", "uri": uri("gateway"), "credentials": role("invoker") })
}

/// An operation with an integration and nothing else.
#[expect(clippy::needless_pass_by_value, reason = "documents are written in place")]
pub(crate) fn operation(integration: Value) -> Value {
    json!({ "x-amazon-apigateway-integration": integration })
}

/// A document with these paths.
#[expect(clippy::needless_pass_by_value, reason = "documents are written in place")]
pub(crate) fn document(paths: Value) -> Value {
    json!({ "openapi": "3.0.1", "info": { "title": "test", "version": "1" }, "paths": paths })
}

/// A document in which the function answers everything.
pub(crate) fn catch_all() -> Value {
    document(json!({
        "/": { "x-amazon-apigateway-any-method": operation(proxy()) },
        "/{proxy+}": { "x-amazon-apigateway-any-method": operation(proxy()) },
    }))
}

pub(crate) fn signature(service: &str) -> String {
    format!(
        "AWS4-HMAC-SHA256 Credential=AKID/20261120/{REGION}/{service}/aws4_request, SignedHeaders=host, Signature=0"
    )
}

/// The example `gateway` as a package, in base64.
fn package() -> String {
    static PACKAGE: LazyLock<String> = LazyLock::new(|| {
        let script = format!("#!/bin/sh\nexec {}\n", lambda_client::example("gateway").display());
        lambda_client::zip(&[("bootstrap", 0o755, script.as_bytes())])
    });
    PACKAGE.clone()
}
