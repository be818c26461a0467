//! `POST /oauth/introspect` (RFC 7662).

use serde_json::{Value, json};

use super::world::{BASE, EMAIL, PASSWORD, World, body, claims};

fn access(tokens: &Value) -> &str {
    tokens["access_token"].as_str().unwrap()
}

fn refresh(tokens: &Value) -> &str {
    tokens["refresh_token"].as_str().unwrap()
}

/// The answer to a token that is not active, which tells nothing else (section 2.2).
async fn assert_inactive(world: &World, tokens: &Value, token: &str) {
    let reply = world.introspect(tokens, token).await;
    assert_eq!((reply.status_code, body(&reply)), (200, json!({ "active": false })), "{token}");
}

#[tokio::test]
async fn a_users_own_access_token_is_told_as_it_is() {
    let world = World::new().await;
    let tokens = world.tokens().await;
    let claims = claims(&tokens);
    let expected = json!({
        "active": true, "token_type": "Bearer", "scope": "memos:read memos:write account",
        "client_id": "memoctl-first-party", "sub": claims["sub"], "aud": [BASE, format!("{BASE}/v1/memos")],
        "iss": BASE, "jti": claims["jti"], "iat": 1_800_000_000, "nbf": 1_800_000_000, "exp": 1_800_000_600,
    });
    assert_eq!(body(&world.introspect(&tokens, access(&tokens)).await), expected);
}

#[tokio::test]
async fn a_users_own_refresh_token_is_active_until_it_is_used_and_looking_uses_nothing() {
    let world = World::new().await;
    let first = world.tokens().await;
    for _ in 0..2 {
        let told = body(&world.introspect(&first, refresh(&first)).await);
        assert_eq!((&told["active"], &told["exp"]), (&json!(true), &json!(1_800_000_000 + 14 * 86_400)));
    }
    let second = body(&world.refresh(&first).await);
    assert_inactive(&world, &second, refresh(&first)).await;
    // A used token that is looked at is no reuse.
    assert_eq!(world.refresh(&second).await.status_code, 200);
}

#[tokio::test]
async fn anyone_elses_token_is_told_like_no_token() {
    let world = World::new().await;
    let (theirs, mine) = (world.tokens_of("b@example.com").await, world.tokens().await);
    for token in [access(&theirs), refresh(&theirs), "x", "a.b.c"] {
        assert_inactive(&world, &mine, token).await;
    }
}

#[tokio::test]
async fn a_token_of_a_session_that_ended_is_inactive() {
    let world = World::new().await;
    let (gone, mine) = (world.tokens().await, world.session(EMAIL, PASSWORD).await);
    world.end_session(&mine, claims(&gone)["sid"].as_str().unwrap()).await;
    assert_inactive(&world, &mine, access(&gone)).await;
    assert_inactive(&world, &mine, refresh(&gone)).await;
}

#[tokio::test]
async fn an_access_token_is_inactive_from_the_second_that_it_expires() {
    let world = World::new().await;
    let old = world.tokens().await;
    let world = world.later(600);
    let new = body(&world.refresh(&old).await);
    assert_inactive(&world, &new, access(&old)).await;
}

#[tokio::test]
async fn any_scope_may_ask_and_nobody_without_a_token() {
    let world = World::new().await;
    world.register(EMAIL).await;
    let login = json!({ "email": EMAIL, "password": PASSWORD, "scope": "memos:read" });
    let tokens = body(&world.post("/v1/sessions", login).await);
    assert_eq!(body(&world.introspect(&tokens, access(&tokens)).await)["active"], true);
    let nobody = world.form("/oauth/introspect", "token=x").await;
    assert_eq!((nobody.status_code, &body(&nobody)["error"]), (401, &json!("invalid_token")));
    assert_eq!(nobody.headers["WWW-Authenticate"], "Bearer error=\"invalid_token\"");
}

#[tokio::test]
async fn a_request_without_a_token_to_look_at_is_400() {
    let world = World::new().await;
    let tokens = world.tokens().await;
    let reply = world.introspect(&tokens, "").await;
    assert_eq!((reply.status_code, &body(&reply)["error"]), (400, &json!("invalid_request")));
}
