//! The set-up of AWS clients, from what Lambda puts into the environment and nothing else: no file, no call.
//!
//! An endpoint over plain `http` (the local cloud's) gets a client without TLS. A client connects with its first call.

use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_dynamodb::config::{Credentials, SharedCredentialsProvider};
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};

use crate::environment::{self, Unbound};
use crate::ssm::Ssm;

/// Whom a function calls, and as whom.
#[derive(Clone, Debug)]
pub struct Aws {
    region: String,
    credentials: Credentials,
    dynamodb: Option<String>,
    ssm: Option<String>,
    /// How long one attempt of a call may take.
    patience: Duration,
}

/// With the retries it stays below the shortest time-out of a function in stack.toml, so that a client gets its 503.
const PATIENCE: Duration = Duration::from_millis(1_500);

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
            patience: PATIENCE,
        })
    }

    /// All services of `region` at `endpoint`, called with `credentials`: for tests, with patience for a busy machine.
    pub fn at(endpoint: &str, region: &str, credentials: Credentials) -> Self {
        let (endpoint, patience) = (Some(endpoint.to_owned()), PATIENCE * 20);
        Self { region: region.to_owned(), credentials, dynamodb: endpoint.clone(), ssm: endpoint, patience }
    }

    /// A client of DynamoDB.
    pub fn dynamodb(&self) -> aws_sdk_dynamodb::Client {
        aws_sdk_dynamodb::Client::new(&self.configuration())
    }

    /// A client of the Systems Manager's parameters.
    pub fn ssm(&self) -> Ssm {
        Ssm::new(self.ssm.as_deref(), &self.region, self.credentials.clone(), self.patience)
    }

    /// The configuration of DynamoDB's client.
    pub fn configuration(&self) -> SdkConfig {
        let endpoint = self.dynamodb.as_deref();
        let http = if endpoint.is_some_and(|endpoint| endpoint.starts_with("http://")) {
            Builder::new().build_http()
        } else {
            Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https()
        };
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(self.patience)
            .operation_attempt_timeout(self.patience)
            .operation_timeout(self.patience * 2)
            .build();
        let retries = RetryConfig::standard()
            .with_max_attempts(4)
            .with_initial_backoff(Duration::from_millis(50))
            .with_max_backoff(Duration::from_millis(500));
        let mut configuration = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(self.region.clone()))
            .credentials_provider(SharedCredentialsProvider::new(self.credentials.clone()))
            .http_client(http)
            .timeout_config(timeouts)
            .retry_config(retries);
        configuration.set_endpoint_url(endpoint.map(str::to_owned));
        configuration.build()
    }
}

/// The endpoint that the environment sets for `service`, as the SDKs read it.
fn endpoint(service: &str) -> Option<String> {
    let variable = |name: &str| environment::variable(name).ok().filter(|value| !value.is_empty());
    variable(&format!("AWS_ENDPOINT_URL_{service}")).or_else(|| variable("AWS_ENDPOINT_URL"))
}
