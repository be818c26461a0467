//! `GET /.well-known/jwks.json`: the keys that verify access tokens.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use service::{Problem, Request, Response};
use sha2::{Digest, Sha256};

use crate::Auth;

/// Answers with the JWK Set.
pub(crate) async fn get(auth: &Auth, request: &Request) -> Result<Response, Problem> {
    request.query(&[])?;
    let body = auth.signing.get(request.seconds()).await?.public().to_json().to_string();
    let tag = format!("\"{}\"", URL_SAFE_NO_PAD.encode(&Sha256::digest(&body)[..16]));
    let response = Response::new(200).body("application/json", body);
    Ok(response.header("Cache-Control", "public, max-age=300").header("ETag", tag))
}
