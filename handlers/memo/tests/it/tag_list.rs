//! `GET /v1/tags`.

use serde_json::{Value, json};
use testing::BASE;

use super::call::{OTHER, delete, list, post, tags};
use super::world::{World, body, header, id};

/// The tags and counts of each page of the list with `query`.
async fn pages(world: &World, query: &[(&str, &str)]) -> Vec<Vec<(String, u64)>> {
    let (mut pages, mut next) = (Vec::new(), tags(query));
    loop {
        let reply = world.send(&next).await;
        assert_eq!(reply.status_code, 200, "{}", reply.body);
        let body = body(&reply);
        let pair = |tag: &Value| (tag["tag"].as_str().unwrap().to_owned(), tag["count"].as_u64().unwrap());
        pages.push(body["tags"].as_array().unwrap().iter().map(pair).collect());
        let Some(cursor) = body["next_cursor"].as_str() else { return pages };
        assert!(pages.len() < 100, "the list has no end");
        next = tags(query).query("cursor", cursor);
    }
}

fn pair(tag: &str, count: u64) -> (String, u64) {
    (tag.to_owned(), count)
}

#[tokio::test]
async fn each_tag_comes_once_with_how_many_live_memos_have_it() {
    let world = World::new().await;
    let gone = id(&world.memo(json!({ "tags": ["a", "c"] })).await);
    world.memo(json!({ "tags": ["a", "b"] })).await;
    world.memo(json!({ "tags": ["a"], "archived": true })).await;
    world.send(&delete(&gone)).await;
    assert_eq!(pages(&world, &[]).await, [[pair("a", 2), pair("b", 1)]]);
}

#[tokio::test]
async fn who_has_no_tags_gets_an_empty_page() {
    let world = World::new().await;
    world.memo(json!({ "tags": ["a"] })).await;
    let reply = world.send(&tags(&[]).by(OTHER)).await;
    assert_eq!((reply.status_code, body(&reply), header(&reply, "Link")), (200, json!({ "tags": [] }), ""));
}

#[tokio::test]
async fn the_tags_come_in_pages_in_the_order_of_their_bytes() {
    let world = World::new().await;
    let names: Vec<_> = (0..20).map(|number| format!("t{number:02}")).collect();
    world.memo(json!({ "tags": names })).await;
    world.memo(json!({ "tags": ["Z", "é", &"ü".repeat(50), "#"] })).await;
    for size in ["1", "5", "23", "24", "100"] {
        let pages = pages(&world, &[("page_size", size)]).await;
        assert!(pages.iter().all(|page| page.len() <= size.parse().unwrap()), "{size}");
        let mut all: Vec<_> = pages.concat().into_iter().map(|(tag, _)| tag).collect();
        assert_eq!((all.len(), &*all[0], &*all[1]), (24, "#", "Z"), "{size}");
        let listed = all.clone();
        all.sort();
        assert_eq!(listed, all);
    }
    assert_eq!(pages(&world, &[]).await[0].len(), 20);
}

#[tokio::test]
async fn the_link_to_the_next_page_is_absolute() {
    let world = World::new().await;
    world.memo(json!({ "tags": ["a", "b"] })).await;
    let reply = world.send(&tags(&[("page_size", "1")])).await;
    let cursor = body(&reply)["next_cursor"].as_str().unwrap().to_owned();
    let link = format!("<{BASE}/v1/tags?page_size=1&cursor={cursor}>; rel=\"next\"");
    assert_eq!(header(&reply, "Link"), link);
}

#[tokio::test]
async fn a_cursor_of_another_user_of_memos_or_tampered_with_is_400() {
    let world = World::new().await;
    for tag in ["a", "b"] {
        world.send(&post(&json!({ "title": "t", "tags": [tag] }))).await;
    }
    let of = async |call| body(&world.send(&call).await)["next_cursor"].as_str().unwrap().to_owned();
    let mine = of(tags(&[("page_size", "1")])).await;
    let memos = of(list(&[("page_size", "1")])).await;
    assert_eq!(world.status(&tags(&[("cursor", &mine)]).by(OTHER)).await, 400);
    assert_eq!(world.status(&list(&[("cursor", &mine)])).await, 400);
    for cursor in [&*memos, "", "x", &mine.replacen('A', "B", 1), &"A".repeat(600)] {
        assert_eq!(world.status(&tags(&[("cursor", cursor)])).await, 400, "{cursor}");
    }
    assert_eq!(world.status(&tags(&[("page_size", "-1")])).await, 400);
}
