//! `DELETE /v1/users/me`, and what is left for the other services.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};
use std::thread;

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::world::{EMAIL, PASSWORD, World, claims, problem};

const DELETE: &str = "DELETE /v1/users/me";

async fn delete(world: &World, tokens: &Value) -> service::event::Reply {
    world.json_as(tokens, DELETE, &json!({ "password": PASSWORD })).await
}

#[tokio::test]
async fn a_deleted_account_ends_everything() {
    let world = World::new().await;
    let (tokens, other) = (world.tokens().await, world.session(EMAIL, PASSWORD).await);
    let reply = delete(&world, &tokens).await;
    assert_eq!((reply.status_code, &*reply.body), (204, ""));
    for tokens in [&tokens, &other] {
        assert_eq!(world.refresh(tokens).await.status_code, 400);
        assert_eq!(world.as_user(tokens, "GET /v1/users/me").await.status_code, 401);
    }
    assert_eq!(world.log_in(EMAIL, PASSWORD).await.status_code, 401);
}

#[tokio::test]
async fn nothing_of_the_user_stays_but_the_note_for_the_other_services() {
    let world = World::new().await;
    let tokens = world.tokens().await;
    let user = claims(&tokens)["sub"].as_str().unwrap().to_owned();
    delete(&world, &tokens).await;
    let items = world.items().await;
    assert!(!items.contains("PROFILE") && !items.contains("SESS#") && !items.contains(EMAIL), "{items}");
    assert!(items.contains("OUTBOX#account") && items.contains(&format!("USER#{user}")), "{items}");
}

#[tokio::test]
async fn sessions_that_have_expired_go_too() {
    let world = World::new().await;
    world.tokens().await;
    let world = world.later(15 * 86_400);
    let tokens = world.session(EMAIL, PASSWORD).await;
    assert_eq!(world.items().await.matches("SESS#").count(), 2);
    assert_eq!(delete(&world, &tokens).await.status_code, 204);
    assert!(!world.items().await.contains("SESS#"));
}

#[tokio::test]
async fn the_address_is_free_again_for_another_account() {
    let world = World::new().await;
    let first = world.tokens().await;
    delete(&world, &first).await;
    let second = world.tokens().await;
    assert_ne!(claims(&first)["sub"], claims(&second)["sub"]);
}

#[tokio::test]
async fn an_account_whose_version_if_none_match_names_is_not_deleted() {
    let world = World::new().await;
    let tokens = world.tokens().await;
    let delete = async |tag: &str| {
        let headers = json!({ "Content-Type": ["application/json"], "If-None-Match": [tag] });
        world.send_as(&tokens, DELETE, headers, &json!({ "password": PASSWORD })).await.status_code
    };
    assert_eq!((delete("*").await, delete("\"v1\"").await), (412, 412));
    assert_eq!(world.as_user(&tokens, "GET /v1/users/me").await.status_code, 200);
    assert_eq!(delete("\"v2\"").await, 204);
}

#[tokio::test]
async fn a_wrong_password_deletes_nothing() {
    let world = World::new().await;
    let tokens = world.tokens().await;
    let reply = world.json_as(&tokens, DELETE, &json!({ "password": "wrong" })).await;
    assert_eq!(problem(&reply), (403, json!("wrong-password")));
    assert_eq!(world.json_as(&tokens, DELETE, &json!({})).await.status_code, 422);
    assert_eq!(world.as_user(&tokens, "GET /v1/users/me").await.status_code, 200);
}

#[tokio::test]
async fn an_account_in_another_version_is_not_deleted() {
    let world = World::new().await;
    let tokens = world.tokens().await;
    let headers = json!({ "Content-Type": ["application/json"], "If-Match": ["\"v7\""] });
    let reply = world.send_as(&tokens, DELETE, headers, &json!({ "password": PASSWORD })).await;
    assert_eq!((reply.status_code, &*reply.headers["ETag"]), (412, "\"v1\""));
    assert_eq!(world.as_user(&tokens, "GET /v1/users/me").await.status_code, 200);
}

#[tokio::test]
async fn of_parallel_deletions_one_is_done() {
    let world = World::new().await;
    let tokens = world.tokens().await;
    let replies = join_all((0..5).map(|_| delete(&world, &tokens))).await;
    let mut statuses: Vec<_> = replies.iter().map(|reply| reply.status_code).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [204, 401, 401, 401, 401]);
}

#[tokio::test]
async fn a_login_that_races_a_deletion_opens_nothing_afterwards() {
    let world = World::new().await;
    let tokens = world.tokens().await;
    let (deleted, logins) =
        tokio::join!(delete(&world, &tokens), join_all((0..4).map(|_| world.log_in(EMAIL, PASSWORD))));
    assert_eq!(deleted.status_code, 204);
    for login in logins.iter().filter(|login| login.status_code == 200) {
        assert_eq!(world.refresh(&super::world::body(login)).await.status_code, 400);
    }
}

