//! Cursors: where a list goes on, authenticated and bound to the user and the list. Opaque to clients.
//!
//! `base64url(key id, position, HMAC-SHA256)`, the position that of the last thing looked at: never the store's own key.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use service::keys::{MacKey, MacKeys};

/// The longest cursor that is looked at, in characters.
const LONGEST: usize = 512;

/// Writes the cursor that goes on behind `position` in the list of `user` that `list` names, its filter included.
pub(crate) fn write(key: &MacKey, user: &str, list: &str, position: &[u8]) -> String {
    let mut bytes = vec![key.id];
    bytes.extend(position);
    bytes.extend(key.tag(&message(user, list, position)));
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Reads a cursor: `None` when it is not one of ours for this user and list.
pub(crate) fn read(keys: &MacKeys, user: &str, list: &str, cursor: &str) -> Option<Vec<u8>> {
    if cursor.len() > LONGEST {
        return None;
    }
    let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
    let (id, rest) = bytes.split_first()?;
    let (position, tag) = rest.split_last_chunk::<32>()?;
    let key: &MacKey = keys.get(*id)?;
    key.verify(&message(user, list, position), tag).then(|| position.to_vec())
}

/// What is authenticated. A user's id and a list's name hold no line break, so no two lists share a message.
fn message(user: &str, list: &str, position: &[u8]) -> Vec<u8> {
    let mut message = format!("memo cursor 2\n{user}\n{list}\n").into_bytes();
    message.extend(position);
    message
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys() -> MacKeys {
        let k = URL_SAFE_NO_PAD.encode([7; 32]);
        let text = format!(r#"{{"keys":[{{"kid":"1","k":"{k}","alg":"HS256","status":"active"}}]}}"#);
        MacKeys::parse(&text).unwrap()
    }

    const LAST: &[u8] = b"last";

    #[test]
    fn a_cursor_goes_on_where_it_was_written() {
        let cursor = write(keys().active(0), "a", "f", LAST);
        assert_eq!(read(&keys(), "a", "f", &cursor), Some(LAST.to_vec()));
    }

    #[test]
    fn a_cursor_of_another_user_or_filter_is_refused() {
        let cursor = write(keys().active(0), "a", "f", LAST);
        assert_eq!(read(&keys(), "b", "f", &cursor), None);
        assert_eq!(read(&keys(), "a", "g", &cursor), None);
    }

    #[test]
    fn a_cursor_with_any_bit_changed_is_refused() {
        let bytes = URL_SAFE_NO_PAD.decode(write(keys().active(0), "a", "f", LAST)).unwrap();
        for bit in 0..bytes.len() * 8 {
            let mut changed = bytes.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(read(&keys(), "a", "f", &URL_SAFE_NO_PAD.encode(changed)), None, "bit {bit}");
        }
    }

    #[test]
    fn text_that_is_no_cursor_is_refused() {
        for text in ["", "a", "====", "ü", &"A".repeat(66), &"A".repeat(1_000)] {
            assert_eq!(read(&keys(), "a", "f", text), None, "{text}");
        }
    }
}
