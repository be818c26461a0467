//! Presigned URLs: their signature's parameters are taken out of the query, and their expiry is checked.
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html>

use form_urlencoded::Serializer;
use http::Uri;
use http::request::Parts;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::call::Error;

/// A week, the longest that a presigned URL can be valid.
const LONGEST: i64 = 7 * 24 * 3600;

/// Takes a presigned URL's parameters out of the request; `Err` when the URL has expired.
pub(super) fn strip(parts: &mut Parts) -> Result<(), Error> {
    let query = parts.uri.query().unwrap_or_default();
    if !query.contains("X-Amz-Credential=") {
        return Ok(());
    }
    let pairs: Vec<_> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let get = |name: &str| pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    check_expiry(get("X-Amz-Date"), get("X-Amz-Expires"))?;
    let kept = pairs.iter().filter(|(name, _)| !name.starts_with("X-Amz-"));
    let query = Serializer::new(String::new()).extend_pairs(kept).finish();
    let path = parts.uri.path();
    parts.uri = format!("{path}?{query}").parse::<Uri>().map_err(|error| malformed(&error.to_string()))?;
    Ok(())
}

fn check_expiry(date: Option<&str>, expires: Option<&str>) -> Result<(), Error> {
    let date = date.and_then(|text| DateTime::strptime("%Y%m%dT%H%M%SZ", text).ok());
    let date = date.and_then(|date| date.to_zoned(TimeZone::UTC).ok()).map(|zoned| zoned.timestamp());
    let seconds = expires.and_then(|text| text.parse::<i64>().ok()).filter(|seconds| (1..=LONGEST).contains(seconds));
    let (Some(date), Some(seconds)) = (date, seconds) else {
        return Err(malformed("X-Amz-Date must be a time, X-Amz-Expires between 1 and 604800 seconds"));
    };
    if Timestamp::now() > date + SignedDuration::from_secs(seconds) {
        return Err(Error::new(403, "AccessDenied", "Request has expired"));
    }
    Ok(())
}

fn malformed(text: &str) -> Error {
    Error::new(400, "AuthorizationQueryParametersError", text)
}
