//! `GET`, `PATCH /v1/users/me`, and what opens them.

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::world::{World, body, claims, problem};

const GET: &str = "GET /v1/users/me";
const PATCH: &str = "PATCH /v1/users/me";

/// What opens the user's account, each with a body that it takes.
fn account() -> [(&'static str, Value); 6] {
    [
        (GET, Value::Null),
        (PATCH, json!({})),
        ("DELETE /v1/users/me", json!({ "password": "x" })),
        ("PUT /v1/users/me/password", json!({ "current": "x", "new": "A cat on the keyboard" })),
        ("GET /v1/sessions", Value::Null),
        ("DELETE /v1/sessions", Value::Null),
    ]
}

#[tokio::test]
async fn the_place_of_a_registration_is_the_user() {
    let world = World::new().await;
    let registered =
        world.post("/v1/users", json!({ "email": "A@x.example", "password": super::world::PASSWORD })).await;
    let tokens = world.session("a@x.example", super::world::PASSWORD).await;
    let reply = world.as_user(&tokens, GET).await;
    assert_eq!((reply.status_code, body(&reply)), (200, body(&registered)));
    assert_eq!((&*reply.headers["ETag"], &*reply.headers["Cache-Control"]), ("\"v1\"", "no-store"));
}

#[tokio::test]
async fn who_has_the_current_user_gets_304() {
    let world = World::new().await;
    let tokens = world.tokens().await;
    let reply = world.send_as(&tokens, GET, json!({ "If-None-Match": ["\"v1\""] }), &Value::Null).await;
    assert_eq!((reply.status_code, &*reply.body, &*reply.headers["ETag"]), (304, "", "\"v1\""));
}

#[tokio::test]
async fn a_patch_sets_the_name_and_null_takes_it_away() {
    let world = World::new().await;
    let tokens = world.tokens().await;
    for (patch, name, tag) in
        [(json!({ "name": "Ann" }), json!("Ann"), "\"v2\""), (json!({ "name": null }), json!(null), "\"v3\"")]
    {
        let reply = world.json_as(&tokens, PATCH, &patch).await;
        assert_eq!((reply.status_code, &body(&reply)["name"], &*reply.headers["ETag"]), (200, &name, tag), "{patch}");
        assert_eq!(body(&world.as_user(&tokens, GET).await)["name"], name);
    }
}

#[tokio::test]
async fn a_patch_that_changes_nothing_keeps_the_version() {
    let world = World::new().await;
    let tokens = world.tokens().await;
    for (patch, tag) in [
        (json!({}), "\"v1\""),
        (json!({ "name": null }), "\"v1\""),
        (json!({ "name": "Ann" }), "\"v2\""),
        (json!({ "name": "Ann" }), "\"v2\""),
        (json!({}), "\"v2\""),
    ] {
        let reply = world.json_as(&tokens, PATCH, &patch).await;
        assert_eq!((reply.status_code, &*reply.headers["ETag"]), (200, tag), "{patch}");
    }
}

#[tokio::test]
async fn a_patch_of_anything_but_the_name_is_422() {
    let world = World::new().await;
    let tokens = world.tokens().await;
    for patch in
        [json!({ "email": "b@example.com" }), json!({ "id": "x" }), json!({ "name": "" }), json!({ "name": 1 })]
    {
        assert_eq!(world.json_as(&tokens, PATCH, &patch).await.status_code, 422, "{patch}");
    }
    let typed = world.send_as(&tokens, PATCH, json!({ "Content-Type": ["text/plain"] }), &json!({})).await;
    assert_eq!(typed.status_code, 415);
}

#[tokio::test]
async fn a_patch_of_another_version_is_412_with_the_current_tag() {
    let world = World::new().await;
    let tokens = world.tokens().await;
    let patch = async |tag: &str| {
        let headers = json!({ "Content-Type": ["application/merge-patch+json"], "If-Match": [tag] });
        world.send_as(&tokens, PATCH, headers, &json!({ "name": "Ann" })).await
    };
    for tag in ["\"v2\"", "W/\"v1\"", ""] {
        let reply = patch(tag).await;
        assert_eq!((reply.status_code, &*reply.headers["ETag"]), (412, "\"v1\""), "{tag}");
    }
    assert_eq!(patch("\"v1\"").await.status_code, 200);
    assert_eq!(patch("*").await.status_code, 200);
}

#[tokio::test]
async fn a_patch_of_the_version_that_if_none_match_names_is_412() {
    let world = World::new().await;
    let tokens = world.tokens().await;
    let patch = async |tag: &str| {
        let headers = json!({ "Content-Type": ["application/merge-patch+json"], "If-None-Match": [tag] });
        world.send_as(&tokens, PATCH, headers, &json!({ "name": "Ann" })).await
    };
    for tag in ["*", "\"v1\"", "W/\"v1\""] {
        let reply = patch(tag).await;
        assert_eq!((reply.status_code, &*reply.headers["ETag"]), (412, "\"v1\""), "{tag}");
    }
    assert_eq!(patch("\"v2\"").await.status_code, 200);
}

#[tokio::test]
async fn the_current_user_is_told_when_if_match_names_their_version_and_is_412_else() {
    let world = World::new().await;
    let tokens = world.tokens().await;
    for (tag, status) in [("\"v1\"", 200), ("*", 200), ("\"v999\"", 412)] {
        let reply = world.send_as(&tokens, GET, json!({ "If-Match": [tag] }), &Value::Null).await;
        assert_eq!((reply.status_code, &*reply.headers["ETag"]), (status, "\"v1\""), "{tag}");
    }
}

#[tokio::test]
async fn of_twenty_parallel_patches_with_one_tag_one_is_done_and_without_all_are() {
    let world = World::new().await;
    let tokens = world.tokens().await;
    let patch = async |tag: &str| {
        let headers = json!({ "Content-Type": ["application/json"], "If-Match": [tag] });
        world.send_as(&tokens, PATCH, headers, &json!({ "name": "Ann" })).await.status_code
    };
    let mut statuses = join_all((0..20).map(|_| patch("\"v1\""))).await;
    statuses.sort_unstable();
    assert_eq!(statuses, [&[200][..], &[412; 19]].concat());
    assert_eq!(join_all((0..5).map(|_| patch("*"))).await, [200; 5]);
}

#[tokio::test]
async fn without_a_context_an_account_is_closed() {
    let world = World::new().await;
    let claims = claims(&world.tokens().await);
    let whole = json!({ "sub": claims["sub"], "sid": claims["sid"], "scope": "account", "exp": "1800000600" });
    for lost in ["sub", "sid", "exp"] {
        let mut context = whole.clone();
        context.as_object_mut().unwrap().remove(lost);
        let reply = world.call_with(context, GET, json!({})).await;
        assert_eq!(problem(&reply), (401, json!("invalid-token")), "without {lost}");
        assert_eq!(reply.headers["WWW-Authenticate"], "Bearer error=\"invalid_token\"");
    }
    assert_eq!(world.call_with(whole.clone(), GET, json!({})).await.status_code, 200);
    assert_eq!(world.later(600).call_with(whole, GET, json!({})).await.status_code, 401);
}

#[tokio::test]
async fn a_token_without_the_scope_account_opens_none_of_it() {
    let world = World::new().await;
    world.register("a@example.com").await;
    let login = json!({ "email": "a@example.com", "password": super::world::PASSWORD, "scope": "memos:read" });
    let tokens = body(&world.post("/v1/sessions", login).await);
    for (route, sent) in account() {
        assert_eq!(problem(&world.json_as(&tokens, route, &sent).await), (403, json!("insufficient-scope")), "{route}");
    }
}

#[tokio::test]
async fn a_token_of_a_session_that_ended_opens_none_of_it() {
    let world = World::new().await;
    let tokens = world.tokens().await;
    assert_eq!(world.as_user(&tokens, "DELETE /v1/sessions").await.status_code, 204);
    for (route, sent) in account() {
        assert_eq!(problem(&world.json_as(&tokens, route, &sent).await), (401, json!("invalid-token")), "{route}");
    }
    assert_eq!(world.end_session(&tokens, "x").await.status_code, 401);
    assert_eq!(world.introspect(&tokens, "x").await.status_code, 401);
}

#[tokio::test]
async fn an_unknown_query_parameter_is_400_everywhere() {
    let world = World::new().await;
    let context = {
        let claims = claims(&world.tokens().await);
        json!({ "sub": claims["sub"], "sid": claims["sid"], "scope": "account", "exp": "1800000600" })
    };
    let open = ["GET /healthz", "GET /.well-known/jwks.json", "GET /.well-known/oauth-authorization-server"];
    for route in account().iter().map(|(route, _)| *route).chain(open) {
        let query = json!({ "multiValueQueryStringParameters": { "x": ["1"] } });
        assert_eq!(world.call_with(context.clone(), route, query).await.status_code, 400, "{route}");
    }
}
