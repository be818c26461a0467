//! What the fuzz targets share.
//!
//! Each target reads its input as lines, so that a seed is a text that people can write, and checks what has to hold of
//! everything that a client could send: see the first line of each file in `targets/`.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use service::keys::MacKeys;

/// The first line of `data`, and what follows it.
pub fn first_line(data: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = data.iter().position(|byte| *byte == b'\n')?;
    Some((&data[..end], &data[end + 1..]))
}

/// Other texts than `text`, which is ASCII, each one edit away: where and how is drawn from `data`.
pub fn mutants<'a>(text: &'a str, data: &[u8]) -> impl Iterator<Item = String> + 'a {
    const OTHERS: &[u8] = b"AQgwBbZz09_-+/.=\0 \n\x7f";
    // FNV-1a: as good as any other for a choice that only has to be the same for the same input.
    let drawn = data
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |drawn: u64, byte| (drawn ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3));
    let drawn = usize::try_from(drawn >> 8).unwrap_or_default();
    let (at, other) = (drawn % text.len(), OTHERS[(drawn / text.len()) % OTHERS.len()]);
    let edits: [fn(&mut Vec<u8>, usize, u8); 5] = [
        |bytes, at, other| bytes[at] = other,
        |bytes, at, _| bytes[at] ^= 1,
        |bytes, at, other| bytes.insert(at, other),
        |bytes, at, _| bytes.splice(at..=at, []).for_each(drop),
        |bytes, at, _| bytes.swap(at, at.saturating_sub(1)),
    ];
    edits.into_iter().filter_map(move |edit| {
        let mut bytes = text.as_bytes().to_vec();
        edit(&mut bytes, at, other);
        String::from_utf8(bytes).ok().filter(|mutant| mutant != text)
    })
}

/// Key 1, which signs, and key 2, which did; each of 32 bytes `byte`, and one more.
pub fn mac_keys(byte: u8) -> MacKeys {
    let k = |byte| URL_SAFE_NO_PAD.encode([byte; 32]);
    let text = format!(
        r#"{{"keys":[{{"kid":"1","alg":"HS256","k":"{}","status":"active"}},{{"kid":"2","alg":"HS256","k":"{}","status":"retired"}}]}}"#,
        k(byte),
        k(byte + 1)
    );
    MacKeys::parse(&text).expect("a set of two keys")
}
