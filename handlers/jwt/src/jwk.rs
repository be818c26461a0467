//! Ed25519 keys as JSON Web Keys (RFC 7517, RFC 8037), named by their thumbprint (RFC 7638).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signer, VerifyingKey};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::life::{Life, Signers};

/// The one algorithm, as `alg` names it.
pub(crate) const ALGORITHM: &str = "EdDSA";

/// A text that is no set of Ed25519 keys. Never quotes it: it may hold private keys.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidKeys {
    #[error("not a JWK Set of Ed25519 keys (line {line}, column {column})")]
    Json { line: usize, column: usize },
    #[error("key {kid}: {cause}")]
    Key { kid: String, cause: &'static str },
    #[error("no key is active")]
    NoneActive,
}

impl From<serde_json::Error> for InvalidKeys {
    fn from(error: serde_json::Error) -> Self {
        Self::Json { line: error.line(), column: error.column() }
    }
}

/// A key that signs.
pub struct SigningKey {
    key: ed25519_dalek::SigningKey,
    kid: String,
}

/// A key that verifies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    pub(crate) key: VerifyingKey,
    kid: String,
}

/// The keys of an issuer: those published before use, the active one, and those that signed what may still be valid.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PublicKeys(Vec<PublicKey>);

/// An issuer's keys with their private parts.
pub struct PrivateKeys {
    signers: Signers<SigningKey>,
    public: PublicKeys,
}

#[derive(Deserialize)]
struct Set<K> {
    keys: Vec<K>,
}

/// A public key as it is published.
#[derive(Clone, Debug, Deserialize, Serialize)]
struct PublicJwk {
    kty: String,
    crv: String,
    x: String,
    kid: String,
    #[serde(rename = "use")]
    usage: String,
    alg: String,
}

#[derive(Deserialize)]
struct PrivateJwk {
    #[serde(flatten)]
    public: PublicJwk,
    d: String,
    #[serde(flatten)]
    life: Life,
}

impl PublicKey {
    fn of(jwk: &PublicJwk) -> Result<Self, InvalidKeys> {
        let refuse = |cause| InvalidKeys::Key { kid: jwk.kid.clone(), cause };
        if (&*jwk.kty, &*jwk.crv, &*jwk.alg, &*jwk.usage) != ("OKP", "Ed25519", ALGORITHM, "sig") {
            return Err(refuse("it is not an Ed25519 key for EdDSA signatures"));
        }
        let x = bytes(&jwk.x).ok_or_else(|| refuse("x is not 32 bytes of base64url"))?;
        let key = VerifyingKey::from_bytes(&x).map_err(|_| refuse("x is not a point of the curve"))?;
        // A point of small order verifies signatures that nobody made; one in another encoding has another thumbprint.
        if key.is_weak() || key.to_edwards().compress().to_bytes() != x {
            return Err(refuse("x is a weak point, or not its canonical encoding"));
        }
        if jwk.kid != thumbprint(&x) {
            return Err(refuse("kid is not its RFC 7638 thumbprint"));
        }
        Ok(Self { key, kid: jwk.kid.clone() })
    }

    /// The key's RFC 7638 thumbprint.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    fn jwk(&self) -> PublicJwk {
        PublicJwk {
            kty: "OKP".to_owned(),
            crv: "Ed25519".to_owned(),
            x: URL_SAFE_NO_PAD.encode(self.key.as_bytes()),
            kid: self.kid.clone(),
            usage: "sig".to_owned(),
            alg: ALGORITHM.to_owned(),
        }
    }
}

impl PublicKeys {
    /// Reads a JWK Set. Each key has to be an Ed25519 key whose `kid` is its thumbprint.
    pub fn parse(text: &str) -> Result<Self, InvalidKeys> {
        let set: Set<PublicJwk> = serde_json::from_str(text)?;
        set.keys.iter().map(PublicKey::of).collect::<Result<_, _>>().map(Self)
    }

    /// The key that `kid` names.
    pub fn get(&self, kid: &str) -> Option<&PublicKey> {
        self.0.iter().find(|key| key.kid == kid)
    }

    /// Whether there is no key at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The JWK Set as it is published: public members only.
    pub fn to_json(&self) -> serde_json::Value {
        let keys: Vec<_> = self.0.iter().map(PublicKey::jwk).collect();
        serde_json::json!({ "keys": keys })
    }
}

impl SigningKey {
    /// The key of the seed `d` (RFC 8032 section 5.1.5).
    pub fn from_seed(d: &[u8; 32]) -> Self {
        let key = ed25519_dalek::SigningKey::from_bytes(d);
        let kid = thumbprint(key.verifying_key().as_bytes());
        Self { key, kid }
    }

    /// The key that verifies what this one signs.
    pub fn public(&self) -> PublicKey {
        PublicKey { key: self.key.verifying_key(), kid: self.kid.clone() }
    }

    /// The key's RFC 7638 thumbprint.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    pub(crate) fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.key.sign(message).to_bytes()
    }
}

impl PrivateKeys {
    /// Reads a JWK Set with private members and a [`Life`] for each key, of which one is `active`.
    pub fn parse(text: &str) -> Result<Self, InvalidKeys> {
        let set: Set<PrivateJwk> = serde_json::from_str(text)?;
        let mut signers = Vec::new();
        let mut public = Vec::new();
        for jwk in &set.keys {
            let refuse = |cause| InvalidKeys::Key { kid: jwk.public.kid.clone(), cause };
            let key = PublicKey::of(&jwk.public)?;
            let signing =
                SigningKey::from_seed(&bytes(&jwk.d).ok_or_else(|| refuse("d is not 32 bytes of base64url"))?);
            if signing.public() != key {
                return Err(refuse("x is not the public key of d"));
            }
            public.push(key);
            signers.push((jwk.life, signing));
        }
        Ok(Self { signers: Signers::of(signers).ok_or(InvalidKeys::NoneActive)?, public: PublicKeys(public) })
    }

    /// The key to sign with at `now`, seconds since the Unix epoch.
    pub fn active(&self, now: u64) -> &SigningKey {
        self.signers.at(now)
    }

    /// The public parts of all keys.
    pub fn public(&self) -> &PublicKeys {
        &self.public
    }
}

impl FromIterator<PublicKey> for PublicKeys {
    fn from_iter<I: IntoIterator<Item = PublicKey>>(keys: I) -> Self {
        Self(keys.into_iter().collect())
    }
}

fn bytes(text: &str) -> Option<[u8; 32]> {
    URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()
}

/// RFC 7638 over the required members of an OKP key, in lexical order (RFC 8037 section 2).
fn thumbprint(x: &[u8; 32]) -> String {
    let x = URL_SAFE_NO_PAD.encode(x);
    URL_SAFE_NO_PAD.encode(Sha256::digest(format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#)))
}
