//! A service's answer on its way to the client.

use bytes::Bytes;
use http::header::{self, HeaderMap, HeaderName, HeaderValue};

use super::super::{media_type, payload};
use crate::apigateway::exchange::Exchange;
use crate::call::Response;

/// Headers that reach the client as `x-amzn-remapped-<name>`: API Gateway sets them itself. `x-amzn-requestid` is of the
/// service's own gateway, where it has one.
const REMAPPED: [&str; 5] = ["connection", "content-length", "date", "server", "x-amzn-requestid"];
/// Headers that do not reach the client.
const DROPPED: [HeaderName; 2] = [header::TRANSFER_ENCODING, header::VIA];

/// The answer as the client gets it. Every status and all other headers are the service's, repeated ones too.
///
/// AWS drops `Content-Encoding` as well; here it stays, or no client could read what is compressed.
pub(super) fn outward(answer: http::Response<Bytes>, exchange: &Exchange<'_>) -> Response {
    let (parts, body) = answer.into_parts();
    let mut headers = HeaderMap::new();
    for (name, value) in &parts.headers {
        if DROPPED.contains(name) {
            continue;
        }
        let remapped =
            REMAPPED.contains(&name.as_str()).then(|| HeaderName::try_from(format!("x-amzn-remapped-{name}")));
        match remapped {
            None => drop(headers.append(name.clone(), value.clone())),
            Some(remapped) => drop(remapped.map(|name| headers.append(name, value.clone()))),
        }
    }
    headers.entry(header::CONTENT_TYPE).or_insert(HeaderValue::from_static("application/json"));
    let accepted = media_type::first_accepted(&exchange.request.headers);
    let body = payload::text_unless_binary(exchange, body, accepted);
    Response { status: parts.status, headers, body }
}
