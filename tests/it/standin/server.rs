//! The service that runs already: it keeps what it was sent, and answers what the path asks for.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// A request as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) method: Method,
    /// Path and query, as sent.
    pub(crate) target: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Seen {
    /// The values of the header `name`.
    pub(crate) fn all(&self, name: &str) -> Vec<&str> {
        self.headers.get_all(name).iter().map(|value| value.to_str().unwrap()).collect()
    }
}

pub(super) type Log = Arc<Mutex<Vec<Seen>>>;

/// The server, until it is dropped.
pub(crate) struct Server {
    /// Without a slash at its end.
    pub(crate) url: String,
    log: Log,
    task: JoinHandle<()>,
}

impl Server {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let log = Log::default();
        let seen = Arc::clone(&log);
        let task = tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(serve(stream, Arc::clone(&seen)));
            }
        });
        Self { url, log, task }
    }

    /// What has arrived.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.log.lock().unwrap().clone()
    }

    /// What has arrived last.
    #[track_caller]
    pub(crate) fn last(&self) -> Seen {
        self.seen().pop().expect("a request that arrived")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Answers on one connection, to its end.
pub(super) async fn serve(stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static, log: Log) {
    let service = service_fn(move |request: Request<Incoming>| {
        let log = Arc::clone(&log);
        async move {
            let (parts, body) = request.into_parts();
            let target = parts.uri.path_and_query().unwrap().to_string();
            let body = body.collect().await.unwrap().to_bytes();
            let seen = Seen { method: parts.method, target, headers: parts.headers, body };
            log.lock().unwrap().push(seen.clone());
            answer(&seen).await.ok_or("the connection is cut")
        }
    });
    // A cut connection is an error here, and meant.
    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

/// `None` cuts the connection.
async fn answer(seen: &Seen) -> Option<Response<Full<Bytes>>> {
    let path = seen.target.split('?').next().unwrap();
    let (what, argument) = path[1..].split_once('/').unwrap_or((&path[1..], ""));
    let response = Response::builder();
    let response = match what {
        "cut" => return None,
        "never" => {
            let never: Infallible = std::future::pending().await;
            match never {}
        }
        "status" => response.status(StatusCode::from_bytes(argument.as_bytes()).unwrap()).body("as asked".into()),
        "echo" => response.header("Content-Type", "application/octet-stream").body(Full::new(seen.body.clone())),
        "bytes" => response.body(vec![b'x'; argument.parse().unwrap()].into()),
        "headers" => response
            .header("Set-Cookie", "a=1")
            .header("Set-Cookie", "b=2")
            .header("Content-Type", "text/plain; charset=utf-8")
            .header("Server", "apache/1.3")
            .header("Via", "1.0 old")
            .header("X-Custom", "kept")
            .body("text".into()),
        _ => response.body("served".into()),
    };
    Some(response.unwrap())
}
