//! `POST /v1/memos` and `GET /v1/memos/{id}`.

use serde_json::json;
use testing::BASE;

use super::call::{ID, get, post};
use super::world::{World, body, header, id};

#[tokio::test]
async fn a_new_memo_is_201_with_its_place_and_its_tag() {
    let world = World::new().await;
    let reply = world.send(&post(&json!({ "title": "Tea", "content": "at four", "tags": ["a"] }))).await;
    let memo = body(&reply);
    assert_eq!(reply.status_code, 201);
    assert_eq!(header(&reply, "Location"), format!("{BASE}/v1/memos/{}", id(&memo)));
    assert_eq!((header(&reply, "ETag"), header(&reply, "Cache-Control")), ("\"v1\"", "no-store"));
    let time = "2027-01-15T08:00:00.000Z";
    let expected = json!({
        "id": id(&memo), "title": "Tea", "content": "at four", "tags": ["a"], "pinned": false, "archived": false,
        "created_at": time, "updated_at": time, "version": 1,
    });
    assert_eq!(memo, expected);
}

#[tokio::test]
async fn a_memo_is_read_as_it_was_made() {
    let world = World::new().await;
    let memo = world.memo(json!({ "content": "\u{0}\n\"ü🫖", "tags": ["b", "a"], "pinned": true })).await;
    let reply = world.send(&get(&id(&memo))).await;
    assert_eq!((reply.status_code, body(&reply)), (200, memo));
    assert_eq!((header(&reply, "ETag"), header(&reply, "Cache-Control")), ("\"v1\"", "private, no-cache"));
}

#[tokio::test]
async fn tags_are_stored_trimmed_and_in_nfc() {
    let world = World::new().await;
    let memo = world.memo(json!({ "tags": [" cafe\u{301}\t", "A", "a"] })).await;
    assert_eq!(memo["tags"], json!(["caf\u{e9}", "A", "a"]));
}

#[tokio::test]
async fn who_has_the_current_version_gets_304() {
    let world = World::new().await;
    let id = world.id().await;
    for tags in ["\"v1\"", "\"v0\", W/\"v1\"", "*"] {
        let reply = world.send(&get(&id).header("If-None-Match", tags)).await;
        assert_eq!((reply.status_code, &*reply.body), (304, ""), "{tags}");
        assert_eq!((header(&reply, "ETag"), header(&reply, "Cache-Control")), ("\"v1\"", "private, no-cache"));
    }
}

#[tokio::test]
async fn who_has_another_version_gets_the_memo() {
    let world = World::new().await;
    let id = world.id().await;
    for tags in ["\"v2\"", "v1", ""] {
        assert_eq!(world.status(&get(&id).header("If-None-Match", tags)).await, 200, "{tags}");
    }
}

#[tokio::test]
async fn a_memo_that_is_not_there_is_404_whatever_the_client_has() {
    let world = World::new().await;
    assert_eq!(world.status(&get(ID).header("If-None-Match", "*")).await, 404);
}
