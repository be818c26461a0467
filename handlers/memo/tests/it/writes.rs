//! PATCH, PUT and DELETE of one memo.

use serde_json::{Value, json};
use testing::BASE;

use super::call::{Call, ID, delete, get, list, patch, put, put_new};
use super::world::{World, body, header, id};

#[tokio::test]
async fn a_patch_changes_what_it_names_and_raises_the_version() {
    let world = World::new().await;
    let old = world.memo(json!({ "content": "c", "tags": ["a"], "pinned": true })).await;
    let world = world.later(60);
    let reply = world.send(&patch(&id(&old), &json!({ "title": "new", "tags": ["b"] }))).await;
    let mut expected = old.clone();
    expected["title"] = json!("new");
    expected["tags"] = json!(["b"]);
    expected["version"] = json!(2);
    expected["updated_at"] = json!("2027-01-15T08:01:00.000Z");
    assert_eq!((reply.status_code, header(&reply, "ETag"), body(&reply)), (200, "\"v2\"", expected.clone()));
    assert_eq!(body(&world.send(&get(&id(&old))).await), expected);
}

#[tokio::test]
async fn null_in_a_patch_takes_a_member_away_and_so_brings_its_default() {
    let world = World::new().await;
    let old = world.memo(json!({ "content": "c", "tags": ["a"], "pinned": true, "archived": true })).await;
    let nulls = json!({ "content": null, "tags": null, "pinned": null, "archived": null });
    let new = body(&world.send(&patch(&id(&old), &nulls)).await);
    assert_eq!((&new["content"], &new["tags"]), (&json!(""), &json!([])));
    assert_eq!((&new["pinned"], &new["archived"]), (&json!(false), &json!(false)));
}

#[tokio::test]
async fn a_patch_cannot_take_the_title_away() {
    let world = World::new().await;
    let id = world.id().await;
    assert_eq!(world.status(&patch(&id, &json!({ "title": null }))).await, 422);
}

#[tokio::test]
async fn an_array_in_a_patch_replaces_the_old_one() {
    let world = World::new().await;
    let old = world.memo(json!({ "tags": ["a", "b"] })).await;
    assert_eq!(body(&world.send(&patch(&id(&old), &json!({ "tags": ["c"] }))).await)["tags"], json!(["c"]));
}

#[tokio::test]
async fn a_refused_patch_changes_nothing() {
    let world = World::new().await;
    let old = world.memo(json!({})).await;
    assert_eq!(world.status(&patch(&id(&old), &json!({ "title": "new", "x": 1 }))).await, 422);
    assert_eq!(body(&world.send(&get(&id(&old))).await), old);
}

#[tokio::test]
async fn a_put_replaces_all_that_a_client_writes() {
    let world = World::new().await;
    let old = world.memo(json!({ "content": "c", "tags": ["a"], "pinned": true, "archived": true })).await;
    let reply = world.send(&put(&id(&old), &json!({ "title": "new" }))).await;
    let expected = json!({
        "id": id(&old), "title": "new", "content": "", "tags": [], "pinned": false, "archived": false,
        "created_at": old["created_at"], "updated_at": old["updated_at"], "version": 2,
    });
    assert_eq!((reply.status_code, header(&reply, "ETag"), body(&reply)), (200, "\"v2\"", expected));
}

#[tokio::test]
async fn a_put_needs_a_title() {
    let world = World::new().await;
    let id = world.id().await;
    assert_eq!(world.status(&put(&id, &json!({}))).await, 422);
}

#[tokio::test]
async fn a_put_of_what_is_not_there_makes_nothing() {
    let world = World::new().await;
    assert_eq!(world.status(&put(ID, &json!({ "title": "t" }))).await, 404);
    assert_eq!(world.status(&get(ID)).await, 404);
}

#[tokio::test]
async fn a_put_unless_there_is_any_makes_a_memo_under_the_clients_id() {
    let world = World::new().await;
    let reply = world.send(&put_new(ID, &json!({ "title": "t" }))).await;
    assert_eq!((reply.status_code, header(&reply, "ETag")), (201, "\"v1\""));
    assert_eq!(header(&reply, "Location"), format!("{BASE}/v1/memos/{ID}"));
    assert_eq!(body(&world.send(&get(ID)).await), body(&reply));
}

