//! What is no body of a memo, the same for all endpoints that take one.

use serde_json::json;

use super::call::{Call, patch, post, put};
use super::world::{World, body, header};

/// A write of each kind to the memo `id`, whose body the test replaces.
fn writes(id: &str) -> [Call; 3] {
    let title = json!({ "title": "t" });
    [post(&title), put(id, &title), patch(id, &title)]
}

/// Sends `change` of each write, and demands `status` of all.
async fn demand(status: u16, change: impl Fn(Call) -> Call) {
    let world = World::new().await;
    let id = world.id().await;
    for call in writes(&id) {
        let reply = world.send(&change(call.clone())).await;
        assert_eq!(reply.status_code, status, "{call:?}: {}", reply.body);
        if status >= 400 {
            assert_eq!(header(&reply, "Content-Type"), "application/problem+json");
        }
    }
}

#[tokio::test]
async fn another_media_type_or_none_is_415() {
    for media_type in ["text/plain", "application/xml", "", "application/json; charset=latin1"] {
        demand(415, |call| call.media_type(media_type)).await;
    }
}

#[tokio::test]
async fn json_is_accepted_everywhere_with_its_parameters() {
    demand_success("application/json").await;
    demand_success("Application/JSON; charset=\"UTF-8\"").await;
}

async fn demand_success(media_type: &str) {
    let world = World::new().await;
    let id = world.id().await;
    for call in writes(&id) {
        let status = world.status(&call.media_type(media_type)).await;
        assert!(status < 300, "{media_type}: {status}");
    }
}

#[tokio::test]
async fn a_merge_patch_is_for_patch_alone() {
    let world = World::new().await;
    let id = world.id().await;
    let statuses = writes(&id).map(|call| call.media_type("application/merge-patch+json"));
    let [post, put, patch] = &statuses;
    assert_eq!((world.status(post).await, world.status(put).await, world.status(patch).await), (415, 415, 200));
}

#[tokio::test]
async fn a_repeated_content_type_is_400() {
    demand(400, |call| call.header("content-type", "application/json")).await;
}

#[tokio::test]
async fn a_body_over_128_kib_is_413_even_when_it_is_no_json() {
    demand(413, |call| call.body(&" ".repeat(128 * 1024 + 1))).await;
}

#[tokio::test]
async fn a_body_of_128_kib_is_read() {
    let padding = 128 * 1024 - r#"{"title":"t"}"#.len();
    let body = format!(r#"{{"title":"t"{}}}"#, " ".repeat(padding));
    let world = World::new().await;
    let id = world.id().await;
    for call in writes(&id) {
        assert!(world.status(&call.body(&body)).await < 300);
    }
}

#[tokio::test]
async fn what_is_no_strict_json_is_400() {
    let deep = format!(r#"{{"title":{}{}}}"#, "[".repeat(32), "]".repeat(32));
    for body in ["", "{", "{} {}", r#"{"title":"a","title":"b"}"#, r#"{"title":"\ud800"}"#, &deep] {
        demand(400, |call| call.body(body)).await;
    }
}

#[tokio::test]
async fn json_that_is_no_object_is_422() {
    for body in ["[]", "null", "\"title\"", "1"] {
        demand(422, |call| call.body(body)).await;
    }
}

#[tokio::test]
async fn what_the_service_sets_cannot_be_written() {
    for member in ["id", "version", "created_at", "updated_at", "owner"] {
        demand(422, |call| call.body(&json!({ "title": "t", member: "x" }).to_string())).await;
    }
}

#[tokio::test]
async fn all_invalid_members_are_in_one_answer() {
    let world = World::new().await;
    let id = world.id().await;
    let invalid = json!({ "title": "", "content": 1, "tags": ["a", ""], "pinned": "yes", "archived": 0, "x": 1 });
    for call in writes(&id) {
        let body = body(&world.send(&call.body(&invalid.to_string())).await);
        let pointers: Vec<_> = body["errors"].as_array().unwrap().iter().map(|error| &error["pointer"]).collect();
        assert_eq!(pointers, ["#/title", "#/content", "#/tags", "#/pinned", "#/archived", "#/x"]);
        assert_eq!((&body["code"], &body["status"]), (&json!("invalid-body"), &json!(422)));
    }
}

#[tokio::test]
async fn a_limit_is_inclusive() {
    let title = |length: usize| json!({ "title": "ü".repeat(length) });
    let content = |length: usize| json!({ "title": "t", "content": "c".repeat(length) });
    let tags = |count: usize| json!({ "title": "t", "tags": (0..count).map(|n| n.to_string()).collect::<Vec<_>>() });
    let tag = |length: usize| json!({ "title": "t", "tags": ["ü".repeat(length)] });
    let world = World::new().await;
    for (at, over) in
        [(title(200), title(201)), (content(65_536), content(65_537)), (tags(20), tags(21)), (tag(50), tag(51))]
    {
        assert_eq!((world.status(&post(&at)).await, world.status(&post(&over)).await), (201, 422));
    }
}
