//! Who may ask what: the authorizer's context, scopes, and other users' memos.

use serde_json::{Value, json};

use super::call::{Call, ID, OTHER, USER, each, get, put_new};
use super::world::{World, body, header};

fn is_read(call: &Call) -> bool {
    call.is_of("GET")
}

#[tokio::test]
async fn without_a_context_of_the_authorizer_every_endpoint_is_401() {
    let world = World::new().await;
    for call in each(ID) {
        let reply = world.send(&call.context(Value::Null)).await;
        assert_eq!((reply.status_code, header(&reply, "WWW-Authenticate")), (401, "Bearer error=\"invalid_token\""));
    }
}

#[tokio::test]
async fn a_context_without_a_user_or_a_readable_expiry_is_401() {
    let world = World::new().await;
    let scope = "memos:read";
    for context in [
        json!({ "scope": scope, "exp": "1800000600" }),
        json!({ "sub": "", "scope": scope, "exp": "1800000600" }),
        json!({ "sub": USER, "scope": scope }),
        json!({ "sub": USER, "scope": scope, "exp": "soon" }),
        json!({ "sub": USER, "scope": scope, "exp": 1_800_000_600 }),
    ] {
        assert_eq!(world.status(&get(ID).context(context.clone())).await, 401, "{context}");
    }
}

#[tokio::test]
async fn a_token_is_expired_from_the_second_that_exp_names() {
    let world = World::new().await.later(599);
    assert_eq!(world.status(&get(ID)).await, 404);
    assert_eq!(world.later(1).status(&get(ID)).await, 401);
}

#[tokio::test]
async fn a_scope_that_does_not_open_the_endpoint_is_403_and_the_missing_one_is_named() {
    let world = World::new().await;
    for call in each(ID) {
        let (granted, missing) =
            if is_read(&call) { ("memos:write", "memos:read") } else { ("memos:read", "memos:write") };
        let context = json!({ "sub": USER, "scope": granted, "exp": "1800000600" });
        let reply = world.send(&call.context(context)).await;
        let challenge = format!("Bearer error=\"insufficient_scope\", scope=\"{missing}\"");
        assert_eq!((reply.status_code, header(&reply, "WWW-Authenticate")), (403, &*challenge));
    }
}

#[tokio::test]
async fn the_scope_of_the_endpoint_alone_opens_it() {
    let world = World::new().await;
    let id = world.id().await;
    for call in each(&id) {
        let scope = if is_read(&call) { "memos:read" } else { "memos:write" };
        let context = json!({ "sub": USER, "scope": scope, "exp": "1800000600" });
        let status = world.status(&call.clone().context(context)).await;
        assert!(status < 300, "{call:?}: {status}");
    }
}

#[tokio::test]
async fn another_users_memo_an_unknown_one_and_no_ulid_are_one_404() {
    let world = World::new().await;
    let foreign = world.id().await;
    let mut bodies = Vec::new();
    for id in [&foreign, ID, "", "x", "01mcc5rm00cccccccccccccccc", "81MCC5RM00CCCCCCCCCCCCCCCC", "../etc"] {
        for call in each(id).into_iter().skip(3) {
            let reply = world.send(&call.by(OTHER)).await;
            assert_eq!(reply.status_code, 404, "{id}");
            bodies.push(body(&reply));
        }
    }
    assert!(bodies.iter().all(|body| *body == bodies[0]));
    assert_eq!(world.status(&get(&foreign)).await, 200);
}

#[tokio::test]
async fn a_foreign_memo_is_404_before_its_precondition_is_412() {
    let world = World::new().await;
    let foreign = world.id().await;
    for id in [&foreign, ID] {
        for call in each(id).into_iter().skip(4) {
            assert_eq!(world.status(&call.by(OTHER).header("If-Match", "\"v9\"")).await, 404);
        }
    }
}

#[tokio::test]
async fn the_same_id_can_be_a_memo_of_two_users() {
    let world = World::new().await;
    for (user, title) in [(USER, "mine"), (OTHER, "theirs")] {
        assert_eq!(world.status(&put_new(ID, &json!({ "title": title })).by(user)).await, 201);
    }
    assert_eq!(body(&world.send(&get(ID)).await)["title"], "mine");
}

#[tokio::test]
async fn every_answer_has_the_common_headers() {
    let world = World::new().await;
    for call in each(ID).into_iter().chain([get(ID).context(Value::Null)]) {
        let reply = world.send(&call).await;
        assert_eq!(header(&reply, "X-Content-Type-Options"), "nosniff");
        assert_eq!(header(&reply, "X-Request-Id"), "5b1c9a5e-0000-4000-8000-000000000000");
        assert_eq!(header(&reply, "Cache-Control"), "no-store", "{call:?}");
        assert!(!header(&reply, "Strict-Transport-Security").is_empty());
    }
}

#[tokio::test]
async fn an_unknown_or_repeated_query_parameter_is_400_everywhere() {
    let world = World::new().await;
    let id = world.id().await;
    for call in each(&id) {
        assert_eq!(world.status(&call.clone().query("x", "1")).await, 400, "{call:?}");
    }
    let twice = super::call::list(&[("q", "a"), ("q", "a")]);
    assert_eq!(world.status(&twice).await, 400);
}
