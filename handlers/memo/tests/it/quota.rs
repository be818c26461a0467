//! How much an account may hold, and what an account that is being deleted may still do.

use serde_json::json;

use super::call::{ID, delete, get, list, patch, post, put, put_new, restore};
use super::world::{World, body, header, id};

#[tokio::test]
async fn the_ten_thousandth_memo_is_the_last() {
    let world = World::new().await;
    let memo = world.id().await;
    world.set_number("memo_count", 9_999).await;
    let new = json!({ "title": "new" });
    assert_eq!(world.status(&post(&new)).await, 201);
    for call in [post(&new), put_new(ID, &new), post(&new).header("Idempotency-Key", "k")] {
        let reply = world.send(&call).await;
        assert_eq!((reply.status_code, &body(&reply)["code"]), (403, &json!("quota-exceeded")));
        assert_eq!(header(&reply, "Location"), "");
    }
    assert_eq!(world.status(&patch(&memo, &new)).await, 200);
    assert_eq!(world.status(&delete(&memo)).await, 204);
    assert_eq!(world.status(&put_new(ID, &new)).await, 201);
}

#[tokio::test]
async fn a_thousand_tags_are_the_most_and_known_ones_go_on() {
    let world = World::new().await;
    let memo = id(&world.memo(json!({ "tags": ["a"] })).await);
    world.set_number("tag_count", 998).await;
    let tags = |tags: &[&str]| json!({ "title": "t", "tags": tags });
    for call in [post(&tags(&["b", "c", "d"])), put(&memo, &tags(&["a", "b", "c", "d"]))] {
        let reply = world.send(&call).await;
        assert_eq!((reply.status_code, &body(&reply)["code"]), (403, &json!("quota-exceeded")));
    }
    assert_eq!(world.status(&put(&memo, &tags(&["a", "b", "c"]))).await, 200);
    assert_eq!(world.numbers().await.1, 1_000);
    assert_eq!(world.status(&post(&tags(&["a", "b"]))).await, 201);
    assert_eq!(world.status(&post(&tags(&["d"]))).await, 403);
    // One goes as another comes.
    assert_eq!(world.status(&patch(&memo, &json!({ "tags": ["a", "b", "d"] }))).await, 200);
}

#[tokio::test]
async fn a_repeated_request_is_answered_although_the_quota_is_reached() {
    let world = World::new().await;
    let call = post(&json!({ "title": "t" })).header("Idempotency-Key", "k");
    assert_eq!(world.status(&call).await, 201);
    world.set_number("memo_count", 10_000).await;
    assert_eq!(world.status(&call).await, 201);
}

#[tokio::test]
async fn an_account_that_is_being_deleted_is_read_only() {
    let world = World::new().await;
    let memo = world.id().await;
    let gone = world.id().await;
    world.send(&delete(&gone)).await;
    world.set_number("tombstone", 1_800_000_000).await;
    let title = json!({ "title": "new" });
    let writes = [put(&memo, &title), patch(&memo, &title), delete(&memo), restore(&gone)];
    for call in [post(&title), put_new(ID, &title)].into_iter().chain(writes) {
        let reply = world.send(&call).await;
        assert_eq!((reply.status_code, &body(&reply)["code"]), (403, &json!("account-deleted")), "{call:?}");
    }
    assert_eq!((world.status(&get(&memo)).await, world.status(&list(&[])).await), (200, 200));
}

#[tokio::test]
async fn a_deleted_account_that_never_had_a_memo_cannot_begin() {
    let world = World::new().await;
    world.set_number("tombstone", 1_800_000_000).await;
    assert_eq!(world.status(&post(&json!({ "title": "t" }))).await, 403);
}
