//! Another library as the judge of hostile tokens, all rightly signed: where the verdicts differ, we are the stricter, and
//! the list says why.

use jwt::{Claims, Error};
use proptest::prelude::*;
use proptest::sample::subsequence;
use serde_json::{Value, json};

use super::oracle::oracle;
use super::refusals::{forge, header, payload};
use super::{ISSUER, demand, keys};

/// A token before it is signed.
struct Draft {
    header: Value,
    payload: Value,
    /// What stands before the claims.
    before: String,
}

/// What is done to a draft, why we refuse what comes of it, and with which error.
type Edit = (&'static str, Error, fn(&mut Draft));

/// What jsonwebtoken takes.
const STRICTER: [Edit; 14] = [
    ("RFC 7515 section 4.1.11: crit that is not understood", Error::Header, |draft| {
        header_says(draft, "crit", json!(["b64"]));
    }),
    ("RFC 7797: b64 changes what is signed", Error::Header, |draft| header_says(draft, "b64", json!(false))),
    ("a token names no place of keys", Error::Header, |draft| header_says(draft, "jku", json!("https://evil.example"))),
    ("a token names no certificates", Error::Header, |draft| header_says(draft, "x5u", json!("https://evil.example"))),
    ("a closed header", Error::Header, |draft| header_says(draft, "cty", json!("JWT"))),
    ("RFC 9068 section 4: typ is at+jwt", Error::Type, |draft| header_says(draft, "typ", json!("JWT"))),
    ("a kid names one of our keys", Error::UnknownKey, |draft| header_says(draft, "kid", json!("another"))),
    ("RFC 7519 section 4: claims have different names", Error::Claims, |draft| {
        draft.before.push_str(r#""x":1,"x":2,"#);
    }),
    ("RFC 7519 section 4.1.1: iss is a string", Error::Claims, |draft| payload_says(draft, "iss", json!([ISSUER]))),
    ("times are whole seconds", Error::Claims, |draft| payload_says(draft, "exp", json!(1_800_000_600.5))),
    ("RFC 9068 section 2.2: sub stands", Error::Claims, |draft| remove(draft, "sub")),
    ("RFC 9068 section 2.2: jti stands", Error::Claims, |draft| remove(draft, "jti")),
    ("RFC 9068 section 2.2: client_id stands", Error::Claims, |draft| remove(draft, "client_id")),
    ("sid tells the session", Error::Claims, |draft| payload_says(draft, "sid", json!(5))),
];

/// What both refuse.
const BOTH: [Edit; 7] = [
    ("no algorithm", Error::Algorithm, |draft| header_says(draft, "alg", json!("none"))),
    ("an algorithm of another key", Error::Algorithm, |draft| header_says(draft, "alg", json!("HS256"))),
    ("another issuer", Error::Issuer, |draft| payload_says(draft, "iss", json!("https://evil.example"))),
    ("no issuer", Error::Claims, |draft| remove(draft, "iss")),
    ("another audience", Error::Audience, |draft| payload_says(draft, "aud", json!(["https://evil.example"]))),
    ("no audience", Error::Claims, |draft| remove(draft, "aud")),
    ("no expiry", Error::Claims, |draft| remove(draft, "exp")),
];

fn header_says(draft: &mut Draft, name: &str, value: Value) {
    draft.header[name] = value;
}

fn payload_says(draft: &mut Draft, name: &str, value: Value) {
    draft.payload[name] = value;
}

fn remove(draft: &mut Draft, name: &str) {
    draft.payload.as_object_mut().into_iter().for_each(|payload| drop(payload.remove(name)));
}

/// Signs what the edits make of a good token.
fn token(edits: &[Edit]) -> String {
    let mut draft = Draft { header: header(), payload: payload(), before: String::new() };
    for (_, _, edit) in edits {
        edit(&mut draft);
    }
    let payload = draft.payload.to_string().replacen('{', &format!("{{{}", draft.before), 1);
    forge(&draft.header.to_string(), &payload)
}

fn ours(token: &str) -> Result<Claims, Error> {
    Claims::authenticate(token, &keys(), &demand())
}

fn theirs(token: &str) -> bool {
    oracle::<Value>(token).is_ok()
}

#[test]
fn where_the_verdicts_differ_the_list_says_why() {
    for edit in STRICTER {
        let token = token(&[edit]);
        assert!(theirs(&token), "no difference: {}", edit.0);
        assert_eq!(ours(&token), Err(edit.1), "{}", edit.0);
    }
}

#[test]
fn what_is_plainly_wrong_is_refused_by_both() {
    for edit in BOTH {
        let token = token(&[edit]);
        assert!(!theirs(&token), "{}", edit.0);
        assert_eq!(ours(&token), Err(edit.1), "{}", edit.0);
    }
}

#[test]
fn nothing_that_is_longer_than_4096_bytes_is_looked_at_which_the_judge_does() {
    let long = token(&[("length", Error::TooLong, |draft| payload_says(draft, "x", json!("x".repeat(4_096))))]);
    assert!(theirs(&long));
    assert_eq!(ours(&long), Err(Error::TooLong));
}

proptest! {
    #[test]
    fn the_verdicts_differ_nowhere_else(
        stricter in subsequence(STRICTER.to_vec(), 0..3),
        both in subsequence(BOTH.to_vec(), 0..3),
    ) {
        let token = token(&[&stricter[..], &both].concat());
        match ours(&token) {
            Ok(_) => prop_assert!(theirs(&token) && stricter.is_empty()),
            Err(error) if theirs(&token) => prop_assert!(stricter.iter().any(|edit| edit.1 == error), "{error}"),
            Err(_) => prop_assert!(!both.is_empty()),
        }
    }
}
