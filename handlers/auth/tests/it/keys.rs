use serde_json::json;

use super::world::{World, body};

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
