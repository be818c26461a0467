//! Requests that nobody sends in good faith: none of them is a fault of the server.

use serde_json::json;

use super::http::Call;
use super::person::Person;
use super::site::shared;

/// Texts that some parser may stumble over, as they stand in a path or a query.
const TEXTS: [&str; 14] = [
    "%00",
    "%FF",
    "%C3%28",
    "%",
    "%zz",
    "%2F..%2F",
    "..;",
    "+",
    "%F0%9F%98%80",
    "%E2%80%AE",
    "'%20OR%201=1--",
    "${jndi:ldap://x}",
    "{{7*7}}",
    "U%23x%2FMETA",
];

#[tokio::test]
async fn a_path_may_hold_anything() {
    let site = shared();
    let person = Person::new(&site).await;
    let long = "A".repeat(4_000);
    for text in TEXTS.into_iter().chain([&*long]) {
        for line in
            ["GET /v1/memos/X", "DELETE /v1/memos/X", "POST /v1/memos/X/restore", "DELETE /v1/sessions/X", "GET /X"]
        {
            let answer = site.send(&person.call(&line.replace('X', text))).await;
            assert!([403, 404].contains(&answer.status), "{line} {text}: {answer:?}");
        }
        let put = person.call(&format!("PUT /v1/memos/{text}")).json(&json!({ "title": "t" }));
        site.send(&put.header("If-None-Match", "*")).await.expect(404);
    }
}

#[tokio::test]
async fn a_query_may_hold_anything() {
    let site = shared();
    let person = Person::new(&site).await;
    let long = "A".repeat(4_000);
    for text in TEXTS.into_iter().chain([&*long]) {
        for name in ["page_size", "cursor", "tag", "pinned", "archived", "q", "order", "x"] {
            let answer = person.ask(&format!("GET /v1/memos?{name}={text}")).await;
            assert!([200, 400].contains(&answer.status), "{name} {text}: {answer:?}");
            let answer = person.ask(&format!("GET /v1/tags?{name}={text}")).await;
            assert!([200, 400].contains(&answer.status), "{name} {text}: {answer:?}");
        }
        let answer = site.send(&Call::new(&format!("GET /healthz?{text}"))).await;
        answer.expect(400);
    }
}

#[tokio::test]
async fn a_header_may_hold_anything() {
    let site = shared();
    let person = Person::new(&site).await;
    let place = person.place().await;
    let long = "\"".to_owned() + &"A".repeat(4_000);
    for value in ["", "\"", "W/", "W/\"", "ü", "*, *", ",,,", "\"\\\"\"", "\t", &long] {
        for name in [
            "If-Match",
            "If-None-Match",
            "Content-Type",
            "Idempotency-Key",
            "Accept",
            "Origin",
            "Cookie",
            "X-Forwarded-For",
        ] {
            let calls = [
                person.call("POST /v1/memos").json(&json!({ "title": "t" })),
                person.call(&format!("GET {place}")),
                person.call(&format!("PATCH {place}")).patch(&json!({ "pinned": true })),
                person.call("POST /oauth/introspect").form("token=x"),
                Call::new("GET /.well-known/jwks.json"),
            ];
            for call in calls {
                let answer = site.send(&call.without(name).header(name, value)).await;
                assert!(answer.status < 500, "{name}: {value:?}: {answer:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_token_may_be_anything() {
    let site = shared();
    for token in ["", ".", "..", "...", "a.b.c", "e30.e30.", "ü.ü.ü", &"A".repeat(8_000), "rt1.A.A", "null", "Bearer"]
    {
        site.send(&Call::new("GET /v1/memos").bearer(token)).await.expect(401);
        for line in ["POST /oauth/token", "POST /oauth/revoke"] {
            let form = format!("grant_type=refresh_token&refresh_token={token}&token={token}");
            let answer = site.send(&Call::new(line).form(&form)).await;
            assert!([200, 400].contains(&answer.status), "{line} {token}: {answer:?}");
        }
    }
}

#[tokio::test]
async fn a_body_may_be_anything() {
    let site = shared();
    let person = Person::new(&site).await;
    // What cannot be read is 400, and what can be but makes no sense is 422.
    let bodies: [(&[u8], u16); 9] = [
        (b"\0", 400),
        (b"\xff\xfe", 400),
        (b"{\"title\":\"\xff\"}", 400),
        (b"\xef\xbb\xbf{}", 400),
        (b"{\"title\":\"\\u0000\"}", 422),
        (b"{\"title\":1e400}", 400),
        (b"{\"title\":-0}", 422),
        (b"{\"__proto__\":{}}", 422),
        (b"email=a&password=b", 400),
    ];
    for (body, status) in bodies {
        for line in ["POST /v1/users", "POST /v1/sessions", "POST /v1/memos", "PATCH /v1/users/me"] {
            let answer = site.send(&person.call(line).typed("application/json").body(body)).await;
            // U+0000 is a character like others in a memo's title.
            let is_title = line == "POST /v1/memos" && body == b"{\"title\":\"\\u0000\"}";
            assert_eq!(answer.status, if is_title { 201 } else { status }, "{line} {body:?}: {answer:?}");
        }
        for line in ["POST /oauth/token", "POST /oauth/revoke", "POST /oauth/introspect"] {
            let answer = site.send(&person.call(line).form("").body(body)).await;
            assert_eq!(answer.fault(), (400, "invalid_request".to_owned()), "{line} {body:?}");
        }
    }
}
