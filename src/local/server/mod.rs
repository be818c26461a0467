//! The listener: Host check, which service a request is for, the IAM check, counting of calls.

mod calls;
mod host;
mod refusal;
mod signature;

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use bytes::Bytes;
use http::StatusCode;
use http::request::Parts;
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

pub use calls::Calls;

use crate::apigateway::DataRequest;
use crate::call::{Error, Request, Response, Service};
use crate::cloud::Services;
use crate::wire::{REQUEST_ID, request_id, response};
use calls::Counter;
use refusal::Protocol;
use signature::Scope;

/// The largest request of any service is Lambda's: 70,167,211 bytes, which Lambda itself checks.
const CALL_LIMIT: usize = 72 << 20;

/// API Gateway's payload limit, 10 MB.
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html>
const PAYLOAD_LIMIT: usize = 10 << 20;

/// What a browser-safe prefix of the path leads to: the data plane, the description of this cloud, and the code that
/// Lambda's GetFunction points to, which is fetched without a signature.
const EXECUTE_API: &str = "/_aws/execute-api/";
const ABOUT: &str = "/_aws/local";
const LAMBDA_CODE: &str = "/_aws/lambda/code/";

/// Where a cloud answers, and as which region.
#[derive(Clone, Debug, serde::Serialize)]
pub(crate) struct Place {
    pub(crate) region: String,
    pub(crate) endpoint: String,
    pub(crate) base_url: String,
}

/// Answers requests, for all connections.
pub(crate) struct Server {
    services: Services,
    place: Place,
    calls: Counter,
}

impl Server {
    pub(crate) fn new(services: Services, place: Place) -> Self {
        Self { services, place, calls: Counter::default() }
    }

    /// The count of calls so far.
    pub(crate) fn calls(&self) -> Calls {
        self.calls.so_far()
    }

