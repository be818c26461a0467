//! `DELETE /v1/users/me`, and what is left for the other services.

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
async fn the_address_is_free_again_for_another_account() {
    let world = World::new().await;
    let first = world.tokens().await;
    delete(&world, &first).await;
    let second = world.tokens().await;
    assert_ne!(claims(&first)["sub"], claims(&second)["sub"]);
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
        assert_eq!(report["failed"][0]["cause"], "no function memo is bound to this one");
    }
}

#[tokio::test]
async fn a_task_that_there_is_not_is_refused() {
    assert!(World::new().await.task(json!({ "format": "c:" })).await.unwrap_err().contains("there is no task"));
}
