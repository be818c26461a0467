//! Events as functions get them, and what they give back.
//! <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-event-structure.html>

use http::HeaderMap;
use http::header::{COOKIE, HeaderName, HeaderValue, SET_COOKIE};
use serde_json::{Map, Value, json};

use super::exchange::{Exchange, ViewerRequest};

/// Headers that functions neither see nor set.
/// <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/edge-function-restrictions-all.html>
const DISALLOWED: [&str; 22] = [
    "connection",
    "expect",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "trailer",
    "upgrade",
    "x-accel-buffering",
    "x-accel-charset",
    "x-accel-limit-rate",
    "x-accel-redirect",
    "x-amzn-auth",
    "x-amzn-cf-billing",
    "x-amzn-cf-id",
    "x-amzn-cf-xff",
    "x-amzn-errortype",
    "x-amzn-fle-profile",
    "x-amzn-header-count",
    "x-amzn-header-order",
    "x-amzn-lambda-integration-tag",
    "x-amzn-requestid",
];

/// The event of `kind`, without its response.
pub(super) fn of(exchange: &Exchange<'_>, kind: &str, request: &ViewerRequest) -> Value {
    json!({
        "version": "1.0",
        "context": {
            "distributionDomainName": exchange.served.domain_name,
            "distributionId": exchange.served.id,
            "eventType": kind,
            "requestId": exchange.id,
        },
        "viewer": { "ip": exchange.viewer.to_string() },
        "request": {
            "method": request.method.as_str(),
            "uri": request.path,
            "querystring": collapsed(pairs(&request.query, '&')),
            "headers": headers(&request.headers),
            "cookies": collapsed(cookies(&request.headers)),
        },
    })
}

/// The headers of a request or a response, without its cookies.
pub(super) fn headers(headers: &HeaderMap) -> Value {
    let shown =
        headers.iter().filter(|(name, _)| **name != COOKIE && **name != SET_COOKIE && !is_disallowed(name.as_str()));
    collapsed(shown.map(|(name, value)| (name.to_string(), text(value))).collect())
}

/// The cookies that a response sets, with their attributes.
pub(super) fn set_cookies(headers: &HeaderMap) -> Value {
    let mut all = Map::new();
    for cookie in headers.get_all(SET_COOKIE).iter().map(text) {
        let (pair, attributes) = cookie.split_once(';').unwrap_or((&cookie, ""));
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let mut one = json!({ "value": value.trim() });
        if !attributes.trim().is_empty() {
            one["attributes"] = attributes.trim().into();
        }
        add(&mut all, name.trim().to_owned(), one);
    }
    all.into()
}

pub(super) fn is_disallowed(name: &str) -> bool {
    DISALLOWED.contains(&name)
        || name.starts_with("x-edge-")
        || name.starts_with("x-amz-cf-")
        || matches!(name, "x-cache" | "x-forwarded-proto" | "x-real-ip")
}

/// The names and values of a query string or of cookies, as sent.
fn pairs(text: &str, separator: char) -> Vec<(String, String)> {
    let pair = |part: &str| {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        (name.trim().to_owned(), value.trim().to_owned())
    };
    text.split(separator).filter(|part| !part.trim().is_empty()).map(pair).collect()
}

fn cookies(headers: &HeaderMap) -> Vec<(String, String)> {
    headers.get_all(COOKIE).iter().flat_map(|value| pairs(&text(value), ';')).collect()
}

/// Each name once: with its value, and all of its values where it has several.
fn collapsed(pairs: Vec<(String, String)>) -> Value {
    let mut all = Map::new();
    for (name, value) in pairs {
        add(&mut all, name, json!({ "value": value }));
    }
    all.into()
}

fn add(all: &mut Map<String, Value>, name: String, one: Value) {
    match all.get_mut(&name) {
        None => drop(all.insert(name, one)),
        Some(first) => {
            let mut several = first["multiValue"].as_array().cloned().unwrap_or_else(|| vec![first.clone()]);
            several.push(one);
            first["multiValue"] = several.into();
        }
    }
}

