//! The calls of one run, counted where they leave for the network: each attempt is a call.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use aws_config::SdkConfig;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use serde::Serialize;

/// A number of calls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CallCount {
    pub total: u64,
    /// Those of them that can change something.
    pub mutating: u64,
}

impl fmt::Display for CallCount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = if self.total == 1 { "" } else { "s" };
        match self.mutating {
            0 => write!(f, "{} call{plural}, no mutating call,", self.total),
            mutating => write!(f, "{} call{plural}, {mutating} mutating,", self.total),
        }
    }
}

/// Counts the calls through a client.
#[derive(Clone, Debug, Default)]
pub struct Counter(Arc<[AtomicU64; 2]>);

impl Counter {
    /// The calls so far.
    pub fn count(&self) -> CallCount {
        let [total, mutating] = &*self.0;
        CallCount { total: total.load(Ordering::Relaxed), mutating: mutating.load(Ordering::Relaxed) }
    }

    /// `config`, with the calls of its clients counted.
    pub(super) fn over(&self, config: &SdkConfig) -> SdkConfig {
        let counting = |inner| SharedHttpClient::new(Counting { counter: self.clone(), inner });
        let mut builder = config.to_builder();
        builder.set_http_client(config.http_client().map(counting));
        builder.build()
    }
}

#[derive(Debug)]
struct Counting<T> {
    counter: Counter,
    inner: T,
}

impl HttpClient for Counting<SharedHttpClient> {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        let inner = self.inner.http_connector(settings, components);
        SharedHttpConnector::new(Counting { counter: self.counter.clone(), inner })
    }
}

impl HttpConnector for Counting<SharedHttpConnector> {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let [total, mutating] = &*self.counter.0;
        total.fetch_add(1, Ordering::Relaxed);
        if mutates(&request) {
            mutating.fetch_add(1, Ordering::Relaxed);
        }
        self.inner.call(request)
    }
}

/// Whether a request can change something: by its operation's name where the protocol sends one, else by its method.
fn mutates(request: &HttpRequest) -> bool {
    const READING: [&str; 8] = ["Get", "List", "Describe", "Head", "Filter", "BatchGet", "Query", "Scan"];
    let target = request.headers().get("x-amz-target").and_then(|target| target.rsplit('.').next());
    let action = || {
        let body = std::str::from_utf8(request.body().bytes()?).ok()?;
        body.split('&').find_map(|pair| pair.strip_prefix("Action="))
    };
    match target.or_else(action) {
        Some(operation) => !READING.iter().any(|verb| operation.starts_with(verb)),
        None => !matches!(request.method(), "GET" | "HEAD"),
    }
}
