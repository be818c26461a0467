//! AWS Signature Version 4 of a request without a query.

use aws_sdk_dynamodb::config::Credentials;
use bytes::Bytes;
use http::Method;
use http_body_util::Full;
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::hmac;

/// What is signed.
pub(crate) struct Signature<'a> {
    pub(crate) method: &'a Method,
    /// Lower-case names with their values, sorted by name.
    pub(crate) headers: &'a [(&'a str, &'a str)],
    pub(crate) body: &'a str,
    /// The service's name in signatures: `ssm`.
    pub(crate) service: &'a str,
    /// As it is sent, percent-encoded.
    pub(crate) path: &'a str,
    pub(crate) region: &'a str,
    pub(crate) time: Timestamp,
}

impl Signature<'_> {
    /// The request to `endpoint`, signed by `credentials`.
    pub(crate) fn request(
        &self,
        endpoint: &str,
        credentials: &Credentials,
    ) -> Result<http::Request<Full<Bytes>>, http::Error> {
        let request = http::Request::builder().method(self.method).uri(format!("{endpoint}{}", self.path));
        let signed = self.headers(credentials).into_iter();
        let request = signed.fold(request, |request, (name, value)| request.header(name, value));
        request.body(Full::from(self.body.to_owned()))
    }

    /// The headers of the request: those that were given, and those of the signature by `credentials`.
    fn headers(&self, credentials: &Credentials) -> Vec<(String, String)> {
        // ISO 8601's basic format, from the extended one.
        let time = format!("{:.0}", self.time).replace(['-', ':'], "");
        let mut headers: Vec<_> =
            self.headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        headers.push(("x-amz-date".to_owned(), time.clone()));
        if let Some(token) = credentials.session_token() {
            headers.push(("x-amz-security-token".to_owned(), token.to_owned()));
        }
        headers.sort();

        let names = headers.iter().map(|(name, _)| &**name).collect::<Vec<_>>().join(";");
        let lines: Vec<_> = headers.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
        // Every service but S3 has the path encoded once more.
        let path = self.path.replace('%', "%25");
        let request = format!("{}\n{path}\n\n{}\n{names}\n{}", self.method, lines.concat(), hash(self.body));
        let scope = [&time[..8], self.region, self.service, "aws4_request"];
        let text = format!("AWS4-HMAC-SHA256\n{time}\n{}\n{}", scope.join("/"), hash(&request));
        let secret = format!("AWS4{}", credentials.secret_access_key()).into_bytes();
        let key = scope.iter().fold(secret, |key, part| hmac::tag(&key, part.as_bytes()).to_vec());
        let authorization = format!(
            "AWS4-HMAC-SHA256 Credential={}/{}, SignedHeaders={names}, Signature={}",
            credentials.access_key_id(),
            scope.join("/"),
            hexadecimal(&hmac::tag(&key, text.as_bytes())),
        );
        headers.push(("authorization".to_owned(), authorization));
        headers
    }
}

fn hash(text: &str) -> String {
    hexadecimal(&Sha256::digest(text))
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
}

#[cfg(test)]
mod tests {
    use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
    use aws_sigv4::sign::v4;

    use super::*;

    const HEADERS: [(&str, &str); 3] = [
        ("content-type", "application/x-amz-json-1.1"),
        ("host", "ssm.eu-west-1.amazonaws.com"),
        ("x-amz-target", "T"),
    ];

    /// AWS's own implementation as the judge.
    fn judge(credentials: &Credentials, time: Timestamp, (method, path): (&Method, &str)) -> String {
        let identity = credentials.clone().into();
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region("eu-west-1")
            .name("ssm")
            .time(time.into())
            .settings(SigningSettings::default())
            .build()
            .unwrap();
        let uri = format!("https://ssm.eu-west-1.amazonaws.com{path}");
        let request =
            SignableRequest::new(method.as_str(), uri, HEADERS.into_iter(), SignableBody::Bytes(b"{}")).unwrap();
        let (instructions, _) = sign(request, &params.into()).unwrap().into_parts();
        let headers = instructions.headers();
        headers.into_iter().find(|(name, _)| name.eq_ignore_ascii_case("authorization")).unwrap().1.to_owned()
    }

    #[test]
    fn the_signature_is_that_of_awss_own_implementation() {
        let time = Timestamp::from_second(1_800_000_000).unwrap();
        for token in [None, Some("token".to_owned())] {
            let credentials =
                Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", token, None, "test");
            for (method, path) in [
                (&Method::POST, "/"),
                (&Method::POST, "/2015-03-31/functions/memo%3A7/invocations"),
                (&Method::GET, "/a"),
            ] {
                let signature = Signature {
                    method,
                    headers: &HEADERS,
                    body: "{}",
                    service: "ssm",
                    path,
                    region: "eu-west-1",
                    time,
                };
                let (_, authorization) = signature.headers(&credentials).pop().unwrap();
                assert_eq!(authorization, judge(&credentials, time, (method, path)));
            }
        }
    }
}
