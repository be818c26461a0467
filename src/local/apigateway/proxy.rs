//! The Lambda proxy integration.

use std::time::{Duration, Instant};

use super::ApiGateway;
use super::backend::{Backend, Refusal};
use super::event;
use super::exchange::Exchange;
use super::failure::Failure;
use super::gateway_response::{API_CONFIGURATION_ERROR, INTEGRATION_TIMEOUT, REQUEST_TOO_LARGE};
use super::proxy_response;
use crate::ACCOUNT;
use crate::call::Response;

/// A Lambda proxy integration, compiled.
#[derive(Debug)]
pub(super) struct Proxy {
    pub(super) backend: Backend,
    pub(super) timeout: Duration,
    /// Lambda is invoked by POST; an integration that says otherwise never works.
    pub(super) is_post: bool,
    /// As declared: a verb, or `ANY`, for the ARN of who invokes.
    pub(super) method: String,
}

impl Proxy {
    /// Invokes the function with the request, and makes its answer the client's.
    pub(super) async fn answer(&self, gateway: &ApiGateway, exchange: &mut Exchange<'_>) -> Result<Response, Failure> {
        if !self.is_post {
            return Err(internal());
        }
        let event = event::proxy(exchange);
        let start = Instant::now();
        let invocation = self.backend.invoke(gateway, event, || self.source_arn(exchange));
        let invocation = tokio::time::timeout(self.timeout, invocation).await;
        exchange.outcome.integration_latency = Some(start.elapsed().as_millis());
        if let Ok(Ok(invocation)) = &invocation {
            exchange.outcome.integration_request_id = Some(invocation.request_id.clone());
        }
        match invocation {
            Err(_) => Err(Failure::new(INTEGRATION_TIMEOUT, "Endpoint request timed out")),
            Ok(Err(Refusal::TooLarge)) => Err(Failure::new(REQUEST_TOO_LARGE, "Request Too Long")),
            Ok(Err(Refusal::Forbidden | Refusal::Failed)) => Err(internal()),
            Ok(Ok(invocation)) if invocation.function_error.is_some() => Err(Failure::internal(502)),
            Ok(Ok(invocation)) => {
                proxy_response::read(&invocation.payload, exchange).ok_or_else(|| Failure::internal(502))
            }
        }
    }

    /// `arn:aws:execute-api:region:account:api/stage/GET/path/{id}`: what a function's policy speaks of.
    fn source_arn(&self, exchange: &Exchange<'_>) -> String {
        let served = exchange.served;
        let path = exchange.target.as_ref().map_or("", |(resource, _)| &resource.path);
        // Variables are stars in the ARN, and any method is too.
        let path: Vec<&str> = path.split('/').map(|part| if part.starts_with('{') { "*" } else { part }).collect();
        let method = if self.method == "ANY" { "*" } else { &self.method };
        let (region, api, stage) = (&served.region, &served.api, &served.stage);
        format!("arn:aws:execute-api:{region}:{ACCOUNT}:{api}/{stage}/{method}{}", path.join("/"))
    }
}

fn internal() -> Failure {
    Failure::new(API_CONFIGURATION_ERROR, "Internal server error")
}
