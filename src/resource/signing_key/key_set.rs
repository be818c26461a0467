//! The key sets that the parameters hold: JWK Sets (RFC 7517), with EdDSA keys as RFC 8037 has them.
//!
//! Both have members beside `keys`, which readers of a JWK Set ignore (RFC 7517, section 5): `generation` counts how often
//! keys were dropped at once; `unsettled`, in the public set alone, says that such a drop is not over yet.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64URL;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::life::Life;
use crate::stack::Algorithm;

/// How many dropped keys a set remembers by their ids.
const REMEMBERED: usize = 8;

/// A private JWK Set. It has no `Debug`, so that no key is ever printed.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct PrivateSet {
    pub(super) keys: Vec<PrivateKey>,
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(super) generation: u32,
    /// The ids of the keys that were dropped last, the newest at the end.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) gone: Vec<String>,
    /// What somebody has put beside these, which a rewrite keeps.
    #[serde(flatten)]
    others: Map<String, Value>,
}

/// A public JWK Set: what verifiers read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct PublicSet {
    keys: Vec<PublicKey>,
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(super) generation: u32,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) unsettled: bool,
}

/// A private key with all its members: a rewrite keeps those too that nobody here knows.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct PrivateKey(pub(super) Map<String, Value>);

/// The members of an EdDSA key that everyone may know.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct PublicKey {
    kty: String,
    crv: String,
    kid: String,
    x: String,
    alg: String,
    #[serde(rename = "use")]
    usage: String,
}

impl PrivateKey {
    /// Makes a key that begins its life as `life`, for a set of `algorithm` which has or had the ids `taken`.
    pub(super) fn generate<'a>(
        algorithm: Algorithm,
        taken: impl Iterator<Item = &'a str>,
        life: &Life,
    ) -> Result<Self, getrandom::Error> {
        let mut secret = [0; 32];
        getrandom::fill(&mut secret)?;
        let members = match algorithm {
            Algorithm::EdDSA => {
                let x = BASE64URL.encode(ed25519_dalek::SigningKey::from_bytes(&secret).verifying_key().as_bytes());
                json!({ "kty": "OKP", "crv": "Ed25519", "kid": thumbprint(&x), "x": x, "d": BASE64URL.encode(secret) })
            }
            Algorithm::HS256 => {
                json!({ "kty": "oct", "kid": next_number(taken).to_string(), "k": BASE64URL.encode(secret) })
            }
        };
        let mut key = Self(Map::new());
        key.0.extend(members.as_object().cloned().unwrap_or_default());
        key.0.insert("alg".to_owned(), name(algorithm).into());
        key.0.insert("use".to_owned(), "sig".into());
        life.write(&mut key.0);
        Ok(key)
    }

    /// Its id: `kid`.
    pub(super) fn id(&self) -> &str {
        self.text("kid").unwrap_or_default()
    }

    fn text(&self, member: &str) -> Option<&str> {
        self.0.get(member)?.as_str()
    }

    fn is_whole(&self) -> bool {
        let parts: &[&str] = match self.text("alg").and_then(algorithm) {
            Some(Algorithm::EdDSA) => &["kid", "use", "kty", "crv", "x", "d"],
            Some(Algorithm::HS256) => &["kid", "use", "kty", "k"],
            None => return false,
        };
        parts.iter().all(|part| self.text(part).is_some()) && Life::read(&self.0).is_some()
    }

    fn public(&self) -> Option<PublicKey> {
        if self.text("alg").and_then(algorithm) != Some(Algorithm::EdDSA) {
            return None;
        }
        let text = |member| self.text(member).map(str::to_owned);
        Some(PublicKey {
            kty: text("kty")?,
            crv: text("crv")?,
            kid: text("kid")?,
            x: text("x")?,
            alg: text("alg")?,
            usage: text("use")?,
        })
    }
}

/// The id of an HS256 key beside those `taken`: what it authenticates carries it in one byte, so it is a number from 1 to
/// 255. After the highest comes the lowest that is free.
fn next_number<'a>(taken: impl Iterator<Item = &'a str>) -> u8 {
    let taken: Vec<u8> = taken.filter_map(|id| id.parse().ok()).collect();
    let after = taken.iter().max().and_then(|highest| highest.checked_add(1));
    after.or_else(|| (1..=u8::MAX).find(|id| !taken.contains(id))).unwrap_or(1)
}

