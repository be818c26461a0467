//! A token is accepted just when a plain reading of it agrees, and only as it was signed. Input: header, payload, a line
//! each, which are signed here; or a token, or a key set.
#![no_main]

use std::collections::BTreeSet;
use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::Signer;
use fuzz::{first_line, mutants};
use jwt::{Claims, Demand, Error, PrivateKeys, PublicKeys, SigningKey};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

/// RFC 8037 A.1: `d`.
const SEED: [u8; 32] = [
    0x9d, 0x61, 0xb1, 0x9d, 0xef, 0xfd, 0x5a, 0x60, 0xba, 0x84, 0x4a, 0xf4, 0x92, 0xec, 0x2c, 0xc4, 0x44, 0x49, 0xc5,
    0x69, 0x7b, 0x32, 0x69, 0x19, 0x70, 0x3b, 0xac, 0x03, 0x1c, 0xae, 0x7f, 0x60,
];
const NOW: u64 = 1_800_000_000;
const DEMAND: Demand<'_> = Demand { issuer: "https://a.example", audiences: &["https://a.example"], now: NOW };
const TEXTS: [&str; 6] = ["iss", "sub", "client_id", "jti", "scope", "sid"];
const TIMES: [&str; 4] = ["iat", "nbf", "exp", "auth_time"];

static KEY: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::from_seed(&SEED));
static KEYS: LazyLock<PublicKeys> =
    LazyLock::new(|| [KEY.public(), SigningKey::from_seed(&[8; 32]).public()].into_iter().collect());

fuzz_target!(|data: &[u8]| {
    if let Ok(text) = str::from_utf8(data) {
        token(text);
        key_set(text);
    }
    if let Some((header, payload)) = first_line(data) {
        signed(header, payload, data);
    }
});

/// Nobody but the key's owner makes a token that is accepted.
fn token(text: &str) {
    if let Ok(claims) = Claims::authenticate(text, &KEYS, &DEMAND) {
        assert_eq!(claims.sign(&KEY).ok().as_deref(), Some(text), "two spellings of one token");
    }
}

fn key_set(text: &str) {
    if let Ok(keys) = PublicKeys::parse(text) {
        assert_eq!(PublicKeys::parse(&keys.to_json().to_string()), Ok(keys));
    }
    if let Ok(keys) = PrivateKeys::parse(text) {
        let kid = keys.active(NOW).kid();
        assert!(keys.public().get(kid).is_some(), "nobody can verify what {kid} signs");
        assert_eq!(PublicKeys::parse(&keys.public().to_json().to_string()).as_ref(), Ok(keys.public()));
    }
}

fn signed(header: &[u8], payload: &[u8], data: &[u8]) {
    let token = compact(&SEED, header, payload);
    let verdict = Claims::authenticate(&token, &KEYS, &DEMAND);
    if token.len() > jwt::LONGEST {
        assert_eq!(verdict, Err(Error::TooLong));
        return;
    }
    assert_eq!(
        Claims::verify(&token, &KEYS, &DEMAND).is_ok(),
        verdict.as_ref().is_ok_and(|claims| in_its_life(claims))
    );
    // The members are compared as they are written, and none of their values needs an escape.
    if !header.contains(&b'\\') {
        match refusal(header) {
            Some(error) => assert_eq!(verdict, Err(error)),
            // Of repeated members within a claim that nobody reads nothing is said.
            None => {
                if let Ok(payload) = service::json::value(payload) {
                    assert_eq!(verdict.is_ok(), acceptable(&payload), "{verdict:?}");
                }
            }
        }
    }
    if let Ok(claims) = verdict {
        assert!(closed(header).is_some(), "an open header");
        accepted(&claims, payload);
        let again = claims.sign(&KEY).map_err(|_| Error::Claims);
        assert_eq!(again.and_then(|again| Claims::authenticate(&again, &KEYS, &DEMAND)), Ok(claims));
        for mutant in mutants(&token, data) {
            assert!(Claims::authenticate(&mutant, &KEYS, &DEMAND).is_err(), "{mutant:?} for {token:?}");
        }
        let forged = compact(&[8; 32], header, payload);
        assert_eq!(Claims::authenticate(&forged, &KEYS, &DEMAND), Err(Error::Signature));
    }
}

/// The compact form of RFC 7515 section 7.1, whatever the header and the payload are.
fn compact(seed: &[u8; 32], header: &[u8], payload: &[u8]) -> String {
    let input = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload));
    let signature = ed25519_dalek::SigningKey::from_bytes(seed).sign(input.as_bytes());
    format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature.to_bytes()))
}

/// Why a header is refused that the key signed.
fn refusal(header: &[u8]) -> Option<Error> {
    let Some(header) = closed(header) else { return Some(Error::Header) };
    if header["typ"] != "at+jwt" && header["typ"] != "application/at+jwt" {
        Some(Error::Type)
    } else if KEYS.get(header["kid"].as_str().unwrap_or_default()).is_none() {
        Some(Error::UnknownKey)
    } else if header["alg"] != "EdDSA" {
        Some(Error::Algorithm)
    } else {
        (header["kid"] != KEY.kid()).then_some(Error::Signature)
    }
}

/// The header, if it has just the three members and all are strings.
fn closed(header: &[u8]) -> Option<Value> {
    let header = service::json::value(header).ok()?;
    let members = header.as_object()?;
    let names: BTreeSet<_> = members.keys().map(String::as_str).collect();
    (names == BTreeSet::from(["alg", "kid", "typ"]) && members.values().all(Value::is_string)).then_some(header)
}

/// Whether a payload has the claims of RFC 9068 in their types, of this issuer and for this audience.
fn acceptable(payload: &Value) -> bool {
    let is_audience = |value: &Value| value == DEMAND.audiences[0];
    let audience = match &payload["aud"] {
        Value::Array(all) => all.iter().all(Value::is_string) && all.iter().any(is_audience),
        one => is_audience(one),
    };
    audience
        && TEXTS.iter().all(|name| payload[name].is_string())
        && TIMES.iter().all(|name| payload[name].is_u64())
        && payload["iss"] == DEMAND.issuer
}

/// The claims say what the payload says.
fn accepted(claims: &Claims, payload: &[u8]) {
    let (Ok(claims), Ok(payload)) = (serde_json::to_value(claims), serde_json::from_slice::<Value>(payload)) else {
        panic!("the payload of an accepted token is no JSON");
    };
    for name in TEXTS.iter().chain(&TIMES) {
        assert_eq!(claims[name], payload[name], "{name}");
    }
    assert!(claims["aud"] == payload["aud"] || claims["aud"] == Value::Array(vec![payload["aud"].clone()]));
}

/// The specification's life of a token: no leeway on `exp`, five seconds on the others.
fn in_its_life(claims: &Claims) -> bool {
    claims.exp > NOW && claims.nbf <= NOW + 5 && claims.iat <= NOW + 5
}
