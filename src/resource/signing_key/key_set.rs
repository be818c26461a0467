//! The key sets that the parameters hold: JWK Sets (RFC 7517), with EdDSA keys as RFC 8037 has them.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64URL;
use jiff::{Timestamp, Unit};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::stack::Algorithm;

/// A private JWK Set. It has no `Debug`, so that no key is ever printed.
#[derive(Serialize, Deserialize)]
pub(super) struct PrivateSet {
    keys: Vec<PrivateKey>,
}

/// A public JWK Set: what verifiers read.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct PublicSet {
    keys: Vec<PublicKey>,
}

/// A private key, with where it is in its life.
#[derive(Serialize, Deserialize)]
struct PrivateKey {
    #[serde(flatten)]
    material: Material,
    kid: String,
    #[serde(rename = "use")]
    usage: String,
    status: Status,
    /// RFC 3339, UTC.
    created_at: String,
}

/// By `alg`, which decides about the rest.
#[derive(Serialize, Deserialize)]
#[serde(tag = "alg")]
enum Material {
    EdDSA { kty: String, crv: String, x: String, d: String },
    HS256 { kty: String, k: String },
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Status {
    Next,
    Active,
    Retired,
}

/// The members of an EdDSA key that everyone may know.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct PublicKey {
    kty: String,
    crv: String,
    kid: String,
    x: String,
    alg: String,
    #[serde(rename = "use")]
    usage: String,
}

impl PrivateSet {
    /// Makes a set with one new, active key.
    pub(super) fn generate(algorithm: Algorithm) -> Result<Self, getrandom::Error> {
        let mut secret = [0; 32];
        getrandom::fill(&mut secret)?;
        let (kid, material) = match algorithm {
            Algorithm::EdDSA => {
                let x = BASE64URL.encode(ed25519_dalek::SigningKey::from_bytes(&secret).verifying_key().as_bytes());
                let (kty, crv) = ("OKP".to_owned(), "Ed25519".to_owned());
                (thumbprint(&x), Material::EdDSA { kty, crv, x, d: BASE64URL.encode(secret) })
            }
            // A refresh token carries the id in one byte, so it is a number from 1 to 255.
            Algorithm::HS256 => {
                ("1".to_owned(), Material::HS256 { kty: "oct".to_owned(), k: BASE64URL.encode(secret) })
            }
        };
        let now = Timestamp::now();
        let created_at = now.round(Unit::Second).unwrap_or(now).to_string();
        let key = PrivateKey { material, kid, usage: "sig".to_owned(), status: Status::Active, created_at };
        Ok(Self { keys: vec![key] })
    }

    /// Reads a set back.
    pub(super) fn parse(json: &str) -> Option<Self> {
        serde_json::from_str(json).ok().filter(|set: &Self| !set.keys.is_empty())
    }

    pub(super) fn render(&self) -> String {
        // Plain data with string keys: it always serialises.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// What verifiers may know of it: of an HS256 key nothing.
    pub(super) fn public(&self) -> PublicSet {
        let keys = self.keys.iter().filter_map(|key| match &key.material {
            Material::EdDSA { kty, crv, x, d: _ } => Some(PublicKey {
                kty: kty.clone(),
                crv: crv.clone(),
                kid: key.kid.clone(),
                x: x.clone(),
                alg: name(Algorithm::EdDSA).to_owned(),
                usage: key.usage.clone(),
            }),
            Material::HS256 { .. } => None,
        });
        PublicSet { keys: keys.collect() }
    }
}

impl PublicSet {
    /// Reads a set back.
    pub(super) fn parse(json: &str) -> Option<Self> {
        serde_json::from_str(json).ok()
    }

