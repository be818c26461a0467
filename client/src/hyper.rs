//! The transport by hyper, with TLS by rustls and the system's certificates.

use std::error::Error;
use std::time::Duration;

use http_body_util::{BodyExt as _, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};

use crate::transport::Transport;

/// How long a request may take, unless told otherwise: API Gateway itself gives up after 29 seconds.
const TIMEOUT: Duration = Duration::from_secs(30);
/// How large an answer may be: API Gateway's are of 10 MB at most.
const LIMIT: usize = 16 << 20;

/// Sends requests by HTTP/1.1, over connections that are kept. Clones share them. Wants a Tokio runtime.
#[derive(Clone, Debug)]
pub struct Hyper {
    client: Client<HttpsConnector<HttpConnector>, Full<bytes::Bytes>>,
    timeout: Duration,
}

impl Hyper {
    /// One with a time-out of 30 seconds.
    ///
    /// # Errors
    ///
    /// Where the system has no certificates.
    pub fn new() -> std::io::Result<Self> {
        let tls =
            HttpsConnectorBuilder::new().with_provider_and_native_roots(rustls::crypto::ring::default_provider())?;
        let connector = tls.https_or_http().enable_http1().build();
        let client = Client::builder(TokioExecutor::new()).pool_timer(TokioTimer::new()).build(connector);
        Ok(Self { client, timeout: TIMEOUT })
    }

    /// The same, where a request may take `timeout`, the answer's body included.
    #[must_use]
    pub fn with_timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }
}

impl Transport for Hyper {
    async fn send(
        &self,
        request: http::Request<Vec<u8>>,
    ) -> Result<http::Response<Vec<u8>>, Box<dyn Error + Send + Sync>> {
        let request = request.map(|body| Full::new(bytes::Bytes::from(body)));
        let exchange = async {
            let (head, body) = self.client.request(request).await?.into_parts();
            let body = Limited::new(body, LIMIT).collect().await?.to_bytes();
            Ok(http::Response::from_parts(head, body.into()))
        };
        tokio::time::timeout(self.timeout, exchange).await?
    }
}
