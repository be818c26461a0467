//! Randomness from the operating system: bytes and ids.

use jiff::Timestamp;
use ulid::Ulid;

use crate::problem::Problem;

/// `N` random bytes.
pub fn bytes<const N: usize>() -> Result<[u8; N], Problem> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| {
        tracing::error!(%error, "the operating system gives no randomness");
        Problem::internal()
    })?;
    Ok(bytes)
}

/// A new ULID of the millisecond `now`.
pub fn ulid(now: Timestamp) -> Result<Ulid, Problem> {
    let milliseconds = u64::try_from(now.as_millisecond()).unwrap_or_default();
    Ok(Ulid::from_parts(milliseconds, u128::from_be_bytes(bytes()?)))
}
