//! The wire protocols of AWS: how a request names its operation, and how an error looks.

pub(crate) mod document;
pub(crate) mod json;
pub(crate) mod query;
pub(crate) mod xml;

use http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use http::{HeaderMap, StatusCode};

use crate::call::Response;

/// The header that AWS's SDKs read a request's id from.
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");

/// The header that names the error of the JSON protocols.
pub(crate) const ERROR_TYPE: HeaderName = HeaderName::from_static("x-amzn-errortype");

/// A fresh request id, a random UUID as AWS's are.
pub(crate) fn request_id() -> String {
    let mut bytes = [0; 16];
    // Ids only tell requests apart in logs, so a machine without randomness still answers.
    let _ = getrandom::fill(&mut bytes);
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex = hex(&bytes);
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

/// Seconds since the epoch in the `date-time` form: `2026-11-20T06:00:00Z`.
pub(crate) fn date_time(seconds: i64) -> String {
    jiff::Timestamp::from_second(seconds).unwrap_or_default().to_string()
}

/// Lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// A response with a body of `content_type`.
pub(crate) fn response(status: StatusCode, content_type: &'static str, body: impl Into<bytes::Bytes>) -> Response {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    Response { status, headers, body: body.into() }
}

/// `status` as a status code; 500 when it is none.
pub(crate) fn status(status: u16) -> StatusCode {
    StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}
