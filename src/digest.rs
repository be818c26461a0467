//! Content digests: a value's identity is the SHA-256 of its canonical JSON.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// The first 16 hex digits of the SHA-256 of a value's canonical JSON (object members sorted, no white space).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Digest(String);

impl Digest {
    /// The digest of `value`.
    pub fn of(value: &impl Serialize) -> Self {
        // Types here are plain data with string keys: they always serialise.
        let json = serde_json::to_value(value).unwrap_or_default();
        Self(short(json.to_string().as_bytes()))
    }

    /// A digest that was read back from the cloud, when `text` has the form of one.
    pub fn parse(text: &str) -> Option<Self> {
        (text.len() == 16 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')))
            .then(|| Self(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// The first 16 hex digits of the SHA-256 of `bytes`.
pub fn short(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    Sha256::digest(bytes).iter().take(8).fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
