//! Whether a request is signed as Signature Version 4 has it.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>

use std::borrow::Cow;

use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderMap, Method};
use jiff::{SignedDuration, Timestamp};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use sha2::{Digest, Sha256};

use crate::wire;

/// All but what RFC 3986 calls unreserved.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// The same for whole paths.
const PATH: &AsciiSet = &ENCODED.remove(b'/');

/// How far a request's time may be from now.
const SKEW: SignedDuration = SignedDuration::from_mins(5);

/// A request, as far as it is signed.
pub(crate) struct Signed<'a> {
    pub(crate) method: &'a Method,
    /// As sent.
    pub(crate) path: &'a str,
    /// As sent, without `?`.
    pub(crate) query: &'a str,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) body: &'a [u8],
}

/// What stands in an `Authorization` header.
struct Parameters<'a> {
    /// `20261120/us-east-1/execute-api/aws4_request`
    scope: &'a str,
    signed: Vec<&'a str>,
    signature: &'a str,
    /// `20261120T060000Z`
    time: &'a str,
}

impl<'a> Parameters<'a> {
    /// Reads the header; the error names all that is missing, in AWS's words.
    fn of(headers: &'a HeaderMap) -> Result<Self, String> {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let header = text("authorization").unwrap_or_default();
        let rest = header.strip_prefix("AWS4-HMAC-SHA256").unwrap_or_default();
        let parameter =
            |name: &str| rest.split(',').find_map(|parameter| parameter.trim().strip_prefix(name)?.strip_prefix('='));
        let (credential, signature, signed) =
            (parameter("Credential"), parameter("Signature"), parameter("SignedHeaders"));
        let scope = credential.and_then(|credential| Some(credential.split_once('/')?.1));
        match (scope, signature, signed, text("x-amz-date")) {
            (Some(scope), Some(signature), Some(signed), Some(time)) => {
                Ok(Self { scope, signed: signed.split(';').collect(), signature, time })
            }
            (scope, signature, signed, time) => {
                let missing = [("Credential", scope), ("Signature", signature), ("SignedHeaders", signed)];
                let missing = missing.iter().filter(|(_, given)| given.is_none());
                let mut said: Vec<String> =
                    missing.map(|(name, _)| format!("Authorization header requires '{name}' parameter.")).collect();
                if time.is_none() {
                    said.push(
                        "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header."
                            .to_owned(),
                    );
                }
                let kind = header.split(' ').next().unwrap_or_default();
                Err(format!("{} Authorization={kind}", said.join(" ")))
            }
        }
    }
}

impl Signed<'_> {
    /// Whether the header says all that a signature has to say; the error has AWS's words.
    pub(crate) fn complete(&self) -> Result<(), String> {
        Parameters::of(self.headers).map(drop)
    }

    /// Whether the request is signed with `secret`, and not long ago; the error has AWS's words.
    pub(crate) fn verify(&self, secret: &str, now: Timestamp) -> Result<(), String> {
        let parameters = Parameters::of(self.headers)?;
        timely(parameters.time, now)?;
        let (date, _) = parameters.time.split_at_checked(8).unwrap_or_default();
        if !parameters.scope.starts_with(&format!("{date}/")) {
            return Err(
                "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP".to_owned()
            );
        }
        if !parameters.signed.contains(&"host") {
            return Err("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.".to_owned());
        }
        let canonical = self.canonical(&parameters.signed)?;
        let text = format!(
            "AWS4-HMAC-SHA256\n{}\n{}\n{}",
            parameters.time,
            parameters.scope,
            wire::hex(&Sha256::digest(&canonical))
        );
        if is_tag(parameters.signature, &text, (secret, parameters.scope)) == Some(true) {
            return Ok(());
        }
        Err(format!(
            "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access \
             Key and signing method. Consult the service documentation for details.\n\nThe Canonical String for this \
             request should have been\n'{canonical}'\n\nThe String-to-Sign should have been\n'{text}'\n"
        ))
    }

    fn canonical(&self, signed: &[&str]) -> Result<String, String> {
        let header = |name: &&str| {
            let values: Vec<String> = self
                .headers
                .get_all(*name)
                .iter()
                .map(|value| String::from_utf8_lossy(value.as_bytes()).split_whitespace().collect::<Vec<_>>().join(" "))
                .collect();
            (!values.is_empty()).then(|| format!("{name}:{}\n", values.join(",")))
        };
        let headers: Option<String> = signed.iter().map(header).collect();
        let headers = headers.ok_or("A signed header is missing from the request.")?;
        Ok(format!(
            "{}\n{}\n{}\n{headers}\n{}\n{}",
            self.method,
            // Every service but S3 has the path encoded once more.
            utf8_percent_encode(self.path, PATH),
            self.parameters(),
            signed.join(";"),
            wire::hex(&Sha256::digest(self.body))
        ))
    }

    fn parameters(&self) -> String {
        let encoded = |text: &str| {
            let text: Cow<'_, [u8]> = percent_decode_str(text).into();
            percent_encoding::percent_encode(&text, ENCODED).to_string()
        };
        let mut pairs: Vec<(String, String)> = self
            .query
            .split('&')
            .filter(|pair| !pair.is_empty())
            .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
            .map(|(name, value)| (encoded(name), encoded(value)))
            .collect();
        pairs.sort();
        let pairs: Vec<String> = pairs.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
        pairs.join("&")
    }
}

