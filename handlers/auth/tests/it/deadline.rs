//! Requests that Lambda does not wait for as long as their calls of AWS take.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use service::event::Reply;

use super::world::{EMAIL, PASSWORD, World, body, claims, problem};

/// How long Lambda waits, where it does not wait long enough.
const SHORT: Duration = Duration::from_millis(600);

/// Sends a request of every kind that calls AWS.
async fn each(world: &World, tokens: &Value, then: impl Fn(&str, &Reply)) {
    let told = |name: &str, reply: Reply| then(name, &reply);
    told("register", world.register("b@example.com").await);
    told("log in", world.log_in(EMAIL, PASSWORD).await);
    for route in ["GET /v1/users/me", "GET /v1/sessions", "DELETE /v1/sessions"] {
        told(route, world.as_user(tokens, route).await);
    }
    told("end", world.end_session(tokens, claims(tokens)["sid"].as_str().unwrap()).await);
    told("rename", world.json_as(tokens, "PATCH /v1/users/me", &json!({ "name": "Ann" })).await);
    let change = json!({ "current": PASSWORD, "new": "Coffee at nine, thanks" });
    told("password", world.json_as(tokens, "PUT /v1/users/me/password", &change).await);
    told("delete", world.json_as(tokens, "DELETE /v1/users/me", &json!({ "password": PASSWORD })).await);
    let token = tokens["refresh_token"].as_str().unwrap();
    told("/oauth/token", world.refresh(tokens).await);
    told("/oauth/revoke", world.form("/oauth/revoke", &format!("token={token}")).await);
    told("/oauth/introspect", world.introspect(tokens, token).await);
}

#[tokio::test]
async fn answers_of_aws_that_come_too_late_are_503_in_time_and_in_the_form_of_the_endpoint() {
    let mut world = World::new().await;
    let tokens = world.tokens().await;
    world.slow_down(SHORT * 2);
    world.left = Some(SHORT);
    let start = Instant::now();
    let count = std::cell::Cell::new(0);
    each(&world, &tokens, |name, reply| {
        count.set(count.get() + 1);
        assert_eq!((reply.status_code, &*reply.headers["Retry-After"]), (503, "1"), "{name}: {}", reply.body);
        let code = if name.starts_with("/oauth/") { "error" } else { "code" };
        let told = if name.starts_with("/oauth/") { "temporarily_unavailable" } else { "unavailable" };
        assert_eq!(body(reply)[code], told, "{name}");
    })
    .await;
    assert!(start.elapsed() < SHORT * count.get(), "{:?} for {} requests", start.elapsed(), count.get());
}

#[tokio::test]
async fn many_slow_calls_are_too_many_though_each_is_answered() {
    let mut world = World::new().await;
    world.register(EMAIL).await;
    world.slow_down(SHORT / 4);
    world.left = Some(SHORT);
    // Counters, address, user, sessions, and the transaction.
    assert_eq!(problem(&world.log_in(EMAIL, PASSWORD).await), (503, json!("unavailable")));
    world.left = Some(SHORT * 20);
    assert_eq!(world.log_in(EMAIL, PASSWORD).await.status_code, 200);
}

#[tokio::test]
async fn an_account_whose_deletion_is_stored_is_deleted_though_nobody_can_be_told() {
    // Whoever is to be told takes no connection.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut world = World::new().await.followed_by(&format!("http://{}", listener.local_addr().unwrap()));
    let tokens = world.tokens().await;
    world.left = Some(Duration::from_secs(4));
    let reply = world.json_as(&tokens, "DELETE /v1/users/me", &json!({ "password": PASSWORD })).await;
    assert_eq!(reply.status_code, 204, "{}", reply.body);
}

#[tokio::test]
async fn a_refresh_for_which_there_is_little_time_spends_no_token() {
    let mut world = World::new().await;
    let tokens = world.tokens().await;
    // The session is read when two thirds of the time are over; the rotation would be stored.
    world.left = Some(Duration::from_secs(2));
    world.slow_down(Duration::from_millis(1_100));
    assert_eq!(world.refresh(&tokens).await.status_code, 503);
    world.left = None;
    world.heal();
    assert_eq!(world.refresh(&tokens).await.status_code, 200);
}

#[tokio::test]
async fn what_took_effect_behind_a_503_is_not_done_twice() {
    let mut world = World::new().await;
    for number in 1.. {
        world = world.later(3_600);
        let email = format!("u{number}@example.com");
        world.hold_answer(number);
        world.left = Some(SHORT);
        let cut = world.register(&email).await.status_code;
        world.left = None;
        world.heal();
        let again = world.register(&email).await.status_code;
        assert!([(503, 201), (503, 409), (201, 409)].contains(&(cut, again)), "{cut}, then {again}");
        assert_eq!(world.log_in(&email, PASSWORD).await.status_code, 200);
        if cut == 201 {
            assert!(number > 2, "{number}");
            return;
        }
    }
}
