//! What `GET /v1/memos` shows, and how it is asked.

use serde_json::json;
use testing::BASE;

use super::call::{OTHER, list, post};
use super::world::{World, body, header, id};

/// The titles that the list with `query` shows on its first page.
async fn titles(world: &World, query: &[(&str, &str)]) -> Vec<String> {
    let reply = world.send(&list(query)).await;
    assert_eq!(reply.status_code, 200, "{}", reply.body);
    let memos = body(&reply)["memos"].as_array().unwrap().clone();
    memos.iter().map(|memo| memo["title"].as_str().unwrap().to_owned()).collect()
}

/// Four memos, a millisecond and more apart.
async fn four() -> World {
    let mut world = World::new().await;
    for memo in [
        json!({ "title": "one", "tags": ["a"] }),
        json!({ "title": "two", "content": "GROSSE Straße", "pinned": true }),
        json!({ "title": "three", "tags": ["a", "b"], "archived": true }),
        json!({ "title": "four", "tags": ["A", "b"], "pinned": true }),
    ] {
        world.memo(memo).await;
        world = world.later(1);
    }
    world
}

#[tokio::test]
async fn a_list_of_nothing_is_empty_and_has_no_next_page() {
    let reply = World::new().await.send(&list(&[])).await;
    assert_eq!((reply.status_code, body(&reply)), (200, json!({ "memos": [] })));
    assert_eq!((header(&reply, "Link"), header(&reply, "Cache-Control")), ("", "no-store"));
}

#[tokio::test]
async fn a_list_shows_memos_as_they_are_read() {
    let world = World::new().await;
    let memo = world.memo(json!({ "content": "c", "tags": ["a"] })).await;
    assert_eq!(body(&world.send(&list(&[])).await)["memos"], json!([memo]));
}

#[tokio::test]
async fn a_list_shows_the_callers_own_only() {
    let world = World::new().await;
    world.send(&post(&json!({ "title": "theirs" })).by(OTHER)).await;
    world.memo(json!({ "title": "mine" })).await;
    assert_eq!(titles(&world, &[]).await, ["mine"]);
}

#[tokio::test]
async fn the_newest_comes_first_unless_the_oldest_is_asked_for() {
    let world = four().await;
    assert_eq!(titles(&world, &[]).await, ["four", "two", "one"]);
    assert_eq!(titles(&world, &[("order", "created_desc")]).await, ["four", "two", "one"]);
    assert_eq!(titles(&world, &[("order", "created_asc")]).await, ["one", "two", "four"]);
}

#[tokio::test]
async fn filters_narrow_the_list_together() {
    let world = four().await;
    assert_eq!(titles(&world, &[("tag", "a")]).await, ["one"]);
    assert_eq!(titles(&world, &[("tag", "a"), ("archived", "true")]).await, ["three"]);
    assert_eq!(titles(&world, &[("pinned", "true")]).await, ["four", "two"]);
    assert_eq!(titles(&world, &[("pinned", "false")]).await, ["one"]);
    assert_eq!(titles(&world, &[("pinned", "true"), ("tag", "b")]).await, ["four"]);
    assert_eq!(titles(&world, &[("q", "O"), ("pinned", "true")]).await, ["four", "two"]);
}

#[tokio::test]
async fn a_search_finds_title_and_content_whatever_the_case() {
    let world = four().await;
    assert_eq!(titles(&world, &[("q", "OUR")]).await, ["four"]);
    assert_eq!(titles(&world, &[("q", "große strasse")]).await, ["two"]);
    assert_eq!(titles(&world, &[("q", "nowhere")]).await, [""; 0]);
    assert_eq!(titles(&world, &[("q", "")]).await.len(), 3);
}

#[tokio::test]
async fn a_page_size_of_none_or_zero_is_twenty_and_over_a_hundred_is_a_hundred() {
    let world = World::new().await;
    for _ in 0..102 {
        world.id().await;
    }
    assert_eq!(titles(&world, &[]).await.len(), 20);
    assert_eq!(titles(&world, &[("page_size", "0")]).await.len(), 20);
    assert_eq!(titles(&world, &[("page_size", "100000")]).await.len(), 100);
    assert_eq!(titles(&world, &[("page_size", "101"), ("tag", "x")]).await.len(), 0);
}

#[tokio::test]
async fn a_query_that_means_nothing_is_400() {
    let world = World::new().await;
    let long = "ü".repeat(201);
    for parameter in [
        ("page_size", "-1"),
        ("page_size", "1.5"),
        ("page_size", "ten"),
        ("page_size", ""),
        ("pinned", "yes"),
        ("archived", "TRUE"),
        ("order", "updated"),
        ("q", &long),
        ("offset", "1"),
    ] {
        let reply = world.send(&list(&[parameter])).await;
        assert_eq!((reply.status_code, &body(&reply)["code"]), (400, &json!("invalid-query")), "{parameter:?}");
    }
    assert_eq!(world.status(&list(&[("q", &long[2..])])).await, 200);
}

