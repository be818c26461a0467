use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jwt::{PublicKeys, SigningKey};
use serde_json::{Value, json};

use super::world::{EMAIL, PASSWORD, World, body, signing_key};

const KEYS: &str = "GET /.well-known/jwks.json";

#[tokio::test]
async fn the_published_set_has_public_members_only() {
    let reply = World::new().await.send(KEYS, json!(null), "").await;
    assert_eq!((reply.status_code, &*reply.headers["Cache-Control"]), (200, "public, max-age=300"));
    assert_eq!(
        body(&reply),
        json!({ "keys": [{
            "kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
            "kid": "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k", "use": "sig", "alg": "EdDSA",
        }] })
    );
}

#[tokio::test]
async fn who_has_the_set_gets_304_with_its_tag() {
    let world = World::new().await;
    let tag = world.send(KEYS, json!(null), "").await.headers["ETag"].clone();
    let again = world.send(KEYS, json!({ "if-none-match": [format!("\"x\", W/{tag}")] }), "").await;
    assert_eq!((again.status_code, &again.headers["ETag"], &*again.body), (304, &tag, ""));
}

#[tokio::test]
async fn the_service_is_healthy_without_any_dependency() {
    assert_eq!(World::new().await.send("GET /healthz", json!(null), "").await.status_code, 200);
}

/// The key of the seed `[seed; 32]`, with the members of `life`.
fn ed25519(seed: u8, life: &Value) -> Value {
    let set: PublicKeys = [SigningKey::from_seed(&[seed; 32]).public()].into_iter().collect();
    let mut key = set.to_json()["keys"][0].clone();
    key["d"] = URL_SAFE_NO_PAD.encode([seed; 32]).into();
    with(key, life)
}

/// The refresh key of the number `id`, with the members of `life`.
fn hs256(id: u8, life: &Value) -> Value {
    // The first one is that of `testing::mac_keys`.
    let k = URL_SAFE_NO_PAD.encode([6 + id; 32]);
    with(json!({ "kty": "oct", "kid": id.to_string(), "k": k, "alg": "HS256", "use": "sig" }), life)
}

fn with(mut key: Value, life: &Value) -> Value {
    key.as_object_mut().unwrap().extend(life.as_object().unwrap().clone());
    key
}

fn kid(tokens: &Value) -> Value {
    let header = tokens["access_token"].as_str().unwrap().split('.').next().unwrap();
    let header: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).unwrap()).unwrap();
    header["kid"].clone()
}

#[tokio::test]
async fn next_active_and_retired_keys_are_published_and_the_active_one_signs() {
    let world = World::new().await;
    let keys = [ed25519(1, &json!({ "status": "next" })), ed25519(2, &json!({ "status": "retired" })), signing_key()];
    world.put_keys("jwt", &keys).await;
    let published = body(&world.send(KEYS, json!(null), "").await);
    let kids: Vec<_> = published["keys"].as_array().unwrap().iter().map(|key| &key["kid"]).collect();
    assert_eq!(kids, [&keys[0]["kid"], &keys[1]["kid"], &keys[2]["kid"]]);
    assert_eq!(kid(&world.tokens().await), keys[2]["kid"]);
}

#[tokio::test]
async fn a_next_key_takes_over_at_its_time_without_a_deploy_and_the_old_ones_tokens_go_on() {
    let mut world = World::new().await;
    let old = world.tokens().await;
    let next = ed25519(1, &json!({ "status": "next", "active_from": "2027-01-15T08:10:00Z" }));
    world.put_keys("jwt", &[next.clone(), signing_key()]).await;
    world = world.later(599);
    let before = world.session(EMAIL, PASSWORD).await;
    assert_eq!((kid(&before), kid(&old)), (signing_key()["kid"].clone(), signing_key()["kid"].clone()));
    world = world.later(1);
    let after = world.session(EMAIL, PASSWORD).await;
    assert_eq!(kid(&after), next["kid"]);
    let told = world.introspect(&after, before["access_token"].as_str().unwrap()).await;
    assert_eq!(body(&told)["active"], true);
}

#[tokio::test]
async fn a_token_of_a_key_that_was_dropped_is_no_token() {
    let mut world = World::new().await;
    let old = world.tokens().await;
    world.put_keys("jwt", &[ed25519(1, &json!({ "status": "active" }))]).await;
    world = world.later(300);
    let new = world.session(EMAIL, PASSWORD).await;
    assert_eq!(body(&world.introspect(&new, old["access_token"].as_str().unwrap()).await), json!({ "active": false }));
}

