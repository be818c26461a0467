//! What every endpoint asks of a body and of a query.

use aws_sdk_lambda::primitives::Blob;
use serde_json::{Value, json};

use super::http::Call;
use super::person::{PASSWORD, Person, email};
use super::site::{address, shared};

/// A request with a JSON body that is good but for what a test changes.
struct Taker {
    call: Call,
    good: Value,
    /// Bytes.
    limit: usize,
    patch: bool,
}

/// All endpoints that take JSON, as `person`, who has the memo at `place`.
fn takers(person: &Person<'_>, place: &str) -> Vec<Taker> {
    let ip = address();
    let credentials = json!({ "email": email(ip), "password": PASSWORD });
    let title = json!({ "title": "t" });
    let (auth, memo) = (16 * 1_024, 128 * 1_024);
    [
        ("POST /v1/users", credentials.clone(), auth),
        ("POST /v1/sessions", credentials, auth),
        ("PATCH /v1/users/me", json!({ "name": "n" }), auth),
        ("PUT /v1/users/me/password", json!({ "current": PASSWORD, "new": "Coffee at nine, thanks" }), auth),
        ("DELETE /v1/users/me", json!({ "password": PASSWORD }), auth),
        ("POST /v1/memos", title.clone(), memo),
        (&*format!("PUT {place}"), title.clone(), memo),
        (&*format!("PATCH {place}"), title, memo),
    ]
    .map(|(line, good, limit)| {
        let patch = line.starts_with("PATCH");
        Taker { call: person.call(line).from(ip).json(&good), good, limit, patch }
    })
    .into()
}

#[tokio::test]
async fn another_media_type_is_415_and_a_repeated_one_400() {
    let site = shared();
    let person = Person::new(&site).await;
    for Taker { call, patch, .. } in takers(&person, &person.place().await) {
        for media_type in ["text/plain", "application/xml", "application/json; charset=latin1", "application/jsonx"] {
            let refused = site.send(&call.clone().typed(media_type)).await;
            assert_eq!(refused.fault(), (415, "unsupported-media-type".to_owned()), "{call:?}");
        }
        site.send(&call.clone().without("Content-Type")).await.expect(415);
        if !patch {
            site.send(&call.clone().typed("application/merge-patch+json")).await.expect(415);
        }
        let twice = site.send(&call.header("content-type", "application/json")).await;
        assert_eq!(twice.fault(), (400, "repeated-header".to_owned()));
    }
}

#[tokio::test]
async fn a_body_over_the_limit_is_413_before_it_is_read() {
    let site = shared();
    let person = Person::new(&site).await;
    for Taker { call, limit, .. } in takers(&person, &person.place().await) {
        let large = site.send(&call.clone().body("[".repeat(limit + 1))).await;
        assert_eq!(large.fault(), (413, "body-too-large".to_owned()), "{call:?}");
        let at = site.send(&call.clone().body("[".repeat(limit))).await;
        assert_eq!(at.fault(), (400, "unreadable-body".to_owned()), "{call:?}");
    }
}

#[tokio::test]
async fn what_is_no_strict_json_is_400() {
    let site = shared();
    let person = Person::new(&site).await;
    let (deep, deepest) = ("[".repeat(32) + &"]".repeat(32), "[".repeat(31) + &"]".repeat(31));
    for Taker { call, good, .. } in takers(&person, &person.place().await) {
        let member = good.as_object().unwrap().keys().next().unwrap();
        for body in [
            String::new(),
            "{".to_owned(),
            "{} {}".to_owned(),
            "{'a':1}".to_owned(),
            "{\"a\":NaN}".to_owned(),
            "{\"a\":1e999}".to_owned(),
            format!("{{\"{member}\":\"a\",\"{member}\":\"a\"}}"),
            format!("{{\"{member}\":{{\"a\":1,\"\\u0061\":1}}}}"),
            format!("{{\"{member}\":\"\\ud800\"}}"),
            format!("{{\"{member}\":{deep}}}"),
        ] {
            let refused = site.send(&call.clone().body(&*body)).await;
            assert_eq!(refused.fault(), (400, "unreadable-body".to_owned()), "{body} {call:?}");
        }
        // At 32 levels it is JSON, and no value of this member.
        let read = site.send(&call.clone().body(format!("{{\"{member}\":{deepest}}}"))).await;
        assert!(read.pointers().contains(&format!("#/{member}")), "{read:?}");
    }
}

#[tokio::test]
async fn json_that_is_no_object_or_has_an_unknown_member_is_422() {
    let site = shared();
    let person = Person::new(&site).await;
    for Taker { call, good, .. } in takers(&person, &person.place().await) {
        for body in ["[]", "null", "\"a\"", "1"] {
            assert_eq!(site.send(&call.clone().body(body)).await.pointers(), ["#"], "{call:?}");
        }
        let mut more = good.clone();
        more["x y"] = json!(1);
        assert_eq!(site.send(&call.clone().json(&more)).await.pointers(), ["#/x%20y"], "{call:?}");
    }
}

#[tokio::test]
async fn an_unknown_query_parameter_is_400_at_every_endpoint_but_those_of_oauth() {
    let site = shared();
    let person = Person::new(&site).await;
    let place = person.place().await;
    let takers = takers(&person, &place).into_iter().map(|taker| taker.call.clone());
    let others = [
        "GET /healthz",
        "GET /.well-known/jwks.json",
        "GET /.well-known/oauth-authorization-server",
        "GET /v1/users/me",
        "GET /v1/sessions",
        "DELETE /v1/sessions",
        "DELETE /v1/sessions/01HF7YAT00AAAAAAAAAAAAAAAA",
        "GET /v1/memos",
        &*format!("GET {place}"),
        &*format!("DELETE {place}"),
        &*format!("POST {place}/restore"),
        "GET /v1/tags",
    ];
    for call in others.map(|line| person.call(line)).into_iter().chain(takers) {
        for query in ["x=1", "x", "=", "page_size=1&page_size=1"] {
            let refused = site.send(&call.clone().query(query)).await;
            assert_eq!(refused.fault(), (400, "invalid-query".to_owned()), "{query} {call:?}");
        }
    }
    person.ask(&format!("GET {place}")).await.expect(200);
}

/// API Gateway encodes the bodies of binary media types, of which the shipped stack has none: so the function is asked
/// by itself.
#[tokio::test]
async fn a_body_in_base64_is_decoded_first() {
    let site = shared();
    let aws = site.aws().await;
    for (body, status) in [("eyJlbWFpbCI6ImEi", 400), ("e30=", 422), ("e30", 400), ("{}", 400)] {
        let event = json!({
            "resource": "/v1/sessions", "httpMethod": "POST", "body": body, "isBase64Encoded": true,
            "multiValueHeaders": { "Content-Type": ["application/json"] },
            "stageVariables": { "base_url": site.base, "issuer": site.base },
        });
        let invoked = aws.lambda.invoke().function_name(aws.scope.function("auth"));
        let payload = invoked.payload(Blob::new(event.to_string())).send().await.unwrap().payload.unwrap();
        let reply: Value = serde_json::from_slice(payload.as_ref()).unwrap();
        assert_eq!(reply["statusCode"], status, "{body}: {reply}");
    }
}
