//! The one call of the Systems Manager that the services make, `GetParameter`, without the Systems Manager's SDK.
//!
//! The SDK would make the authorizer's zip half as large again.

use std::time::Duration;

use aws_sdk_dynamodb::config::Credentials;
use bytes::Bytes;
use http_body_util::Full;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::json;

use crate::aws;
use crate::http::{Http, causes};
use crate::signature::Signature;

/// How often a call is tried.
const ATTEMPTS: u32 = 4;

/// A client of the parameters of one region.
#[derive(Debug)]
pub struct Ssm {
    endpoint: String,
    region: String,
    credentials: Credentials,
    patience: Duration,
    http: Http,
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
    /// The parameters of `region`, at `endpoint` if it is not AWS's own, for callers that wait no longer than `patience`.
    pub(crate) fn new(
        endpoint: Option<&str>,
        region: &str,
        credentials: Credentials,
        (patience, http): (Duration, Http),
    ) -> Self {
        let endpoint = aws::address(endpoint, "ssm", region);
        Self { endpoint, region: region.to_owned(), credentials, patience, http }
    }

    /// How long a caller should wait at most.
    pub(crate) fn patience(&self) -> Duration {
        self.patience
    }

    /// The value of the parameter `name`, decrypted, `within` a time, its retries included. The error says what AWS, or
    /// the network, said last.
    pub async fn get_parameter(&self, name: &str, within: Duration) -> Result<String, String> {
        let mut last = None;
        let answer = tokio::time::timeout(within, self.try_often(name, &mut last)).await;
        answer.unwrap_or_else(|_| Err(last.unwrap_or_else(|| format!("no answer in {within:?}"))))
    }

    /// Tries until there is an answer that will not change. `last` is what the last failure said.
    async fn try_often(&self, name: &str, last: &mut Option<String>) -> Result<String, String> {
        let mut attempt = 1;
        loop {
            match self.attempt(name).await {
                Ok(value) => return Ok(value),
                Err(failure) if attempt == ATTEMPTS || !failure.passing => return Err(failure.cause),
                Err(failure) => *last = Some(failure.cause),
            }
            tokio::time::sleep(Duration::from_millis(25) * 2_u32.pow(attempt)).await;
            attempt += 1;
        }
    }

    async fn attempt(&self, name: &str) -> Result<String, Failure> {
        let body = json!({ "Name": name, "WithDecryption": true }).to_string();
        let request = self.request(&body).map_err(|error| Failure { cause: error.to_string(), passing: false })?;
        let response = self.http.send(request).await;
        let response = response.map_err(|error| Failure { cause: causes(&*error), passing: true })?;
        let (status, bytes) = (response.status(), response.into_body());
        if status.is_success() {
            let malformed = |_| Failure { cause: "the answer is not that of GetParameter".to_owned(), passing: false };
            return serde_json::from_slice::<Answer>(&bytes).map(|answer| answer.parameter.value).map_err(malformed);
        }
        let Refusal { code, message } = serde_json::from_slice(&bytes).unwrap_or_default();
        let code = code.rsplit('#').next().unwrap_or_default();
        let passing = status.is_server_error() || code == "ThrottlingException";
        Err(Failure { cause: format!("{status} {code}: {message}"), passing })
    }

    fn request(&self, body: &str) -> Result<http::Request<Full<Bytes>>, http::Error> {
        let host = aws::host(&self.endpoint);
        Signature {
            method: &http::Method::POST,
            headers: &[
                ("content-type", "application/x-amz-json-1.1"),
                ("host", host),
                ("x-amz-target", "AmazonSSM.GetParameter"),
            ],
            body,
            service: "ssm",
            path: "/",
            region: &self.region,
            time: Timestamp::now(),
        }
        .request(&self.endpoint, &self.credentials)
    }
}
