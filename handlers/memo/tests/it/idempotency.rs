//! Idempotency-Key on `POST /v1/memos`.

use serde_json::{Value, json};

use super::call::{Call, OTHER, USER, delete, get, patch, post};
use super::world::{World, body, header, id};

fn keyed(key: &str, title: &str) -> Call {
    post(&json!({ "title": title, "tags": ["a"] })).header("Idempotency-Key", key)
}

/// `call` with a token that does not expire within the test.
fn lasting(call: Call) -> Call {
    call.context(json!({ "sub": USER, "scope": "memos:read memos:write", "exp": "9000000000" }))
}

#[tokio::test]
async fn a_repeated_request_gets_the_first_answer_and_makes_nothing() {
    let world = World::new().await;
    let first = world.send(&keyed("k", "t")).await;
    let world = world.later(60);
    let again = world.send(&keyed("k", "t")).await;
    assert_eq!((first.status_code, header(&first, "Idempotency-Replayed")), (201, ""));
    assert_eq!((again.status_code, header(&again, "Idempotency-Replayed")), (201, "true"));
    assert_eq!(again.body, first.body);
    for name in ["Location", "ETag", "Content-Type", "Cache-Control"] {
        assert_eq!(header(&again, name), header(&first, name), "{name}");
    }
    assert_eq!(world.numbers().await, (1, 1));
}

#[tokio::test]
async fn the_first_answer_is_repeated_even_when_the_memo_has_changed_or_gone() {
    let world = World::new().await;
    let first = world.send(&keyed("k", "t")).await;
    let memo = id(&body(&first));
    world.send(&patch(&memo, &json!({ "title": "new" }))).await;
    assert_eq!(world.send(&keyed("k", "t")).await.body, first.body);
    world.send(&delete(&memo)).await;
    assert_eq!(world.send(&keyed("k", "t")).await.body, first.body);
    assert_eq!(world.status(&get(&memo)).await, 404);
}

#[tokio::test]
async fn the_same_key_with_another_body_is_422() {
    let world = World::new().await;
    world.send(&keyed("k", "t")).await;
    let reply = world.send(&keyed("k", "u")).await;
    assert_eq!((reply.status_code, &body(&reply)["code"]), (422, &json!("idempotency-key-reused")));
    assert_eq!(world.numbers().await.0, 1);
}

#[tokio::test]
async fn a_key_is_forgotten_after_24_hours() {
    let world = World::new().await;
    let first = world.send(&lasting(keyed("k", "t"))).await;
    let world = world.later(24 * 3_600 - 1);
    assert_eq!(world.send(&lasting(keyed("k", "t"))).await.body, first.body);
    let world = world.later(1);
    // The store itself deletes days later.
    let reply = world.send(&lasting(keyed("k", "u"))).await;
    assert_eq!((reply.status_code, header(&reply, "Idempotency-Replayed")), (201, ""));
    assert_eq!(world.send(&lasting(keyed("k", "u"))).await.body, reply.body);
}

#[tokio::test]
async fn keys_are_each_users_own() {
    let world = World::new().await;
    let mine = world.send(&keyed("k", "t")).await;
    let theirs = world.send(&keyed("k", "t").by(OTHER)).await;
    assert_eq!((theirs.status_code, header(&theirs, "Idempotency-Replayed")), (201, ""));
    assert_ne!(theirs.body, mine.body);
}

#[tokio::test]
async fn what_was_refused_is_not_remembered() {
    let world = World::new().await;
    let invalid = post(&json!({ "title": "" })).header("Idempotency-Key", "k");
    assert_eq!(world.status(&invalid).await, 422);
    assert_eq!(world.status(&keyed("k", "t")).await, 201);
}

#[tokio::test]
async fn a_key_that_is_none_or_stands_twice_is_400() {
    let world = World::new().await;
    for key in ["", "a b", "ü", &"k".repeat(256)] {
        assert_eq!(world.status(&keyed(key, "t")).await, 400, "{key}");
    }
    assert_eq!(world.status(&keyed("a", "t").header("idempotency-key", "a")).await, 400);
    assert_eq!(world.status(&keyed(&"k".repeat(255), "t")).await, 201);
}

#[tokio::test]
async fn a_key_says_nothing_about_a_body_that_is_as_long_as_may_be() {
    let world = World::new().await;
    // Control characters are six bytes each in JSON, in the request as in the stored answer.
    let call = post(&json!({ "title": "t", "content": "\u{1}".repeat(21_000) })).header("Idempotency-Key", "k");
    let first = world.send(&call).await;
    assert_eq!(first.status_code, 201);
    assert_eq!(world.send(&call).await.body, first.body);
    assert_ne!(body(&first)["content"], Value::Null);
}
