//! The HTTP proxy integration: a request goes on to a service over HTTP as it came, and the answer comes back so.
//!
//! The rules are those that localstack has recorded against AWS (`test_apigateway_http.py`, `header_utils.py`), beside
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/setup-http-integrations.html>.
//!
//! There are no VPCs here: what goes through a VPC link on AWS goes straight to the URL.

mod client;
mod mapping;
mod response;
mod tls;

use std::time::{Duration, Instant};

use bytes::Bytes;
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http_body_util::Full;

pub(super) use self::client::Clients;
use self::client::Trouble;
pub(super) use self::mapping::refuse;
use self::mapping::{Mapping, Place};
use super::ApiGateway;
use super::definition::Integration;
use super::event;
use super::exchange::Exchange;
use super::failure::Failure;
use super::gateway_response::{API_CONFIGURATION_ERROR, INTEGRATION_FAILURE, INTEGRATION_TIMEOUT};
use super::media_type;
use super::model::Strings;
use super::payload;
use crate::call::Response;

/// Headers of the client that the service does not get, unless they are mapped.
const HELD_BACK: [HeaderName; 2] = [header::HOST, header::CONTENT_ENCODING];
/// Headers that the service does not get at all.
const DROPPED: [HeaderName; 4] = [header::EXPECT, header::PROXY_AUTHENTICATE, header::TE, header::VIA];
/// Headers that no mapping may set: the request fails. In lower case.
const KEPT: [&str; 4] = ["content-length", "transfer-encoding", "x-amzn-trace-id", "x-amzn-apigateway-api-id"];

/// An HTTP proxy integration, compiled.
#[derive(Debug)]
pub(super) struct HttpProxy {
    /// With variables in braces; those of the stage are in already.
    uri: String,
    /// `None`: the client's own.
    method: Option<http::Method>,
    timeout: Duration,
    any_authority: bool,
    mappings: Vec<Mapping>,
}

impl HttpProxy {
    pub(super) fn compile(integration: &Integration, variables: &Strings) -> Self {
        let uri = integration.uri.clone().unwrap_or_default();
        let uri =
            variables.iter().fold(uri, |uri, (name, value)| uri.replace(&format!("${{stageVariables.{name}}}"), value));
        let method = integration.http_method.as_deref().filter(|method| *method != "ANY");
        let mappings = integration.request_parameters.iter();
        Self {
            uri,
            method: method.and_then(|method| method.parse().ok()),
            timeout: Duration::from_millis(integration.timeout_in_millis),
            any_authority: integration.tls_config.is_some_and(|tls| tls.insecure_skip_verification),
            mappings: mappings.filter_map(|(name, value)| Mapping::parse(name, value).ok()).collect(),
        }
    }

    /// Sends the request on, and makes the answer the client's.
    pub(super) async fn answer(&self, gateway: &ApiGateway, exchange: &mut Exchange<'_>) -> Result<Response, Failure> {
        let request = self.request(exchange).ok_or_else(misconfigured)?;
        let way = gateway.clients.way(request.uri(), self.any_authority).ok_or_else(misconfigured)?;
        let start = Instant::now();
        let answer = tokio::time::timeout(self.timeout, way.send(request)).await;
        exchange.outcome.integration_latency = Some(start.elapsed().as_millis());
        match answer {
            Err(_) => Err(Failure::new(INTEGRATION_TIMEOUT, "Endpoint request timed out")),
            // A name that leads nowhere, a certificate that does not hold, an answer that is too large: execution logs
            // on AWS call each of them a configuration error.
            Ok(Err(Trouble::Endpoint | Trouble::TooLarge)) => Err(misconfigured()),
            Ok(Err(Trouble::Network)) => {
                Err(Failure::new(INTEGRATION_FAILURE, "Network error communicating with endpoint"))
            }
            Ok(Ok(answer)) => Ok(response::outward(answer, exchange)),
        }
    }

    /// The request as the service gets it; `None` where no request can be made of the integration.
    fn request(&self, exchange: &Exchange<'_>) -> Option<http::Request<Full<Bytes>>> {
        let request = exchange.request;
        let mut headers = passed_on(exchange);
        let mut uri = self.uri.clone();
        let mut query = request.query.clone();
        for mapping in &self.mappings {
            let value = exchange.value(&mapping.value);
            match &mapping.place {
                Place::Header(name) if KEPT.contains(&name.as_str()) => return None,
                // Without a value the client's own header passes. What AWS does then is not known: the worse of the two.
                Place::Header(name) => {
                    if let Some(value) = value.and_then(|value| HeaderValue::from_str(&value).ok()) {
                        headers.insert(name.clone(), value);
                    }
                }
                Place::Path(name) => uri = uri.replace(&format!("{{{name}}}"), value.as_deref().unwrap_or_default()),
                // Added to what the client sent, and never in its place.
                Place::Query(name) => {
                    if let Some(value) = value.filter(|value| !value.is_empty()) {
                        let pair = form_urlencoded::Serializer::new(String::new()).append_pair(name, &value).finish();
                        join(&mut query, &pair);
                    }
                }
            }
        }
        for name in DROPPED {
            headers.remove(name);
        }
        let own = [
            (header::ACCEPT, "application/json".to_owned()),
            (header::USER_AGENT, format!("AmazonAPIGateway_{}", exchange.served.api)),
        ];
        for (name, value) in own {
            if !headers.contains_key(&name) {
                headers.insert(name, HeaderValue::from_str(&value).ok()?);
            }
        }
        headers.insert("x-amzn-apigateway-api-id", HeaderValue::from_str(&exchange.served.api).ok()?);
        if !query.is_empty() {
            uri.push(if uri.contains('?') { '&' } else { '?' });
            uri.push_str(&query);
        }
        let method = self.method.as_ref().unwrap_or(&request.method);
        let body = payload::text_unless_binary(exchange, request.body.clone(), content_type(&request.headers));
        let mut outgoing = http::Request::builder().method(method).uri(uri).body(Full::new(body)).ok()?;
        *outgoing.headers_mut() = headers;
        Some(outgoing)
    }
}

fn content_type(headers: &HeaderMap) -> Option<&str> {
    media_type::header(headers, header::CONTENT_TYPE)
}

fn join(query: &mut String, pair: &str) {
    if !query.is_empty() {
        query.push('&');
    }
    query.push_str(pair);
}

/// The client's headers, as far as they are passed on, and those that API Gateway adds.
fn passed_on(exchange: &Exchange<'_>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in event::headers(exchange) {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(&*name), HeaderValue::from_str(&value)) {
            headers.append(name, value);
        }
    }
    for name in HELD_BACK {
        headers.remove(name);
    }
    headers
}

fn misconfigured() -> Failure {
    Failure::new(API_CONFIGURATION_ERROR, "Internal server error")
}

/// Why `uri` is none that API Gateway takes for a service, in its own words.
pub(super) fn refuse_uri(uri: &str) -> Option<String> {
    let rest = uri.strip_prefix("https://").or_else(|| uri.strip_prefix("http://"));
    let is_whole = rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with(['/', '?', '#', ':']));
    (!is_whole || uri.contains(char::is_whitespace))
        .then(|| format!("Invalid HTTP endpoint specified for URI: {uri:?}"))
}
