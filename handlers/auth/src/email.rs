//! E-mail addresses: what is one here, and its normal form, by which a user is known.

use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};
use unicode_normalization::UnicodeNormalization;

/// The longest local part, in bytes (RFC 5321 section 4.5.3.1.1).
const LOCAL: usize = 64;
/// The longest address, in bytes: the longest path (RFC 5321 section 4.5.3.1.3) without its angle brackets.
const WHOLE: usize = 254;

/// Gives the normal form of `address`: an ASCII dot-atom (RFC 5322 section 3.2.3) before the `@`, A-labels behind it,
/// all lower-case. Nothing is trimmed, dots and plus are kept.
pub(crate) fn normalise(address: &str) -> Result<String, String> {
    let invalid = || "must be an e-mail address".to_owned();
    let (local, domain) = address.rsplit_once('@').ok_or_else(invalid)?;
    if local.len() > LOCAL || !local.split('.').all(is_atom) {
        return Err(invalid());
    }
    let domain = Uts46::new()
        .to_ascii(domain.as_bytes(), AsciiDenyList::STD3, Hyphens::Check, DnsLength::Verify)
        .map_err(|_| invalid())?;
    let normal = format!("{}@{domain}", local.to_ascii_lowercase());
    if normal.len() > WHOLE { Err(invalid()) } else { Ok(normal) }
}

/// How people write the address that was `sent`, and whose normal form is `normal`: both, and with its domain in
/// U-labels; NFC, lower-case.
pub(crate) fn spellings(normal: &str, sent: &str) -> Vec<String> {
    let (local, domain) = normal.rsplit_once('@').unwrap_or_default();
    // A domain with an error, which a normal form has not, would come in part as it is.
    let (domain, _) = Uts46::new().to_unicode(domain.as_bytes(), AsciiDenyList::STD3, Hyphens::Check);
    let sent: String = sent.nfc().collect();
    vec![normal.to_owned(), format!("{local}@{domain}"), sent.to_lowercase()]
}

fn is_atom(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_lower_cased_and_its_domain_in_a_labels() {
        assert_eq!(normalise("A.B+c@BÜCHER.Example").as_deref(), Ok("a.b+c@xn--bcher-kva.example"));
    }

    #[test]
    fn what_is_no_dot_atom_at_a_domain_is_refused() {
        let long_local = format!("{}@example.com", "a".repeat(65));
        let long_whole = format!("{}@{}", "a".repeat(64), [&"b".repeat(62); 4].map(String::as_str).join("."));
        for address in [
            "",
            "a",
            "@example.com",
            "a@",
            "a b@example.com",
            " a@example.com",
            "a@example.com ",
            "a..b@example.com",
            ".a@example.com",
            "a.@example.com",
            "\"a\"@example.com",
            "ä@example.com",
            "a@exa_mple.com",
            "a@[127.0.0.1]",
            "a@example..com",
            "a@-example.com",
            "a@example.com.",
            &long_local,
            &long_whole,
        ] {
            assert!(normalise(address).is_err(), "{address}");
        }
    }

    #[test]
    fn an_address_is_written_as_it_was_sent_and_with_its_domain_in_either_form() {
        let sent = "Ann@\u{ff22}U\u{308}cher.example";
        let written = spellings(&normalise(sent).unwrap(), sent);
        assert_eq!(written, ["ann@xn--bcher-kva.example", "ann@b\u{fc}cher.example", "ann@\u{ff42}\u{fc}cher.example"]);
    }

    #[test]
    fn two_spellings_of_a_domain_are_one() {
        assert_eq!(normalise("a@bücher.example"), normalise("a@xn--bcher-kva.example"));
    }
}
