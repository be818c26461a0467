//! The compact form of a JSON Web Signature (RFC 7515), for one algorithm and one type.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::Signature;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde::{Deserialize, Serialize};

use crate::jwk::{ALGORITHM, PublicKey, PublicKeys, SigningKey};
use crate::{Error, LONGEST};

/// The header: these members and no others, once each, so that `crit`, `b64`, `jwk`, `jku` and `x5*` are refused.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Header<'a> {
    alg: &'a str,
    typ: &'a str,
    kid: &'a str,
}

/// A header that is written as an object: derived code reads the array of its members too (RFC 7515 section 4).
struct Object<'a>(Header<'a>);

impl<'de> Deserialize<'de> for Object<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;

        impl<'de> Visitor<'de> for Members {
            type Value = Object<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Object<'de>, A::Error> {
                Header::deserialize(MapAccessDeserializer::new(map)).map(Object)
            }
        }

        deserializer.deserialize_map(Members)
    }
}

/// Signs `payload` as an access token.
pub(crate) fn sign(key: &SigningKey, payload: &[u8]) -> Result<String, serde_json::Error> {
    let header = Header { alg: ALGORITHM, typ: "at+jwt", kid: key.kid() };
    Ok(compact(key, &serde_json::to_vec(&header)?, payload))
}

/// Gives the payload of `token` when a key of `keys` signed it as an access token.
pub(crate) fn verify(token: &str, keys: &PublicKeys) -> Result<Vec<u8>, Error> {
    if token.len() > LONGEST {
        return Err(Error::TooLong);
    }
    let parts = Parts::of(token)?;
    let Object(header) = serde_json::from_slice(&parts.header).map_err(|_| Error::Header)?;
    // RFC 9068 section 4: both spellings are the same media type.
    if !["at+jwt", "application/at+jwt"].contains(&header.typ) {
        return Err(Error::Type);
    }
    let key = keys.get(header.kid).ok_or(Error::UnknownKey)?;
    if header.alg != ALGORITHM {
        return Err(Error::Algorithm);
    }
    parts.check(key)?;
    Ok(parts.payload)
}

fn compact(key: &SigningKey, header: &[u8], payload: &[u8]) -> String {
    let input = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload));
    let signature = URL_SAFE_NO_PAD.encode(key.sign(input.as_bytes()));
    format!("{input}.{signature}")
}

/// A token taken apart.
struct Parts<'a> {
    header: Vec<u8>,
    payload: Vec<u8>,
    signature: Vec<u8>,
    /// What the signature is over.
    input: &'a str,
}

impl<'a> Parts<'a> {
    /// Three segments of base64url without padding, each in its only encoding (no stray trailing bits).
    fn of(token: &'a str) -> Result<Self, Error> {
        let decode = |segment| URL_SAFE_NO_PAD.decode(segment).map_err(|_| Error::Malformed);
        let (input, signature) = token.rsplit_once('.').ok_or(Error::Malformed)?;
        let (header, payload) = input.split_once('.').ok_or(Error::Malformed)?;
        Ok(Self { header: decode(header)?, payload: decode(payload)?, signature: decode(signature)?, input })
    }

    fn check(&self, key: &PublicKey) -> Result<(), Error> {
        let signature = Signature::from_slice(&self.signature).map_err(|_| Error::Signature)?;
        key.key.verify_strict(self.input.as_bytes(), &signature).map_err(|_| Error::Signature)
    }
}

#[cfg(test)]
mod tests;
