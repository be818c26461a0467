use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use ed25519_dalek::Signer;
use jwt::{Claims, Demand, Error, InvalidKeys, PrivateKeys, PublicKeys, SigningKey};
use serde_json::{Value, json};

use super::{ISSUER, NOW, claims, demand, key, keys};

/// Signs any header and payload with the test key.
pub(super) fn forge(header: &str, payload: &str) -> String {
    let input = format!("{}.{}", BASE64.encode(header), BASE64.encode(payload));
    let signature = ed25519_dalek::SigningKey::from_bytes(&[7; 32]).sign(input.as_bytes());
    format!("{input}.{}", BASE64.encode(signature.to_bytes()))
}

pub(super) fn payload() -> Value {
    json!(claims())
}

pub(super) fn header() -> Value {
    json!({"alg": "EdDSA", "typ": "at+jwt", "kid": key().kid()})
}

fn verify(token: &str) -> Result<Claims, Error> {
    Claims::verify(token, &keys(), &demand())
}

fn with(mut object: Value, name: &str, value: Value) -> String {
    object[name] = value;
    object.to_string()
}

#[test]
fn the_long_spelling_of_the_type_is_accepted() {
    assert!(verify(&forge(&with(header(), "typ", json!("application/at+jwt")), &payload().to_string())).is_ok());
}

#[test]
fn any_other_type_is_refused() {
    for typ in ["JWT", "AT+JWT", "at+jwt ", ""] {
        let token = forge(&with(header(), "typ", json!(typ)), &payload().to_string());
        assert_eq!(verify(&token), Err(Error::Type), "{typ}");
    }
}

#[test]
fn a_further_header_member_is_refused() {
    for name in ["crit", "b64", "jwk", "jku", "x5c", "x5u", "x5t", "x5t#S256", "cty", "zip"] {
        let token = forge(&with(header(), name, json!(false)), &payload().to_string());
        assert_eq!(verify(&token), Err(Error::Header), "{name}");
    }
}

