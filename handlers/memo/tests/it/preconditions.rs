//! If-Match and If-None-Match on writes (RFC 9110 section 13).

use serde_json::json;

use super::call::{Call, ID, delete, get, patch, put, put_new};
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
    for value in ["\"v1\"", "W/\"v2\"", "\"v1\", W/\"v2\"", "v2", "", "\"v22\""] {
        for call in writes(&id) {
            let reply = world.send(&call.header("if-match", value)).await;
            assert_eq!((reply.status_code, header(&reply, "ETag")), (412, "\"v2\""), "{value}");
        }
    }
    assert_eq!(body(&world.send(&get(&id)).await), before);
}

#[tokio::test]
async fn a_put_unless_it_is_a_version_is_412_when_it_is() {
    let world = World::new().await;
    let id = world.id().await;
    let unless = |tag| put(&id, &json!({ "title": "new" })).header("If-None-Match", tag);
    assert_eq!(world.status(&unless("\"v1\"")).await, 412);
    assert_eq!(world.status(&unless("\"v9\"")).await, 200);
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
