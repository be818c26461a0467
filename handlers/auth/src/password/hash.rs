//! argon2id, in PHC strings.

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{self, PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use service::{Problem, random};

/// OWASP's least memory for two passes on one lane, in KiB.
const MEMORY: u32 = 19 * 1_024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// What a password check comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Wrong,
    Right,
    /// Right, and hashed with parameters of old: to be hashed again.
    Outdated,
}

/// Hashes `password` with a salt of its own.
pub(crate) fn hash(password: &str) -> Result<String, Problem> {
    let salt: [u8; 16] = random::bytes()?;
    let hash =
        hasher().and_then(|hasher| hasher.hash_password_with_salt(password.as_bytes(), &salt)).map_err(failed)?;
    Ok(hash.to_string())
}

/// Checks `password` against a stored hash. Without one (an unknown user) it is wrong, at the same cost.
pub(crate) fn verify(password: &str, stored: Option<&str>) -> Result<Verdict, Problem> {
    let dummy = format!("$argon2id$v=19$m={MEMORY},t={PASSES},p={LANES}${}${}", "A".repeat(22), "A".repeat(43));
    let hash = PasswordHash::new(stored.unwrap_or(&dummy)).map_err(|error| failed(error.into()))?;
    match hasher().and_then(|hasher| hasher.verify_password(password.as_bytes(), &hash)) {
        Ok(()) if stored.is_none() => Ok(Verdict::Wrong),
        Ok(()) => Ok(if is_current(&hash) { Verdict::Right } else { Verdict::Outdated }),
        Err(password_hash::Error::PasswordInvalid) => Ok(Verdict::Wrong),
        Err(error) => Err(failed(error)),
    }
}

fn hasher() -> Result<Argon2<'static>, password_hash::Error> {
    let params = Params::new(MEMORY, PASSES, LANES, None)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn is_current(hash: &PasswordHash) -> bool {
    let parameter = |name, least| hash.params.get_decimal(name).is_some_and(|value| value >= least);
    parameter("m", MEMORY) && parameter("t", PASSES) && parameter("p", LANES)
}

fn failed(error: password_hash::Error) -> Problem {
    tracing::error!(%error, "cannot hash a password");
    Problem::internal()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_verifies_its_password_alone() {
        let hash = hash("Tea at four, please").unwrap();
        assert_eq!(verify("Tea at four, please", Some(&hash)), Ok(Verdict::Right));
        assert_eq!(verify("Tea at five, please", Some(&hash)), Ok(Verdict::Wrong));
    }

    #[test]
    fn a_hash_is_a_phc_string_with_owasps_parameters() {
        let hash = hash("Tea at four, please").unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
    }

    #[test]
    fn a_hash_of_weaker_parameters_is_outdated() {
        let weak = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(8, 1, 1, None).unwrap());
        let hash = weak.hash_password_with_salt(b"Tea", b"salt salt salt").unwrap().to_string();
        assert_eq!(verify("Tea", Some(&hash)), Ok(Verdict::Outdated));
    }

    #[test]
    fn an_unknown_users_password_is_wrong() {
        assert_eq!(verify("Tea at four, please", None), Ok(Verdict::Wrong));
    }
}
