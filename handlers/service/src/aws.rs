//! The set-up of AWS clients, from what Lambda puts into the environment and nothing else: no file, no call.
//!
//! A client connects, and sets up TLS, with its first call.

use std::time::Duration;

use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region, SharedCredentialsProvider, SharedHttpClient};
use aws_types::SdkConfig;

use crate::environment::{self, Unbound};
use crate::functions::Functions;
use crate::http::Http;
use crate::services::Services;
use crate::ssm::Ssm;

/// Whom a function calls, and as whom.
#[derive(Clone, Debug)]
pub struct Aws {
    region: String,
    credentials: Credentials,
    dynamodb: Option<String>,
    ssm: Option<String>,
    lambda: Option<String>,
    /// How long a call may take, its retries included.
    patience: Duration,
    http: Http,
}

/// Below the shortest time-out of a function in stack.toml, so that a client gets its 503.
const PATIENCE: Duration = Duration::from_secs(3);

impl Aws {
    /// Region, role credentials and endpoints, as Lambda's runtime environment names them.
    pub fn from_environment() -> Result<Self, Unbound> {
        let credentials = Credentials::new(
            environment::variable("AWS_ACCESS_KEY_ID")?,
            environment::variable("AWS_SECRET_ACCESS_KEY")?,
            environment::variable("AWS_SESSION_TOKEN").ok(),
            None,
            "environment",
        );
        Ok(Self {
            region: environment::variable("AWS_REGION")?,
            credentials,
            dynamodb: endpoint("DYNAMODB"),
            ssm: endpoint("SSM"),
            lambda: endpoint("LAMBDA"),
            patience: PATIENCE,
            http: Http::new(PATIENCE / 2),
        })
    }

    /// All services of `region` at `endpoint`, called with `credentials`: for tests, with patience for a busy machine.
    pub fn at(endpoint: &str, region: &str, credentials: Credentials) -> Self {
        let (endpoint, patience) = (Some(endpoint.to_owned()), PATIENCE * 20);
        let http = Http::new(patience / 2);
        let (dynamodb, ssm, lambda) = (endpoint.clone(), endpoint.clone(), endpoint);
        Self { region: region.to_owned(), credentials, dynamodb, ssm, lambda, patience, http }
    }

    /// A client of DynamoDB.
    pub fn dynamodb(&self) -> aws_sdk_dynamodb::Client {
        aws_sdk_dynamodb::Client::new(&self.configuration())
    }

    /// A client of the Systems Manager's parameters.
    pub fn ssm(&self) -> Ssm {
        let http = (self.patience, self.http.clone());
        Ssm::new(self.ssm.as_deref(), &self.region, self.credentials.clone(), http)
    }

    /// A client that invokes other functions.
    pub fn functions(&self) -> Functions {
        Functions::new(self.lambda.as_deref(), &self.region, self.credentials.clone(), self.http.clone())
    }

    /// A client of other services.
    pub fn services(&self) -> Services {
        Services::new(&self.region, self.credentials.clone(), self.http.clone())
    }

    /// The configuration of DynamoDB's client.
    pub fn configuration(&self) -> SdkConfig {
        let timeouts = TimeoutConfig::builder().operation_timeout(self.patience).build();
        let retries = RetryConfig::standard()
            .with_max_attempts(4)
            .with_initial_backoff(Duration::from_millis(50))
            .with_max_backoff(Duration::from_millis(500));
        let mut configuration = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(self.region.clone()))
            .credentials_provider(SharedCredentialsProvider::new(self.credentials.clone()))
            .http_client(SharedHttpClient::new(self.http.clone()))
            .timeout_config(timeouts)
            .retry_config(retries);
        configuration.set_endpoint_url(self.dynamodb.clone());
        configuration.build()
    }
}

/// The endpoint that the environment sets for `service`, as the SDKs read it.
fn endpoint(service: &str) -> Option<String> {
    let variable = |name: &str| environment::variable(name).ok().filter(|value| !value.is_empty());
    variable(&format!("AWS_ENDPOINT_URL_{service}")).or_else(|| variable("AWS_ENDPOINT_URL"))
}

/// The address of `service` in `region`, without a trailing slash: `endpoint`, if it is not AWS's own.
pub(crate) fn address(endpoint: Option<&str>, service: &str, region: &str) -> String {
    let domain = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
    let own = || format!("https://{service}.{region}.{domain}");
    endpoint.map_or_else(own, |endpoint| endpoint.trim_end_matches('/').to_owned())
}

/// The host, with its port, of an address.
pub(crate) fn host(address: &str) -> &str {
    address.split_once("://").map_or(address, |(_, host)| host)
}
