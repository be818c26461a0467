//! CloudFront Functions: what they see, and what they change.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::apigateway_client::{Answer, Gateway, catch_all};
use crate::cloudfront_client::{
    ALL_VIEWER_EXCEPT_HOST, CACHING_DISABLED, Distribution, api, behavior, config, element, every_method, many, text_of,
};

fn input(root: &str, name: &str, code: &str) -> String {
    let name = if name.is_empty() { String::new() } else { element("Name", name) };
    let members = element("Comment", "") + &element("Runtime", "cloudfront-js-2.0");
    element(root, &(name + &element("FunctionConfig", &members) + &element("FunctionCode", &STANDARD.encode(code))))
}

/// Makes a function; its version.
fn create(gateway: &Gateway, name: &str, code: &str) -> String {
    let made = gateway.cloudfront("POST", "function", None, &input("CreateFunctionRequest", name, code));
    assert_eq!(made.status, 201, "{}", made.text());
    made.header("etag").expect("a version").to_owned()
}

fn publish(gateway: &Gateway, name: &str, version: &str) -> Answer {
    gateway.cloudfront("POST", &format!("function/{name}/publish"), Some(version), "")
}

fn published(gateway: &Gateway, name: &str, code: &str) {
    let version = create(gateway, name, code);
    assert_eq!(publish(gateway, name, &version).status, 200);
}

fn associated(functions: &[(&str, &str)]) -> String {
    let one = |(event, name): &(&str, &str)| {
        let arn = format!("arn:aws:cloudfront::000000000000:function/{name}");
        element("FunctionAssociation", &(element("FunctionARN", &arn) + &element("EventType", event)))
    };
    element("FunctionAssociations", &many(&functions.iter().map(one).collect::<Vec<_>>()))
}

/// A distribution of an API that answers with its event, with these functions.
fn distribution(gateway: &Gateway, name: &str, functions: &[(&str, &str)]) -> Distribution {
    let more = element("OriginRequestPolicyId", ALL_VIEWER_EXCEPT_HOST) + &every_method() + &associated(functions);
    let origin = api(&gateway.deploy(&catch_all()), "test", "");
    gateway.distribution(&config(name, &[origin], &behavior("", "api", CACHING_DISABLED, &more), &[]))
}

/// A published function at viewer-request, and a viewer's request through it.
fn viewed(name: &str, code: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
    let gateway = Gateway::shared();
    published(&gateway, name, code);
    let page = distribution(&gateway, name, &[("viewer-request", name)]);
    gateway.view(&page, ("GET", path), headers, "")
}

#[test]
fn a_function_changes_path_query_headers_and_cookies_of_a_request() {
    let code = "function handler(event) {
        const request = event.request;
        request.uri = request.uri.replace('/old', '/n\u{e9}w');
        request.querystring.added = { value: '1' };
        delete request.querystring.gone;
        request.headers['x-added'] = { value: request.headers['user-agent'].value };
        delete request.headers['x-gone'];
        request.cookies.b.value = '3';
        return request;
    }";
    let headers = [("user-agent", "me"), ("x-gone", "1"), ("cookie", "a=1; b=2")];
    let event = viewed("changes", code, "/old/x?kept=%20&gone=1", &headers).json();
    assert_eq!(event["path"], "/n%C3%A9w/x");
    assert_eq!(event["queryStringParameters"], json!({ "added": "1", "kept": " " }));
    let header = |name: &str| event["headers"][name].as_str();
    assert_eq!((header("x-added"), header("x-gone"), header("cookie")), (Some("me"), None, Some("a=1; b=3")));
}

#[test]
fn the_event_tells_of_distribution_viewer_and_request() {
    let code = "async function handler(event) {
        return { statusCode: 200, headers: { 'content-type': { value: 'application/json' } }, body: JSON.stringify(event) };
    }";
    let headers = [("accept", "a"), ("accept", "b"), ("cookie", "c=1")];
    let answer = viewed("tells", code, "/p%20q?a=1&a=2&b", &headers);
    let event: Value = answer.json();
    assert_eq!(event["version"], "1.0");
    assert_eq!(event["context"]["eventType"], "viewer-request");
    assert!(event["context"]["distributionDomainName"].as_str().unwrap().ends_with(".cloudfront.localhost"));
    assert_eq!(event["viewer"]["ip"], "127.0.0.1");
    let request = &event["request"];
    assert_eq!((&request["method"], &request["uri"]), (&json!("GET"), &json!("/p%20q")));
    assert_eq!(request["headers"]["accept"]["multiValue"], json!([{ "value": "a" }, { "value": "b" }]));
    assert_eq!(request["querystring"]["a"]["multiValue"], json!([{ "value": "1" }, { "value": "2" }]));
    assert_eq!(
        (&request["querystring"]["b"]["value"], &request["cookies"]),
        (&json!(""), &json!({ "c": { "value": "1" } }))
    );
    assert!(request["headers"]["cookie"].is_null());
    assert_eq!(answer.header("x-cache"), Some("FunctionGeneratedResponse from cloudfront"));
}

#[test]
fn a_function_answers_by_itself_with_cookies_and_a_body_in_base64() {
    let code = "function handler() { return {
        statusCode: 302, statusDescription: 'Found', headers: { location: { value: '/elsewhere' } },
        cookies: { seen: { value: '1', attributes: 'Path=/; Secure' } }, body: { encoding: 'base64', data: 'aGk=' },
    }; }";
    let answer = viewed("redirects", code, "/", &[]);
    assert_eq!((answer.status, answer.text(), answer.header("location")), (302, "hi", Some("/elsewhere")));
    assert_eq!(answer.header("set-cookie"), Some("seen=1; Path=/; Secure"));
}

