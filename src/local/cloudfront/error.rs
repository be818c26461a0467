//! CloudFront's errors, with AWS's codes, statuses and words.
//! <https://docs.aws.amazon.com/cloudfront/latest/APIReference/CommonErrors.html>

use crate::call::Error;

pub(super) fn invalid_argument(text: impl Into<String>) -> Error {
    Error::new(400, "InvalidArgument", text)
}

pub(super) fn invalid(code: &str, text: impl Into<String>) -> Error {
    Error::new(400, code, text)
}

pub(super) fn no_distribution() -> Error {
    Error::new(404, "NoSuchDistribution", "The specified distribution does not exist.")
}

pub(super) fn no_access_control() -> Error {
    Error::new(404, "NoSuchOriginAccessControl", "The specified origin access control does not exist.")
}

pub(super) fn no_headers_policy() -> Error {
    Error::new(404, "NoSuchResponseHeadersPolicy", "The specified response headers policy does not exist.")
}

pub(super) fn no_function() -> Error {
    Error::new(404, "NoSuchFunctionExists", "The specified function does not exist.")
}

/// One more than the account may have.
pub(super) fn too_many(code: &str, text: &str) -> Error {
    Error::new(400, code, text)
}

/// Checks that `If-Match` names the version that is there.
pub(super) fn check_version(given: Option<&str>, current: &str) -> Result<(), Error> {
    match given {
        Some(given) if given == current => Ok(()),
        Some(given) if given.len() == current.len() && given.starts_with('E') => Err(Error::new(
            412,
            "PreconditionFailed",
            "The request failed because it didn't meet the preconditions in one or more request-header fields.",
        )),
        _ => Err(Error::new(
            400,
            "InvalidIfMatchVersion",
            "The If-Match version is missing or not valid for the resource.",
        )),
    }
}
