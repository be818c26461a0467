//! Whatever a client sends, the answer is its fault or a success, never the service's fault.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use super::call::{Call, ID, delete, get, list, patch, post, put, put_new, restore, tags};
use super::world::World;

/// Values that look like what the service expects, and values that do not.
fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        "\\PC{1,40}".prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        prop::collection::vec(any::<String>(), 0..4).prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        Just(Value::Null),
    ]
}

fn body() -> impl Strategy<Value = Value> {
    let name = prop_oneof![Just("content"), Just("tags"), Just("pinned"), Just("archived"), Just("x/~\u{0}")];
    let title = prop_oneof![9 => Just(json!("t")), 1 => value()];
    (title, prop::collection::vec((name, value()), 0..4)).prop_map(|(title, members)| {
        let mut body: Value = members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        body["title"] = title;
        body
    })
}

fn header() -> impl Strategy<Value = (&'static str, String)> {
    let name = prop_oneof![Just("If-Match"), Just("If-None-Match"), Just("Idempotency-Key"), Just("Content-Type")];
    let line = prop_oneof![Just("*".to_owned()), "(W/)?\"v[0-9]\"?", "[!-~]{0,9}", any::<String>()];
    (name, line)
}

fn query() -> impl Strategy<Value = (&'static str, String)> {
    let names = ["page_size", "cursor", "tag", "pinned", "archived", "q", "order"];
    (prop::sample::select(names.to_vec()), prop_oneof!["[0-9]{1,30}", any::<String>()])
}

fn request() -> impl Strategy<Value = Call> {
    let id = prop_oneof![8 => Just(ID.to_owned()), 1 => "[0-9A-Z]{26}", 1 => any::<String>()];
    let call = (0..9, id, body()).prop_map(|(endpoint, id, body)| match endpoint {
        0 => post(&body),
        1 => list(&[]),
        2 => get(&id),
        3 => patch(&id, &body),
        4 => put(&id, &body),
        5 => put_new(&id, &body),
        6 => restore(&id),
        7 => tags(&[]),
        _ => delete(&id),
    });
    let changes = (
        prop::collection::vec(header(), 0..2),
        prop::option::of(query()),
        prop::option::weighted(0.1, any::<String>()),
    );
    (call, changes).prop_map(|(call, (headers, query, body))| {
        let call = headers.iter().fold(call, |call, (name, line)| call.header(name, line));
        let call = query.iter().fold(call, |call, (name, value)| call.query(name, value));
        body.iter().fold(call, |call, body| call.body(body))
    })
}

#[test]
fn nothing_that_a_client_sends_is_the_services_fault() {
    let runtime = Runtime::new().unwrap();
    let world = runtime.block_on(World::new());
    let send = |call: Call| {
        let reply = runtime.block_on(world.send(&call));
        prop_assert!(reply.status_code < 500, "{call:?}: {}", reply.body);
        Ok(())
    };
    // No file of past failures: the seed is in the failure's message.
    let config = Config { cases: 400, failure_persistence: None, ..Config::default() };
    TestRunner::new(config).run(&request(), send).unwrap();
}
