//! The headers and the query string of a request to an origin.
//! <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/controlling-origin-requests.html>

use std::net::IpAddr;

use http::header::{
    ACCEPT_ENCODING, AUTHORIZATION, CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, HOST, HeaderName, HeaderValue,
    USER_AGENT, VIA,
};
use http::{HeaderMap, Method};

use super::super::managed::OriginRequestPolicy;
use super::compress::takes_gzip;
use super::exchange::ViewerRequest;
use super::served::ServedBehavior;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const REQUEST: HeaderName = HeaderName::from_static("x-amz-cf-id");

/// Headers between two neighbours, which neither origins nor viewers get.
pub(super) const HOP_BY_HOP: [&str; 10] = [
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "expect",
];

/// The query string that the origin gets.
pub(super) fn query<'a>(request: &'a ViewerRequest, behavior: &ServedBehavior) -> &'a str {
    match behavior.forwards {
        OriginRequestPolicy::Nothing => "",
        OriginRequestPolicy::AllViewerExceptHostHeader => &request.query,
    }
}

/// The headers that the origin gets; `id` is the request's, `domain_name` the distribution's.
pub(super) fn headers(
    request: &ViewerRequest,
    behavior: &ServedBehavior,
    viewer: IpAddr,
    (id, domain_name): (&str, &str),
) -> HeaderMap {
    let mut headers = match behavior.forwards {
        OriginRequestPolicy::Nothing => with_a_body(request),
        OriginRequestPolicy::AllViewerExceptHostHeader => {
            let mut headers = request.headers.clone();
            without_neighbours(&mut headers);
            headers.remove(HOST);
            headers
        }
    };
    if behavior.forwards == OriginRequestPolicy::Nothing || !headers.contains_key(USER_AGENT) {
        headers.insert(USER_AGENT, HeaderValue::from_static("Amazon CloudFront"));
    }
    if behavior.policy.compressed {
        headers.remove(ACCEPT_ENCODING);
        if takes_gzip(&request.headers) {
            headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
        }
    }
    let before = request.headers.get_all(FORWARDED_FOR).iter().filter_map(|value| value.to_str().ok());
    let addresses: Vec<String> = before.map(str::to_owned).chain([viewer.to_string()]).collect();
    set(&mut headers, FORWARDED_FOR, &addresses.join(", "));
    set(&mut headers, REQUEST, id);
    set(&mut headers, HOST, &behavior.origin.domain_name);
    if let Ok(via) = HeaderValue::from_str(&format!("1.1 {domain_name} (CloudFront)")) {
        headers.append(VIA, via);
    }
    // In place of what the viewer sent under these names.
    for (name, value) in &behavior.origin.headers {
        headers.insert(name.clone(), value.clone());
    }
    headers
}

/// What describes a body is forwarded with it, whatever the policy.
fn with_a_body(request: &ViewerRequest) -> HeaderMap {
    let mut headers = HeaderMap::new();
    if !matches!(request.method, Method::GET | Method::HEAD) {
        for name in [CONTENT_TYPE, CONTENT_LENGTH] {
            if let Some(value) = request.headers.get(&name) {
                headers.insert(name, value.clone());
            }
        }
    }
    headers
}

/// Removes what is between two neighbours, and what CloudFront takes out of viewers' requests.
pub(super) fn without_neighbours(headers: &mut HeaderMap) {
    let listed: Vec<String> = headers
        .get_all(CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|name| name.trim().to_ascii_lowercase())
        .collect();
    let names: Vec<HeaderName> = headers.keys().cloned().collect();
    for name in names {
        let text = name.as_str();
        let is_edge = text.starts_with("x-edge-") || matches!(text, "x-forwarded-proto" | "x-real-ip");
        if HOP_BY_HOP.contains(&text) || is_edge || listed.iter().any(|listed| listed == text) {
            headers.remove(name);
        }
    }
}

/// Whether the viewer signs the request itself.
pub(super) fn is_signed(headers: &HeaderMap) -> bool {
    headers.contains_key(AUTHORIZATION)
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}
