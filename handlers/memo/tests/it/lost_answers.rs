//! Calls of AWS that take effect and whose answers are lost: the SDK makes them again, and nobody notices.

use serde_json::{Value, json};

use super::call::{Call, delete, get, list, patch, post, put, put_new, restore, tags};
use super::world::{World, body, header, id};

/// Sends what `call` makes of a memo's id, with the answer to its first call of AWS lost, then to its second, and so on:
/// it is always answered with `status`, and leaves the memo in `version`, or none where that is 0.
async fn demand(status: u16, version: u64, deleted: bool, call: impl Fn(&str) -> Call) {
    let world = World::new().await;
    for lost in 1.. {
        let id = id(&world.memo(json!({ "tags": ["a", "b"] })).await);
        if deleted {
            assert_eq!(world.status(&delete(&id)).await, 204);
        }
        world.lose_answer(lost);
        let before = world.calls();
        let reply = world.send(&call(&id)).await;
        let calls = world.calls() - before;
        assert_eq!(reply.status_code, status, "the answer to call {lost} was lost: {}", reply.body);
        let left = world.send(&get(&id)).await;
        assert_eq!(body(&left)["version"].as_u64().unwrap_or_default(), version, "the answer to call {lost} was lost");
        if calls < lost {
            assert!(lost > 1, "it makes no call");
            return;
        }
    }
}

#[tokio::test]
async fn a_change_is_one_version() {
    demand(200, 2, false, |id| patch(id, &json!({ "title": "u", "tags": ["b", "c"] }))).await;
    demand(200, 2, false, |id| put(id, &json!({ "title": "u" }))).await;
    demand(200, 2, false, |id| patch(id, &json!({ "pinned": true })).header("If-Match", "\"v1\"")).await;
}

#[tokio::test]
async fn a_deleted_memo_was_there_and_a_restored_one_was_deleted() {
    demand(204, 0, false, delete).await;
    demand(200, 2, true, restore).await;
}

#[tokio::test]
async fn what_is_only_read_is_read() {
    demand(200, 1, false, get).await;
    demand(200, 1, false, |_| list(&[])).await;
    demand(200, 1, false, |_| tags(&[])).await;
}

#[tokio::test]
async fn a_new_memo_is_one_memo_and_no_repetition() {
    let world = World::new().await;
    let body_of = json!({ "title": "t", "tags": ["a"] });
    for (made, lost) in (1..=8).enumerate() {
        world.lose_answer(lost);
        let reply = world.send(&post(&body_of).header("Idempotency-Key", &lost.to_string())).await;
        assert_eq!((reply.status_code, header(&reply, "Idempotency-Replayed")), (201, ""), "{}", reply.body);
        let shown: Value = body(&world.send(&list(&[])).await);
        assert_eq!(shown["memos"].as_array().unwrap().len(), made + 1);
    }
    assert_eq!(world.tag_counts().await, [("a".to_owned(), 8)].into());
    assert_eq!(world.numbers().await, (8, 1));
}

#[tokio::test]
async fn a_memo_under_the_clients_id_is_made() {
    let world = World::new().await;
    for lost in 1..=8 {
        world.lose_answer(lost);
        let new = put_new(&format!("01MCC5RM00CCCCCCCCCCCCCCC{lost}"), &json!({ "title": "t", "tags": ["a"] }));
        assert_eq!(world.status(&new).await, 201, "the answer to call {lost} was lost");
    }
    assert_eq!(world.numbers().await, (8, 1));
}

#[tokio::test]
async fn a_change_of_which_all_answers_are_lost_is_read_back_and_told() {
    let world = World::new().await;
    let id = id(&world.memo(json!({})).await);
    // The memo is read, then written, as often as the SDK tries.
    for call in [patch(&id, &json!({ "title": "u" })), delete(&id), restore(&id)] {
        world.lose_answers(2..=5);
        let reply = world.send(&call).await;
        assert!(reply.status_code < 300, "{call:?}: {}", reply.body);
    }
}
