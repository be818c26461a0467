//! `GET /.well-known/oauth-authorization-server` (RFC 8414).

use serde_json::json;

use super::world::{BASE, World, body, claims};

#[tokio::test]
async fn the_metadata_names_the_issuer_of_the_tokens_and_absolute_addresses() {
    let world = World::new().await;
    let reply =
        world.send("GET /.well-known/oauth-authorization-server", json!({ "Host": ["evil.example"] }), "").await;
    let metadata = body(&reply);
    assert_eq!((reply.status_code, &*reply.headers["Content-Type"]), (200, "application/json"));
    assert_eq!(metadata["issuer"], claims(&world.tokens().await)["iss"]);
    for (member, path) in [
        ("jwks_uri", "/.well-known/jwks.json"),
        ("token_endpoint", "/oauth/token"),
        ("revocation_endpoint", "/oauth/revoke"),
        ("introspection_endpoint", "/oauth/introspect"),
    ] {
        assert_eq!(metadata[member], format!("{BASE}{path}"));
    }
    assert_eq!(metadata["grant_types_supported"], json!(["refresh_token"]));
    assert_eq!(metadata["scopes_supported"], json!(["memos:read", "memos:write", "account"]));
}
