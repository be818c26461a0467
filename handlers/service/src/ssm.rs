//! The one call of the Systems Manager that the services make, GetParameter, without the Systems Manager's SDK.
//!
//! The SDK doubles the authorizer's zip, and loads certificates before the first event is polled for. This client sets
//! up TLS with its first call.

mod signature;

use std::sync::OnceLock;
use std::time::Duration;

use aws_sdk_dynamodb::config::Credentials;
use http_body_util::{BodyExt, Full};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use jiff::Timestamp;
use lambda_runtime::tower::BoxError;
use serde::Deserialize;
use serde_json::json;

use signature::Signature;

type Body = Full<bytes::Bytes>;

/// How often a call is tried.
const ATTEMPTS: u32 = 4;

/// A client of the parameters of one region.
#[derive(Debug)]
pub struct Ssm {
    endpoint: String,
    region: String,
    credentials: Credentials,
    /// How long one attempt may take.
    patience: Duration,
    client: OnceLock<Connection>,
}

/// An HTTP/1.1 client: without TLS for the local cloud.
#[derive(Debug)]
enum Connection {
    Plain(Client<HttpConnector, Body>),
    Tls(Client<HttpsConnector<HttpConnector>, Body>),
}

/// Why a call gave no parameter, and whether another try may.
struct Failure {
    cause: String,
    passing: bool,
}

#[derive(Deserialize)]
struct Answer {
    #[serde(rename = "Parameter")]
    parameter: Parameter,
}

#[derive(Deserialize)]
struct Parameter {
    #[serde(rename = "Value")]
    value: String,
}

/// An error of AWS's JSON 1.1 protocol.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Refusal {
    #[serde(rename = "__type")]
    code: String,
    #[serde(alias = "Message")]
    message: String,
}

impl Ssm {
    /// The parameters of `region`, at `endpoint` if it is not AWS's own.
    pub(crate) fn new(endpoint: Option<&str>, region: &str, credentials: Credentials, patience: Duration) -> Self {
        let domain = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
        let own = || format!("https://ssm.{region}.{domain}");
        let endpoint = endpoint.map_or_else(own, |endpoint| endpoint.trim_end_matches('/').to_owned());
        Self { endpoint, region: region.to_owned(), credentials, patience, client: OnceLock::new() }
    }

    /// The value of the parameter `name`, decrypted. The error says what AWS, or the network, said.
    pub async fn get_parameter(&self, name: &str) -> Result<String, String> {
        let mut attempt = 1;
        loop {
            let answer = tokio::time::timeout(self.patience, self.attempt(name)).await;
            let late = Failure { cause: format!("no answer in {:?}", self.patience), passing: true };
            match answer.unwrap_or(Err(late)) {
                Ok(value) => return Ok(value),
                Err(failure) if attempt == ATTEMPTS || !failure.passing => return Err(failure.cause),
                Err(_) => tokio::time::sleep(Duration::from_millis(25) * 2_u32.pow(attempt)).await,
            }
            attempt += 1;
        }
    }

    async fn attempt(&self, name: &str) -> Result<String, Failure> {
        let body = json!({ "Name": name, "WithDecryption": true }).to_string();
        let request = self.request(&body).map_err(|error| Failure { cause: error.to_string(), passing: false })?;
        let network = |error: BoxError| Failure { cause: causes(&*error), passing: true };
        let response = match self.connection().map_err(network)? {
            Connection::Plain(client) => client.request(request),
            Connection::Tls(client) => client.request(request),
        };
        let response = response.await.map_err(|error| network(error.into()))?;
        let status = response.status();
        let bytes = response.into_body().collect().await.map_err(|error| network(error.into()))?.to_bytes();
        if status.is_success() {
            let malformed = |_| Failure { cause: "the answer is not that of GetParameter".to_owned(), passing: false };
            return serde_json::from_slice::<Answer>(&bytes).map(|answer| answer.parameter.value).map_err(malformed);
        }
        let Refusal { code, message } = serde_json::from_slice(&bytes).unwrap_or_default();
        let code = code.rsplit('#').next().unwrap_or_default();
        let passing = status.is_server_error() || code == "ThrottlingException";
        Err(Failure { cause: format!("{status} {code}: {message}"), passing })
    }

    fn request(&self, body: &str) -> Result<http::Request<Body>, http::Error> {
        let host = self.endpoint.split_once("://").map_or(&*self.endpoint, |(_, host)| host);
        let signature = Signature {
            headers: &[
                ("content-type", "application/x-amz-json-1.1"),
                ("host", host),
                ("x-amz-target", "AmazonSSM.GetParameter"),
            ],
            body,
            region: &self.region,
            time: Timestamp::now(),
        };
        let request = http::Request::post(format!("{}/", self.endpoint));
        let signed = signature.headers(&self.credentials);
        let request = signed.into_iter().fold(request, |request, (name, value)| request.header(name, value));
        request.body(Full::from(body.to_owned()))
    }

    fn connection(&self) -> Result<&Connection, BoxError> {
        if let Some(connection) = self.client.get() {
            return Ok(connection);
        }
        let builder = Client::builder(TokioExecutor::new());
        let connection = if self.endpoint.starts_with("http://") {
            Connection::Plain(builder.build(HttpConnector::new()))
        } else {
            let tls = HttpsConnectorBuilder::new()
                .with_provider_and_native_roots(rustls::crypto::ring::default_provider())?
                .https_only()
                .enable_http1()
                .build();
            Connection::Tls(builder.build(tls))
        };
        Ok(self.client.get_or_init(|| connection))
    }
}

/// The error's text with those of its sources: the outermost one alone says little.
fn causes(error: &(dyn std::error::Error + 'static)) -> String {
    let chain = std::iter::successors(Some(error), |error| error.source());
    chain.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
