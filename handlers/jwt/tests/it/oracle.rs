//! Another library as the judge: of well-formed tokens both think the same.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use jwt::Claims;
use proptest::prelude::*;
use serde::de::DeserializeOwned;

use super::{ISSUER, NOW, claims, demand, key, keys};

/// What jsonwebtoken reads of a token, when asked for all that it can look at but the time.
pub(super) fn oracle<T: DeserializeOwned>(token: &str) -> Result<T, jsonwebtoken::errors::Error> {
    let x = keys().to_json()["keys"][0]["x"].as_str().unwrap_or_default().to_owned();
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.set_issuer(&[ISSUER]);
    validation.set_audience(&[ISSUER]);
    validation.set_required_spec_claims(&["exp", "nbf", "iss", "aud"]);
    // The test's tokens live around a fixed time; the clock is judged by tests of its own.
    (validation.validate_exp, validation.validate_nbf) = (false, false);
    decode(token, &DecodingKey::from_ed_components(&x)?, &validation).map(|data| data.claims)
}

proptest! {
    #[test]
    fn whatever_we_sign_the_oracle_reads_the_same(
        sub in ".{0,40}", scope in "[a-z:]{0,8}( [a-z:]{1,8}){0,3}", jti in "\\PC{0,30}", life in 1_u64..100_000,
    ) {
        let signed = Claims { sub, scope, jti, exp: NOW + life, ..claims() };
        let token = signed.sign(&key()).unwrap();
        prop_assert_eq!(&oracle::<Claims>(&token).unwrap(), &signed);
        prop_assert_eq!(Claims::verify(&token, &keys(), &demand()).unwrap(), signed);
    }

    #[test]
    fn a_changed_byte_is_refused_by_both(at in 0_usize..10_000, byte in any::<u8>()) {
        let token = claims().sign(&key()).unwrap();
        let mut segments: Vec<_> = token.split('.').map(|segment| BASE64.decode(segment).unwrap()).collect();
        let at = at % (segments[1].len() + segments[2].len());
        let (segment, at) = if at < segments[1].len() { (1, at) } else { (2, at - segments[1].len()) };
        prop_assume!(segments[segment][at] != byte);
        segments[segment][at] = byte;
        let changed = segments.iter().map(|segment| BASE64.encode(segment)).collect::<Vec<_>>().join(".");
        prop_assert!(Claims::verify(&changed, &keys(), &demand()).is_err());
        prop_assert!(oracle::<Claims>(&changed).is_err());
    }
}