/// The values under a name that a function gave back: those of `multiValue` where it changed, else `value` in the place
/// of the first. `before` is what the function got.
pub(super) fn values<'a>(given: &'a Value, before: &'a Value) -> Vec<&'a Value> {
    match (&given["multiValue"], &before["multiValue"]) {
        (Value::Array(several), before) if before != &given["multiValue"] => several.iter().collect(),
        (Value::Array(several), _) => std::iter::once(given).chain(several.iter().skip(1)).collect(),
        _ => vec![given],
    }
}

/// Names and values as a function gave them back: each must have a `value` that is text.
pub(super) fn expanded(given: &Value, before: &Value) -> Option<Vec<(String, String, Option<String>)>> {
    let mut all = Vec::new();
    for (name, one) in given.as_object()? {
        for value in values(one, &before[name]) {
            let attributes = value["attributes"].as_str().map(str::to_owned);
            all.push((name.clone(), value["value"].as_str()?.to_owned(), attributes));
        }
    }
    Some(all)
}

/// Puts headers that a function gave back in the place of those that it got; `None` where one is no header, or is
/// disallowed or read-only and not as it was.
pub(super) fn apply(headers: &mut HeaderMap, given: &Value, before: &Value, read_only: &[&str]) -> Option<()> {
    if given == before {
        return Some(());
    }
    let is_fixed = |name: &String| is_disallowed(name) || read_only.contains(&name.as_str());
    if given.as_object()?.iter().any(|(name, value)| is_fixed(name) && before[name] != *value) {
        return None;
    }
    for name in before.as_object()?.keys().filter(|name| !is_fixed(name)) {
        headers.remove(name.as_str());
    }
    for (name, value, _) in expanded(given, before)?.into_iter().filter(|(name, ..)| !is_fixed(name)) {
        if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return None;
        }
        headers.append(name.parse::<HeaderName>().ok()?, HeaderValue::from_str(&value).ok()?);
    }
    Some(())
}

fn text(value: &HeaderValue) -> String {
    String::from_utf8_lossy(value.as_bytes()).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_repeats_is_shown_once_with_all_its_values() {
        let shown = collapsed(pairs("a=1&b=2&a=3", '&'));
        assert_eq!(shown["a"], json!({ "value": "1", "multiValue": [{ "value": "1" }, { "value": "3" }] }));
        assert_eq!(shown["b"], json!({ "value": "2" }));
    }

    #[test]
    fn a_changed_list_counts_and_else_the_value_takes_the_place_of_the_first() {
        let before = collapsed(pairs("a=1&a=3", '&'));
        let mut given = before.clone();
        given["a"]["value"] = "2".into();
        let all = |given: &Value| {
            expanded(given, &before).unwrap().into_iter().map(|(_, value, _)| value).collect::<Vec<_>>()
        };
        assert_eq!(all(&given), ["2", "3"]);
        given["a"]["multiValue"] = json!([{ "value": "4" }]);
        assert_eq!(all(&given), ["4"]);
    }

    #[test]
    fn headers_are_changed_added_and_removed_and_the_fixed_ones_stay() {
        let mut map = HeaderMap::new();
        for (name, value) in [("host", "a"), ("accept", "b"), ("x-old", "c"), ("connection", "close")] {
            map.insert(name, HeaderValue::from_static(value));
        }
        let before = headers(&map);
        assert!(before.get("connection").is_none());
        let given = json!({ "host": { "value": "a" }, "accept": { "value": "z" }, "x-new": { "value": "n" } });
        apply(&mut map, &given, &before, &["host"]).unwrap();
        let names: Vec<_> = map.iter().map(|(name, value)| format!("{name}={}", value.to_str().unwrap())).collect();
        assert_eq!(names.len(), 4, "{names:?}");
        assert_eq!(
            (&map["accept"], &map["x-new"], &map["connection"]),
            (&"z".parse().unwrap(), &"n".parse().unwrap(), &"close".parse().unwrap())
        );
        for wrong in [
            json!({ "host": { "value": "b" } }),
            json!({ "x-cache": { "value": "Hit" } }),
            json!({ "Accept": { "value": "b" } }),
        ] {
            assert!(apply(&mut map.clone(), &wrong, &before, &["host"]).is_none(), "{wrong}");
        }
    }
}
