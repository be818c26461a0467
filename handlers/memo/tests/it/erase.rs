//! What follows the deletion of an account.

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::call::{ID, OTHER, USER, delete, get, post, put_new, restore};
use super::world::{World, body};

fn task(rounds: usize) -> Value {
    json!({ "account_deleted": { "user": USER, "at": 1_800_000_000, "rounds": rounds } })
}

/// A user with live and deleted memos, tags and an answer to a key; and another user with one memo.
async fn two_users() -> World {
    let world = World::new().await;
    for number in 0..3 {
        world.memo(json!({ "tags": [number.to_string(), "a"] })).await;
    }
    world.send(&put_new(ID, &json!({ "title": "t" }))).await;
    world.send(&delete(ID)).await;
    world.send(&post(&json!({ "title": "t" })).header("Idempotency-Key", "k")).await;
    world.send(&post(&json!({ "title": "t", "tags": ["a"] })).by(OTHER)).await;
    world
}

#[tokio::test]
async fn all_of_the_user_goes_but_the_tombstone_and_nothing_of_others() {
    let world = two_users().await;
    let theirs = world.keys(OTHER).await;
    let report = world.task(task(1)).await.unwrap();
    // Four memos and a deleted one, four tags, one answer.
    assert_eq!(report, json!({ "finished": true, "deleted": 10 }));
    assert_eq!((world.keys(USER).await, world.keys(OTHER).await), (vec!["META".to_owned()], theirs));
}

#[tokio::test]
async fn nothing_can_be_written_afterwards() {
    let world = two_users().await;
    world.task(task(1)).await.unwrap();
    for call in [post(&json!({ "title": "t" })), put_new(ID, &json!({ "title": "t" }))] {
        let reply = world.send(&call).await;
        assert_eq!((reply.status_code, &body(&reply)["code"]), (403, &json!("account-deleted")));
    }
    assert_eq!((world.status(&get(ID)).await, world.status(&restore(ID)).await), (404, 404));
}

#[tokio::test]
async fn the_task_can_be_given_again_and_to_who_has_nothing() {
    let world = two_users().await;
    world.task(task(1)).await.unwrap();
    assert_eq!(world.task(task(1)).await.unwrap(), json!({ "finished": true, "deleted": 0 }));
    let stranger = json!({ "account_deleted": { "user": "01HF7YAT00DDDDDDDDDDDDDDDD", "at": 1 } });
    assert_eq!(world.task(stranger).await.unwrap(), json!({ "finished": true, "deleted": 0 }));
}

#[tokio::test]
async fn an_invocation_deletes_so_much_and_the_next_one_goes_on() {
    let world = World::new().await;
    let memos: Vec<_> = (0..600).map(|number| post(&json!({ "title": number.to_string() }))).collect();
    for calls in memos.chunks(20) {
        join_all(calls.iter().map(|call| world.send(call))).await;
    }
    assert_eq!(world.task(task(1)).await.unwrap(), json!({ "finished": false, "deleted": 500 }));
    // The tombstone stands from the first round on.
    assert_eq!(world.status(&post(&json!({ "title": "t" }))).await, 403);
    assert_eq!(world.task(task(1)).await.unwrap(), json!({ "finished": true, "deleted": 100 }));
    assert_eq!(world.keys(USER).await, ["META"]);
}

#[tokio::test]
async fn of_writes_that_race_the_deletion_nothing_stays() {
    let world = two_users().await;
    let new: Vec<_> = (0..20).map(|_| post(&json!({ "title": "t", "tags": ["x"] }))).collect();
    let (_, replies) = tokio::join!(world.task(task(1)), join_all(new.iter().map(|call| world.send(call))));
    assert!(replies.iter().all(|reply| [201, 403].contains(&reply.status_code)));
    assert_eq!(world.task(task(1)).await.unwrap()["finished"], true);
    assert_eq!(world.keys(USER).await, ["META"]);
}

#[tokio::test]
async fn a_task_that_names_no_user_is_refused() {
    let world = World::new().await;
    for user in ["", "x", "../01HF7YAT00AAAAAAAAAAAAAAAA"] {
        let task = json!({ "account_deleted": { "user": user, "at": 1 } });
        assert!(world.task(task).await.is_err(), "{user}");
    }
    assert!(world.task(json!({ "forget": {} })).await.is_err());
}

#[tokio::test]
async fn a_user_who_is_not_spelt_as_in_the_table_is_no_user() {
    let world = two_users().await;
    let before = world.keys(USER).await;
    let lower = USER.to_lowercase();
    let refused = world.task(json!({ "account_deleted": { "user": lower, "at": 1_800_000_000 } })).await.unwrap_err();
    assert_eq!(refused, format!("{lower:?} is no user's id"));
    assert_eq!((world.keys(USER).await, world.keys(&lower).await.len()), (before, 0));
}
