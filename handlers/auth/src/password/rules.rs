//! What may be a password.

use unicode_normalization::UnicodeNormalization;

/// The least number of code points of a new password, unless configured.
pub(crate) const FLOOR: usize = 12;
/// Below this the floor cannot be configured.
const LOWEST_FLOOR: usize = 8;
/// The greatest number of code points of a password.
const CEILING: usize = 128;
/// The longest value that is looked at, in bytes as sent.
const RAW: usize = 1_024;

/// Passwords that many people have, lower-case, sorted: the 8 to 12 thousand most frequent in published breaches that
/// are long enough (collected by Royce Williams, as in Django's `CommonPasswordValidator`).
const COMMON: &str = include_str!("common.txt");

/// The floor that `configured` asks for.
pub(crate) fn floor(configured: Option<&str>) -> Result<usize, String> {
    let Some(text) = configured else { return Ok(FLOOR) };
    match text.parse() {
        Ok(floor) if (LOWEST_FLOOR..=CEILING).contains(&floor) => Ok(floor),
        _ => Err(format!("PASSWORD_MIN_LENGTH has to be a number {LOWEST_FLOOR}..{CEILING}, not {text:?}")),
    }
}

/// The form of `sent` that is hashed: NFC, so that one password typed on two keyboards is the same.
pub(crate) fn normal(sent: &str) -> Result<String, String> {
    if sent.len() > RAW {
        return Err(format!("must have at most {RAW} bytes"));
    }
    Ok(sent.nfc().collect())
}

/// Gives the form of a new password that is hashed, or what is wrong with it. `addresses` are the user's e-mail address, in
/// the ways to write it, lower-case.
pub(crate) fn new(sent: &str, floor: usize, addresses: &[String]) -> Result<String, String> {
    let password = normal(sent)?;
    let length = password.chars().count();
    if !(floor..=CEILING).contains(&length) {
        return Err(format!("must have {floor} to {CEILING} characters"));
    }
    let lower = password.to_lowercase();
    if addresses.iter().any(|address| lower.contains(address)) {
        return Err("must not contain the e-mail address".to_owned());
    }
    if COMMON.lines().any(|common| common == lower) || is_pattern(&lower) {
        return Err("is one of the passwords that are tried first".to_owned());
    }
    Ok(password)
}

/// Whether `text` is a short piece repeated, or a run of neighbouring characters, up or down.
fn is_pattern(text: &str) -> bool {
    let codes: Vec<_> = text.chars().map(u32::from).collect();
    let repeated = (1..LOWEST_FLOOR)
        .any(|piece| codes.len().is_multiple_of(piece) && codes.chunks(piece).all(|chunk| chunk == &codes[..piece]));
    let run = |next: fn(u32) -> u32| codes.windows(2).all(|pair| next(pair[0]) == pair[1]);
    repeated || run(|code| code.wrapping_add(1)) || run(|code| code.wrapping_sub(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(password: &str) -> Option<String> {
        new(password, FLOOR, &["ann@example.com".to_owned()]).err()
    }

    #[test]
    fn a_long_phrase_is_taken_as_it_is() {
        assert_eq!(new("Tea at four, please", FLOOR, &[]).as_deref(), Ok("Tea at four, please"));
    }

    #[test]
    fn length_counts_code_points_after_normalisation() {
        let decomposed = "e\u{301}".repeat(6) + "xyzabc";
        assert_eq!(new(&decomposed, FLOOR, &[]).map(|password| password.chars().count()), Ok(12));
        assert!(refusal(&("e\u{301}".repeat(6) + "xyzab")).is_some_and(|refusal| refusal.contains("12 to 128")));
        assert!(refusal(&"ab cd ef ".repeat(15)).is_some_and(|refusal| refusal.contains("12 to 128")));
    }

    #[test]
    fn a_value_over_1024_bytes_is_refused_before_it_is_normalised() {
        assert_eq!(refusal(&"a".repeat(1_025)).as_deref(), Some("must have at most 1024 bytes"));
    }

    #[test]
    fn common_passwords_are_refused_in_any_case() {
        for password in ["Password1234", "1qaz2wsx3edc", "justinbieber"] {
            assert!(refusal(password).is_some_and(|refusal| refusal.contains("tried first")), "{password}");
        }
    }

    #[test]
    fn patterns_are_refused() {
        for password in ["aaaaaaaaaaaa", "abcabcabcabc", "abcdefghijklm", "zyxwvutsrqpon", "secretsecret"] {
            assert!(refusal(password).is_some(), "{password}");
        }
    }

    #[test]
    fn the_users_own_address_is_refused_inside_a_password() {
        assert!(refusal("xx Ann@Example.com xx").is_some_and(|refusal| refusal.contains("e-mail")));
    }

    #[test]
    fn the_floor_can_be_configured_but_not_below_eight() {
        assert_eq!((floor(None), floor(Some("8"))), (Ok(12), Ok(8)));
        assert!(floor(Some("7")).is_err() && floor(Some("many")).is_err());
    }
}
