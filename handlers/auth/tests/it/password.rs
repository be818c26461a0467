//! `PUT /v1/users/me/password`.

use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::world::{EMAIL, PASSWORD, World, body, problem};

const NEW: &str = "A cat on the keyboard";

async fn change(world: &World, tokens: &Value, current: &str, new: &str) -> service::event::Reply {
    world.json_as(tokens, "PUT /v1/users/me/password", &json!({ "current": current, "new": new })).await
}

#[tokio::test]
async fn a_new_password_takes_the_place_of_the_old_one() {
    let world = World::new().await;
    let tokens = world.tokens().await;
    let reply = change(&world, &tokens, PASSWORD, NEW).await;
    assert_eq!((reply.status_code, &*reply.body), (204, ""));
    assert_eq!(world.log_in(EMAIL, PASSWORD).await.status_code, 401);
    assert_eq!(world.log_in(EMAIL, NEW).await.status_code, 200);
}

#[tokio::test]
async fn the_other_sessions_end_and_this_one_goes_on() {
    let world = World::new().await;
    let (other, tokens) = (world.tokens().await, world.session(EMAIL, PASSWORD).await);
    assert_eq!(change(&world, &tokens, PASSWORD, NEW).await.status_code, 204);
    assert_eq!(world.refresh(&other).await.status_code, 400);
    assert_eq!(world.as_user(&other, "GET /v1/users/me").await.status_code, 401);
    assert_eq!(world.as_user(&tokens, "GET /v1/users/me").await.status_code, 200);
    let sessions = body(&world.as_user(&tokens, "GET /v1/sessions").await);
    assert_eq!(sessions["sessions"].as_array().unwrap().len(), 1);
    assert_eq!(world.refresh(&tokens).await.status_code, 200);
}

#[tokio::test]
async fn a_wrong_current_password_is_403_since_401_is_about_the_token() {
    let world = World::new().await;
    let tokens = world.tokens().await;
    assert_eq!(problem(&change(&world, &tokens, "wrong", NEW).await), (403, json!("wrong-password")));
    assert_eq!(world.log_in(EMAIL, PASSWORD).await.status_code, 200);
}

#[tokio::test]
async fn a_new_password_has_to_keep_the_rules_of_a_first_one() {
    let world = World::new().await;
    let tokens = world.tokens().await;
    for new in ["short", "Password1234", "xx a@example.com xx", &"ab cd ef ".repeat(15)] {
        let reply = change(&world, &tokens, PASSWORD, new).await;
        assert_eq!((reply.status_code, &body(&reply)["errors"][0]["pointer"]), (422, &json!("#/new")), "{new}");
    }
    let reply = world.json_as(&tokens, "PUT /v1/users/me/password", &json!({ "x": 1 })).await;
    assert_eq!((reply.status_code, body(&reply)["errors"].as_array().unwrap().len()), (422, 3));
}

#[tokio::test]
async fn the_checks_of_a_users_password_are_throttled_wherever_they_come_from() {
    let mut world = World::new().await;
    let tokens = world.tokens().await;
    for _ in 0..5 {
        assert_eq!(change(&world, &tokens, "wrong", NEW).await.status_code, 403);
    }
    world.ip = "198.51.100.7";
    let deleted = world.json_as(&tokens, "DELETE /v1/users/me", &json!({ "password": PASSWORD })).await;
    assert_eq!((deleted.status_code, &*deleted.headers["Retry-After"]), (429, "30"));
    let world = world.later(30);
    assert_eq!(change(&world, &tokens, PASSWORD, NEW).await.status_code, 204);
    assert_eq!(change(&world, &tokens, "wrong", NEW).await.status_code, 403);
}

#[tokio::test]
async fn of_parallel_changes_from_two_sessions_one_is_done_and_the_other_is_out() {
    let world = World::new().await;
    let (first, second) = (world.tokens().await, world.session(EMAIL, PASSWORD).await);
    let new = ["A cat on the keyboard", "A dog on the keyboard"];
    let replies = join_all([change(&world, &first, PASSWORD, new[0]), change(&world, &second, PASSWORD, new[1])]).await;
    let mut statuses: Vec<_> = replies.iter().map(|reply| reply.status_code).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [204, 401]);
    let logins = join_all(new.map(|password| world.log_in(EMAIL, password))).await;
    let good = logins.iter().filter(|reply| reply.status_code == 200).count();
    assert_eq!(good, 1);
}

#[tokio::test]
async fn a_login_that_races_a_change_of_the_password_does_not_survive_it() {
    let world = World::new().await;
    let tokens = world.tokens().await;
    let (changed, logins) =
        tokio::join!(change(&world, &tokens, PASSWORD, NEW), join_all((0..4).map(|_| world.log_in(EMAIL, PASSWORD))));
    assert_eq!(changed.status_code, 204);
    for login in logins.iter().filter(|login| login.status_code == 200) {
        assert_eq!(world.refresh(&body(login)).await.status_code, 400);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_session_that_changes_the_password_outlives_it_while_it_is_refreshed() {
    let world = World::new().await;
    world.register(EMAIL).await;
    let (mut old, mut new) = (PASSWORD, NEW);
    for _ in 0..5 {
        let tokens = world.session(EMAIL, old).await;
        let over = AtomicBool::new(false);
        let refreshing = async {
            let mut newest = tokens.clone();
            while !over.load(Ordering::Relaxed) {
                let reply = world.refresh(&newest).await;
                assert_eq!(reply.status_code, 200, "{}", reply.body);
                newest = body(&reply);
            }
            newest
        };
        let changing = async {
            let reply = change(&world, &tokens, old, new).await;
            over.store(true, Ordering::Relaxed);
            reply.status_code
        };
        let (newest, changed) = tokio::join!(refreshing, changing);
        assert_eq!(changed, 204);
        assert_eq!(world.as_user(&newest, "GET /v1/users/me").await.status_code, 200);
        (old, new) = (new, old);
    }
}