    /// Accepts connections until the task is aborted, which closes them all.
    pub(crate) async fn listen(self: Arc<Self>, listener: TcpListener) {
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                accepted = listener.accept() => {
                    // A failed accept is the client's going away, or a want of descriptors that passes.
                    let Ok((stream, peer)) = accepted else { continue };
                    let _ = stream.set_nodelay(true);
                    let server = Arc::clone(&self);
                    connections.spawn(async move {
                        let service = service_fn(move |request| {
                            let server = Arc::clone(&server);
                            async move { Ok::<_, Infallible>(server.answer(request, peer).await) }
                        });
                        let mut http = http1::Builder::new();
                        http.timer(TokioTimer::new()).half_close(false);
                        // An error here is the client's: a broken connection, or no HTTP.
                        let _ = http.serve_connection(TokioIo::new(stream), service).await;
                    });
                }
                Some(_) = connections.join_next() => {}
            }
        }
    }

    async fn answer(&self, request: http::Request<Incoming>, peer: SocketAddr) -> http::Response<Full<Bytes>> {
        let id = request_id();
        let (parts, body) = request.into_parts();
        let mut answer = self.route(&id, parts, body, peer.ip()).await;
        if !answer.headers.contains_key(REQUEST_ID)
            && let Ok(value) = id.parse()
        {
            answer.headers.insert(REQUEST_ID, value);
        }
        let mut http = http::Response::new(Full::new(answer.body));
        *http.status_mut() = answer.status;
        *http.headers_mut() = answer.headers;
        http
    }

    async fn route(&self, id: &str, parts: Parts, body: Incoming, source_ip: IpAddr) -> Response {
        let Some(host) = host::of(&parts.headers).filter(|host| host::is_local(host)) else {
            return refusal::foreign_host();
        };
        let path = parts.uri.path();
        if let Some(api) = host::execute_api(host) {
            let (api, rest) = (api.to_owned(), path.strip_prefix('/').unwrap_or(path).to_owned());
            return self.execute(&api, &rest, (parts, body), source_ip).await;
        }
        if let Some(rest) = path.strip_prefix(EXECUTE_API) {
            let (api, rest) = rest.split_once('/').unwrap_or((rest, ""));
            let (api, rest) = (api.to_owned(), rest.to_owned());
            return self.execute(&api, &rest, (parts, body), source_ip).await;
        }
        if host::is_foreign_page(&parts.headers) {
            return refusal::foreign_page();
        }
        if path == ABOUT {
            return self.about();
        }
        if let Some(package) = path.strip_prefix(LAMBDA_CODE) {
            return self.services.lambda.download(package);
        }
        match Limited::new(body, CALL_LIMIT).collect().await {
            Ok(body) => self.call(id, parts, body.to_bytes()).await,
            Err(_) => refusal::too_large(CALL_LIMIT),
        }
    }

    /// The data plane: `rest` is the stage and what follows it.
    async fn execute(&self, api: &str, rest: &str, request: (Parts, Incoming), source_ip: IpAddr) -> Response {
        let (parts, body) = request;
        let body = match Limited::new(body, PAYLOAD_LIMIT).collect().await {
            Ok(body) => body.to_bytes(),
            Err(error) if error.is::<LengthLimitError>() => {
                return response(
                    StatusCode::PAYLOAD_TOO_LARGE,
                    "application/json",
                    r#"{"message":"Request Too Long"}"#,
                );
            }
            Err(_) => return response(StatusCode::BAD_REQUEST, "application/json", r#"{"message":"Bad Request"}"#),
        };
        let stage_end = rest.find('/').unwrap_or(rest.len());
        let (stage, path) = rest.split_at(stage_end);
        let path = if path.is_empty() { "/" } else { path };
        let request = DataRequest {
            method: parts.method,
            query: parts.uri.query().unwrap_or_default().to_owned(),
            headers: parts.headers,
            body,
            source_ip,
        };
        self.services.apigateway.execute(api, stage, path, request).await
    }

    /// What this cloud is and what was called so far, for tools that did not start it.
    fn about(&self) -> Response {
        let mut about = serde_json::to_value(&self.place).unwrap_or_default();
        about["account"] = crate::ACCOUNT.into();
        about["calls"] = serde_json::to_value(self.calls()).unwrap_or_default();
        response(StatusCode::OK, "application/json", about.to_string())
    }

    /// A signed call to an AWS API.
    async fn call(&self, id: &str, parts: Parts, body: Bytes) -> Response {
        let query = parts.uri.query().unwrap_or_default();
        let scope = match Scope::of(&parts.headers, query) {
            Ok(Some(scope)) => scope,
            Ok(None) => return refusal::unsigned(&parts, id),
            Err(error) => return Protocol::guess(&parts.headers).refuse(&error, id),
        };
        let request = |caller| Request {
            id: id.to_owned(),
            method: parts.method.clone(),
            path: parts.uri.path().to_owned(),
            query: query.to_owned(),
            headers: parts.headers.clone(),
            body: body.clone(),
            region: scope.region.clone(),
            caller,
        };
        let protocol = Protocol::of(&scope.service).unwrap_or_else(|| Protocol::guess(&parts.headers));
        let caller = match self.services.iam.caller(&scope.access_key_id) {
            Ok(caller) => caller,
            Err(error) => return protocol.refuse(&protocol.unknown_key(&error), id),
        };
        if !matches!(scope.service.as_str(), "iam" | "sts") && scope.region != self.place.region {
            return protocol.refuse(&protocol.other_region(&scope.region, &self.place.region), id);
        }
        let request = request(caller);
        let services = &self.services;
        match scope.service.as_str() {
            "iam" => self.serve("iam", &*services.iam, request).await,
            "sts" => self.serve("sts", &*services.sts, request).await,
            "logs" => self.serve("logs", &*services.logs, request).await,
            "ssm" => self.serve("ssm", &*services.ssm, request).await,
            "s3" => self.serve("s3", &*services.s3, request).await,
            "dynamodb" => self.serve("dynamodb", &*services.dynamodb, request).await,
            "lambda" => self.serve("lambda", &*services.lambda, request).await,
            "apigateway" => self.serve("apigateway", &*services.apigateway, request).await,
            other => protocol.refuse(&refusal::unknown_service(other, &request), id),
        }
    }

    async fn serve<S: Service>(&self, name: &str, service: &S, request: Request) -> Response {
        let id = request.id.clone();
        match self.checked(name, service, request).await {
            Ok(answer) => answer,
            Err(error) => service.refuse(&error, &id),
        }
    }

    async fn checked<S: Service>(&self, name: &str, service: &S, request: Request) -> Result<Response, Error> {
        let operation = service.identify(&request)?;
        self.calls.count(name, &operation, &request.caller);
        for (action, resource) in &operation.needs {
            self.services.iam.authorize(&request.caller, action, resource).map_err(|error| {
                Protocol::of(name).map_or_else(|| error.clone(), |protocol| protocol.denied(&error))
            })?;
        }
        service.call(&operation, request).await
    }
}
