//! CloudFront Functions on their way between viewer and cache.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::StatusCode;
use http::header::{CONTENT_LENGTH, COOKIE, HeaderValue, SET_COOKIE};
use percent_encoding::{AsciiSet, utf8_percent_encode};
use serde_json::{Value, json};

use super::exchange::{Exchange, ViewerRequest};
use super::failure::Failure;
use super::script::{Ran, Script};
use super::{Answer, event};
use crate::logs::Event;

/// No letter of ASCII is escaped: what may not stand in a URL is refused.
const NONE: &AsciiSet = &AsciiSet::EMPTY;

/// Headers that a function at each event may read and not change.
const OF_REQUESTS: [&str; 4] = ["content-length", "host", "transfer-encoding", "via"];
const OF_RESPONSES: [&str; 2] = ["warning", "via"];

/// What a function made of a viewer's request.
pub(super) enum Viewed {
    Request(ViewerRequest),
    Response(Answer),
}

/// Runs the function at the event viewer-request.
pub(super) async fn on_request(
    exchange: &Exchange<'_>,
    script: &Script,
    request: &ViewerRequest,
) -> Result<Viewed, Failure> {
    let event = event::of(exchange, "viewer-request", request);
    let given = run(exchange, script, &event).await?;
    let made = match given.get("statusCode") {
        Some(_) => response(&given).map(Viewed::Response),
        None => changed(request, &given, &event["request"]).map(Viewed::Request),
    };
    made.ok_or(Failure::FUNCTION_OUTPUT)
}

/// Runs the function at the event viewer-response.
pub(super) async fn on_response(
    exchange: &Exchange<'_>,
    script: &Script,
    request: &ViewerRequest,
    answer: Answer,
) -> Result<Answer, Failure> {
    let mut event = event::of(exchange, "viewer-response", request);
    let before = json!({
        "statusCode": answer.status().as_u16(),
        "statusDescription": answer.status().canonical_reason().unwrap_or_default(),
        "headers": event::headers(answer.headers()),
        "cookies": event::set_cookies(answer.headers()),
    });
    event["response"] = before.clone();
    let given = run(exchange, script, &event).await?;
    reshaped(answer, &given, &before).ok_or(Failure::FUNCTION_OUTPUT)
}

/// Runs a function, and writes what it logs to its group in CloudWatch Logs.
async fn run(exchange: &Exchange<'_>, script: &Script, event: &Value) -> Result<Value, Failure> {
    let (owned, event) = (script.clone(), event.to_string());
    let ran = tokio::task::spawn_blocking(move || owned.run(event)).await.map_err(|_| Failure::FUNCTION)?;
    let Ran { result, mut lines } = ran;
    if let Err(reason) = &result {
        lines.push(format!("ERROR: {reason}"));
    }
    log(exchange, &script.name, lines);
    let json = result.map_err(|_| Failure::FUNCTION)?;
    serde_json::from_str(&json).map_err(|_| Failure::FUNCTION)
}

/// <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/edge-functions-logs.html>: in us-east-1 on AWS, in
/// the cloud's own region here.
fn log(exchange: &Exchange<'_>, function: &str, lines: Vec<String>) {
    if lines.is_empty() {
        return;
    }
    let (group, now) = (format!("/aws/cloudfront/function/{function}"), jiff::Timestamp::now());
    let stream = format!("{}/local", now.strftime("%Y/%m/%d"));
    let timestamp = now.as_millisecond();
    let events =
        lines.into_iter().map(|line| Event { timestamp, message: format!("{} {line}", exchange.id) }).collect();
    // A viewer's answer does not wait for its log.
    let logs = &exchange.origins.logs;
    let _ = logs.create_absent(&group).and_then(|()| logs.deliver(&group, &stream, events));
}

/// The request as the function changed it; `None` where CloudFront does not take that.
fn changed(request: &ViewerRequest, given: &Value, before: &Value) -> Option<ViewerRequest> {
    let uri = given["uri"].as_str().filter(|uri| uri.starts_with('/'))?;
    // "If a function changes the URI or query string, CloudFront forwards the UTF-8 encoded values."
    let uri: String = uri.chars().map(escaped).collect();
    if given["method"] != before["method"] || !uri.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#') {
        return None;
    }
    let mut changed = ViewerRequest { path: uri, ..request.clone() };
    if given["querystring"] != before["querystring"] {
        let pairs = event::expanded(&given["querystring"], &before["querystring"])?;
        let pair =
            |(name, value, _): (String, String, _)| if value.is_empty() { name } else { format!("{name}={value}") };
        changed.query = pairs.into_iter().map(pair).collect::<Vec<_>>().join("&").chars().map(escaped).collect();
        changed.query.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#').then_some(())?;
    }
    event::apply(&mut changed.headers, &given["headers"], &before["headers"], &OF_REQUESTS)?;
    if given["cookies"] != before["cookies"] {
        let pairs = event::expanded(&given["cookies"], &before["cookies"])?;
        let pairs: Vec<String> = pairs.into_iter().map(|(name, value, _)| format!("{name}={value}")).collect();
        changed.headers.remove(COOKIE);
        if !pairs.is_empty() {
            changed.headers.insert(COOKIE, HeaderValue::from_str(&pairs.join("; ")).ok()?);
        }
    }
    Some(changed)
}

/// A letter as it stands in a URL: itself, unless it is of another script.
fn escaped(letter: char) -> String {
    let mut bytes = [0; 4];
    utf8_percent_encode(letter.encode_utf8(&mut bytes), NONE).to_string()
}

/// A response that a function made itself.
fn response(given: &Value) -> Option<Answer> {
    let empty = json!({ "headers": {}, "cookies": {} });
    let mut answer = http::Response::new(s3s::Body::empty());
    answer.headers_mut().insert(CONTENT_LENGTH, 0.into());
    reshaped(answer, given, &empty)
}

/// A response as the function changed it; `None` where CloudFront does not take that.
fn reshaped(mut answer: Answer, given: &Value, before: &Value) -> Option<Answer> {
    let status = given["statusCode"].as_u64().and_then(|status| u16::try_from(status).ok());
    *answer.status_mut() = StatusCode::from_u16(status.filter(|status| (200..=599).contains(status))?).ok()?;
    let none = json!({});
    let members = |member: &str| given.get(member).filter(|value| !value.is_null()).unwrap_or(&none);
    event::apply(answer.headers_mut(), members("headers"), &before["headers"], &OF_RESPONSES)?;
    if *members("cookies") != before["cookies"] {
        answer.headers_mut().remove(SET_COOKIE);
        for (name, value, attributes) in event::expanded(members("cookies"), &before["cookies"])? {
            let attributes = attributes.map(|attributes| format!("; {attributes}")).unwrap_or_default();
            let cookie = HeaderValue::from_str(&format!("{name}={value}{attributes}")).ok()?;
            answer.headers_mut().append(SET_COOKIE, cookie);
        }
    }
    if let Some(body) = given.get("body").filter(|body| !body.is_null()) {
        let body = body_of(body)?;
        answer.headers_mut().insert(CONTENT_LENGTH, body.len().into());
        *answer.body_mut() = s3s::Body::from(body);
    }
    Some(answer)
}

/// A body: text, or `data` in an `encoding`.
fn body_of(body: &Value) -> Option<Bytes> {
    if let Some(text) = body.as_str() {
        return Some(text.to_owned().into());
    }
    let data = body["data"].as_str()?;
    match body["encoding"].as_str()? {
        "text" => Some(data.to_owned().into()),
        "base64" => STANDARD.decode(data).ok().map(Bytes::from),
        _ => None,
    }
}