impl PrivateSet {
    /// Makes a set with one new key, which is active since `now`.
    pub(super) fn generate(algorithm: Algorithm, generation: u32, now: Timestamp) -> Result<Self, getrandom::Error> {
        let key = PrivateKey::generate(algorithm, std::iter::empty(), &Life::active(now))?;
        Ok(Self { keys: vec![key], generation, gone: Vec::new(), others: Map::new() })
    }

    /// Reads a set back: one of whole keys, of which at least one is active.
    pub(super) fn parse(json: &str) -> Option<Self> {
        let set: Self = serde_json::from_str(json).ok()?;
        let is_active = |key: &PrivateKey| Life::read(&key.0).is_some_and(|life| life.is_active());
        (set.keys.iter().all(PrivateKey::is_whole) && set.keys.iter().any(is_active)).then_some(set)
    }

    pub(super) fn render(&self) -> String {
        // Plain data with string keys: it always serialises.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Takes out the keys that are not to stay.
    pub(super) fn retain(&mut self, stays: impl Fn(&str) -> bool) {
        let (stay, go): (Vec<_>, Vec<_>) = self.keys.drain(..).partition(|key| stays(key.id()));
        self.keys = stay;
        self.gone.extend(go.iter().map(|key| key.id().to_owned()));
        let surplus = self.gone.len().saturating_sub(REMEMBERED);
        self.gone.drain(..surplus);
    }

    /// The ids of all its keys.
    pub(super) fn ids(&self) -> impl Iterator<Item = &str> {
        self.keys.iter().map(PrivateKey::id)
    }

    /// What verifiers may know of it: of an HS256 key nothing.
    pub(super) fn public(&self) -> PublicSet {
        let keys = self.keys.iter().filter_map(PrivateKey::public).collect();
        PublicSet { keys, generation: self.generation, unsettled: false }
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

    /// The same, which says whether a drop is not over yet.
    #[must_use]
    pub(super) fn unsettled(self, unsettled: bool) -> Self {
        Self { unsettled, ..self }
    }

    /// The same, with the keys of `other` that it lacks.
    #[must_use]
    pub(super) fn with(mut self, other: &Self) -> Self {
        self.keys.extend(other.keys.iter().filter(|key| !self.keys.contains(key)).cloned().collect::<Vec<_>>());
        self
    }

    /// Whether it has all keys of `other`.
    pub(super) fn has(&self, other: &Self) -> bool {
        other.keys.iter().all(|key| self.keys.contains(key))
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

pub(super) fn is_zero(number: &u32) -> bool {
    *number == 0
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
    use super::*;

    fn rendered(algorithm: Algorithm) -> (Value, PublicSet) {
        let set = PrivateSet::generate(algorithm, 0, Timestamp::UNIX_EPOCH).unwrap();
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
        let set = PrivateSet::generate(Algorithm::EdDSA, 0, Timestamp::UNIX_EPOCH).unwrap();
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

    #[test]
    fn members_that_nobody_knows_outlive_a_rewrite() {
        let (mut set, _) = rendered(Algorithm::HS256);
        set["note"] = json!("by hand");
        set["keys"][0]["active_from"] = json!("2027-01-15T08:00:00Z");
        set["keys"][0]["owner"] = json!({ "team": "auth" });
        let read = PrivateSet::parse(&set.to_string()).unwrap();
        assert_eq!(serde_json::from_str::<Value>(&read.render()).unwrap(), set);
    }

    #[test]
    fn a_set_without_an_active_key_or_with_half_a_key_is_none() {
        let (set, _) = rendered(Algorithm::EdDSA);
        for (member, value) in [("status", json!("retired")), ("d", Value::Null), ("created_at", json!("soon"))] {
            let mut set = set.clone();
            set["keys"][0][member] = value;
            assert!(PrivateSet::parse(&set.to_string()).is_none(), "{member}");
        }
    }

    #[test]
    fn the_numbers_of_hs256_keys_go_up_and_then_round_to_one_that_is_free() {
        for (taken, next) in [(&[][..], 1), (&["1"], 2), (&["7", "2"], 8), (&["255", "1"], 2)] {
            assert_eq!(next_number(taken.iter().copied()), next, "{taken:?}");
        }
    }
}