#[test]
fn a_function_changes_an_answer_unless_it_is_an_error() {
    let gateway = Gateway::shared();
    published(
        &gateway,
        "answers",
        "function handler(event) { const r = event.response; r.headers['x-seen'] = { value: String(r.statusCode) + event.request.uri }; return r; }",
    );
    let page = distribution(&gateway, "answers", &[("viewer-response", "answers")]);
    let json = [("content-type", "application/json")];
    let answer = gateway.view(&page, ("POST", "/a"), &json, r#"{"return": {"statusCode": 201, "body": "made"}}"#);
    assert_eq!((answer.status, answer.text(), answer.header("x-seen")), (201, "made", Some("201/a")));
    let answer = gateway.view(&page, ("POST", "/a"), &json, r#"{"return": {"statusCode": 409, "body": "no"}}"#);
    assert_eq!((answer.status, answer.header("x-seen")), (409, None));
}

#[test]
fn a_function_that_fails_is_503_and_says_why_in_its_log() {
    let gateway = Gateway::shared();
    let answer = viewed("fails", "function handler() { console.log('before'); return nothing.here; }", "/", &[]);
    assert_eq!((answer.status, answer.header("x-cache")), (503, Some("FunctionExecutionError from cloudfront")));
    let body = json!({ "logGroupName": "/aws/cloudfront/function/fails" });
    let events = gateway.logs("FilterLogEvents", &body).json()["events"].clone();
    let lines: Vec<&str> = events.as_array().unwrap().iter().map(|event| event["message"].as_str().unwrap()).collect();
    assert!(lines[0].ends_with(" before") && lines[1].contains("ERROR") && lines[1].contains("nothing"), "{lines:?}");
}

#[test]
fn what_cloudfront_does_not_take_of_a_function_is_a_bad_gateway() {
    for (name, code) in [
        ("no-slash", "function handler(event) { event.request.uri = 'a'; return event.request; }"),
        ("method", "function handler(event) { event.request.method = 'POST'; return event.request; }"),
        ("host", "function handler(event) { event.request.headers.host.value = 'a'; return event.request; }"),
        ("cache", "function handler() { return { statusCode: 200, headers: { 'x-cache': { value: 'Hit' } } }; }"),
        ("status", "function handler() { return { statusCode: 'ok' }; }"),
        ("nothing", "function handler() { }"),
    ] {
        assert_eq!(viewed(name, code, "/", &[]).status, 502, "{name}");
    }
}

#[test]
fn viewers_get_what_was_published_and_not_what_is_being_developed() {
    let gateway = Gateway::shared();
    let says = |word: &str| format!("function handler() {{ return {{ statusCode: 200, body: '{word}' }}; }}");
    let first = create(&gateway, "staged", &says("one"));
    let more = associated(&[("viewer-request", "staged")]);
    let origin = api("nothere", "test", "");
    let wanted = config("staged", &[origin], &behavior("", "api", CACHING_DISABLED, &more), &[]);
    let refused = gateway.cloudfront("POST", "distribution", None, &wanted);
    assert_eq!((refused.status, text_of(&refused, "Code")), (400, "InvalidFunctionAssociation".to_owned()));
    assert_eq!(publish(&gateway, "staged", &first).status, 200);
    let page = gateway.distribution(&wanted);
    let change = input("UpdateFunctionRequest", "", &says("two"));
    let changed = gateway.cloudfront("PUT", "function/staged", Some(&first), &change);
    let second = changed.header("etag").unwrap().to_owned();
    assert_eq!((changed.status, text_of(&changed, "Status")), (200, "UNPUBLISHED".to_owned()));
    assert_eq!(gateway.view(&page, ("GET", "/"), &[], "").text(), "one");
    assert_eq!(publish(&gateway, "staged", &first).status, 412);
    assert_eq!(publish(&gateway, "staged", &second).status, 200);
    assert_eq!(gateway.view(&page, ("GET", "/"), &[], "").text(), "two");
    let stage = |stage: &str| gateway.cloudfront("GET", &format!("function/staged?Stage={stage}"), None, "");
    assert_eq!(stage("LIVE").text(), says("two"));
    let in_use = gateway.cloudfront("DELETE", "function/staged", Some(&second), "");
    assert_eq!((in_use.status, text_of(&in_use, "Code")), (409, "FunctionInUse".to_owned()));
}

#[test]
fn what_functions_cannot_do_here_is_refused_by_name() {
    let gateway = Gateway::shared();
    for (code, named) in [
        ("import cf from 'cloudfront';\nfunction handler(event) { return event.request; }", "import cf from"),
        ("const crypto = require('crypto');\nfunction handler() {}", "const crypto = require("),
    ] {
        let refused = gateway.cloudfront("POST", "function", None, &input("CreateFunctionRequest", "modules", code));
        assert_eq!(refused.status, 501);
        assert!(refused.text().contains(named), "{}", refused.text());
    }
    let large = input("CreateFunctionRequest", "large", &" ".repeat(10_241));
    assert_eq!(gateway.cloudfront("POST", "function", None, &large).status, 413);
    let old = input("CreateFunctionRequest", "old", "function handler() {}").replace("js-2.0", "js-1.0");
    assert_eq!(gateway.cloudfront("POST", "function", None, &old).status, 501);
}
