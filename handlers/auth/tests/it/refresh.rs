use futures_util::future::join_all;
use serde_json::{Value, json};

use super::world::{World, body, claims};

const DAY: i64 = 86_400;

fn error(reply: &service::event::Reply) -> (u16, Value) {
    (reply.status_code, body(reply)["error"].clone())
}

#[tokio::test]
async fn a_refresh_gives_new_tokens_of_the_same_session() {
    let world = World::new().await;
    let first = world.tokens().await;
    let reply = world.refresh(&first).await;
    assert_eq!((reply.status_code, &*reply.headers["Cache-Control"]), (200, "no-store"));
    assert_eq!(reply.headers["Pragma"], "no-cache");
    let second = body(&reply);
    assert_ne!(first["refresh_token"], second["refresh_token"]);
    assert_eq!(claims(&first)["sid"], claims(&second)["sid"]);
}

#[tokio::test]
async fn a_token_used_again_ends_its_session() {
    let world = World::new().await;
    let first = world.tokens().await;
    let second = body(&world.refresh(&first).await);
    assert_eq!(error(&world.refresh(&first).await), (400, json!("invalid_grant")));
    assert_eq!(error(&world.refresh(&second).await), (400, json!("invalid_grant")));
}

#[tokio::test]
async fn another_session_outlives_the_reuse() {
    let world = World::new().await;
    let first = world.tokens().await;
    let other = body(&world.log_in("a@example.com", super::world::PASSWORD).await);
    world.refresh(&first).await;
    world.refresh(&first).await;
    assert_eq!(world.refresh(&other).await.status_code, 200);
}

#[tokio::test]
async fn of_parallel_refreshes_with_one_token_one_succeeds_and_the_session_ends() {
    let world = World::new().await;
    let first = world.tokens().await;
    let replies = join_all((0..10).map(|_| world.refresh(&first))).await;
    let (good, bad): (Vec<_>, Vec<_>) = replies.iter().partition(|reply| reply.status_code == 200);
    assert_eq!((good.len(), bad.len()), (1, 9));
    assert!(bad.iter().all(|reply| error(reply) == (400, json!("invalid_grant"))));
    assert_eq!(error(&world.refresh(&body(good[0])).await), (400, json!("invalid_grant")));
}

#[tokio::test]
async fn a_token_that_nobody_signed_changes_nothing() {
    let world = World::new().await;
    let tokens = world.tokens().await;
    let forged = json!({ "refresh_token": tokens["refresh_token"].as_str().unwrap().replacen("rt1.A", "rt1.B", 1) });
    assert_eq!(error(&world.refresh(&forged).await), (400, json!("invalid_grant")));
    assert_eq!(world.refresh(&tokens).await.status_code, 200);
}

#[tokio::test]
async fn a_narrower_scope_holds_for_one_access_token() {
    let world = World::new().await;
    let first = world.tokens().await;
    let token = first["refresh_token"].as_str().unwrap();
    let narrow = world.token(&format!("grant_type=refresh_token&refresh_token={token}&scope=memos%3Aread")).await;
    assert_eq!(body(&narrow)["scope"], "memos:read");
    assert_eq!(body(&world.refresh(&body(&narrow)).await)["scope"], "memos:read memos:write account");
}

#[tokio::test]
async fn a_scope_that_was_not_granted_is_refused_and_the_token_stays_good() {
    let world = World::new().await;
    let tokens = world.tokens().await;
    let token = tokens["refresh_token"].as_str().unwrap();
    let wide = world.token(&format!("grant_type=refresh_token&refresh_token={token}&scope=admin")).await;
    assert_eq!(error(&wide), (400, json!("invalid_scope")));
    assert_eq!(world.refresh(&tokens).await.status_code, 200);
}

#[tokio::test]
async fn each_fault_of_a_form_has_its_error() {
    let world = World::new().await;
    for (form, expected) in [
        ("", "invalid_request"),
        ("grant_type=password&username=a", "unsupported_grant_type"),
        ("grant_type=&refresh_token=x", "invalid_request"),
        ("grant_type=refresh_token", "invalid_request"),
        ("grant_type=refresh_token&refresh_token=a&refresh_token=b", "invalid_request"),
        ("grant_type=refresh_token&refresh_token=a&client_id=x&refresh%5Ftoken=", "invalid_grant"),
    ] {
        assert_eq!(error(&world.token(form).await), (400, json!(expected)), "{form}");
    }
    let typed = world.send("POST /oauth/token", json!({ "Content-Type": ["application/json"] }), "{}").await;
    assert_eq!(error(&typed), (400, json!("invalid_request")));
}

#[tokio::test]
async fn a_session_ends_after_fourteen_idle_days() {
    let mut world = World::new().await;
    let first = world.tokens().await;
    world = world.later(14 * DAY - 1);
    let second = body(&world.refresh(&first).await);
    world = world.later(14 * DAY);
    assert_eq!(error(&world.refresh(&second).await), (400, json!("invalid_grant")));
}

#[tokio::test]
async fn a_session_ends_after_thirty_days_whatever_happens() {
    let mut world = World::new().await;
    let mut tokens = world.tokens().await;
    for _ in 0..2 {
        world = world.later(13 * DAY);
        tokens = body(&world.refresh(&tokens).await);
    }
    world = world.later(4 * DAY - 1);
    tokens = body(&world.refresh(&tokens).await);
    world = world.later(1);
    assert_eq!(error(&world.refresh(&tokens).await), (400, json!("invalid_grant")));
}

#[tokio::test]
async fn a_session_of_an_earlier_epoch_ends() {
    let world = World::new().await;
    let tokens = world.tokens().await;
    world.raise_epoch(claims(&tokens)["sub"].as_str().unwrap()).await;
    assert_eq!(error(&world.refresh(&tokens).await), (400, json!("invalid_grant")));
}
