//! What every answer of the API has, whatever was asked: services' common rules, held against each answer of the tests.

use serde_json::Value;

use super::http::{Answer, Call};

/// Headers that scripts of other origins may read.
const EXPOSED: [&str; 4] = ["etag", "link", "location", "retry-after"];

/// Demands of `answer` to `call` what every answer has.
#[track_caller]
pub(super) fn kept(call: &Call, answer: &Answer) {
    let seen = || format!("{call:?}\n{answer:?}");
    assert_eq!(answer.header("X-Content-Type-Options"), "nosniff", "{}", seen());
    assert!(answer.header("Strict-Transport-Security").starts_with("max-age="), "{}", seen());
    assert!(!answer.header("Cache-Control").is_empty(), "{}", seen());
    assert_eq!(answer.header("X-Request-Id").len(), 36, "{}", seen());
    assert_eq!(answer.header("Access-Control-Allow-Origin"), "*", "{}", seen());
    if !call.is_of("OPTIONS") {
        let mut exposed: Vec<_> =
            answer.header("Access-Control-Expose-Headers").split(',').map(|name| name.trim().to_lowercase()).collect();
        exposed.sort();
        assert_eq!(exposed, EXPOSED, "{}", seen());
    }
    assert!(answer.status < 500 || answer.status == 503, "{}", seen());
    if answer.status >= 400 && !call.is_of("HEAD") {
        error(call, answer);
    }
    if matches!(answer.status, 429 | 503) && answer.is_of_a_service() {
        assert!(answer.header("Retry-After").parse::<u32>().is_ok_and(|seconds| seconds > 0), "{}", seen());
    }
}

/// Demands the form of an error: RFC 6749's of what the OAuth endpoints refuse, RFC 9457's of all else.
#[track_caller]
fn error(call: &Call, answer: &Answer) {
    let (body, media_type) = (answer.json(), answer.header("Content-Type"));
    let seen = || format!("{call:?}\n{answer:?}");
    assert_eq!(answer.header("Cache-Control"), "no-store", "{}", seen());
    // What the gateway answers by itself it answers alike everywhere.
    if call.is_below("/oauth/") && answer.is_of_a_service() {
        assert_eq!(media_type, "application/json", "{}", seen());
        assert!(body["error"].is_string(), "{}", seen());
        return;
    }
    assert_eq!(media_type, "application/problem+json", "{}", seen());
    assert_eq!(body["type"], "about:blank", "{}", seen());
    assert!(body["title"].is_string(), "{}", seen());
    assert!(body["status"].is_null() || body["status"] == answer.status, "{}", seen());
    assert!(body["instance"].as_str().unwrap().ends_with(answer.header("X-Request-Id")), "{}", seen());
    let known = ["type", "title", "status", "detail", "instance", "code", "errors"];
    let members: Vec<&String> = body.as_object().unwrap().keys().collect();
    assert!(members.iter().all(|member| known.contains(&member.as_str())), "{}", seen());
    for error in body["errors"].as_array().unwrap_or(&Vec::new()) {
        assert!(error["pointer"].is_string() && error["detail"].is_string(), "{}", seen());
        assert_eq!(error.as_object().map(serde_json::Map::len), Some(2), "{}", seen());
    }
    assert!(body.get("errors").is_none_or(Value::is_array), "{}", seen());
}
