//! Requests at the same moment.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use serde_json::json;
use service::event::Reply;

use super::call::{Call, ID, delete, get, list, patch, post, put_new, restore};
use super::world::{World, body, header};

async fn twenty(world: &World, call: impl Fn(usize) -> Call) -> Vec<Reply> {
    let calls: Vec<_> = (0..20).map(call).collect();
    join_all(calls.iter().map(|call| world.send(call))).await
}

fn count(replies: &[Reply], status: u16) -> usize {
    replies.iter().filter(|reply| reply.status_code == status).count()
}

#[tokio::test]
async fn of_twenty_patches_with_one_tag_one_is_done() {
    let world = World::new().await;
    let id = world.id().await;
    let title = |index: usize| json!({ "title": index.to_string(), "tags": [index.to_string()] });
    let replies = twenty(&world, |index| patch(&id, &title(index)).header("If-Match", "\"v1\"")).await;
    assert_eq!((count(&replies, 200), count(&replies, 412)), (1, 19));
    assert!(replies.iter().all(|reply| header(reply, "ETag") == "\"v2\""));
    let done = replies.iter().find(|reply| reply.status_code == 200).unwrap();
    assert_eq!(body(&world.send(&get(&id)).await), body(done));
    assert_eq!(world.numbers().await, (1, 1));
}

#[tokio::test]
async fn twenty_patches_of_any_version_are_all_done_one_after_the_other() {
    for if_match in [None, Some("*")] {
        let world = World::new().await;
        let id = world.id().await;
        let patch = |index: usize| patch(&id, &json!({ "tags": [index.to_string()] }));
        let call = |index| if_match.into_iter().fold(patch(index), |call, value| call.header("If-Match", value));
        let replies = twenty(&world, call).await;
        assert_eq!(count(&replies, 200), 20, "{:?}", replies.iter().map(|reply| reply.status_code).collect::<Vec<_>>());
        let tags: BTreeSet<_> = replies.iter().map(|reply| header(reply, "ETag")).collect();
        assert_eq!(tags.len(), 20);
        assert_eq!(header(&world.send(&get(&id)).await, "ETag"), "\"v21\"");
        assert_eq!(world.numbers().await, (1, 1));
    }
}

#[tokio::test]
async fn of_twenty_restores_one_is_done_and_the_rest_are_told_that_it_is_there() {
    let world = World::new().await;
    let id = super::world::id(&world.memo(json!({ "tags": ["a"] })).await);
    world.send(&delete(&id)).await;
    let replies = twenty(&world, |_| restore(&id)).await;
    assert_eq!((count(&replies, 200), count(&replies, 409)), (1, 19));
    assert_eq!((world.numbers().await, world.tag_counts().await), ((1, 1), [("a".to_owned(), 1)].into()));
}

#[tokio::test]
async fn twenty_requests_with_one_idempotency_key_make_one_memo() {
    let world = World::new().await;
    let call = post(&json!({ "title": "t", "tags": ["a"] })).header("Idempotency-Key", "k");
    let replies = twenty(&world, |_| call.clone()).await;
    assert_eq!(count(&replies, 201), 20);
    assert_eq!(replies.iter().map(|reply| &reply.body).collect::<BTreeSet<_>>().len(), 1);
    let replayed = replies.iter().filter(|reply| header(reply, "Idempotency-Replayed") == "true").count();
    assert_eq!(replayed, 19);
    assert_eq!(body(&world.send(&list(&[])).await)["memos"].as_array().unwrap().len(), 1);
    assert_eq!(world.numbers().await, (1, 1));
}

#[tokio::test]
async fn of_twenty_different_bodies_under_one_idempotency_key_one_is_done() {
    let world = World::new().await;
    let title = |index: usize| json!({ "title": index.to_string() });
    let replies = twenty(&world, |index| post(&title(index)).header("Idempotency-Key", "k")).await;
    assert_eq!((count(&replies, 201), count(&replies, 422)), (1, 19));
}

#[tokio::test]
async fn twenty_memos_with_the_same_tags_are_all_made_and_counted() {
    let world = World::new().await;
    let memo = json!({ "title": "t", "tags": ["a", "b"] });
    let replies = twenty(&world, |_| post(&memo)).await;
    assert_eq!(count(&replies, 201), 20, "{:?}", replies.iter().map(|reply| reply.status_code).collect::<Vec<_>>());
    assert_eq!(world.tag_counts().await, [("a".to_owned(), 20), ("b".to_owned(), 20)].into());
}

#[tokio::test]
async fn twenty_memos_with_the_same_tags_are_all_deleted_and_the_tags_gone() {
    let world = World::new().await;
    let mut ids = Vec::new();
    for _ in 0..20 {
        ids.push(super::world::id(&world.memo(json!({ "tags": ["a", "b"] })).await));
    }
    let replies = twenty(&world, |index| delete(&ids[index])).await;
    assert_eq!(count(&replies, 204), 20, "{:?}", replies.iter().map(|reply| reply.status_code).collect::<Vec<_>>());
    assert_eq!((world.tag_counts().await.len(), world.numbers().await), (0, (0, 0)));
}

#[tokio::test]
async fn of_twenty_that_make_one_id_one_is_done() {
    let world = World::new().await;
    let replies = twenty(&world, |_| put_new(ID, &json!({ "title": "t", "tags": ["a"] }))).await;
    assert_eq!((count(&replies, 201), count(&replies, 412)), (1, 19));
    assert_eq!(world.numbers().await, (1, 1));
}

#[tokio::test]
async fn of_twenty_deletes_one_is_done_and_the_rest_find_nothing() {
    let world = World::new().await;
    let id = world.id().await;
    let replies = twenty(&world, |_| delete(&id)).await;
    assert_eq!((count(&replies, 204), count(&replies, 404)), (1, 19));
    assert_eq!(world.numbers().await.0, 0);
}

#[tokio::test]
async fn of_twenty_at_the_quotas_edge_as_many_are_made_as_there_is_room() {
    let world = World::new().await;
    world.set_number("memo_count", 9_995).await;
    let replies = twenty(&world, |_| post(&json!({ "title": "t" }))).await;
    assert_eq!((count(&replies, 201), count(&replies, 403)), (5, 15));
}

#[tokio::test]
async fn of_twenty_that_bring_the_last_tag_none_is_refused() {
    let world = World::new().await;
    world.set_number("tag_count", 999).await;
    let replies = twenty(&world, |_| post(&json!({ "title": "t", "tags": ["a"] }))).await;
    assert_eq!(count(&replies, 201), 20);
    assert_eq!(world.numbers().await, (20, 1_000));
}
