//! Invoke: from a function's name to an execution environment and back.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::StatusCode;
use http::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use serde::de::IgnoredAny;

use super::concurrency::Slot;
use super::environment::Event;
use super::members::Violations;
use super::name::FunctionName;
use super::pool::{Completed, Pool};
use super::route::Route;
use super::state::{active, not_found};
use super::{Invocation, Shared, id};
use crate::call::{Error, Request, Response};

/// Largest payload of a synchronous invocation, in bytes.
const MAX_PAYLOAD: usize = 6_291_456;
/// Largest payload of an asynchronous invocation, in bytes (1 MB since October 2025).
const MAX_EVENT: usize = 1_048_576;
/// Largest client context, in bytes of its base64.
const MAX_CLIENT_CONTEXT: usize = 3583;

const EXECUTED_VERSION: HeaderName = HeaderName::from_static("x-amz-executed-version");
const FUNCTION_ERROR: HeaderName = HeaderName::from_static("x-amz-function-error");
const LOG_RESULT: HeaderName = HeaderName::from_static("x-amz-log-result");
const TRACE: HeaderName = HeaderName::from_static("x-amzn-trace-id");

/// What a name leads to: the environments to use, and the right to use one.
struct Target {
    pool: Arc<Pool>,
    slot: Slot,
}

impl Shared {
    /// The operation Invoke.
    pub(super) async fn invoke_operation(self: &Arc<Self>, route: &Route, request: Request) -> Result<Response, Error> {
        let asked = route.function(&self.region)?;
        let kind = header(&request.headers, "x-amz-invocation-type").unwrap_or("RequestResponse");
        let mut violations = Violations::default();
        let kinds = "Member must satisfy enum value set: [Event, RequestResponse, DryRun]";
        let known = matches!(kind, "Event" | "RequestResponse" | "DryRun");
        violations.check(known, "invocationType", kind, kinds);
        violations.finish()?;
        let limit = if kind == "Event" { MAX_EVENT } else { MAX_PAYLOAD };
        let payload = checked_payload(request.body, limit)?;
        let client_context = client_context(&request.headers)?;
        match kind {
            "DryRun" => {
                self.check_invocable(&asked)?;
                Ok(empty(StatusCode::NO_CONTENT))
            }
            "Event" => {
                self.check_invocable(&asked)?;
                self.accept(&asked, request.id, payload)?;
                Ok(empty(StatusCode::ACCEPTED))
            }
            _ => {
                let event = Event {
                    request_id: request.id.clone(),
                    payload,
                    arn: asked.arn(&self.region),
                    trace: header(&request.headers, "x-amzn-trace-id").map_or_else(id::trace, str::to_owned),
                    client_context,
                    tail: header(&request.headers, "x-amz-log-type") == Some("Tail"),
                };
                let trace = HeaderValue::try_from(event.trace.as_str());
                let (invocation, tail) = self.run(&asked, event).await?;
                let mut response = answer(invocation, tail);
                if let Ok(trace) = trace {
                    response.headers.insert(TRACE, trace);
                }
                Ok(response)
            }
        }
    }

    /// Invokes by ARN or name, for other services.
    pub(super) async fn invoke(
        self: &Arc<Self>,
        arn: &str,
        request_id: String,
        payload: Bytes,
    ) -> Result<Invocation, Error> {
        let asked = FunctionName::parse(arn, None, &self.region)?;
        let arn = asked.arn(&self.region);
        let event = Event { request_id, payload, arn, trace: id::trace(), client_context: None, tail: false };
        self.run(&asked, event).await.map(|(invocation, _)| invocation)
    }

    /// Runs an invocation to its end, also when nobody waits for it any more.
    async fn run(self: &Arc<Self>, asked: &FunctionName, event: Event) -> Result<(Invocation, Option<String>), Error> {
        let Target { pool, slot } = self.target(asked)?;
        let running = tokio::spawn(async move {
            let request_id = event.request_id.clone();
            let Completed { outcome, tail } = pool.serve(event).await;
            drop(slot);
            let (payload, failed) = outcome.payload(&request_id);
            let function_error = failed.then(|| "Unhandled".to_owned());
            let executed_version = pool.configuration.version.clone();
            (Invocation { payload, function_error, executed_version, request_id }, tail)
        });
        running.await.map_err(|error| {
            Error::new(500, "ServiceException", format!("the invocation did not come to its end: {error}"))
        })
    }

    fn target(self: &Arc<Self>, asked: &FunctionName) -> Result<Target, Error> {
        self.state.read(|state| {
            let function = state.function(asked, &self.region)?;
            let configuration = function
                .serving(asked.qualifier.as_deref(), id::draw)
                .ok_or_else(|| not_found(&asked.arn(&self.region)))?;
            active(configuration)?;
            let slot = self.concurrency.enter(&asked.name, function.reserved_concurrency)?;
            let root = || self.code.root(&configuration.content.code_sha256);
            let pool = self.fleet.pool(&asked.name, configuration, root);
            Ok(Target { pool, slot })
        })
    }

    /// Whether an invocation would find its function: what `DryRun` tells, and what is told before an event is accepted.
    fn check_invocable(&self, asked: &FunctionName) -> Result<(), Error> {
        self.state.read(|state| {
            let function = state.function(asked, &self.region)?;
            let configuration = function.configuration(asked.qualifier.as_deref());
            active(configuration.ok_or_else(|| not_found(&asked.arn(&self.region)))?)
        })
    }
}

/// The payload, when it is JSON and not too large; none at all is an empty object.
fn checked_payload(payload: Bytes, limit: usize) -> Result<Bytes, Error> {
    if payload.len() > limit {
        let message = format!("Request must be smaller than {limit} bytes for the InvokeFunction operation");
        return Err(Error::new(413, "RequestTooLargeException", message));
    }
    if payload.is_empty() {
        return Ok(Bytes::from_static(b"{}"));
    }
    match serde_json::from_slice::<IgnoredAny>(&payload) {
        Ok(IgnoredAny) => Ok(payload),
        Err(error) => {
            let message = format!("Could not parse request body into json: Could not parse payload into json: {error}");
            Err(Error::new(400, "InvalidRequestContentException", message))
        }
    }
}

fn client_context(headers: &HeaderMap) -> Result<Option<String>, Error> {
    let Some(base64) = header(headers, "x-amz-client-context") else {
        return Ok(None);
    };
    let invalid = |why: &str| Error::new(400, "InvalidRequestContentException", format!("Client context {why}"));
    if base64.len() > MAX_CLIENT_CONTEXT {
        return Err(invalid(&format!("must be no more than {MAX_CLIENT_CONTEXT} bytes when base64-encoded")));
    }
    let bytes = STANDARD.decode(base64).map_err(|_| invalid("must be a valid Base64-encoded JSON object."))?;
    String::from_utf8(bytes).map(Some).map_err(|_| invalid("must be a valid Base64-encoded JSON object."))
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

fn answer(invocation: Invocation, tail: Option<String>) -> Response {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let texts = [
        (EXECUTED_VERSION, Some(invocation.executed_version)),
        (FUNCTION_ERROR, invocation.function_error),
        (LOG_RESULT, tail.map(|tail| STANDARD.encode(tail))),
    ];
    for (name, text) in texts {
        if let Some(Ok(value)) = text.map(HeaderValue::try_from) {
            headers.insert(name, value);
        }
    }
    Response { status: StatusCode::OK, headers, body: invocation.payload }
}

fn empty(status: StatusCode) -> Response {
    Response { status, headers: HeaderMap::new(), body: Bytes::new() }
}
