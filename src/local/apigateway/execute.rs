//! The data plane: a client's request, from the stage to the answer.

use std::time::Instant;

use http::{HeaderName, StatusCode};

use super::exchange::Exchange;
use super::failure::{Failure, insert};
use super::gateway_response::{BAD_REQUEST_PARAMETERS, MISSING_AUTHENTICATION_TOKEN, THROTTLED};
use super::served::{Guard, Integration, Route, Served};
use super::{ApiGateway, DataRequest};
use crate::call::Response;
use crate::wire::{self, ERROR_TYPE, REQUEST_ID};

impl ApiGateway {
    /// The data plane: answers a client's request to `api`'s `stage`; `path` is what follows the stage, with its slash,
    /// percent-encoded as sent.
    pub(crate) async fn execute(&self, api: &str, stage: &str, path: &str, request: DataRequest) -> Response {
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
