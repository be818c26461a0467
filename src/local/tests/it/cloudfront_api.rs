//! An API behind a distribution: what it hears of the viewer.

use serde_json::json;

use crate::apigateway_client::{Answer, Gateway, catch_all};
use crate::cloudfront_client::{
    ALL_VIEWER_EXCEPT_HOST, CACHING_DISABLED, Distribution, api, behavior, config, element, every_method, many,
};

/// A distribution in front of an API whose function answers with its event.
fn distribution(gateway: &Gateway, name: &str, (more_of_origin, more): (&str, &str)) -> Distribution {
    let id = gateway.deploy(&catch_all());
    let more = format!("{more}{}", every_method());
    let custom_header = element("HeaderName", "X-From") + &element("HeaderValue", "edge");
    let headers = element("CustomHeaders", &many(&[element("OriginCustomHeader", &custom_header)]));
    let origin = api(&id, "test", more_of_origin) + &headers;
    gateway.distribution(&config(name, &[origin], &behavior("", "api", CACHING_DISABLED, &more), &[]))
}

fn all_viewer() -> String {
    element("OriginRequestPolicyId", ALL_VIEWER_EXCEPT_HOST)
}

fn header<'a>(event: &'a serde_json::Value, name: &str) -> Option<&'a str> {
    let headers = event["headers"].as_object()?;
    headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).and_then(|(_, value)| value.as_str())
}

#[test]
fn the_api_is_called_by_the_edge_and_hears_of_the_viewer() {
    let gateway = Gateway::shared();
    let page = distribution(&gateway, "hears", ("", &all_viewer()));
    let headers = [
        ("user-agent", "viewer/1"),
        ("authorization", "Bearer t"),
        ("cookie", "a=b"),
        ("x-forwarded-for", "198.51.100.7"),
        ("x-from", "forged"),
        ("x-real-ip", "198.51.100.7"),
    ];
    let answer = gateway.view(&page, ("POST", "/v1/a%20b?q=1"), &headers, "{}");
    assert_eq!(answer.status, 200, "{answer:?}");
    let event = answer.json();
    assert_eq!((&event["path"], &event["queryStringParameters"]), (&json!("/v1/a%20b"), &json!({ "q": "1" })));
    assert_eq!(event["requestContext"]["identity"]["sourceIp"], "127.0.0.2");
    assert_eq!(header(&event, "x-forwarded-for"), Some("198.51.100.7, 127.0.0.1, 127.0.0.2"));
    assert!(header(&event, "host").is_some_and(|host| host.ends_with(".execute-api.us-east-1.amazonaws.com")));
    for (name, value) in
        [("user-agent", "viewer/1"), ("authorization", "Bearer t"), ("cookie", "a=b"), ("x-from", "edge")]
    {
        assert_eq!(header(&event, name), Some(value), "{name}");
    }
    assert!(header(&event, "via").is_some_and(|via| via.contains("(CloudFront)")));
    assert_eq!(header(&event, "x-amz-cf-id"), answer.header("x-amz-cf-id"));
    assert_eq!(header(&event, "x-real-ip"), None);
    assert_eq!(answer.header("x-cache"), Some("Miss from cloudfront"));
}

#[test]
fn without_an_origin_request_policy_the_api_hears_next_to_nothing_of_the_viewer() {
    let gateway = Gateway::shared();
    let page = distribution(&gateway, "nothing", ("", ""));
    let headers =
        [("user-agent", "viewer/1"), ("authorization", "Bearer t"), ("cookie", "a=b"), ("accept", "text/html")];
    let event = gateway.view(&page, ("GET", "/v1?q=1"), &headers, "").json();
    assert_eq!(header(&event, "user-agent"), Some("Amazon CloudFront"));
    assert!(event["queryStringParameters"].is_null(), "{event}");
    for name in ["authorization", "cookie", "accept"] {
        assert_eq!(header(&event, name), None, "{name}");
    }
    assert_eq!(header(&event, "x-forwarded-for"), Some("127.0.0.1, 127.0.0.2"));
}

#[test]
fn what_an_api_answers_is_not_cached_and_its_cookies_reach_those_who_send_some() {
    let gateway = Gateway::shared();
    let answers =
        json!({ "return": { "statusCode": 200, "headers": { "Set-Cookie": "c=1" }, "body": "x" } }).to_string();
    for (name, policy, cookie) in [("cookies", all_viewer(), Some("c=1")), ("no-cookies", String::new(), None)] {
        let page = distribution(&gateway, name, ("", &policy));
        for _ in 0..2 {
            let answer = gateway.view(&page, ("POST", "/a"), &[("content-type", "application/json")], &answers);
            assert_eq!((answer.text(), answer.header("set-cookie")), ("x", cookie));
            assert_eq!(answer.header("x-cache"), Some("Miss from cloudfront"));
        }
    }
}

#[test]
fn an_api_that_takes_too_long_is_a_gateway_timeout_of_the_edge() {
    let gateway = Gateway::shared();
    let page = distribution(&gateway, "slow", (&element("OriginReadTimeout", "1"), &all_viewer()));
    let answer = gateway.view(&page, ("POST", "/a"), &[], r#"{"sleep": 3000}"#);
    assert_eq!((answer.status, answer.header("x-cache")), (504, Some("Error from cloudfront")));
    assert!(answer.text().contains("The request could not be satisfied"));
}

#[test]
fn an_api_that_is_not_there_is_forbidden_as_its_own_gateway_says() {
    let gateway = Gateway::shared();
    let origin = api("nothere", "test", "");
    let page = gateway.distribution(&config("gone", &[origin], &behavior("", "api", CACHING_DISABLED, ""), &[]));
    let answer = gateway.view(&page, ("GET", "/a"), &[], "");
    assert_eq!((answer.status, answer.header("x-cache")), (403, Some("Error from cloudfront")));
    assert_eq!(answer.json()["message"], "Forbidden");
}

#[test]
fn requests_of_viewers_are_no_calls_of_the_developer() {
    let gateway = Gateway::on(tempfile::tempdir().unwrap());
    let origin = api("nothere", "test", "");
    let page = gateway.distribution(&config("uncounted", &[origin], &behavior("", "api", CACHING_DISABLED, ""), &[]));
    let calls = || {
        let Answer { body, .. } = gateway.send("GET", "/_aws/local", &[], bytes::Bytes::new());
        serde_json::from_slice::<serde_json::Value>(&body).unwrap()["calls"].clone()
    };
    let before = calls();
    assert_eq!(before["mutating"], json!({ "cloudfront:CreateDistribution": 1 }));
    gateway.view(&page, ("GET", "/a"), &[], "");
    assert_eq!(calls(), before);
}

#[test]
fn headers_between_neighbours_end_at_the_edge() {
    let gateway = Gateway::shared();
    let page = distribution(&gateway, "neighbours", ("", &all_viewer()));
    let headers = [("connection", "x-mine"), ("x-mine", "1"), ("te", "trailers"), ("x-yours", "2")];
    let event = gateway.view(&page, ("GET", "/a"), &headers, "").json();
    assert_eq!((header(&event, "x-mine"), header(&event, "te"), header(&event, "x-yours")), (None, None, Some("2")));
}