#[tokio::test]
async fn the_link_to_the_next_page_is_absolute_and_leads_to_it() {
    let world = four().await;
    let reply = world.send(&list(&[("q", "O"), ("page_size", "1"), ("order", "created_asc")])).await;
    let link = header(&reply, "Link");
    let url = link.strip_prefix(&format!("<{BASE}/v1/memos?")).unwrap();
    let query: Vec<(&str, &str)> =
        url.strip_suffix(">; rel=\"next\"").unwrap().split('&').map(|pair| pair.split_once('=').unwrap()).collect();
    assert!(query.contains(&("cursor", body(&reply)["next_cursor"].as_str().unwrap())));
    assert_eq!(titles(&world, &query).await, ["two"]);
}

#[tokio::test]
async fn the_link_to_the_next_page_is_a_uri_whatever_the_filter() {
    let world = World::new().await;
    for _ in 0..2 {
        world.memo(json!({ "title": "ü&> =" })).await;
    }
    let reply = world.send(&list(&[("q", "ü&> ="), ("page_size", "1")])).await;
    assert!(header(&reply, "Link").contains("&q=%C3%BC%26%3E+%3D&"), "{}", header(&reply, "Link"));
}

#[tokio::test]
async fn a_cursor_outlives_the_memo_that_it_was_written_at() {
    let world = four().await;
    let page = body(&world.send(&list(&[("page_size", "1")])).await);
    let last = id(&page["memos"][0]);
    world.send(&super::call::delete(&last)).await;
    assert_eq!(titles(&world, &[("cursor", page["next_cursor"].as_str().unwrap())]).await, ["two", "one"]);
}

#[tokio::test]
async fn a_cursor_of_another_user_filter_or_order_is_400() {
    let world = four().await;
    let cursor = body(&world.send(&list(&[("page_size", "1")])).await)["next_cursor"].clone();
    let cursor = ("cursor", cursor.as_str().unwrap());
    assert_eq!(world.status(&list(&[cursor])).await, 200);
    assert_eq!(world.status(&list(&[cursor, ("page_size", "2"), ("archived", "false")])).await, 200);
    assert_eq!(world.status(&list(&[cursor]).by(OTHER)).await, 400);
    for other in [
        ("tag", "a"),
        ("pinned", "true"),
        ("pinned", "false"),
        ("archived", "true"),
        ("q", "o"),
        ("order", "created_asc"),
    ] {
        assert_eq!(world.status(&list(&[cursor, other])).await, 400, "{other:?}");
    }
}

#[tokio::test]
async fn a_cursor_that_was_tampered_with_is_400() {
    let world = four().await;
    let cursor = body(&world.send(&list(&[("page_size", "1")])).await)["next_cursor"].as_str().unwrap().to_owned();
    for index in 0..cursor.len() {
        let mut changed = cursor.clone().into_bytes();
        changed[index] = if changed[index] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(changed).unwrap();
        assert_eq!(world.status(&list(&[("cursor", &changed)])).await, 400, "{changed}");
    }
    for changed in ["", "x", "M#01MCC5RM00CCCCCCCCCCCCCCCC", &cursor[1..], &format!("{cursor}=")] {
        assert_eq!(world.status(&list(&[("cursor", changed)])).await, 400, "{changed}");
    }
}

#[tokio::test]
async fn a_cursor_of_the_previous_key_goes_on_until_that_key_is_gone() {
    let mut world = World::new().await;
    for _ in 0..2 {
        world.memo(json!({})).await;
    }
    let first = body(&world.send(&list(&[("page_size", "1")])).await);
    let cursor = first["next_cursor"].as_str().unwrap().to_owned();
    let key = |id: u8, status: &str| json!({ "kid": id.to_string(), "alg": "HS256", "status": status, "k": if id == 1 { K } else { OTHER_K } });
    for (keys, status) in [(vec![key(2, "active"), key(1, "retired")], 200), (vec![key(2, "active")], 400)] {
        world.put_keys(&keys).await;
        world = world.later(300);
        let lasting = json!({ "sub": super::call::USER, "scope": "memos:read", "exp": "9000000000" });
        let reply = world.send(&list(&[("page_size", "1"), ("cursor", &cursor)]).context(lasting)).await;
        assert_eq!(reply.status_code, status);
    }
}

/// The key of `testing::mac_keys`, and another one.
const K: &str = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc";
const OTHER_K: &str = "CAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg";
