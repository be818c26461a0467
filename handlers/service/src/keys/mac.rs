//! HS256 key sets: message authentication for the service's own opaque tokens.

use std::collections::BTreeSet;

use ::hmac::Mac;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jwt::{Life, Signers};
use serde::Deserialize;

use crate::hmac;

/// A set of HS256 keys, one of them active at a time.
pub struct MacKeys {
    keys: Vec<MacKey>,
    /// Indices of `keys`.
    signers: Signers<usize>,
    /// An index of `keys`.
    oldest: usize,
}

/// One HS256 key.
pub struct MacKey {
    /// The number that names it in what it authenticates: 1..255.
    pub id: u8,
    key: [u8; 32],
}

/// The set as its parameter holds it: a JWK Set (RFC 7517) with a [`Life`] for each key.
#[derive(Deserialize)]
struct Document {
    keys: Vec<Jwk>,
}

#[derive(Deserialize)]
struct Jwk {
    kid: String,
    alg: String,
    k: String,
    /// As the deployer writes it, so that its text sorts as its time does.
    #[serde(default)]
    created_at: String,
    #[serde(flatten)]
    life: Life,
}

impl MacKeys {
    /// Reads the text of a private parameter. The error names no key.
    pub fn parse(text: &str) -> Result<Self, String> {
        let document: Document = serde_json::from_str(text).map_err(|error| redacted(&error))?;
        let signers = Signers::of(document.keys.iter().map(|jwk| jwk.life).zip(0..));
        let signers = signers.ok_or_else(|| "none of its keys is active".to_owned())?;
        let keys = document.keys.iter().map(MacKey::of).collect::<Result<Vec<_>, _>>()?;
        let ids: BTreeSet<_> = keys.iter().map(|key| key.id).collect();
        if ids.len() < keys.len() {
            return Err("two of its keys have one kid".to_owned());
        }
        let ages = document.keys.iter().map(|jwk| &jwk.created_at).zip(0..);
        let oldest = ages.min().map_or(0, |(_, index)| index);
        Ok(Self { keys, signers, oldest })
    }

    /// The key to authenticate with at `now`, seconds since the Unix epoch.
    pub fn active(&self, now: u64) -> &MacKey {
        &self.keys[*self.signers.at(now)]
    }

    /// The key to name with what is to have one name for as long as that key is kept: it outlives a rotation.
    pub fn oldest(&self) -> &MacKey {
        &self.keys[self.oldest]
    }

    /// The key of the number `id`: active, or one that another instance uses already, or one that was active.
    pub fn get(&self, id: u8) -> Option<&MacKey> {
        self.keys.iter().find(|key| key.id == id)
    }
}

impl MacKey {
    fn of(jwk: &Jwk) -> Result<Self, String> {
        let refuse = |cause: &str| format!("key {}: {cause}", jwk.kid);
        if jwk.alg != "HS256" {
            return Err(refuse("its algorithm is not HS256"));
        }
        let id = jwk.kid.parse().ok().filter(|id| *id != 0).ok_or_else(|| refuse("its kid is no number 1..255"))?;
        let bytes = URL_SAFE_NO_PAD.decode(&jwk.k).map_err(|_| refuse("it is not base64url"))?;
        let key = bytes.try_into().map_err(|_| refuse("it has not 32 bytes"))?;
        Ok(Self { id, key })
    }

    /// HMAC-SHA256 of `message`.
    pub fn tag(&self, message: &[u8]) -> [u8; 32] {
        hmac::tag(&self.key, message)
    }

    /// Tells in constant time whether `tag` is [`MacKey::tag`] of `message`.
    pub fn verify(&self, message: &[u8], tag: &[u8]) -> bool {
        hmac::with_key(&self.key).chain_update(message).verify_slice(tag).is_ok()
    }
}

/// Names a JSON error by its place alone: serde's own message may quote the text, which is secret here.
fn redacted(error: &serde_json::Error) -> String {
    format!("not the expected JSON at line {} column {}", error.line(), error.column())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(status: &str) -> String {
        let k = URL_SAFE_NO_PAD.encode([7; 32]);
        format!(
            r#"{{"keys":[{{"kty":"oct","kid":"1","k":"{k}","alg":"HS256","use":"sig","status":"{status}","created_at":"2026-01-01T00:00:00Z"}}]}}"#
        )
    }

    #[test]
    fn a_tag_verifies_under_its_key_and_message_alone() {
        let keys = MacKeys::parse(&document("active")).unwrap();
        let tag = keys.active(0).tag(b"a");
        assert!(keys.active(0).verify(b"a", &tag) && !keys.active(0).verify(b"b", &tag));
    }

    #[test]
    fn a_set_without_an_active_key_is_refused() {
        assert!(MacKeys::parse(&document("retired")).is_err());
    }

    #[test]
    fn a_set_in_which_two_keys_have_one_number_is_refused() {
        let key = document("active");
        let (_, key) = key.strip_suffix("]}").unwrap().split_once('[').unwrap();
        let twice = format!(r#"{{"keys":[{key},{}]}}"#, key.replace("active", "retired"));
        assert!(MacKeys::parse(&twice).is_err_and(|error| error.contains("one kid")));
    }

    #[test]
    fn the_oldest_key_stays_the_same_through_a_rotation() {
        let key = |id: u8, status: &str, created: &str| {
            let k = URL_SAFE_NO_PAD.encode([id; 32]);
            format!(
                r#"{{"kid":"{id}","k":"{k}","alg":"HS256","status":"{status}","created_at":"2026-0{created}-01T00:00:00Z"}}"#
            )
        };
        let (old, new) = (key(2, "retired", "1"), key(1, "active", "6"));
        for keys in [format!("{old},{new}"), format!("{new},{old}")] {
            let keys = MacKeys::parse(&format!(r#"{{"keys":[{keys}]}}"#)).unwrap();
            assert_eq!((keys.active(0).id, keys.oldest().id), (1, 2));
        }
    }

    #[test]
    fn an_error_does_not_quote_the_key() {
        let text = document("active").replace(r#""status""#, r#""k":5,"status""#);
        let error = MacKeys::parse(&text).err().unwrap();
        assert!(!error.contains("BwcH"), "{error}");
    }
}
