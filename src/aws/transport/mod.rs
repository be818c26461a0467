//! What every call goes through on its way to the network: it waits for its quota, passes the lease's
//! fence, is counted, and has its time. Beyond
//! the SDK's own machinery, so that no call escapes it, and each attempt is one call.
//!
//! - [`count`]: how many calls, and how many that can change something. [`pace`]: who waits how long.
//! - [`skew`]: the cloud's clock. [`quota`]: AWS's published rates, and which call draws on which.

mod count;
mod pace;
mod quota;
mod skew;

use std::sync::Arc;
use std::time::Duration;

use aws_config::SdkConfig;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use tokio::time::timeout;

pub use count::{CallCount, Counter};
pub use skew::Skew;

use super::lease::Fence;
pub(super) use pace::Pace;

/// From the first byte sent to the head of the answer.
const CALL: Duration = Duration::from_secs(30);

/// The same for services that take zips: 50 MB over a line of 2 Mbit/s.
const UPLOAD: Duration = Duration::from_mins(4);

/// The way of one run's calls.
#[derive(Debug)]
pub(super) struct Transport {
    pub(super) counter: Counter,
    pub(super) skew: Skew,
    pub(super) fence: Fence,
    /// `None` for a cloud without quotas.
    pub(super) pace: Option<Pace>,
    /// See [`longest`].
    pub(super) longest: Duration,
}

/// The longest that one call takes: what it may still do after the caller is gone. No line to the local cloud is slow.
pub(super) fn longest(is_local: bool) -> Duration {
    if is_local { CALL } else { UPLOAD }
}

/// `config` with its clients' calls going through `transport`.
pub(super) fn over(config: &SdkConfig, transport: Transport) -> SdkConfig {
    let transport = Arc::new(transport);
    let mut builder = config.to_builder();
    builder.set_http_client(config.http_client().map(|inner| SharedHttpClient::new(Over { transport, inner })));
    builder.build()
}

/// Something of the SDK's with the transport in front of it.
#[derive(Debug)]
struct Over<T> {
    transport: Arc<Transport>,
    inner: T,
}

impl HttpClient for Over<SharedHttpClient> {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        let inner = self.inner.http_connector(settings, components);
        SharedHttpConnector::new(Over { transport: Arc::clone(&self.transport), inner })
    }
}

impl HttpConnector for Over<SharedHttpConnector> {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (transport, inner) = (Arc::clone(&self.transport), self.inner.clone());
        HttpConnectorFuture::new(async move {
            let service = signed_for(&request).unwrap_or_default().to_owned();
            if let Some(pace) = &transport.pace {
                pace.wait(quota::of(&service, &request)).await;
            }
            if count::mutates(&request) {
                transport.fence.check().map_err(|lost| ConnectorError::user(lost.into()))?;
            }
            transport.counter.note(&request);
            let limit = if matches!(service.as_str(), "lambda" | "s3") { transport.longest } else { CALL };
            let late = |_| ConnectorError::timeout(format!("no answer within {} s", limit.as_secs()).into());
            let answer = timeout(limit, inner.call(request)).await.map_err(late)?;
            if let Ok(answer) = &answer {
                transport.skew.note(answer);
            }
            answer
        })
    }
}

/// The service that a request is signed for, as in `Credential=AKID/20261120/eu-central-1/lambda/aws4_request`.
fn signed_for(request: &HttpRequest) -> Option<&str> {
    let credential = request.headers().get("authorization")?.split_once("Credential=")?.1;
    credential.split('/').nth(3)
}

/// The operation that a request's protocol names: in a header (awsJson), or in the form (awsQuery).
fn named_operation(request: &HttpRequest) -> Option<&str> {
    let target = request.headers().get("x-amz-target").and_then(|target| target.rsplit('.').next());
    target.or_else(|| {
        let form = std::str::from_utf8(request.body().bytes()?).ok()?;
        form.split('&').find_map(|pair| pair.strip_prefix("Action="))
    })
}
