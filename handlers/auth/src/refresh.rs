//! The refresh token's text: `rt1.<payload>.<tag>`.
//!
//! The payload names a session and a generation of it (base64url of: key id, 1 byte; user, 16; family, 16;
//! generation, u32 big-endian); the tag authenticates the ASCII `rt1.<payload>`. Nothing that is stored could be used
//! as a token.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use service::keys::{MacKey, MacKeys};
use ulid::Ulid;

/// What a refresh token names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RefreshToken {
    pub(crate) user: Ulid,
    /// The session.
    pub(crate) family: Ulid,
    /// Which of the session's tokens it is, counted from 0.
    pub(crate) generation: u32,
}

const VERSION: &str = "rt1";

impl RefreshToken {
    /// The token's text, under `key`.
    pub(crate) fn to_text(self, key: &MacKey) -> String {
        let mut payload = vec![key.id];
        payload.extend(self.user.to_bytes());
        payload.extend(self.family.to_bytes());
        payload.extend(self.generation.to_be_bytes());
        let message = format!("{VERSION}.{}", URL_SAFE_NO_PAD.encode(payload));
        let tag = key.tag(message.as_bytes());
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(tag))
    }

    /// Reads a token that one of `keys` authenticates; `None` for any other text.
    pub(crate) fn parse(text: &str, keys: &MacKeys) -> Option<Self> {
        let (message, tag) = text.rsplit_once('.')?;
        let payload = message.strip_prefix(VERSION)?.strip_prefix('.')?;
        // The engine takes canonical text only, so a token has one spelling.
        let payload: [u8; 37] = URL_SAFE_NO_PAD.decode(payload).ok()?.try_into().ok()?;
        let tag = URL_SAFE_NO_PAD.decode(tag).ok()?;
        let (id, rest) = payload.split_first()?;
        if !keys.get(*id)?.verify(message.as_bytes(), &tag) {
            return None;
        }
        let (user, rest) = rest.split_first_chunk::<16>()?;
        let (family, generation) = rest.split_first_chunk::<16>()?;
        Some(Self {
            user: Ulid::from_bytes(*user),
            family: Ulid::from_bytes(*family),
            generation: u32::from_be_bytes(generation.try_into().ok()?),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(id: u8, byte: u8) -> MacKeys {
        let k = URL_SAFE_NO_PAD.encode([byte; 32]);
        MacKeys::parse(&format!(r#"{{"keys":[{{"kid":"{id}","alg":"HS256","k":"{k}","status":"active"}}]}}"#)).unwrap()
    }

    const TOKEN: RefreshToken = RefreshToken { user: Ulid(1), family: Ulid(2), generation: 3 };

    #[test]
    fn a_text_reads_back_to_what_it_names() {
        let text = TOKEN.to_text(keys(1, 7).active(0));
        assert_eq!(RefreshToken::parse(&text, &keys(1, 7)), Some(TOKEN));
    }

    #[test]
    fn a_text_under_another_key_is_none() {
        let text = TOKEN.to_text(keys(1, 7).active(0));
        assert_eq!(RefreshToken::parse(&text, &keys(1, 8)), None);
        assert_eq!(RefreshToken::parse(&text, &keys(2, 7)), None);
    }

    #[test]
    fn a_text_changed_anywhere_is_none() {
        let (text, keys) = (TOKEN.to_text(keys(1, 7).active(0)), keys(1, 7));
        for at in 0..text.len() {
            let mut changed = text.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            assert_eq!(RefreshToken::parse(&String::from_utf8(changed).unwrap(), &keys), None, "byte {at}");
        }
        assert_eq!(RefreshToken::parse(&format!("{text}="), &keys), None);
    }
}
