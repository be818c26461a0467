//! Access tokens (RFC 9068) as JSON Web Tokens (RFC 7519), signed with Ed25519 (RFC 8037) and nothing else.
//!
//! Small by intent: one algorithm, pinned per key; one token type; a closed header; strict base64url; strict signature
//! verification. A token never chooses a key's material, an algorithm or an address to fetch from.
//!
//! The map: [`PrivateKeys`] sign and [`PublicKeys`] verify, [`Life`] says which key when; [`Claims`] is what a token says;
//! the compact form (JWS) is between them.

mod claims;
mod jwk;
mod jws;
mod life;

pub use claims::{Claims, Demand};
pub use jwk::{InvalidKeys, PrivateKeys, PublicKey, PublicKeys, SigningKey};
pub use life::{Life, Signers};

/// The longest token that is looked at, in bytes.
pub const LONGEST: usize = 4_096;

/// Why a token is not accepted. For the log: a client learns only that it is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error("the token is longer than {LONGEST} bytes")]
    TooLong,
    #[error("the token is not three segments of base64url")]
    Malformed,
    #[error("the header is not exactly alg, typ and kid")]
    Header,
    #[error("typ is not at+jwt")]
    Type,
    #[error("the key set has no key of this kid")]
    UnknownKey,
    #[error("alg is not the key's algorithm")]
    Algorithm,
    #[error("the signature is not the key's")]
    Signature,
    #[error("the claims are not those of an access token")]
    Claims,
    #[error("iss is another issuer")]
    Issuer,
    #[error("aud does not name this audience")]
    Audience,
    #[error("the token has expired")]
    Expired,
    #[error("the token is not valid yet")]
    NotYet,
}
