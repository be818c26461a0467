//! The connections to services.

use std::error::Error as _;
use std::io;
use std::sync::OnceLock;
use std::time::Duration;

use bytes::Bytes;
use http::uri::Scheme;
use http::{Request, Response, Uri};
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::{Connect, HttpConnector};
use hyper_util::rt::{TokioExecutor, TokioTimer};

use super::tls;

/// API Gateway's payload limit, for answers as for requests.
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html>
const LARGEST: usize = 10 << 20;
/// How long a connection is kept for the next request.
const IDLE: Duration = Duration::from_secs(5);

type Connections<C> = Client<C, Full<Bytes>>;

/// The connections to all services, by what is asked of them; each kind is set up when it is first needed, since the
/// authorities that this machine trusts take time to read.
#[derive(Debug, Default)]
pub(in crate::apigateway) struct Clients {
    plain: OnceLock<Connections<HttpConnector>>,
    strict: OnceLock<Option<Connections<HttpsConnector<HttpConnector>>>>,
    lenient: OnceLock<Option<Connections<HttpsConnector<HttpConnector>>>>,
}

/// The connections that a request goes over.
pub(super) enum Way<'a> {
    Plain(&'a Connections<HttpConnector>),
    Tls(&'a Connections<HttpsConnector<HttpConnector>>),
}

/// Why a service gave no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::apigateway) enum Trouble {
    /// Its name or its certificate is at fault.
    Endpoint,
    /// It takes no connection, or breaks it.
    Network,
    /// The answer is larger than API Gateway passes on.
    TooLarge,
}

impl Clients {
    /// The way to `uri`, set up; `None` where TLS cannot be.
    pub(super) fn way(&self, uri: &Uri, any_authority: bool) -> Option<Way<'_>> {
        if uri.scheme() == Some(&Scheme::HTTP) {
            return Some(Way::Plain(self.plain.get_or_init(|| client(tcp()))));
        }
        let clients = if any_authority { &self.lenient } else { &self.strict };
        clients.get_or_init(|| secure(any_authority)).as_ref().map(Way::Tls)
    }
}

impl Way<'_> {
    /// Sends `request`, and reads the whole answer.
    pub(super) async fn send(&self, request: Request<Full<Bytes>>) -> Result<Response<Bytes>, Trouble> {
        let answer = match self {
            Self::Plain(client) => client.request(request).await,
            Self::Tls(client) => client.request(request).await,
        };
        let (parts, body) = answer.map_err(|error| trouble(&error))?.into_parts();
        match Limited::new(body, LARGEST).collect().await {
            Ok(body) => Ok(Response::from_parts(parts, body.to_bytes())),
            Err(error) if error.is::<LengthLimitError>() => Err(Trouble::TooLarge),
            Err(_) => Err(Trouble::Network),
        }
    }
}

fn tcp() -> HttpConnector {
    let mut tcp = HttpConnector::new();
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    tcp
}

fn secure(any_authority: bool) -> Option<Connections<HttpsConnector<HttpConnector>>> {
    let configuration = tls::configuration(any_authority)?;
    let connector = HttpsConnectorBuilder::new().with_tls_config(configuration).https_only().enable_http1();
    Some(client(connector.wrap_connector(tcp())))
}

fn client<C: Connect + Clone>(connector: C) -> Connections<C> {
    let mut builder = Client::builder(TokioExecutor::new());
    builder.pool_timer(TokioTimer::new()).pool_idle_timeout(IDLE);
    builder.build(connector)
}

fn trouble(error: &hyper_util::client::legacy::Error) -> Trouble {
    if !error.is_connect() {
        return Trouble::Network;
    }
    let mut cause = error.source();
    while let Some(inner) = cause {
        // The resolver's errors have no type of their own.
        let is_name = inner.to_string() == "dns error";
        if is_name || inner.downcast_ref().is_some_and(is_certificate) {
            return Trouble::Endpoint;
        }
        cause = inner.source();
    }
    Trouble::Network
}

/// Whether it is of TLS, however deep: an error of I/O does not tell of what it wraps as its source.
fn is_certificate(error: &io::Error) -> bool {
    let inner = error.get_ref();
    inner.is_some_and(|inner| inner.is::<rustls::Error>() || inner.downcast_ref().is_some_and(is_certificate))
}
