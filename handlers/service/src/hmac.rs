//! HMAC-SHA256 with a key of any length, which cannot fail.

use ::hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

/// The hash's block, in bytes.
const BLOCK: usize = 64;

/// The authentication of what follows under `key` (RFC 2104 section 2: a key is filled up to the hash's block with
/// zeros, a longer one hashed before).
pub(crate) fn with_key(key: &[u8]) -> Hmac<Sha256> {
    let hashed: [u8; 32];
    let key = if key.len() > BLOCK {
        hashed = Sha256::digest(key).into();
        &hashed
    } else {
        key
    };
    let mut block = [0; BLOCK];
    block[..key.len()].copy_from_slice(key);
    Hmac::new(&block.into())
}

/// HMAC-SHA256 of `message` under `key`.
pub(crate) fn tag(key: &[u8], message: &[u8]) -> [u8; 32] {
    with_key(key).chain_update(message).finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4231 test cases 2 and 6: a short key, and one longer than a block.
    #[test]
    fn rfc_4231_keys_shorter_and_longer_than_a_block() {
        let hex = |tag: [u8; 32]| tag.map(|byte| format!("{byte:02x}")).concat();
        assert_eq!(
            hex(tag(b"Jefe", b"what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
        assert_eq!(
            hex(tag(&[0xaa; 131], b"Test Using Larger Than Block-Size Key - Hash Key First")),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        );
    }
}
