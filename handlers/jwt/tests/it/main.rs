//! Tokens as a service meets them: what is accepted, and each way of not being.

mod oracle;
mod refusals;
mod stricter;

use jwt::{Claims, Demand, PublicKeys, SigningKey};

const NOW: u64 = 1_800_000_000;
const ISSUER: &str = "https://api.example/prod";

fn key() -> SigningKey {
    SigningKey::from_seed(&[7; 32])
}

fn keys() -> PublicKeys {
    [key().public()].into_iter().collect()
}

fn demand() -> Demand<'static> {
    Demand { issuer: ISSUER, audiences: &[ISSUER], now: NOW }
}

fn claims() -> Claims {
    Claims {
        iss: ISSUER.to_owned(),
        sub: "01HF7YAT00AAAAAAAAAAAAAAAA".to_owned(),
        aud: vec![ISSUER.to_owned(), format!("{ISSUER}/v1/memos")],
        client_id: "memoctl-first-party".to_owned(),
        iat: NOW,
        nbf: NOW,
        exp: NOW + 600,
        jti: "01HF7YAT00BBBBBBBBBBBBBBBB".to_owned(),
        scope: "memos:read account".to_owned(),
        auth_time: NOW,
        sid: "01HF7YAT00CCCCCCCCCCCCCCCC".to_owned(),
    }
}

#[test]
fn a_signed_token_verifies_to_its_claims() {
    let token = claims().sign(&key()).unwrap();
    assert_eq!(Claims::verify(&token, &keys(), &demand()), Ok(claims()));
}
