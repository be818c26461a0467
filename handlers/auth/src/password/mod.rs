//! Passwords: the rules for new ones (OWASP, NIST SP 800-63B section 3.1.1.2), and their argon2id hashes.

mod hash;
mod rules;

pub(crate) use hash::{Verdict, hash, verify};
pub(crate) use rules::{FLOOR, floor, new, normal};
