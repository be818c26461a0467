//! The listener: Host check, which service a request is for, the IAM check, counting of calls.

mod admission;
mod body;
mod calls;
mod faults;
mod host;
mod refusal;
mod trace;
mod turn;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use http::header::{CONNECTION, EXPECT, HeaderValue};
use http::request::Parts;
use http_body_util::{BodyExt as _, Either, Full, Limited};
use hyper::body::{Body as _, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

pub(crate) use admission::Admission;
pub(crate) use body::RequestBody;
pub use calls::Calls;
pub use faults::{Fault, FaultKind, Faults, FunctionFault, RandomFaults, UnknownFaults};
pub use trace::{Traced, chain};
pub use turn::Held;

use crate::call::{Caller, Request, Response, Service};
use crate::cloud::Services;
use crate::cloudfront::CloudFront;
use crate::realism::{Clock, Delays, Quotas, Realism};
use crate::signature::Scope;
use crate::wire::{REQUEST_ID, request_id, response};
use calls::Counter;
use refusal::Protocol;
use trace::Trace;
use turn::{Broken, Injector, Turn};

/// The largest request of any service is Lambda's: 70,167,211 bytes, which Lambda itself checks.
const CALL_LIMIT: usize = 72 << 20;

/// What a browser-safe prefix of the path leads to: the data plane, the description of this cloud, and the code that
/// Lambda's `GetFunction` points to, which is fetched without a signature.
const EXECUTE_API: &str = "/_aws/execute-api/";
const ABOUT: &str = "/_aws/local";
const TRACE: &str = "/_aws/local/trace";
const LAMBDA_CODE: &str = "/_aws/lambda/code/";

/// The region that calls to services of the whole partition are signed for.
const PARTITION: &str = "us-east-1";

/// An answer's body: at hand, or streamed from a file.
type Body = Either<Full<Bytes>, s3s::Body>;

/// The end of a connection on which no answer comes.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the connection is cut")]
struct Cut;

/// Where a cloud answers, as which region, and how.
#[derive(Clone, Debug, serde::Serialize)]
pub(crate) struct Place {
    pub(crate) region: String,
    pub(crate) endpoint: String,
    pub(crate) base_url: String,
    pub(crate) realism: Realism,
    pub(crate) speed: f64,
}

/// Answers requests, for all connections.
pub(crate) struct Server {
    services: Services,
    place: Place,
    calls: Arc<Counter>,
    injector: Arc<Injector>,
    trace: Trace,
    delays: Delays,
    quotas: Option<Arc<Quotas>>,
}

impl Server {
    pub(crate) fn new(services: Services, place: Place, faults: Faults) -> Self {
        let clock = Clock { speed: place.speed };
        Self {
            services,
            calls: Arc::default(),
            injector: Injector::new(faults, clock),
            trace: Trace::new(),
            delays: Delays::of(place.realism, clock),
            quotas: Quotas::of(place.realism, clock).map(Arc::new),
            place,
        }
    }

    /// Has `faults` in place of what was before; the developer's calls are counted from 1 again.
    pub(crate) fn inject(&self, faults: Faults) {
        self.injector.inject(faults);
    }

    /// The number of the developer's calls that have arrived since the last injection.
    pub(crate) fn arrived(&self) -> u64 {
        self.injector.arrived()
    }

    /// Waits until a call is held by a fault.
    pub(crate) async fn held(&self) -> Held {
        self.injector.held().await
    }

    /// The count of calls so far.
    pub(crate) fn calls(&self) -> Calls {
        self.calls.so_far()
    }

    /// The developer's latest calls with numbers above `after`.
    pub(crate) fn trace(&self, after: u64) -> Vec<Traced> {
        self.trace.since(after)
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
                            async move { server.answer(request, peer).await }
                        });
                        let mut http = http1::Builder::new();
                        // A client may keep a connection for as long as it likes: it is on this machine.
                        http.timer(TokioTimer::new()).header_read_timeout(None).half_close(false);
                        // An error here is the client's, a broken connection or no HTTP; or a fault that cuts it.
                        let _ = http.serve_connection(TokioIo::new(stream), service).await;
                    });
                }
                Some(_) = connections.join_next() => {}
            }
        }
    }

    async fn answer(&self, request: http::Request<Incoming>, peer: SocketAddr) -> Result<http::Response<Body>, Cut> {
        let id = request_id();
        let (parts, body) = request.into_parts();
        // Who asks before sending sends nothing when the answer comes at once.
        let asks = parts.headers.contains_key(EXPECT);
        let body = RequestBody::new(body);
        let mut answer = self.route(&id, parts, body.clone(), peer.ip()).await?;
        if !body.is_end_stream() {
            if asks {
                answer.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
            } else {
                body.drain().await;
            }
        }
        if !answer.headers().contains_key(REQUEST_ID)
            && let Ok(value) = id.parse()
        {
            answer.headers_mut().insert(REQUEST_ID, value);
        }
        Ok(answer)
    }

    async fn route(
        &self,
        id: &str,
        parts: Parts,
        body: RequestBody,
        source_ip: IpAddr,
    ) -> Result<http::Response<Body>, Cut> {
        let Some(host) = host::of(&parts.headers) else { return Ok(whole(refusal::foreign_host())) };
        // A distribution answers to the names that the developer gave it, whatever page of whatever host asks.
        let name = host::without_port(host);
        if let Some(served) = self.services.cloudfront.serving(name) {
            return Ok(self.services.cloudfront.serve(served, (parts, body), source_ip).await.map(Either::Right));
        }
        if CloudFront::is_of_domain(name) {
            return Ok(CloudFront::unknown().map(Either::Right));
        }
        if !host::is_local(host) {
            return Ok(whole(refusal::foreign_host()));
        }
        let path = parts.uri.path();
        let api = match (host::execute_api(host), path.strip_prefix(EXECUTE_API)) {
            (Some(api), _) => Some((api.to_owned(), path.strip_prefix('/').unwrap_or(path).to_owned())),
            (None, Some(rest)) => {
                let (api, rest) = rest.split_once('/').unwrap_or((rest, ""));
                Some((api.to_owned(), rest.to_owned()))
            }
            (None, None) => None,
        };
        if let Some((api, rest)) = api {
            return Ok(whole(self.services.apigateway.receive(&api, &rest, (parts, body), source_ip).await));
        }
        if host::is_foreign_page(&parts.headers) {
            return Ok(whole(refusal::foreign_page()));
        }
        if path == ABOUT {
            return Ok(whole(self.about()));
        }
        if path == TRACE {
            return Ok(whole(self.traced(parts.uri.query().unwrap_or_default())));
        }
        if let Some(package) = path.strip_prefix(LAMBDA_CODE) {
            return Ok(whole(self.services.lambda.download(package)));
        }
        self.call(id, parts, body).await
    }

    /// What this cloud is and what was called so far, for tools that did not start it.
    fn about(&self) -> Response {
        let mut about = serde_json::to_value(&self.place).unwrap_or_default();
        about["account"] = crate::ACCOUNT.into();
        about["calls"] = serde_json::to_value(self.calls()).unwrap_or_default();
        response(StatusCode::OK, "application/json", about.to_string())
    }

    /// The developer's latest calls, those after `?after=N` if that is asked for, and their longest chain.
    fn traced(&self, query: &str) -> Response {
        let after = query.strip_prefix("after=").and_then(|after| after.parse().ok()).unwrap_or_default();
        let calls = self.trace(after);
        let chain: Vec<&str> = chain(&calls).into_iter().map(|traced| traced.call.as_str()).collect();
        let traced = serde_json::json!({ "calls": calls, "chain": chain });
        response(StatusCode::OK, "application/json", traced.to_string())
    }

    /// A signed call to an AWS API.
    async fn call(&self, id: &str, parts: Parts, body: RequestBody) -> Result<http::Response<Body>, Cut> {
        let query = parts.uri.query().unwrap_or_default();
        let scope = match Scope::of(&parts.headers, query) {
            Ok(Some(scope)) => scope,
            Ok(None) => return Ok(whole(refusal::unsigned(&parts, id))),
            Err(error) => return Ok(whole(Protocol::guess(&parts.headers).refuse(&error, id))),
        };
        let protocol = Protocol::of(&scope.service).unwrap_or_else(|| Protocol::guess(&parts.headers));
        let caller = match self.services.iam.caller(&scope.access_key_id) {
            Ok(caller) => caller,
            Err(error) => return Ok(whole(protocol.refuse(&protocol.unknown_key(&error), id))),
        };
        // Services of the whole partition are of its oldest region; a client that is told where they are goes by its own.
        let regions: &[&str] = match scope.service.as_str() {
            "cloudfront" | "route53" => &[PARTITION, &self.place.region],
            "iam" | "sts" => &[&self.place.region, PARTITION],
            _ => &[&self.place.region],
        };
        if !regions.contains(&scope.region.as_str()) {
            let error = protocol.other_region(&scope.region, regions[0]);
            return Ok(whole(protocol.refuse(&error, id)));
        }
        let (turn, is_traced) = match caller {
            Caller::Developer => (Some(self.injector.arrive()), true),
            Caller::Role { .. } => (self.injector.arrive_from_function(), false),
        };
        let arrived = self.trace.now();
        let target = parts.headers.get("x-amz-target").and_then(|target| target.to_str().ok());
        let latency = self.delays.of_call(&scope.service, parts.uri.path(), target);
        // One half before the call takes effect and one after it, so that a client who goes away may have done either.
        pause(latency / 2).await;
        let answer = self.carry_out(id, (parts, body), (protocol, scope, caller, turn.clone())).await;
        pause(latency / 2).await;
        let Some(turn) = turn else { return Ok(answer) };
        let answer = match turn.after().await {
            Ok(()) => Ok(answer),
            Err(Broken::Failed(number)) => Ok(whole(protocol.refuse(&protocol.failure(number), id))),
            Err(Broken::Cut) => Err(Cut),
        };
        if is_traced {
            let status = answer.as_ref().ok().map(|answer| answer.status().as_u16());
            self.trace.answered((turn.call(), status), arrived);
        }
        answer
    }

    async fn carry_out(
        &self,
        id: &str,
        (parts, body): (Parts, RequestBody),
        (protocol, scope, caller, turn): (Protocol, Scope, Caller, Option<Arc<Turn>>),
    ) -> http::Response<Body> {
        let services = &self.services;
        let (iam, counter, quotas) = (Arc::clone(&services.iam), Arc::clone(&self.calls), self.quotas.clone());
        let by = caller.clone();
        let admission = |service| Admission { iam, counter, protocol, service, caller: by, turn, quotas };
        if scope.service == "s3" {
            // Objects are streamed, so that S3 takes the body itself.
            return services.s3.serve(parts, body, admission("s3")).await.map(Either::Right);
        }
        let body = match Limited::new(body, CALL_LIMIT).collect().await {
            Ok(body) => body.to_bytes(),
            Err(_) => return whole(refusal::too_large(CALL_LIMIT)),
        };
        let request = Request {
            id: id.to_owned(),
            path: parts.uri.path().to_owned(),
            query: parts.uri.query().unwrap_or_default().to_owned(),
            method: parts.method,
            headers: parts.headers,
            body,
            region: scope.region,
            caller,
        };
        whole(match scope.service.as_str() {
            "iam" => serve(&*services.iam, request, admission("iam")).await,
            "sts" => serve(&*services.sts, request, admission("sts")).await,
            "logs" => serve(&*services.logs, request, admission("logs")).await,
            "ssm" => serve(&*services.ssm, request, admission("ssm")).await,
            "dynamodb" => serve(&*services.dynamodb, request, admission("dynamodb")).await,
            "lambda" => serve(&*services.lambda, request, admission("lambda")).await,
            "apigateway" => serve(&*services.apigateway, request, admission("apigateway")).await,
            "cloudfront" => serve(&*services.cloudfront, request, admission("cloudfront")).await,
            "route53" => serve(&*services.route53, request, admission("route53")).await,
            other => protocol.refuse(&refusal::unknown_service(other, &request), id),
        })
    }
}

/// Has `service` answer `request`, when `admission` lets it through.
async fn serve<S: Service>(service: &S, request: Request, admission: Admission) -> Response {
    let id = request.id.clone();
    let answer = async {
        let operation = service.identify(&request)?;
        admission.admit(&operation).await?;
        service.call(&operation, request).await
    };
    answer.await.unwrap_or_else(|error| service.refuse(&error, &id))
}

/// Waits, if there is anything to wait for.
async fn pause(delay: Duration) {
    if !delay.is_zero() {
        tokio::time::sleep(delay).await;
    }
}

/// A response whose body is at hand.
fn whole(response: Response) -> http::Response<Body> {
    let mut http = http::Response::new(Either::Left(Full::new(response.body)));
    *http.status_mut() = response.status;
    *http.headers_mut() = response.headers;
    http
}
