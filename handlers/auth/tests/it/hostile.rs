//! Whatever a client sends, the answer is its fault or a success, never the service's fault.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use super::world::World;

/// Values that look like what the service expects, and values that do not.
fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        "\\PC{0,40}".prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        "[a-z.+]{1,8}@[a-zA-Z0-9.\\-üß]{1,20}".prop_map(Value::from),
        "(memos:read|account| ){1,4}".prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        Just(Value::Null),
        Just(json!([{ "a": [] }])),
    ]
}

fn json_body() -> impl Strategy<Value = String> {
    let name = prop_oneof![
        Just("email"),
        Just("password"),
        Just("name"),
        Just("scope"),
        Just("current"),
        Just("new"),
        Just("x/~\u{0}")
    ];
    let object = prop::collection::vec((name, value()), 0..5).prop_map(|members| {
        members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect::<Value>().to_string()
    });
    prop_oneof![3 => object, 1 => any::<String>()]
}

fn form_body() -> impl Strategy<Value = String> {
    let token = prop_oneof!["rt1\\.[A-Za-z0-9_-]{0,60}\\.[A-Za-z0-9_-]{0,50}", any::<String>()];
    let valid = token.prop_map(|token| format!("grant_type=refresh_token&refresh_token={token}"));
    let presented = "(rt1|[A-Za-z0-9_-]{0,20})(\\.[A-Za-z0-9_-]{0,60}){1,3}".prop_map(|token| format!("token={token}"));
    prop_oneof![valid, presented, any::<String>()]
}

const FORM: &str = "application/x-www-form-urlencoded";
/// The routes that need no token.
const OPEN: [&str; 4] = ["POST /v1/users", "POST /v1/sessions", "POST /oauth/token", "POST /oauth/revoke"];

#[test]
fn nothing_that_a_client_sends_is_the_services_fault() {
    let runtime = Runtime::new().unwrap();
    let world = runtime.block_on(World::new());
    let tokens = runtime.block_on(world.tokens());
    let request = prop_oneof![
        (Just("POST /v1/users"), Just("application/json"), json_body()),
        (Just("POST /v1/sessions"), Just("application/json"), json_body()),
        (Just("POST /oauth/token"), Just(FORM), form_body()),
        (Just("POST /oauth/revoke"), Just(FORM), form_body()),
        (Just("POST /oauth/introspect"), Just(FORM), form_body()),
        (Just("PATCH /v1/users/me"), Just("application/json"), json_body()),
        (Just("PUT /v1/users/me/password"), Just("application/json"), json_body()),
        (Just("DELETE /v1/users/me"), Just("application/json"), json_body()),
    ];
    let send = |(route, media_type, body): (&str, &str, String)| {
        let reply = runtime.block_on(async {
            let headers = json!({ "Content-Type": [media_type] });
            if OPEN.contains(&route) {
                world.send(route, headers, &body).await
            } else {
                world.send_as(&tokens, route, headers, &Value::from(&*body)).await
            }
        });
        prop_assert!(reply.status_code < 500, "{route} {body}: {}", reply.body);
        Ok(())
    };
    // No file of past failures: the seed is in the failure's message.
    let config = Config { cases: 300, failure_persistence: None, ..Config::default() };
    TestRunner::new(config).run(&request, send).unwrap();
}

#[test]
fn a_form_that_is_not_utf_8_is_an_invalid_request() {
    let runtime = Runtime::new().unwrap();
    let world = runtime.block_on(World::new());
    let tokens = runtime.block_on(world.tokens());
    let token = tokens["refresh_token"].as_str().unwrap();
    for value in ["%FF", "%C3", "%ED%A0%80", &format!("{token}%80")] {
        for path in ["/oauth/token", "/oauth/revoke"] {
            let form = format!("grant_type=refresh_token&refresh_token={value}&token={value}");
            let reply = runtime.block_on(world.form(path, &form));
            assert_eq!(
                (reply.status_code, reply.body.contains("invalid_request")),
                (400, true),
                "{value}: {}",
                reply.body
            );
        }
    }
    // As a name, or of what nobody looks at, it is as unreadable; what is well encoded is read.
    let statuses = ["a%FF=1", "x=%FF", "x=%C3%A9"]
        .map(|more| runtime.block_on(world.form("/oauth/revoke", &format!("token={token}&{more}"))).status_code);
    assert_eq!(statuses, [400, 400, 200]);
}