#[tokio::test]
async fn a_delivery_that_cannot_reach_the_memo_service_keeps_its_note_and_says_why() {
    let world = World::new().await;
    let tokens = world.tokens().await;
    delete(&world, &tokens).await;
    for _ in 0..2 {
        let report = world.task(json!({ "outbox": {} })).await.unwrap();
        assert_eq!((&report["delivered"], &report["failed"][0]["user"]), (&json!(0), &claims(&tokens)["sub"]));
        assert!(
            report["failed"][0]["cause"].as_str().unwrap().starts_with("the event names no function memo"),
            "{report}"
        );
    }
}

#[tokio::test]
async fn a_task_that_there_is_not_is_refused() {
    assert!(World::new().await.task(json!({ "format": "c:" })).await.unwrap_err().contains("there is no task"));
}

/// One request to a [`functions`]: its path, how it is invoked, and the event.
type Invocation = (String, String, Value);

/// Starts a Lambda whose every function gives the next of `answers` (a status and a body), and gives its endpoint and
/// what it was asked.
fn functions(answers: Vec<(u16, Value)>) -> (String, Receiver<Invocation>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let (sender, invocations) = channel();
    thread::spawn(move || {
        for ((status, answer), stream) in answers.into_iter().zip(listener.incoming()) {
            let (mut length, mut kind) = (0, String::new());
            let mut reader = BufReader::new(stream.unwrap());
            let mut first = String::new();
            reader.read_line(&mut first).unwrap();
            for line in reader.by_ref().lines() {
                let line = line.unwrap().to_lowercase();
                match line.split_once(": ") {
                    Some(("content-length", value)) => length = value.parse().unwrap(),
                    Some(("x-amz-invocation-type", value)) => value.clone_into(&mut kind),
                    _ if line.is_empty() => break,
                    _ => {}
                }
            }
            let mut event = vec![0; length];
            reader.read_exact(&mut event).unwrap();
            let path = first.split(' ').nth(1).unwrap().to_owned();
            sender.send((path, kind, serde_json::from_slice(&event).unwrap())).unwrap();
            let answer = answer.to_string();
            let head = format!("HTTP/1.1 {status} X\r\nConnection: close\r\nContent-Length: {}", answer.len());
            write!(reader.get_mut(), "{head}\r\n\r\n{answer}").unwrap();
        }
    });
    (endpoint, invocations)
}

#[tokio::test]
async fn the_memo_service_is_told_at_once_and_nobody_waits_for_it() {
    let (endpoint, invocations) = functions(vec![(202, json!({}))]);
    let world = World::new().await.followed_by(&endpoint);
    let tokens = world.tokens().await;
    assert_eq!(delete(&world, &tokens).await.status_code, 204);
    let (path, kind, event) = invocations.recv().unwrap();
    assert_eq!((&*path, &*kind), ("/2015-03-31/functions/memo%3A7/invocations", "event"));
    let task = json!({ "account_deleted": { "user": claims(&tokens)["sub"], "at": 1_800_000_000, "rounds": 16 } });
    assert_eq!(event, json!({ "task": task }));
}

#[tokio::test]
async fn an_account_is_deleted_although_the_memo_service_cannot_be_told() {
    let (endpoint, _invocations) = functions(vec![(500, json!({}))]);
    let world = World::new().await.followed_by(&endpoint);
    let tokens = world.tokens().await;
    assert_eq!(delete(&world, &tokens).await.status_code, 204);
    assert!(world.items().await.contains("OUTBOX#account"));
}

#[tokio::test]
async fn a_delivery_asks_until_the_memo_service_has_finished_and_then_takes_the_note_out() {
    let unfinished = (200, json!({ "finished": false, "deleted": 500 }));
    let finished = (200, json!({ "finished": true, "deleted": 7 }));
    let (endpoint, invocations) = functions(vec![(202, json!({})), unfinished.clone(), unfinished, finished]);
    let world = World::new().await.followed_by(&endpoint);
    let tokens = world.tokens().await;
    delete(&world, &tokens).await;
    let report = world.task(json!({ "outbox": {} })).await.unwrap();
    assert_eq!(report, json!({ "delivered": 1, "failed": [] }));
    assert_eq!(invocations.iter().take(4).skip(1).filter(|(_, kind, _)| kind == "requestresponse").count(), 3);
    assert!(!world.items().await.contains("OUTBOX#"));
    assert_eq!(world.task(json!({ "outbox": {} })).await.unwrap(), json!({ "delivered": 0, "failed": [] }));
}

#[tokio::test]
async fn a_delivery_that_is_cut_short_is_finished_by_the_next() {
    let finished = (200, json!({ "finished": true, "deleted": 1 }));
    let failed = (500, json!({ "message": "broken" }));
    let answers = vec![(202, json!({})), (202, json!({})), finished.clone(), failed, finished];
    let (endpoint, _invocations) = functions(answers);
    let world = World::new().await.followed_by(&endpoint);
    for email in [EMAIL, "b@example.com"] {
        let tokens = world.tokens_of(email).await;
        delete(&world, &tokens).await;
    }
    let report = world.task(json!({ "outbox": {} })).await.unwrap();
    assert_eq!((&report["delivered"], report["failed"].as_array().unwrap().len()), (&json!(1), 1));
    assert_eq!(world.task(json!({ "outbox": {} })).await.unwrap(), json!({ "delivered": 1, "failed": [] }));
}