#[tokio::test]
async fn a_put_unless_there_is_any_is_412_with_the_tag_of_what_is_there() {
    let world = World::new().await;
    let memo = world.memo(json!({})).await;
    let reply = world.send(&put_new(&id(&memo), &json!({ "title": "new" }))).await;
    assert_eq!((reply.status_code, header(&reply, "ETag")), (412, "\"v1\""));
    assert_eq!(body(&world.send(&get(&id(&memo))).await), memo);
}

#[tokio::test]
async fn a_put_unless_there_is_any_of_no_ulid_is_404() {
    let world = World::new().await;
    assert_eq!(world.status(&put_new("mine", &json!({ "title": "t" }))).await, 404);
}

#[tokio::test]
async fn the_id_of_a_deleted_memo_is_taken_until_it_can_no_longer_be_restored() {
    let new = json!({ "title": "new" });
    let world = World::new().await;
    world.send(&put_new(ID, &json!({ "title": "t" }))).await;
    world.send(&delete(ID)).await;
    let call =
        put_new(ID, &new).context(json!({ "sub": super::call::USER, "scope": "memos:write", "exp": "9000000000" }));
    let world = world.later(30 * 24 * 3_600 - 1);
    let reply = world.send(&call).await;
    assert_eq!((reply.status_code, header(&reply, "ETag")), (412, ""));
    // The store itself deletes days later.
    assert_eq!(world.later(1).status(&call).await, 201);
}

#[tokio::test]
async fn no_tag_of_a_memo_that_is_gone_for_good_is_ever_one_of_another_under_its_id() {
    let lasting = |call: Call| {
        call.context(json!({ "sub": super::call::USER, "scope": "memos:read memos:write", "exp": "9000000000" }))
    };
    let mut world = World::new().await;
    let mut known = std::collections::BTreeSet::<String>::new();
    for title in ["first", "second", "third"] {
        let reply = world.send(&lasting(put_new(ID, &json!({ "title": title })))).await;
        assert_eq!((reply.status_code, header(&reply, "ETag")), (201, &*format!("\"v{}\"", body(&reply)["version"])));
        let changed = world.send(&lasting(patch(ID, &json!({})))).await;
        for tag in &known {
            assert_eq!(world.status(&lasting(get(ID)).header("If-None-Match", tag)).await, 200, "{tag}");
        }
        known.extend([header(&reply, "ETag").to_owned(), header(&changed, "ETag").to_owned()]);
        world.send(&lasting(delete(ID))).await;
        world = world.later(30 * 24 * 3_600);
    }
    assert_eq!(known.len(), 6, "{known:?}");
}

#[tokio::test]
async fn a_memo_under_an_id_of_long_ago_begins_at_a_version_that_no_earlier_one_had() {
    let world = World::new().await;
    for id in ["01ARZ3NDEKTSV4RRFFQ69G5FAV", "7ZZZZZZZZZZZZZZZZZZZZZZZZZ"] {
        let reply = world.send(&put_new(id, &json!({ "title": "t" }))).await;
        assert_eq!((reply.status_code, &body(&reply)["version"]), (201, &json!(1_800_000_000_000_u64)), "{id}");
        assert_eq!(world.status(&delete(id).header("If-Match", "\"v1800000000000\"")).await, 204);
    }
}

#[tokio::test]
async fn a_deleted_memo_is_gone_from_everywhere() {
    let world = World::new().await;
    let id = world.id().await;
    let reply = world.send(&delete(&id)).await;
    assert_eq!((reply.status_code, &*reply.body), (204, ""));
    let title = json!({ "title": "t" });
    for call in [get(&id), patch(&id, &title), put(&id, &title), delete(&id)] {
        assert_eq!(world.status(&call).await, 404);
    }
    assert_eq!(body(&world.send(&list(&[])).await)["memos"], Value::Array(Vec::new()));
}
