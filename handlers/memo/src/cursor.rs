//! Cursors: where a list goes on, authenticated and bound to the user and the filter. Opaque to clients.
//!
//! `base64url(key id, id of the last memo looked at, HMAC-SHA256)`: never the store's own key.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use service::keys::{MacKey, MacKeys};
use ulid::Ulid;

use crate::caller::Caller;

/// Key id, ULID, tag.
const LENGTH: usize = 1 + 16 + 32;

/// Writes the cursor that goes on behind the memo `last` of `caller` in the list that `filter` names.
pub(crate) fn write(keys: &MacKeys, caller: &Caller, filter: &str, last: Ulid) -> String {
    let key = keys.active();
    let mut bytes = vec![key.id];
    bytes.extend(last.to_bytes());
    bytes.extend(key.tag(&message(caller, filter, last)));
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Reads a cursor: `None` when it is not one of ours for this caller and filter.
pub(crate) fn read(keys: &MacKeys, caller: &Caller, filter: &str, cursor: &str) -> Option<Ulid> {
    let bytes: [u8; LENGTH] = URL_SAFE_NO_PAD.decode(cursor).ok()?.try_into().ok()?;
    let last = Ulid::from_bytes(bytes[1..17].try_into().ok()?);
    let key: &MacKey = keys.get(bytes[0])?;
    key.verify(&message(caller, filter, last), &bytes[17..]).then_some(last)
}

/// What is authenticated. A user's id and a filter's name hold no line break, so no two lists share a message.
fn message(caller: &Caller, filter: &str, last: Ulid) -> Vec<u8> {
    format!("memo cursor 1\n{}\n{filter}\n{last}", caller.user).into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys() -> MacKeys {
        let k = URL_SAFE_NO_PAD.encode([7; 32]);
        let text = format!(r#"{{"keys":[{{"kid":"1","k":"{k}","alg":"HS256","status":"active"}}]}}"#);
        MacKeys::parse(&text).unwrap()
    }

    fn caller(user: &str) -> Caller {
        Caller { user: user.to_owned() }
    }

    const LAST: Ulid = Ulid::from_parts(1, 2);

    #[test]
    fn a_cursor_goes_on_where_it_was_written() {
        let cursor = write(&keys(), &caller("a"), "f", LAST);
        assert_eq!(read(&keys(), &caller("a"), "f", &cursor), Some(LAST));
    }

    #[test]
    fn a_cursor_of_another_user_or_filter_is_refused() {
        let cursor = write(&keys(), &caller("a"), "f", LAST);
        assert_eq!(read(&keys(), &caller("b"), "f", &cursor), None);
        assert_eq!(read(&keys(), &caller("a"), "g", &cursor), None);
    }

    #[test]
    fn a_cursor_with_any_bit_changed_is_refused() {
        let bytes = URL_SAFE_NO_PAD.decode(write(&keys(), &caller("a"), "f", LAST)).unwrap();
        for bit in 0..bytes.len() * 8 {
            let mut changed = bytes.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(read(&keys(), &caller("a"), "f", &URL_SAFE_NO_PAD.encode(changed)), None, "bit {bit}");
        }
    }

    #[test]
    fn text_that_is_no_cursor_is_refused() {
        for text in ["", "a", "====", "ü", &"A".repeat(66)] {
            assert_eq!(read(&keys(), &caller("a"), "f", text), None, "{text}");
        }
    }
}