/// Whether `text` is a time near `now`.
fn timely(text: &str, now: Timestamp) -> Result<(), String> {
    let parsed = jiff::civil::DateTime::strptime("%Y%m%dT%H%M%SZ", text);
    let time = parsed.ok().and_then(|time| time.to_zoned(jiff::tz::TimeZone::UTC).ok()).map(|time| time.timestamp());
    let Some(time) = time else {
        return Err(format!("Date must be in ISO-8601 'basic format'. Got '{text}'."));
    };
    if time + SKEW < now {
        return Err(format!("Signature expired: {text} is now earlier than {} ({now} - 5 min.)", now - SKEW));
    }
    if now + SKEW < time {
        return Err(format!("Signature not yet current: {text} is still later than {} ({now} + 5 min.)", now + SKEW));
    }
    Ok(())
}

/// Whether `signature` is that of `text` by the key of `secret` for `scope`; `None` where it is no hexadecimal text.
fn is_tag(signature: &str, text: &str, (secret, scope): (&str, &str)) -> Option<bool> {
    // HMAC takes keys of any length, so that this fails for none.
    let tag = |key: &[u8], text: &str| Some(Hmac::<Sha256>::new_from_slice(key).ok()?.chain_update(text.as_bytes()));
    let first = format!("AWS4{secret}").into_bytes();
    let key = scope.split('/').try_fold(first, |key, part| Some(tag(&key, part)?.finalize().into_bytes().to_vec()))?;
    Some(tag(&key, text)?.verify_slice(&unhex(signature)?).is_ok())
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let byte = |pair: &[u8]| Some(digit(*pair.first()?)? << 4 | digit(*pair.get(1)?)?);
    text.as_bytes().chunks(2).map(byte).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `get-vanilla-query-order-key-case` and `get-header-value-trim` of AWS's test suite for Signature Version 4.
    /// <https://docs.aws.amazon.com/general/latest/gr/signature-v4-test-suite.html>
    const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

    fn headers(signed: &str, signature: &str, more: &[(&'static str, &str)]) -> HeaderMap {
        let authorization = format!(
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders={signed}, Signature={signature}"
        );
        let mut headers = HeaderMap::new();
        headers.insert("authorization", authorization.parse().unwrap());
        headers.insert("host", "example.amazonaws.com".parse().unwrap());
        headers.insert("x-amz-date", "20150830T123600Z".parse().unwrap());
        for (name, value) in more {
            headers.append(*name, value.parse().unwrap());
        }
        headers
    }

    fn get<'a>(headers: &'a HeaderMap, query: &'a str) -> Signed<'a> {
        Signed { method: &Method::GET, path: "/", query, headers, body: b"" }
    }

    fn now() -> Timestamp {
        "2015-08-30T12:37:00Z".parse().unwrap()
    }

    #[test]
    fn a_signature_of_awss_own_test_suite_is_good() {
        let signature = "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500";
        let headers = headers("host;x-amz-date", signature, &[]);
        assert_eq!(get(&headers, "Param2=value2&Param1=value1").verify(SECRET, now()), Ok(()));
    }

    #[test]
    fn white_space_round_a_headers_value_is_not_signed() {
        let signature = "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736";
        let more = [("my-header1", " value1"), ("my-header2", " \"a   b   c\"")];
        let headers = headers("host;my-header1;my-header2;x-amz-date", signature, &more);
        assert_eq!(get(&headers, "").verify(SECRET, now()), Ok(()));
    }

    #[test]
    fn whatever_differs_from_what_was_signed_is_refused() {
        let signature = "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500";
        let headers = headers("host;x-amz-date", signature, &[]);
        let query = "Param2=value2&Param1=value1";
        let refused = |signed: Signed<'_>, secret: &str| {
            let said = signed.verify(secret, now()).unwrap_err();
            assert!(said.starts_with("The request signature we calculated does not match"), "{said}");
        };
        refused(get(&headers, "Param2=value2&Param1=value3"), SECRET);
        refused(Signed { body: b"x", ..get(&headers, query) }, SECRET);
        refused(Signed { path: "/a", ..get(&headers, query) }, SECRET);
        refused(Signed { method: &Method::POST, ..get(&headers, query) }, SECRET);
        refused(get(&headers, query), "another secret");
    }

    #[test]
    fn a_signature_is_good_for_five_minutes() {
        let signature = "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500";
        let headers = headers("host;x-amz-date", signature, &[]);
        let signed = get(&headers, "Param2=value2&Param1=value1");
        for (now, said) in
            [("2015-08-30T12:42:00Z", "Signature expired"), ("2015-08-30T12:30:00Z", "Signature not yet")]
        {
            assert!(signed.verify(SECRET, now.parse().unwrap()).unwrap_err().starts_with(said));
        }
    }

    #[test]
    fn what_is_missing_is_named_in_awss_words() {
        let mut headers = HeaderMap::new();
        headers.insert("authorization", "Bearer x".parse().unwrap());
        assert_eq!(
            get(&headers, "").complete().unwrap_err(),
            "Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. \
             Authorization header requires 'SignedHeaders' parameter. Authorization header requires existence of either a \
             'X-Amz-Date' or a 'Date' header. Authorization=Bearer"
        );
    }
}