#[test]
fn a_header_member_that_stands_twice_is_refused() {
    let kid = key().kid().to_owned();
    let header = format!(r#"{{"alg":"EdDSA","alg":"EdDSA","typ":"at+jwt","kid":"{kid}"}}"#);
    assert_eq!(verify(&forge(&header, &payload().to_string())), Err(Error::Header));
}

#[test]
fn a_header_that_is_no_object_is_refused() {
    let kid = key().kid().to_owned();
    for header in [json!(["EdDSA", "at+jwt", kid]), json!("EdDSA"), json!(null)] {
        assert_eq!(verify(&forge(&header.to_string(), &payload().to_string())), Err(Error::Header), "{header}");
    }
}

#[test]
fn another_algorithm_than_the_keys_is_refused() {
    for alg in ["none", "HS256", "RS256", "ES256", "Ed25519", "eddsa"] {
        let token = forge(&with(header(), "alg", json!(alg)), &payload().to_string());
        assert_eq!(verify(&token), Err(Error::Algorithm), "{alg}");
    }
}

#[test]
fn a_key_that_the_set_lacks_is_told_from_a_wrong_signature() {
    let other = SigningKey::from_seed(&[8; 32]);
    assert_eq!(verify(&claims().sign(&other).unwrap()), Err(Error::UnknownKey));
}

#[test]
fn a_changed_payload_is_refused() {
    let token = claims().sign(&key()).unwrap();
    let mut segments: Vec<_> = token.split('.').collect();
    let changed = BASE64.encode(with(payload(), "sub", json!("somebody else")));
    segments[1] = &changed;
    assert_eq!(verify(&segments.join(".")), Err(Error::Signature));
}

#[test]
fn each_claim_is_required() {
    for name in ["iss", "sub", "aud", "client_id", "iat", "nbf", "exp", "jti", "scope", "auth_time", "sid"] {
        let mut payload = payload();
        payload.as_object_mut().unwrap().remove(name);
        assert_eq!(verify(&forge(&header().to_string(), &payload.to_string())), Err(Error::Claims), "{name}");
    }
}

#[test]
fn a_claim_of_another_type_is_refused() {
    for (name, value) in [
        ("iss", json!([ISSUER])),
        ("exp", json!("1800000600")),
        ("exp", json!(1_800_000_600.5)),
        ("exp", json!(-1)),
        ("nbf", json!(null)),
        ("aud", json!(5)),
        ("aud", json!([ISSUER, 5])),
    ] {
        let token = forge(&header().to_string(), &with(payload(), name, value.clone()));
        assert_eq!(verify(&token), Err(Error::Claims), "{name}: {value}");
    }
}

#[test]
fn a_claim_that_stands_twice_is_refused_even_when_unknown() {
    for twice in [r#""exp":1900000000,"exp":1900000000"#, r#""x":1,"x":2"#] {
        let payload =
            payload().to_string().replacen('{', &format!("{{{twice},"), 1).replace(r#""exp":1800000600,"#, "");
        assert_eq!(verify(&forge(&header().to_string(), &payload)), Err(Error::Claims), "{twice}");
    }
}

#[test]
fn an_unknown_claim_is_left_alone() {
    assert!(verify(&forge(&header().to_string(), &with(payload(), "extra", json!({"a": [1]})))).is_ok());
}

#[test]
fn a_lone_audience_is_a_list_of_one() {
    assert!(verify(&forge(&header().to_string(), &with(payload(), "aud", json!(ISSUER)))).is_ok());
}

#[test]
fn another_issuer_or_audience_is_refused() {
    let token = claims().sign(&key()).unwrap();
    let issuer = Demand { issuer: "https://api.example/prod/", ..demand() };
    assert_eq!(Claims::verify(&token, &keys(), &issuer), Err(Error::Issuer));
    let audience = Demand { audiences: &["https://api.example"], ..demand() };
    assert_eq!(Claims::verify(&token, &keys(), &audience), Err(Error::Audience));
}

#[test]
fn a_token_lives_until_the_second_before_exp() {
    let token = claims().sign(&key()).unwrap();
    let at = |now| Claims::verify(&token, &keys(), &Demand { now, ..demand() });
    assert!(at(NOW + 599).is_ok());
    assert_eq!(at(NOW + 600), Err(Error::Expired));
}

#[test]
fn a_token_of_any_age_is_authentic_for_its_issuer_and_audience_alone() {
    let token = claims().sign(&key()).unwrap();
    let later = Demand { now: NOW + 86_400, ..demand() };
    assert_eq!(Claims::authenticate(&token, &keys(), &later), Ok(claims()));
    assert!(!claims().is_current(NOW + 600) && claims().is_current(NOW + 599));
    let foreign = Demand { issuer: "https://other.example", ..later };
    assert_eq!(Claims::authenticate(&token, &keys(), &foreign), Err(Error::Issuer));
    let signature = format!("{}A", token.strip_suffix(|_: char| true).unwrap());
    assert!(Claims::authenticate(&signature, &keys(), &later).is_err());
}

#[test]
fn the_issuers_clock_may_be_five_seconds_ahead() {
    let token = claims().sign(&key()).unwrap();
    let at = |now| Claims::verify(&token, &keys(), &Demand { now, ..demand() });
    assert!(at(NOW - 5).is_ok());
    assert_eq!(at(NOW - 6), Err(Error::NotYet));
}

#[test]
fn a_long_token_is_refused_before_it_is_looked_at() {
    assert_eq!(verify(&"a".repeat(4_097)), Err(Error::TooLong));
}

#[test]
fn a_published_key_must_be_named_by_its_thumbprint() {
    let mut published = keys().to_json();
    assert_eq!(PublicKeys::parse(&published.to_string()), Ok(keys()));
    published["keys"][0]["kid"] = json!("1");
    assert!(matches!(PublicKeys::parse(&published.to_string()), Err(InvalidKeys::Key { .. })));
}

#[test]
fn a_point_of_small_order_is_no_key() {
    let x = BASE64.encode([0; 32]);
    let set = json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "x": x, "kid": "k", "use": "sig", "alg": "EdDSA"}]});
    let error = PublicKeys::parse(&set.to_string()).unwrap_err();
    assert!(error.to_string().contains("weak"), "{error}");
}

fn private(status: &str) -> Value {
    let mut jwk = keys().to_json()["keys"][0].clone();
    jwk["d"] = json!(BASE64.encode([7; 32]));
    jwk["status"] = json!(status);
    jwk
}

#[test]
fn a_private_set_signs_with_its_active_key_and_publishes_them_all() {
    let set = json!({"keys": [private("active")]}).to_string();
    let set = PrivateKeys::parse(&set).unwrap();
    assert_eq!((set.active(NOW).kid(), set.public()), (key().kid(), &keys()));
    assert!(!set.public().to_json().to_string().contains(r#""d""#));
}

#[test]
fn a_private_set_without_an_active_key_is_refused() {
    let set = json!({"keys": [private("retired")]}).to_string();
    assert_eq!(PrivateKeys::parse(&set).err(), Some(InvalidKeys::NoneActive));
}

#[test]
fn a_private_key_has_to_match_its_public_part() {
    let mut jwk = private("active");
    jwk["d"] = json!(BASE64.encode([8; 32]));
    let error = PrivateKeys::parse(&json!({"keys": [jwk]}).to_string()).err().unwrap();
    assert!(error.to_string().contains("x is not the public key of d"), "{error}");
}
