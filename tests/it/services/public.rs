//! What anybody may ask: the keys, where everything is, and whether the service answers.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64URL;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::http::Call;
use super::person::{Person, part};
use super::site::shared;

const JWKS: &str = "GET /.well-known/jwks.json";
const METADATA: &str = "GET /.well-known/oauth-authorization-server";

#[tokio::test]
async fn the_process_says_that_it_answers() {
    let answer = shared().send(&Call::new("GET /healthz")).await.expect(200);
    assert_eq!(answer.json(), json!({ "status": "ok" }));
}

#[tokio::test]
async fn the_key_set_holds_public_members_alone_and_may_be_kept_five_minutes() {
    let answer = shared().send(&Call::new(JWKS)).await.expect(200);
    assert_eq!(answer.header("Cache-Control"), "public, max-age=300");
    let keys = answer.json();
    let [key] = &keys["keys"].as_array().unwrap()[..] else { panic!("{keys}") };
    let x = key["x"].as_str().unwrap();
    // RFC 7638: the members that a key has to have, in the order of their names.
    let thumbprint = Sha256::digest(format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#));
    let expected = json!({
        "kty": "OKP", "crv": "Ed25519", "x": x, "kid": BASE64URL.encode(thumbprint), "use": "sig", "alg": "EdDSA",
    });
    assert_eq!(*key, expected);
}

#[tokio::test]
async fn who_has_the_key_set_is_told_so() {
    let site = shared();
    let tag = site.send(&Call::new(JWKS)).await.header("ETag").to_owned();
    for known in [&tag, &format!("W/{tag}"), &format!("\"other\", {tag}"), "*"] {
        let answer = site.send(&Call::new(JWKS).header("If-None-Match", known)).await.expect(304);
        assert_eq!((answer.header("ETag"), answer.header("Cache-Control")), (&*tag, "public, max-age=300"));
        assert_eq!(answer.body, "");
    }
    site.send(&Call::new(JWKS).header("If-None-Match", "\"other\"")).await.expect(200);
}

#[tokio::test]
async fn a_token_names_one_of_the_published_keys_and_nothing_else_in_its_header() {
    let site = shared();
    let keys = site.send(&Call::new(JWKS)).await.json();
    let person = Person::new(&site).await;
    let header = part(person.access(), 0);
    assert_eq!(header, json!({ "alg": "EdDSA", "typ": "at+jwt", "kid": keys["keys"][0]["kid"] }));
}

#[tokio::test]
async fn the_metadata_names_the_issuer_of_the_tokens_and_places_that_answer() {
    let site = shared();
    let metadata = site.send(&Call::new(METADATA)).await.expect(200).json();
    let person = Person::new(&site).await;
    assert_eq!(metadata["issuer"], person.claims()["iss"]);
    assert_eq!(metadata["issuer"], *site.base);
    for (member, method, status) in [
        ("jwks_uri", "GET", 200),
        ("token_endpoint", "POST", 400),
        ("revocation_endpoint", "POST", 400),
        ("introspection_endpoint", "POST", 401),
    ] {
        let path = metadata[member].as_str().unwrap().strip_prefix(&site.base).unwrap();
        site.send(&Call::new(&format!("{method} {path}"))).await.expect(status);
    }
    assert_eq!(metadata["grant_types_supported"], json!(["refresh_token"]));
    assert_eq!(metadata["scopes_supported"], json!(["memos:read", "memos:write", "account"]));
}

#[tokio::test]
async fn links_are_those_of_the_stage_whatever_host_a_client_names() {
    let site = shared();
    let call = Call::new(METADATA).header("X-Forwarded-Host", "evil.example").header("Forwarded", "host=evil.example");
    let told = site.send(&call).await.expect(200);
    assert!(!told.body.contains("evil"), "{}", told.body);
}
