//! Ids, versions and labels, of the forms that AWS gives them.

use super::model::State;

/// An id or an `ETag`: `E2QWRUHEXAMPLE`.
pub(super) fn id(first: char) -> String {
    let letters = random(13).into_iter().map(|byte| char::from(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"[byte % 36]));
    std::iter::once(first).chain(letters).collect()
}

/// The first label of a distribution's domain name: `d111111abcdef8`.
pub(super) fn label(state: &State) -> String {
    loop {
        let letters = random(13).into_iter().map(|byte| char::from(b"abcdefghijklmnopqrstuvwxyz0123456789"[byte % 36]));
        let label: String = std::iter::once('d').chain(letters).collect();
        if state.distributions.values().all(|distribution| distribution.label != label) {
            return label;
        }
    }
}

/// The opaque id of a request to an edge: `X-Amz-Cf-Id`.
pub(super) fn request() -> String {
    use base64::Engine as _;
    let bytes: Vec<u8> = random(41).into_iter().filter_map(|byte| u8::try_from(byte).ok()).collect();
    base64::engine::general_purpose::URL_SAFE.encode(bytes)
}

fn random(length: usize) -> Vec<usize> {
    let mut bytes = vec![0; length];
    // Without randomness a second id would equal the first, which the state shows.
    let _ = getrandom::fill(&mut bytes);
    bytes.into_iter().map(usize::from).collect()
}
