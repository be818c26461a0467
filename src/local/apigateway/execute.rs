//! The data plane: a client's request, from the stage to the answer.

use std::net::IpAddr;
use std::time::Instant;

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderName, StatusCode};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use hyper::body::Body;

use super::exchange::Exchange;
use super::failure::{Failure, insert};
use super::gateway_response::{BAD_REQUEST_PARAMETERS, MISSING_AUTHENTICATION_TOKEN, THROTTLED};
use super::served::{Guard, Integration, Route, Served};
use super::{ApiGateway, DataRequest};
use crate::call::Response;
use crate::wire::{self, ERROR_TYPE, REQUEST_ID};

/// The payload limit, 10 MB.
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html>
const PAYLOAD_LIMIT: usize = 10 << 20;

impl ApiGateway {
    /// The data plane: takes in a request, which is longer than a client may send or not; `rest` is the stage and what
    /// follows it.
    pub(crate) async fn receive<B>(
        &self,
        api: &str,
        rest: &str,
        (parts, body): (Parts, B),
        source_ip: IpAddr,
    ) -> Response
    where
        B: Body<Data = Bytes>,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let body = match Limited::new(body, PAYLOAD_LIMIT).collect().await {
            Ok(body) => body.to_bytes(),
            Err(error) if error.is::<LengthLimitError>() => {
                let text = r#"{"message":"Request Too Long"}"#;
                return wire::response(StatusCode::PAYLOAD_TOO_LARGE, "application/json", text);
            }
            Err(_) => {
                let text = r#"{"message":"Bad Request"}"#;
                return wire::response(StatusCode::BAD_REQUEST, "application/json", text);
            }
        };
        let stage_end = rest.find('/').unwrap_or(rest.len());
        let (stage, path) = rest.split_at(stage_end);
        let path = if path.is_empty() { "/" } else { path };
        let request = DataRequest {
            method: parts.method,
            path: parts.uri.path().to_owned(),
            query: parts.uri.query().unwrap_or_default().to_owned(),
            headers: parts.headers,
            body,
            source_ip,
        };
        self.execute(api, stage, path, request).await
    }

    /// The data plane: answers a client's request to `api`'s `stage`; `path` is what follows the stage, with its slash,
    /// percent-encoded as sent.
    async fn execute(&self, api: &str, stage: &str, path: &str, request: DataRequest) -> Response {
        let Some(served) = self.serving(api, stage).filter(|served| !served.settings.disable_execute_api_endpoint)
        else {
            return forbidden();
        };
        let served = served.pick();
        let mut exchange = Exchange::new(served, path, &request);
        let answer = self.answer(served, &mut exchange).await;
        let has_failed = answer.is_err();
        let mut response = answer.unwrap_or_else(|failure| fail(&mut exchange, &failure));
        let headers = &mut response.headers;
        insert(headers, REQUEST_ID, &exchange.request_id);
        insert(headers, HeaderName::from_static("x-amz-apigw-id"), &exchange.extended_request_id);
        if !has_failed {
            insert(headers, HeaderName::from_static("x-amzn-trace-id"), &exchange.trace_id);
        }
        if let Some(log) = &served.access_log {
            exchange.outcome.status = response.status.as_u16();
            exchange.outcome.length = response.body.len();
            log.write(&exchange, &self.logs);
        }
        response
    }

    async fn answer<'a>(&self, served: &'a Served, exchange: &mut Exchange<'a>) -> Result<Response, Failure> {
        exchange.target = served.find(exchange.path);
        let resource = exchange.target.as_ref().map(|(resource, _)| *resource);
        let route = resource.and_then(|resource| resource.route(&exchange.request.method));
        let route = route.ok_or_else(|| Failure::new(MISSING_AUTHENTICATION_TOKEN, "Missing Authentication Token"))?;
        if route.throttle.as_ref().is_some_and(|bucket| !bucket.take(Instant::now())) {
            return Err(Failure::new(THROTTLED, "Too Many Requests"));
        }
        match &route.guard {
            Guard::None => {}
            Guard::Iam => exchange.signer = Some(self.signer(exchange)?),
            Guard::Authorizer(authorizer) => exchange.authorization = Some(authorizer.authorize(self, exchange).await?),
        }
        validate(route, exchange)?;
        match &route.integration {
            Integration::Proxy(proxy) => proxy.answer(self, exchange).await,
            Integration::Http(proxy) => proxy.answer(self, exchange).await,
            Integration::Mock(mock) => mock.answer(exchange),
        }
    }
}

/// Refuses a request that lacks parameters which its validator requires.
fn validate(route: &Route, exchange: &Exchange<'_>) -> Result<(), Failure> {
    let missing = route.required.iter().filter(|(expression, _)| exchange.value(expression).is_none());
    let missing: Vec<&str> = missing.map(|(_, name)| name.as_str()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let message = format!("Missing required request parameters: [{}]", missing.join(", "));
    Err(Failure { validation: Some(message.clone()), ..Failure::new(BAD_REQUEST_PARAMETERS, message) })
}

fn fail(exchange: &mut Exchange<'_>, failure: &Failure) -> Response {
    exchange.failure = Some(failure.clone());
    match exchange.served.answer(failure.kind) {
        Some(answer) => answer.render(failure, exchange),
        None => forbidden(),
    }
}

/// What clients get of a stage or an API that is not there.
fn forbidden() -> Response {
    let mut response = wire::response(StatusCode::FORBIDDEN, "application/json", r#"{"message":"Forbidden"}"#);
    insert(&mut response.headers, ERROR_TYPE, "ForbiddenException");
    response
}
