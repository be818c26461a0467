//! Routes to what runs already: a plain HTTP server of the test's own stands for a service in a container, which nobody
//! may change, and is joined by `url` in `[api.routes]`.

mod identity;
mod passing;
mod release;
pub(crate) mod server;
mod tls;
mod trouble;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper_util::rt::TokioIo;
use memoctl::aws::Aws;
use memoctl::stack::{Backend, Route, RouteKey, Service, Stack};
use tokio::net::TcpStream;

use crate::lifecycle::place::{Place, api, route, stack};
use server::Server;

/// A service behind `/legacy/`, and what leads there.
struct Joined {
    server: Server,
    place: Place,
    aws: Aws,
}

/// An answer of the API.
#[derive(Debug)]
struct Answer {
    status: u16,
    headers: http::HeaderMap,
    body: Bytes,
}

impl Answer {
    /// The values of the header `name`.
    fn all(&self, name: &str) -> Vec<&str> {
        self.headers.get_all(name).iter().map(|value| value.to_str().unwrap()).collect()
    }
}

impl Joined {
    /// The shortest stack that joins a service.
    async fn new() -> Self {
        Self::with(|_| {}).await
    }

    /// The same, where `change` has more to say of the stack.
    async fn with(change: impl FnOnce(&mut Stack)) -> Self {
        let server = Server::start().await;
        let mut joined = legacy(&format!("{}/{{proxy}}", server.url));
        change(&mut joined);
        let place = Place::new().await;
        place.deploy(&joined, 5).await;
        let (_, aws) = place.plan(&joined, 5).await;
        Self { server, place, aws }
    }

    /// A request such as `GET /legacy/a?b=c`.
    async fn ask(&self, line: &str, headers: &[(&str, &str)], body: impl Into<Bytes>) -> Answer {
        let _ = &self.place;
        let base = self.aws.scope.base_url(&self.aws.directory.api(&self.aws.scope.api()).unwrap());
        let (host, rest) = base.strip_prefix("http://").unwrap().split_once('/').unwrap();
        let (method, path) = line.split_once(' ').unwrap();
        let mut request = http::Request::builder().method(method).uri(format!("/{rest}{path}")).header("Host", host);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let stream = TcpStream::connect(host).await.unwrap();
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
        let connection = tokio::spawn(connection);
        let answer = sender.send_request(request.body(Full::new(body.into())).unwrap()).await.unwrap();
        let (parts, body) = answer.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        connection.abort();
        Answer { status: parts.status.as_u16(), headers: parts.headers, body }
    }

    async fn get(&self, path: &str) -> Answer {
        self.ask(&format!("GET {path}"), &[], "").await
    }
}

/// A route to `service`.
fn to(line: &str, service: Service) -> (RouteKey, Route) {
    let (method, path) = line.split_once(' ').unwrap();
    let (key, functions) = route(method, path, "none");
    (key, Route { backend: Backend::Service(service), ..functions })
}

/// A stack without functions, all of whose routes lead to `url`.
fn legacy(url: &str) -> Stack {
    let mut stack = stack();
    stack.functions.clear();
    let api = api(&mut stack);
    api.authorizers.clear();
    api.cors = None;
    api.routes = [to("ANY /legacy/{proxy+}", Service::at(url))].into();
    stack
}

/// The one service of [`legacy`], to be changed.
fn joined(stack: &mut Stack) -> &mut Service {
    match &mut only(stack).backend {
        Backend::Service(service) => service,
        Backend::Function(name) => panic!("a route to the function {name}"),
    }
}

/// The one route of [`legacy`], to be changed.
fn only(stack: &mut Stack) -> &mut Route {
    api(stack).routes.values_mut().next().unwrap()
}
