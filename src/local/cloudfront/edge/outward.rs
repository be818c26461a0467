//! An answer on its way to the viewer.

use bytes::Bytes;
use http::header::{
    AGE, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, VIA,
};
use http::{Method, StatusCode};

use super::exchange::{Exchange, ViewerRequest};
use super::failure::Failure;
use super::fetch::{Found, Payload};
use super::served::ServedBehavior;
use super::{Answer, conditional, function, range};

/// The name of the one edge location.
const PLACE: &str = "LOCAL1-P1";

/// Makes of what was found the answer to `request`.
pub(super) async fn finish(
    exchange: &Exchange<'_>,
    behavior: &ServedBehavior,
    request: &ViewerRequest,
    found: Found,
) -> Result<Answer, Failure> {
    let Found { mut status, mut headers, mut body, result, age } = found;
    if let Some(age) = age {
        headers.insert(AGE, age.into());
    }
    let is_read = matches!(request.method, Method::GET | Method::HEAD);
    if is_read && status == StatusCode::OK && conditional::has_it(&request.headers, &headers) {
        status = StatusCode::NOT_MODIFIED;
        for name in [CONTENT_LENGTH, CONTENT_TYPE, CONTENT_ENCODING, CONTENT_RANGE] {
            headers.remove(name);
        }
        body = Payload::Whole(Bytes::new());
    } else if let (&Method::GET, StatusCode::OK, Payload::Whole(whole)) = (&request.method, status, &body) {
        let (cut, part) = range::cut(&request.headers, &mut headers, whole);
        (status, body) = (cut, Payload::Whole(part));
    }
    shape(behavior, &mut headers);
    let is_error = status.is_client_error() || status.is_server_error();
    sign(exchange, &mut headers, if is_error { "Error" } else { result });
    if let Payload::Whole(whole) = &body
        && request.method != Method::HEAD
        && status != StatusCode::NOT_MODIFIED
    {
        headers.insert(CONTENT_LENGTH, whole.len().into());
    }
    let mut answer = http::Response::new(match body {
        Payload::Whole(_) if request.method == Method::HEAD => s3s::Body::empty(),
        Payload::Whole(whole) => s3s::Body::from(whole),
        Payload::Stream(stream) => stream,
    });
    *answer.status_mut() = status;
    *answer.headers_mut() = headers;
    match &behavior.on_response {
        // "CloudFront does not invoke edge functions for viewer response events when the origin returns HTTP status code
        // 400 or higher": <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/edge-function-restrictions-all.html>
        Some(script) if !is_error => function::on_response(exchange, script, request, answer).await,
        Some(_) | None => Ok(answer),
    }
}

/// Makes of what a function answered the answer to the viewer.
pub(super) fn generated(exchange: &Exchange<'_>, behavior: &ServedBehavior, mut answer: Answer) -> Answer {
    shape(behavior, answer.headers_mut());
    sign(exchange, answer.headers_mut(), "FunctionGeneratedResponse");
    answer
}

/// Applies the response headers policy.
fn shape(behavior: &ServedBehavior, headers: &mut HeaderMap) {
    for name in &behavior.removes {
        headers.remove(name);
    }
    for set in &behavior.sets {
        let (Ok(name), Ok(value)) = (set.name.parse::<HeaderName>(), HeaderValue::from_str(&set.value)) else {
            continue;
        };
        if set.replaces || !headers.contains_key(&name) {
            headers.insert(name, value);
        }
    }
}

/// Says that the answer came through CloudFront.
fn sign(exchange: &Exchange<'_>, headers: &mut HeaderMap, result: &str) {
    let own = [
        ("x-cache", format!("{result} from cloudfront")),
        ("x-amz-cf-pop", PLACE.to_owned()),
        ("x-amz-cf-id", exchange.id.clone()),
    ];
    for (name, value) in own {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    if let Ok(via) = HeaderValue::from_str(&format!("1.1 {} (CloudFront)", exchange.served.domain_name)) {
        headers.append(VIA, via);
    }
}