    pub(super) fn render(&self) -> String {
        // Plain data with string keys: it always serialises.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The algorithm of the key set that this is the public part of: only HS256 keys have none.
    pub(super) fn algorithm(&self) -> Algorithm {
        if self.keys.is_empty() { Algorithm::HS256 } else { Algorithm::EdDSA }
    }

    /// Whether it is what a key set of `algorithm` has as its public part.
    pub(super) fn serves(&self, algorithm: Algorithm) -> bool {
        let sound = |key: &PublicKey| key.alg == name(Algorithm::EdDSA) && key.kid == thumbprint(&key.x);
        self.algorithm() == algorithm && self.keys.iter().all(sound)
    }
}

/// JOSE's name of an algorithm.
pub(super) fn name(algorithm: Algorithm) -> &'static str {
    match algorithm {
        Algorithm::EdDSA => "EdDSA",
        Algorithm::HS256 => "HS256",
    }
}

/// The algorithm that JOSE calls `name`.
pub(super) fn algorithm(name: &str) -> Option<Algorithm> {
    [Algorithm::EdDSA, Algorithm::HS256].into_iter().find(|algorithm| self::name(*algorithm) == name)
}

/// The thumbprint of the Ed25519 key `x` (RFC 7638 with the members of RFC 8037, appendix A.3).
fn thumbprint(x: &str) -> String {
    BASE64URL.encode(Sha256::digest(format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#)))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn rendered(algorithm: Algorithm) -> (Value, PublicSet) {
        let set = PrivateSet::generate(algorithm).unwrap();
        (serde_json::from_str(&set.render()).unwrap(), set.public())
    }

    #[test]
    fn the_thumbprint_is_that_of_rfc_8037() {
        assert_eq!(
            thumbprint("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"),
            "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
        );
    }

    #[test]
    fn an_eddsa_set_has_the_members_of_a_jwk() {
        let (set, _) = rendered(Algorithm::EdDSA);
        let key = &set["keys"][0];
        for (member, value) in
            [("kty", "OKP"), ("crv", "Ed25519"), ("alg", "EdDSA"), ("use", "sig"), ("status", "active")]
        {
            assert_eq!(key[member], json!(value), "{member}");
        }
        assert_eq!(key["kid"], json!(thumbprint(key["x"].as_str().unwrap())));
        assert_eq!(BASE64URL.decode(key["d"].as_str().unwrap()).unwrap().len(), 32);
    }

    #[test]
    fn the_public_key_belongs_to_the_private_one() {
        let (set, public) = rendered(Algorithm::EdDSA);
        let seed = BASE64URL.decode(set["keys"][0]["d"].as_str().unwrap()).unwrap();
        let pair = ed25519_dalek::SigningKey::from_bytes(&seed.try_into().unwrap());
        assert_eq!(public.keys[0].x, BASE64URL.encode(pair.verifying_key().as_bytes()));
    }

    #[test]
    fn the_public_set_has_public_members_only() {
        let (_, public) = rendered(Algorithm::EdDSA);
        let public: Value = serde_json::from_str(&public.render()).unwrap();
        let members: Vec<&String> = public["keys"][0].as_object().unwrap().keys().collect();
        assert_eq!(members, ["alg", "crv", "kid", "kty", "use", "x"]);
    }

    #[test]
    fn an_hs256_set_has_a_numbered_key_and_no_public_part() {
        let (set, public) = rendered(Algorithm::HS256);
        let key = &set["keys"][0];
        assert_eq!((&key["kty"], &key["kid"], &key["alg"]), (&json!("oct"), &json!("1"), &json!("HS256")));
        assert_eq!(BASE64URL.decode(key["k"].as_str().unwrap()).unwrap().len(), 32);
        assert_eq!(public.render(), r#"{"keys":[]}"#);
    }

    #[test]
    fn a_set_is_read_back_from_its_rendering() {
        let set = PrivateSet::generate(Algorithm::EdDSA).unwrap();
        assert_eq!(PrivateSet::parse(&set.render()).unwrap().public(), set.public());
    }

    #[test]
    fn a_public_key_that_was_exchanged_under_its_id_does_not_serve() {
        let (_, mut public) = rendered(Algorithm::EdDSA);
        assert!(public.serves(Algorithm::EdDSA));
        public.keys[0].x = BASE64URL.encode([7; 32]);
        assert!(!public.serves(Algorithm::EdDSA));
    }

    #[test]
    fn two_sets_differ() {
        assert_ne!(rendered(Algorithm::EdDSA).1, rendered(Algorithm::EdDSA).1);
    }
}
