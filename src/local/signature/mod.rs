//! What a request's Signature Version 4 tells: the caller's access key, the region and the service.
//!
//! Calls of AWS's APIs are not verified: everybody who can reach loopback may be the developer, with whatever secret key.
//! Requests to deployed APIs that a role's session has signed are: a function that signs badly is to be told here, too.

mod verify;

use http::HeaderMap;
use http::header::AUTHORIZATION;

use crate::call::Error;

pub(crate) use verify::Signed;

/// The credential scope of a signed request: `KEY/20261120/us-east-1/dynamodb/aws4_request`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Scope {
    pub(crate) access_key_id: String,
    pub(crate) region: String,
    /// The signing name of the service, such as `dynamodb`.
    pub(crate) service: String,
}

impl Scope {
    /// Reads the scope from the `Authorization` header or, of a presigned URL, from the query string; `None` when the
    /// request is not signed.
    pub(crate) fn of(headers: &HeaderMap, query: &str) -> Result<Option<Self>, Error> {
        let Some(header) = headers.get(AUTHORIZATION) else {
            return form_urlencoded::parse(query.as_bytes())
                .find(|(name, _)| name == "X-Amz-Credential")
                .map(|(_, credential)| Self::parse(&credential).ok_or_else(|| incomplete(&credential)))
                .transpose();
        };
        let header = header.to_str().unwrap_or_default();
        let Some(parameters) = header.strip_prefix("AWS4-HMAC-SHA256") else {
            return Err(incomplete(header.split(' ').next().unwrap_or_default()));
        };
        parameters
            .split(',')
            .find_map(|parameter| parameter.trim().strip_prefix("Credential="))
            .and_then(Self::parse)
            .map(Some)
            .ok_or_else(|| incomplete(header))
    }

    fn parse(credential: &str) -> Option<Self> {
        let mut parts = credential.rsplit('/');
        let (Some("aws4_request"), Some(service), Some(region), Some(_date)) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return None;
        };
        let access_key_id = parts.next().filter(|key| !key.is_empty())?;
        parts.next().is_none().then(|| Self {
            access_key_id: access_key_id.to_owned(),
            region: region.to_owned(),
            service: service.to_owned(),
        })
    }
}

fn incomplete(found: &str) -> Error {
    Error::new(
        403,
        "IncompleteSignature",
        format!("'{found}' not a valid AWS4-HMAC-SHA256 credential (want KEY/DATE/REGION/SERVICE/aws4_request)."),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope_of(authorization: &str) -> Result<Option<Scope>, Error> {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, authorization.parse().unwrap());
        Scope::of(&headers, "")
    }

    #[test]
    fn the_scope_is_read_from_the_authorization_header() {
        let scope = scope_of(
            "AWS4-HMAC-SHA256 Credential=AKID/20261120/eu-west-1/ssm/aws4_request, SignedHeaders=host, Signature=0",
        )
        .unwrap()
        .unwrap();
        assert_eq!((&*scope.access_key_id, &*scope.region, &*scope.service), ("AKID", "eu-west-1", "ssm"));
    }

    #[test]
    fn the_scope_of_a_presigned_url_is_read_from_its_query() {
        let query = "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKID%2F20261120%2Feu-west-1%2Fs3%2Faws4_request";
        assert_eq!(Scope::of(&HeaderMap::new(), query).unwrap().unwrap().service, "s3");
    }

    #[test]
    fn a_request_without_a_signature_has_no_scope() {
        assert_eq!(Scope::of(&HeaderMap::new(), "Action=ListRoles").unwrap(), None);
    }

    #[test]
    fn another_kind_of_authorization_is_an_incomplete_signature() {
        for header in [
            "Bearer token",
            "AWS4-HMAC-SHA256 Credential=AKID/20261120/ssm",
            "AWS4-ECDSA-P256-SHA256 Credential=A/1/s/aws4_request",
        ] {
            assert_eq!(scope_of(header).unwrap_err().code, "IncompleteSignature", "{header}");
        }
    }
}
