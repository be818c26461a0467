//! What API Gateway gets for a token: a policy, `Unauthorized`, or another error.

#![expect(clippy::unwrap_used, reason = "a failed test panics")]

mod decision;
mod keys;

use jwt::{Claims, PublicKeys, SigningKey};

const NOW: u64 = 1_800_000_000;
const ISSUER: &str = "https://api.example/prod";
const ARN: &str = "arn:aws:execute-api:eu-west-1:111122223333:a1b2c3/prod/GET/v1/memos";

fn key() -> SigningKey {
    SigningKey::from_seed(&[7; 32])
}

fn keys() -> PublicKeys {
    [key().public()].into_iter().collect()
}

/// The Authorization header of a token that holds `scope` and expires in 600 seconds.
fn bearer(scope: &str) -> String {
    bearer_by(&key(), scope)
}

/// The same, signed by `key`.
fn bearer_by(key: &SigningKey, scope: &str) -> String {
    format!("Bearer {}", claims(scope).sign(key).unwrap())
}

/// The Authorization header of a token with all scopes that names these audiences, each by what follows the issuer.
fn bearer_for(audiences: &[&str]) -> String {
    let aud = audiences.iter().map(|audience| format!("{ISSUER}{audience}")).collect();
    format!("Bearer {}", Claims { aud, ..claims("account memos:read memos:write") }.sign(&key()).unwrap())
}

fn claims(scope: &str) -> Claims {
    Claims {
        iss: ISSUER.to_owned(),
        sub: "01HF7YAT00AAAAAAAAAAAAAAAA".to_owned(),
        aud: vec![ISSUER.to_owned(), format!("{ISSUER}/v1/memos")],
        client_id: "memoctl-first-party".to_owned(),
        iat: NOW,
        nbf: NOW,
        exp: NOW + 600,
        jti: "01HF7YAT00BBBBBBBBBBBBBBBB".to_owned(),
        scope: scope.to_owned(),
        auth_time: NOW,
        sid: "01HF7YAT00CCCCCCCCCCCCCCCC".to_owned(),
    }
}
