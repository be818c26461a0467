//! If-Match and If-None-Match of what has no entity tag (RFC 9110 section 13): `*` names it, as it is there, and no tag does.

use serde_json::{Value, json};

use super::world::{EMAIL, PASSWORD, World, claims};

const TAG: &str = "\"v1\"";

/// Sends `body` to `route` as the holder of `tokens` with one precondition.
async fn status(world: &World, tokens: &Value, route: &str, condition: (&str, &str), body: &Value) -> u16 {
    let headers = json!({ "Content-Type": ["application/json"], condition.0: [condition.1] });
    world.send_as(tokens, route, headers, body).await.status_code
}

#[tokio::test]
async fn the_list_of_sessions_and_the_metadata_are_named_by_a_star_alone() {
    let world = World::new().await;
    let tokens = world.tokens().await;
    for route in ["GET /v1/sessions", "GET /.well-known/oauth-authorization-server", "GET /healthz"] {
        let get = async |name, tags| status(&world, &tokens, route, (name, tags), &Value::Null).await;
        assert_eq!([get("If-Match", "*").await, get("If-Match", TAG).await], [200, 412], "{route}");
        assert_eq!([get("If-None-Match", "*").await, get("If-None-Match", TAG).await], [304, 200], "{route}");
    }
}

#[tokio::test]
async fn a_password_is_there_and_no_tag_names_it() {
    let world = World::new().await;
    let tokens = world.tokens().await;
    let (mut now, mut next) = (PASSWORD, "Coffee at nine, thanks");
    for (condition, expected) in [
        (("If-Match", TAG), 412),
        (("If-None-Match", "*"), 412),
        (("If-Match", "*"), 204),
        (("If-None-Match", TAG), 204),
    ] {
        let change = json!({ "current": now, "new": next });
        let sent = status(&world, &tokens, "PUT /v1/users/me/password", condition, &change).await;
        assert_eq!(sent, expected, "{condition:?}");
        if sent == 204 {
            std::mem::swap(&mut now, &mut next);
        }
    }
}

#[tokio::test]
async fn sessions_end_only_where_the_precondition_holds() {
    let world = World::new().await;
    let tokens = world.tokens().await;
    let other = claims(&world.session(EMAIL, PASSWORD).await)["sid"].as_str().unwrap().to_owned();
    let end = async |id: &str, name: &str, tags: &str| {
        let event = json!({ "pathParameters": { "id": id }, "multiValueHeaders": { name: [tags] } });
        world.call_as(&tokens, "DELETE /v1/sessions/{id}", event).await.status_code
    };
    assert_eq!(end(&other, "If-Match", TAG).await, 412);
    assert_eq!(end(&other, "If-None-Match", "*").await, 412);
    // 404 comes first.
    assert_eq!(end("01K9XJ6A0B1C2D3E4F5G6H7J8K", "If-Match", TAG).await, 404);
    assert_eq!(end(&other, "If-Match", "*").await, 204);
    let all = async |condition| status(&world, &tokens, "DELETE /v1/sessions", condition, &Value::Null).await;
    assert_eq!([all(("If-Match", TAG)).await, all(("If-None-Match", "*")).await], [412, 412]);
    assert_eq!(all(("If-None-Match", TAG)).await, 204);
}