#[tokio::test]
async fn a_key_that_another_instance_signs_with_already_is_looked_up() {
    let mut world = World::new().await;
    let tokens = world.tokens().await;
    let next = ed25519(1, &json!({ "status": "active" }));
    world.put_keys("jwt", &[next, with(signing_key(), &json!({ "status": "retired" }))]).await;
    let claims = jwt::Claims {
        sub: super::world::claims(&tokens)["sub"].as_str().unwrap().to_owned(),
        ..serde_json::from_value(super::world::claims(&tokens)).unwrap()
    };
    let theirs = claims.sign(&SigningKey::from_seed(&[1; 32])).unwrap();
    world = world.later(30);
    assert_eq!(body(&world.introspect(&tokens, &theirs).await)["active"], true);
}

#[tokio::test]
async fn a_refresh_token_of_the_previous_key_is_good_and_the_next_one_is_the_new_keys() {
    let mut world = World::new().await;
    let first = world.tokens().await;
    let keys = [hs256(2, &json!({ "status": "active" })), hs256(1, &json!({ "status": "retired" }))];
    world.put_keys("refresh", &keys).await;
    world = world.later(300);
    let second = body(&world.refresh(&first).await);
    assert!(first["refresh_token"].as_str().unwrap().starts_with("rt1.AQ"));
    assert!(second["refresh_token"].as_str().unwrap().starts_with("rt1.Ag"));
    world.put_keys("refresh", &keys[..1]).await;
    world = world.later(300);
    assert_eq!(world.refresh(&second).await.status_code, 200);
    assert_eq!(body(&world.refresh(&first).await)["error"], "invalid_grant");
}

#[tokio::test]
async fn a_refresh_that_cannot_be_signed_is_503_and_its_token_stays_good() {
    let mut world = World::new().await;
    let tokens = world.tokens().await;
    world.delete_keys("jwt").await;
    world = world.later(3_600);
    let refused = world.refresh(&tokens).await;
    assert_eq!((refused.status_code, &*refused.headers["Retry-After"]), (503, "1"));
    world.put_keys("jwt", &[signing_key()]).await;
    assert_eq!(world.refresh(&tokens).await.status_code, 200);
}

#[tokio::test]
async fn a_login_that_cannot_be_signed_is_503_and_begins_no_session() {
    let world = World::new().await;
    world.register(EMAIL).await;
    world.delete_keys("jwt").await;
    assert_eq!(world.log_in(EMAIL, PASSWORD).await.status_code, 503);
    assert!(!world.items().await.contains("SESS#"));
    world.put_keys("jwt", &[signing_key()]).await;
    assert_eq!(world.log_in(EMAIL, PASSWORD).await.status_code, 200);
}

#[tokio::test]
async fn without_keys_the_endpoints_of_oauth_are_unavailable_in_their_own_form() {
    let mut world = World::new().await;
    let tokens = world.tokens().await;
    world.delete_keys("refresh").await;
    // The access token lives on: its keys are the authorizer's.
    world = world.later(3_600);
    for path in ["/oauth/token", "/oauth/revoke"] {
        let token = tokens["refresh_token"].as_str().unwrap();
        let form = format!("grant_type=refresh_token&refresh_token={token}&token={token}");
        let reply = world.form(path, &form).await;
        assert_eq!((reply.status_code, &body(&reply)["error"]), (503, &json!("temporarily_unavailable")), "{path}");
        assert_eq!((&*reply.headers["Retry-After"], &*reply.headers["Content-Type"]), ("1", "application/json"));
    }
}

#[tokio::test]
async fn a_rotation_of_the_refresh_keys_leaves_blocks_as_they_are() {
    let mut world = World::new().await;
    world.register(EMAIL).await;
    for _ in 0..5 {
        assert_eq!(world.log_in(EMAIL, "wrong").await.status_code, 401);
    }
    world = world.later(30);
    // Each further one after its wait; the last of these brings fifteen minutes.
    for wait in [60, 120, 240, 480] {
        assert_eq!(world.log_in(EMAIL, "wrong").await.status_code, 401);
        world = world.later(wait);
    }
    assert_eq!(world.log_in(EMAIL, "wrong").await.status_code, 401);
    let old = json!({ "status": "retired", "created_at": "2026-01-01T00:00:00Z" });
    let new = json!({ "status": "active", "created_at": "2027-01-01T00:00:00Z" });
    world.put_keys("refresh", &[hs256(2, &new), hs256(1, &old)]).await;
    world = world.later(301);
    assert_eq!(world.log_in(EMAIL, PASSWORD).await.status_code, 429);
}
