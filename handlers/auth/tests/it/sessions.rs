//! A user's sessions: listing them, ending one, ending all.

use serde_json::json;

use super::world::{EMAIL, PASSWORD, World, body, claims, problem};

const LIST: &str = "GET /v1/sessions";

#[tokio::test]
async fn a_user_sees_their_sessions_the_newest_first_and_which_is_this_one() {
    let world = World::new().await;
    let first = world.tokens().await;
    let world = world.later(60);
    let second = world.session(EMAIL, PASSWORD).await;
    let reply = world.as_user(&first, LIST).await;
    let shown = |tokens, current, created_at, expires_at| {
        json!({
            "id": claims(tokens)["sid"], "scope": "memos:read memos:write account", "created_at": created_at,
            "expires_at": expires_at, "current": current,
        })
    };
    let expected = json!({ "sessions": [
        shown(&second, false, "2027-01-15T08:01:00Z", "2027-01-29T08:01:00Z"),
        shown(&first, true, "2027-01-15T08:00:00Z", "2027-01-29T08:00:00Z"),
    ] });
    assert_eq!((reply.status_code, body(&reply)), (200, expected));
}

#[tokio::test]
async fn a_session_that_expired_or_is_anothers_is_not_listed() {
    let world = World::new().await;
    world.tokens_of("b@example.com").await;
    world.tokens().await;
    let world = world.later(14 * 86_400);
    let tokens = world.session(EMAIL, PASSWORD).await;
    let sessions = body(&world.as_user(&tokens, LIST).await);
    assert_eq!(sessions["sessions"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn ending_a_session_ends_its_refresh_token_and_no_other() {
    let world = World::new().await;
    let (first, second) = (world.tokens().await, world.session(EMAIL, PASSWORD).await);
    let id = claims(&first)["sid"].as_str().unwrap().to_owned();
    assert_eq!(world.end_session(&second, &id).await.status_code, 204);
    assert_eq!(world.end_session(&second, &id).await.status_code, 404);
    assert_eq!((world.refresh(&first).await.status_code, world.refresh(&second).await.status_code), (400, 200));
}

#[tokio::test]
async fn anothers_session_an_unknown_one_and_no_ulid_are_one_404() {
    let world = World::new().await;
    let (theirs, mine) = (world.tokens_of("b@example.com").await, world.tokens().await);
    let foreign = claims(&theirs)["sid"].as_str().unwrap().to_owned();
    let mut bodies = Vec::new();
    for id in [&*foreign, "01HF7YAT00CCCCCCCCCCCCCCCC", "x", &foreign.to_lowercase()] {
        let reply = world.end_session(&mine, id).await;
        assert_eq!(problem(&reply), (404, json!("not-found")), "{id}");
        bodies.push(reply.body);
    }
    assert!(bodies.iter().all(|body| *body == bodies[0]));
    assert_eq!(world.refresh(&theirs).await.status_code, 200);
}

#[tokio::test]
async fn ending_all_sessions_ends_this_one_too_and_nobody_elses() {
    let world = World::new().await;
    let theirs = world.tokens_of("b@example.com").await;
    let (first, second) = (world.tokens().await, world.session(EMAIL, PASSWORD).await);
    assert_eq!(world.as_user(&first, "DELETE /v1/sessions").await.status_code, 204);
    for tokens in [&first, &second] {
        assert_eq!(world.refresh(tokens).await.status_code, 400);
        assert_eq!(world.as_user(tokens, LIST).await.status_code, 401);
    }
    assert_eq!(world.refresh(&theirs).await.status_code, 200);
}

#[tokio::test]
async fn fifty_sessions_end_together() {
    let mut world = World::new().await;
    let mut tokens = vec![world.tokens().await];
    for _ in 1..50 {
        // Another hour each, for the throttle.
        world = world.later(3_600);
        tokens.push(world.session(EMAIL, PASSWORD).await);
    }
    let listed = body(&world.as_user(&tokens[49], LIST).await);
    assert_eq!(listed["sessions"].as_array().unwrap().len(), 50);
    assert_eq!(world.as_user(&tokens[49], "DELETE /v1/sessions").await.status_code, 204);
    for tokens in &tokens {
        assert_eq!(world.refresh(tokens).await.status_code, 400);
    }
}
