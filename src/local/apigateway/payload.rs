//! Payloads that are passed on: as they are, or as text.

use bytes::Bytes;

use super::exchange::Exchange;
use super::media_type;

/// `body` byte for byte where `media_type` is one of the API's binary types, else as text in UTF-8: what is none becomes
/// replacement characters, as on AWS.
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-payload-encodings-workflow.html>
pub(super) fn text_unless_binary(exchange: &Exchange<'_>, body: Bytes, media_type: Option<&str>) -> Bytes {
    if media_type::matches(&exchange.served.settings.binary_media_types, media_type)
        || std::str::from_utf8(&body).is_ok()
    {
        return body;
    }
    String::from_utf8_lossy(&body).into_owned().into()
}
