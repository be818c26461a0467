//! The Runtime API, version 2018-06-01: one listener for each environment, so that each sees its own requests only.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>

use std::convert::Infallible;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::{Bytes, BytesMut};
use http::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use super::environment::{Asked, Environment, Event};
use super::outcome::{MAX_ANSWER, Outcome};

const PREFIX: &str = "/2018-06-01/runtime/";
const REQUEST_ID: HeaderName = HeaderName::from_static("lambda-runtime-aws-request-id");
const DEADLINE: HeaderName = HeaderName::from_static("lambda-runtime-deadline-ms");
const ARN: HeaderName = HeaderName::from_static("lambda-runtime-invoked-function-arn");
const TRACE: HeaderName = HeaderName::from_static("lambda-runtime-trace-id");
const CLIENT_CONTEXT: HeaderName = HeaderName::from_static("lambda-runtime-client-context");
const STREAM_ERROR_TYPE: &str = "lambda-runtime-function-error-type";
const STREAM_ERROR_BODY: &str = "lambda-runtime-function-error-body";

/// Answers `environment`'s runtime until the task is aborted, which closes its connections.
pub(super) async fn serve(listener: TcpListener, environment: Arc<Environment>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                // A failed accept is the runtime's going away, which its watcher sees too.
                let Ok((stream, _)) = accepted else { continue };
                let _ = stream.set_nodelay(true);
                let environment = Arc::clone(&environment);
                connections.spawn(async move {
                    let service = service_fn(move |request| {
                        let environment = Arc::clone(&environment);
                        async move { Ok::<_, Infallible>(answer(&environment, request).await) }
                    });
                    // An error here is the process's end in the middle of a request.
                    let _ = http1::Builder::new().half_close(false).serve_connection(TokioIo::new(stream), service).await;
                });
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn answer(environment: &Environment, request: Request<Incoming>) -> Response<Full<Bytes>> {
    let (parts, body) = request.into_parts();
    let Some(path) = parts.uri.path().strip_prefix(PREFIX) else {
        return refusal(StatusCode::NOT_FOUND, "InvalidPath", "the Runtime API has no such path");
    };
    match (&parts.method, path) {
        (&Method::GET, "invocation/next") => next(environment).await,
        (&Method::POST, "init/error") => match read(body).await {
            Read::Whole(error) | Read::Failed(error) if environment.fail_initialization(&error) => accepted(),
            Read::Whole(_) | Read::Failed(_) | Read::TooLarge | Read::Broken => {
                refusal(StatusCode::FORBIDDEN, "InvalidStateTransition", "the initialization is complete")
            }
        },
        (&Method::POST, path) => match path.strip_prefix("invocation/").and_then(|rest| rest.rsplit_once('/')) {
            Some((id, "response")) => complete(environment, id, body, Outcome::Answer).await,
            Some((id, "error")) => complete(environment, id, body, Outcome::Error).await,
            Some(_) | None => refusal(StatusCode::NOT_FOUND, "InvalidPath", "the Runtime API has no such path"),
        },
        (_, _) => refusal(StatusCode::NOT_FOUND, "InvalidPath", "the Runtime API has no such path"),
    }
}

async fn next(environment: &Environment) -> Response<Full<Bytes>> {
    let event = match environment.ask() {
        Asked::Now(event) => Some(event),
        Asked::Later(event) => match event.await {
            Ok(event) => Some(event),
            // The process is about to be killed: any answer would make it write an error in its last moment.
            Err(_) => std::future::pending().await,
        },
        Asked::NotNow => None,
    };
    match event {
        Some(event) => deliver(event, environment),
        None => refusal(StatusCode::FORBIDDEN, "InvalidStateTransition", "the last request is not answered"),
    }
}

fn deliver(event: Event, environment: &Environment) -> Response<Full<Bytes>> {
    let deadline = SystemTime::now() + environment.timeout;
    let milliseconds = deadline.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis());
    let mut response = Response::new(Full::new(event.payload));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let mut set = |name, value: String| {
        // Ids, ARNs and numbers are visible ASCII; a client context that is not is left out.
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.insert(name, value);
        }
    };
    set(REQUEST_ID, event.request_id);
    set(DEADLINE, milliseconds.to_string());
    set(ARN, event.arn);
    set(TRACE, event.trace);
    if let Some(context) = event.client_context {
        set(CLIENT_CONTEXT, context);
    }
    response
}

async fn complete(
    environment: &Environment,
    request_id: &str,
    body: Incoming,
    outcome: impl FnOnce(Bytes) -> Outcome,
) -> Response<Full<Bytes>> {
    let (outcome, reply) = match read(body).await {
        Read::Whole(payload) => (outcome(payload), accepted()),
        Read::Failed(error) => (Outcome::Error(error), accepted()),
        Read::TooLarge => {
            let message = format!("Exceeded maximum allowed payload size ({MAX_ANSWER} bytes).");
            (Outcome::TooLarge, refusal(StatusCode::PAYLOAD_TOO_LARGE, "RequestEntityTooLarge", &message))
        }
        // The process is ending: its watcher gives the outcome.
        Read::Broken => return refusal(StatusCode::BAD_REQUEST, "InvalidRequest", "the body is not whole"),
    };
    if environment.answer(request_id, outcome) {
        return reply;
    }
    refusal(StatusCode::BAD_REQUEST, "InvalidRequestID", "Invalid request ID")
}

enum Read {
    Whole(Bytes),
    /// A streamed answer that ended in an error, which its trailers tell.
    Failed(Bytes),
    TooLarge,
    Broken,
}

/// Reads a body to its end, also when it is too large: a runtime that is cut off would end.
async fn read(mut body: Incoming) -> Read {
    let (mut first, mut rest, mut size) = (Bytes::new(), BytesMut::new(), 0);
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else {
            return Read::Broken;
        };
        match frame.into_data() {
            Ok(data) => {
                size += data.len();
                // Most answers are one piece, which is passed on as it is.
                if size > MAX_ANSWER {
                    (first, rest) = (Bytes::new(), BytesMut::new());
                } else if first.is_empty() && rest.is_empty() {
                    first = data;
                } else {
                    rest.extend_from_slice(&std::mem::take(&mut first));
                    rest.extend_from_slice(&data);
                }
            }
            Err(frame) => {
                if let Some(error) = frame.into_trailers().ok().and_then(|trailers| stream_error(&trailers)) {
                    return Read::Failed(error);
                }
            }
        }
    }
    match (size > MAX_ANSWER, rest.is_empty()) {
        (true, _) => Read::TooLarge,
        (false, true) => Read::Whole(first),
        (false, false) => Read::Whole(rest.freeze()),
    }
}

fn stream_error(trailers: &HeaderMap) -> Option<Bytes> {
    let error_type = trailers.get(STREAM_ERROR_TYPE)?;
    let body = trailers.get(STREAM_ERROR_BODY).and_then(|body| STANDARD.decode(body).ok());
    let untold = || serde_json::json!({ "errorType": error_type.to_str().unwrap_or_default() }).to_string().into();
    Some(body.map_or_else(untold, Bytes::from))
}

fn accepted() -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from_static(b"{\"status\":\"OK\"}\n")));
    *response.status_mut() = StatusCode::ACCEPTED;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

fn refusal(status: StatusCode, error_type: &str, message: &str) -> Response<Full<Bytes>> {
    let body = serde_json::json!({ "errorType": error_type, "errorMessage": message }).to_string();
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
