//! The one HTTP client of a function: HTTP/1.1, for the SDK and for [`Ssm`](crate::Ssm).
//!
//! Certificates are loaded with the first call over TLS, so nothing stands between a start and its first event; and
//! without HTTP/2, which AWS's APIs do not need, a zip is a fifth smaller.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector as Connector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

use crate::Error;

/// A pool of connections, shared by its clones.
#[derive(Clone, Debug)]
pub(crate) struct Http {
    /// How long a request may take, from the connection to the end of the answer.
    patience: Duration,
    plain: Client<HttpConnector, Full<Bytes>>,
    tls: Arc<OnceLock<Client<HttpsConnector<HttpConnector>, Full<Bytes>>>>,
}

impl Http {
    pub(crate) fn new(patience: Duration) -> Self {
        Self { patience, plain: Client::builder(TokioExecutor::new()).build(connector()), tls: Arc::default() }
    }

    /// The same client, whose requests may take `times` as long.
    pub(crate) fn patient(&self, times: u32) -> Self {
        Self { patience: self.patience * times, ..self.clone() }
    }

    /// Sends `request`, whose URI is absolute, and reads the answer whole.
    pub(crate) async fn send(&self, request: http::Request<Full<Bytes>>) -> Result<http::Response<Bytes>, Error> {
        let answer = tokio::time::timeout(self.patience, self.exchange(request)).await;
        answer.unwrap_or_else(|_| Err(format!("no answer in {:?}", self.patience).into()))
    }

    async fn exchange(&self, request: http::Request<Full<Bytes>>) -> Result<http::Response<Bytes>, Error> {
        let response = match request.uri().scheme_str() {
            Some("http") => self.plain.request(request),
            _ => self.tls()?.request(request),
        };
        let (head, body) = response.await?.into_parts();
        Ok(http::Response::from_parts(head, body.collect().await?.to_bytes()))
    }

    fn tls(&self) -> Result<&Client<HttpsConnector<HttpConnector>, Full<Bytes>>, Error> {
        if let Some(client) = self.tls.get() {
            return Ok(client);
        }
        let connector = HttpsConnectorBuilder::new()
            .with_provider_and_native_roots(rustls::crypto::ring::default_provider())?
            .https_only()
            .enable_http1()
            .wrap_connector(connector());
        let client = Client::builder(TokioExecutor::new()).build(connector);
        Ok(self.tls.get_or_init(|| client))
    }
}

/// Connects without TLS, and so that nothing small waits for more.
pub(crate) fn connector() -> HttpConnector {
    let mut connector = HttpConnector::new();
    connector.enforce_http(false);
    connector.set_nodelay(true);
    connector
}

/// The error's text with those of its sources: the outermost one alone says little.
pub(crate) fn causes(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}

impl HttpClient for Http {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl Connector for Http {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let client = self.clone();
        HttpConnectorFuture::new(async move {
            let request = from_sdk(&request).map_err(ConnectorError::user)?;
            let response = client.send(request).await.map_err(ConnectorError::io)?;
            to_sdk(response).map_err(|error| ConnectorError::other(error, None))
        })
    }
}

fn from_sdk(request: &HttpRequest) -> Result<http::Request<Full<Bytes>>, Error> {
    let body = request.body().bytes().ok_or("a streamed body, which no operation of a service has")?;
    let builder = http::Request::builder().method(request.method()).uri(request.uri());
    let builder = request.headers().iter().fold(builder, |builder, (name, value)| builder.header(name, value));
    Ok(builder.body(Full::from(Bytes::copy_from_slice(body)))?)
}

fn to_sdk(response: http::Response<Bytes>) -> Result<HttpResponse, Error> {
    let (head, body) = response.into_parts();
    let mut response = HttpResponse::new(head.status.as_u16().try_into()?, body.into());
    for (name, value) in &head.headers {
        response.headers_mut().try_append(name.as_str().to_owned(), value.to_str()?.to_owned())?;
    }
    Ok(response)
}
