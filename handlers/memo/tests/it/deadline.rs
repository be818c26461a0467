//! Requests that Lambda does not wait for as long as their calls of AWS take.

use std::time::{Duration, Instant};

use serde_json::json;

use super::call::{delete, each, get, list, patch, post, restore};
use super::world::{World, body, header};

/// How long Lambda waits, where it does not wait long enough.
const SHORT: Duration = Duration::from_millis(600);

#[tokio::test]
async fn answers_of_aws_that_come_too_late_are_503_in_time() {
    let mut world = World::new().await;
    let id = world.id().await;
    world.slow_down(SHORT * 2);
    world.left = Some(SHORT);
    for call in each(&id) {
        let start = Instant::now();
        let reply = world.send(&call).await;
        assert!(start.elapsed() < SHORT, "{:?}", start.elapsed());
        assert_eq!((reply.status_code, header(&reply, "Retry-After")), (503, "1"), "{call:?}: {}", reply.body);
        assert_eq!(body(&reply)["code"], "unavailable");
    }
}

#[tokio::test]
async fn many_slow_calls_are_too_many_though_each_is_answered() {
    let mut world = World::new().await;
    let id = world.id().await;
    world.slow_down(SHORT / 3);
    world.left = Some(SHORT);
    let change = patch(&id, &json!({ "tags": ["a"] }));
    assert_eq!(world.status(&change).await, 503);
    world.left = Some(SHORT * 20);
    assert_eq!(world.status(&change).await, 200);
}

#[tokio::test]
async fn a_repetition_under_its_idempotency_key_makes_no_second_memo() {
    let mut world = World::new().await;
    for number in 1.. {
        let call = post(&json!({ "title": "t", "tags": ["a"] })).header("Idempotency-Key", &number.to_string());
        world.hold_answer(number);
        world.left = Some(SHORT);
        let cut = world.status(&call).await;
        world.left = None;
        world.heal();
        assert_eq!(world.status(&call).await, 201);
        let shown = body(&world.send(&list(&[])).await)["memos"].as_array().unwrap().len();
        assert_eq!(u64::try_from(shown).unwrap(), number, "held: the answer to call {number}");
        if cut == 201 {
            assert!(number > 2, "{number}");
            return;
        }
        assert_eq!(cut, 503);
    }
}

#[tokio::test]
async fn a_memo_that_was_deleted_or_restored_behind_a_503_is_as_it_was_asked_for() {
    let mut world = World::new().await;
    let id = world.id().await;
    for (call, left) in [(delete(&id), 404), (restore(&id), 200)] {
        // Each reads, and writes in one transaction.
        world.hold_answer(2);
        world.left = Some(SHORT);
        assert_eq!(world.status(&call).await, 503);
        world.left = None;
        assert_eq!(world.status(&get(&id)).await, left);
    }
}
