//! If-Match and If-None-Match (RFC 9110 section 13).

use serde_json::json;

use super::call::{Call, ID, delete, get, list, patch, post, put, put_new, tags};
use super::world::{World, body, header};

fn writes(id: &str) -> [Call; 3] {
    let title = json!({ "title": "new" });
    [patch(id, &title), put(id, &title), delete(id)]
}

#[tokio::test]
async fn a_write_goes_on_when_if_match_names_the_current_version() {
    for lines in [&["\"v1\""][..], &["*"], &["\"v7\", \"v1\""], &["\"v7\"", "\"v1\""]] {
        let world = World::new().await;
        for index in 0..3 {
            let id = world.id().await;
            let call = lines.iter().fold(writes(&id)[index].clone(), |call, line| call.header("If-Match", line));
            assert!(world.status(&call).await < 300, "{call:?}");
        }
    }
}

#[tokio::test]
async fn a_write_is_412_with_the_current_tag_when_if_match_does_not_name_it() {
    let world = World::new().await;
    let id = world.id().await;
    world.send(&patch(&id, &json!({}))).await;
    let before = body(&world.send(&get(&id)).await);
    let tags = ["\"v1\"", "W/\"v2\"", "\"v1\", W/\"v2\"", "v2", "", "\"v22\""];
    let malformed = ["w/\"v2\"", "W/ \"v2\"", "W\"v2\"", "x\"v2\"", "\"v2\"x", "\"v1\"\"v2\"", "\"v2", "x\", \"v2\""];
    for value in tags.into_iter().chain(malformed) {
        for call in writes(&id) {
            let reply = world.send(&call.header("if-match", value)).await;
            assert_eq!((reply.status_code, header(&reply, "ETag")), (412, "\"v2\""), "{value}");
        }
    }
    assert_eq!(body(&world.send(&get(&id)).await), before);
}

#[tokio::test]
async fn a_write_is_412_with_the_current_tag_when_if_none_match_names_it() {
    let world = World::new().await;
    let id = world.id().await;
    let before = body(&world.send(&get(&id)).await);
    for value in ["*", "\"v1\"", "W/\"v1\"", "\"v7\", \"v1\""] {
        for call in writes(&id) {
            let reply = world.send(&call.clone().header("If-None-Match", value)).await;
            assert_eq!((reply.status_code, header(&reply, "ETag")), (412, "\"v1\""), "{call:?} {value}");
        }
    }
    assert_eq!(body(&world.send(&get(&id)).await), before);
}

#[tokio::test]
async fn a_write_goes_on_when_if_none_match_names_another_version() {
    let world = World::new().await;
    for index in 0..3 {
        let id = world.id().await;
        let call = writes(&id)[index].clone().header("If-None-Match", "\"v9\"");
        assert!(world.status(&call).await < 300, "{call:?}");
    }
}

#[tokio::test]
async fn a_memo_is_got_when_if_match_names_its_version_and_is_412_else() {
    let world = World::new().await;
    let id = world.id().await;
    for (value, status) in [("\"v1\"", 200), ("*", 200), ("\"v999\"", 412), ("W/\"v1\"", 412)] {
        let reply = world.send(&get(&id).header("If-Match", value)).await;
        assert_eq!((reply.status_code, header(&reply, "ETag")), (status, "\"v1\""), "{value}");
    }
}

#[tokio::test]
async fn if_match_is_looked_at_before_if_none_match() {
    let world = World::new().await;
    let id = world.id().await;
    let both = |tag| get(&id).header("If-Match", tag).header("If-None-Match", "\"v1\"");
    assert_eq!(world.status(&both("\"v1\"")).await, 304);
    assert_eq!(world.status(&both("\"v2\"")).await, 412);
}

#[tokio::test]
async fn a_put_that_demands_both_that_there_is_one_and_none_is_never_done() {
    let world = World::new().await;
    let id = world.id().await;
    let title = json!({ "title": "new" });
    assert_eq!(world.status(&put_new(ID, &title).header("If-Match", "*")).await, 404);
    assert_eq!(world.status(&put_new(&id, &title).header("If-Match", "*")).await, 412);
    assert_eq!(world.status(&get(ID)).await, 404);
}

#[tokio::test]
async fn a_list_has_no_tag_so_a_star_alone_names_it() {
    let world = World::new().await;
    world.id().await;
    for call in [list(&[]), tags(&[]), post(&json!({ "title": "t" }))] {
        let is_read = call.is_of("GET");
        let status = async |name, tags| world.status(&call.clone().header(name, tags)).await;
        let done = if is_read { 200 } else { 201 };
        assert_eq!([status("If-Match", "*").await, status("If-Match", "\"v1\"").await], [done, 412], "{call:?}");
        let named = if is_read { 304 } else { 412 };
        assert_eq!(
            [status("If-None-Match", "*").await, status("If-None-Match", "\"v1\"").await],
            [named, done],
            "{call:?}"
        );
    }
    // What could not be answered anyhow is told first.
    assert_eq!(world.status(&list(&[("cursor", "x")]).header("If-Match", "\"v1\"")).await, 400);
}
