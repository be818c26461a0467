//! What an access token says (RFC 9068), and what a service demands of it.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserializer, Error as _, MapAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::jwk::{PublicKeys, SigningKey};
use crate::{Error, jws};

/// How far an issuer's clock may be ahead of the verifier's, in seconds. Expiry knows no such leeway.
const LEEWAY: u64 = 5;

/// The claims of an access token. Times are seconds since the Unix epoch.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Claims {
    pub iss: String,
    pub sub: String,
    #[serde(deserialize_with = "one_or_many")]
    pub aud: Vec<String>,
    pub client_id: String,
    pub iat: u64,
    pub nbf: u64,
    pub exp: u64,
    pub jti: String,
    /// Space-separated (RFC 6749 section 3.3).
    pub scope: String,
    /// When the user gave the password.
    pub auth_time: u64,
    /// The session that the token belongs to.
    pub sid: String,
}

/// What a service demands of a token.
#[derive(Clone, Copy, Debug)]
pub struct Demand<'a> {
    pub issuer: &'a str,
    /// The service's own names, of which one has to be among `aud`.
    pub audiences: &'a [&'a str],
    /// Seconds since the Unix epoch.
    pub now: u64,
}

impl Claims {
    /// Signs the claims as a token.
    pub fn sign(&self, key: &SigningKey) -> Result<String, serde_json::Error> {
        jws::sign(key, &serde_json::to_vec(self)?)
    }

    /// Gives the claims of `token` when one of `keys` signed it and it meets `demand`.
    pub fn verify(token: &str, keys: &PublicKeys, demand: &Demand<'_>) -> Result<Self, Error> {
        let claims = Self::authenticate(token, keys, demand)?;
        claims.live(demand.now).map(|()| claims)
    }

    /// Gives the claims of `token` when one of `keys` signed it for the issuer and an audience of `demand`, however old it
    /// is: for what ends a session, not for what a token opens.
    pub fn authenticate(token: &str, keys: &PublicKeys, demand: &Demand<'_>) -> Result<Self, Error> {
        let payload = jws::verify(token, keys)?;
        let claims = Self::read(&payload).map_err(|_| Error::Claims)?;
        claims.address(demand).map(|()| claims)
    }

    /// Whether the token is in its life at `now`, seconds since the Unix epoch.
    pub fn is_current(&self, now: u64) -> bool {
        self.live(now).is_ok()
    }

    /// The scopes that the token holds.
    pub fn scopes(&self) -> impl Iterator<Item = &str> {
        self.scope.split(' ').filter(|scope| !scope.is_empty())
    }

    /// Reads the claims; unknown ones are left out (RFC 7519 section 4), a name that stands twice is an error.
    fn read(payload: &[u8]) -> Result<Self, serde_json::Error> {
        let Unique(members) = serde_json::from_slice(payload)?;
        serde_json::from_value(Value::Object(members.into_iter().collect()))
    }

    fn address(&self, demand: &Demand<'_>) -> Result<(), Error> {
        if self.iss != demand.issuer {
            Err(Error::Issuer)
        } else if !self.aud.iter().any(|audience| demand.audiences.contains(&audience.as_str())) {
            Err(Error::Audience)
        } else {
            Ok(())
        }
    }

    fn live(&self, now: u64) -> Result<(), Error> {
        let latest = now.saturating_add(LEEWAY);
        if self.exp <= now {
            Err(Error::Expired)
        } else if self.nbf > latest || self.iat > latest {
            Err(Error::NotYet)
        } else {
            Ok(())
        }
    }
}

/// `aud` is a list of strings, or a lone string (RFC 7519 section 4.1.3).
fn one_or_many<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Audience {
        One(String),
        Many(Vec<String>),
    }
    Ok(match Audience::deserialize(deserializer)? {
        Audience::One(one) => vec![one],
        Audience::Many(many) => many,
    })
}

/// The members of an object, each of another name.
struct Unique(BTreeMap<String, Value>);

impl<'de> Deserialize<'de> for Unique {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;

        impl<'de> Visitor<'de> for Members {
            type Value = Unique;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Unique, A::Error> {
                let mut members = BTreeMap::new();
                while let Some((name, value)) = map.next_entry()? {
                    if members.insert(name, value).is_some() {
                        return Err(A::Error::custom("a member stands twice"));
                    }
                }
                Ok(Unique(members))
            }
        }

        deserializer.deserialize_map(Members)
    }
}
