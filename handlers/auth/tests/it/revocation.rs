//! `POST /oauth/revoke` (RFC 7009).

use serde_json::json;

use super::world::{EMAIL, PASSWORD, World, body};

async fn revoke(world: &World, token: &str) -> u16 {
    world.form("/oauth/revoke", &format!("token={token}&token_type_hint=whatever")).await.status_code
}

#[tokio::test]
async fn a_refresh_token_of_any_generation_ends_its_session() {
    let world = World::new().await;
    for used in [false, true] {
        let first = if used { world.session(EMAIL, PASSWORD).await } else { world.tokens().await };
        let last = if used { body(&world.refresh(&first).await) } else { first.clone() };
        assert_eq!(revoke(&world, first["refresh_token"].as_str().unwrap()).await, 200);
        assert_eq!(world.refresh(&last).await.status_code, 400);
        assert_eq!(world.as_user(&last, "GET /v1/users/me").await.status_code, 401);
    }
}

#[tokio::test]
async fn an_access_token_however_old_ends_its_session() {
    let world = World::new().await;
    let tokens = world.tokens().await;
    let world = world.later(3_600);
    assert_eq!(revoke(&world, tokens["access_token"].as_str().unwrap()).await, 200);
    assert_eq!(world.refresh(&tokens).await.status_code, 400);
}

#[tokio::test]
async fn the_other_sessions_go_on() {
    let world = World::new().await;
    let (first, second) = (world.tokens().await, world.session(EMAIL, PASSWORD).await);
    revoke(&world, first["refresh_token"].as_str().unwrap()).await;
    assert_eq!(world.refresh(&second).await.status_code, 200);
}

#[tokio::test]
async fn what_is_no_token_of_this_service_is_200_and_changes_nothing() {
    let world = World::new().await;
    let tokens = world.tokens().await;
    let (refresh, access) = (tokens["refresh_token"].as_str().unwrap(), tokens["access_token"].as_str().unwrap());
    let forged = [refresh.replacen("rt1.A", "rt1.B", 1), format!("{access}A"), "x".to_owned(), "%00".to_owned()];
    for token in forged {
        assert_eq!(revoke(&world, &token).await, 200, "{token}");
    }
    assert_eq!(world.refresh(&tokens).await.status_code, 200);
}

#[tokio::test]
async fn a_request_without_a_token_or_with_two_is_400() {
    let world = World::new().await;
    for form in ["", "token=", "token=a&token=b"] {
        let reply = world.form("/oauth/revoke", form).await;
        assert_eq!((reply.status_code, &body(&reply)["error"]), (400, &json!("invalid_request")), "{form}");
    }
}
