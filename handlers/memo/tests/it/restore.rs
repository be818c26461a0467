//! `POST /v1/memos/{id}/restore`.

use serde_json::json;

use super::call::{ID, OTHER, USER, delete, get, patch, put_new, restore};
use super::world::{World, body, header, id};

const DAYS_30: i64 = 30 * 24 * 3_600;

#[tokio::test]
async fn a_deleted_memo_comes_back_as_it_was_in_its_next_version() {
    let world = World::new().await;
    let memo = world.memo(json!({ "content": "c", "tags": ["b", "a"], "pinned": true, "archived": true })).await;
    world.send(&delete(&id(&memo))).await;
    let world = world.later(60);
    let reply = world.send(&restore(&id(&memo))).await;
    let mut expected = memo.clone();
    (expected["version"], expected["updated_at"]) = (json!(2), json!("2027-01-15T08:01:00.000Z"));
    assert_eq!((reply.status_code, body(&reply), header(&reply, "ETag")), (200, expected.clone(), "\"v2\""));
    assert_eq!(body(&world.send(&get(&id(&memo))).await), expected);
    assert_eq!((world.numbers().await, world.tag_counts().await.len()), ((1, 2), 2));
}

#[tokio::test]
async fn a_memo_that_is_not_deleted_is_409_with_its_tag() {
    let world = World::new().await;
    let id = world.id().await;
    let reply = world.send(&restore(&id)).await;
    assert_eq!(
        (reply.status_code, &body(&reply)["code"], header(&reply, "ETag")),
        (409, &json!("not-deleted"), "\"v1\"")
    );
}

#[tokio::test]
async fn a_restored_memo_can_be_deleted_and_restored_again() {
    let world = World::new().await;
    let id = world.id().await;
    for _ in 0..2 {
        assert_eq!(world.status(&delete(&id)).await, 204);
        assert_eq!(world.status(&restore(&id)).await, 200);
    }
    assert_eq!(header(&world.send(&patch(&id, &json!({}))).await, "ETag"), "\"v4\"");
}

#[tokio::test]
async fn after_thirty_days_it_is_gone_for_good() {
    let lasting = restore(ID).context(json!({ "sub": USER, "scope": "memos:write", "exp": "9000000000" }));
    for (later, status) in [(DAYS_30 - 1, 200), (DAYS_30, 404)] {
        let world = World::new().await;
        world.send(&put_new(ID, &json!({ "title": "t" }))).await;
        world.send(&delete(ID)).await;
        // The store itself deletes days later.
        assert_eq!(world.later(later).status(&lasting).await, status);
    }
}

#[tokio::test]
async fn nobody_restores_anothers_memo() {
    let world = World::new().await;
    let id = world.id().await;
    world.send(&delete(&id)).await;
    assert_eq!(world.status(&restore(&id).by(OTHER)).await, 404);
    assert_eq!(world.status(&restore(&id)).await, 200);
}

#[tokio::test]
async fn a_restore_demands_the_version_that_if_match_names() {
    let world = World::new().await;
    let id = world.id().await;
    world.send(&delete(&id)).await;
    let reply = world.send(&restore(&id).header("If-Match", "\"v2\"")).await;
    assert_eq!((reply.status_code, header(&reply, "ETag")), (412, "\"v1\""));
    assert_eq!(world.status(&restore(&id).header("If-Match", "\"v1\"")).await, 200);
}

#[tokio::test]
async fn a_restore_of_a_version_that_if_none_match_names_is_412() {
    let world = World::new().await;
    let id = world.id().await;
    world.send(&delete(&id)).await;
    for tag in ["*", "\"v1\""] {
        let reply = world.send(&restore(&id).header("If-None-Match", tag)).await;
        assert_eq!((reply.status_code, header(&reply, "ETag")), (412, "\"v1\""), "{tag}");
    }
    assert_eq!(world.status(&restore(&id).header("If-None-Match", "\"v2\"")).await, 200);
}

#[tokio::test]
async fn a_restore_needs_room_like_a_new_memo() {
    let world = World::new().await;
    let memo = id(&world.memo(json!({ "tags": ["a"] })).await);
    world.send(&delete(&memo)).await;
    world.set_number("memo_count", 10_000).await;
    let reply = world.send(&restore(&memo)).await;
    assert_eq!((reply.status_code, &body(&reply)["code"]), (403, &json!("quota-exceeded")));
    world.set_number("memo_count", 9_999).await;
    world.set_number("tag_count", 1_000).await;
    assert_eq!(world.status(&restore(&memo)).await, 403);
    world.set_number("tag_count", 999).await;
    assert_eq!(world.status(&restore(&memo)).await, 200);
}
