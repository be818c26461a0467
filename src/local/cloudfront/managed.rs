//! AWS's managed policies that the local cloud knows.
//! <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html>
//! <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-origin-request-policies.html>

use crate::call::Error;

/// A cache policy: how long objects are kept, in seconds, and which compressed forms are told apart. No policy here has
/// query strings, headers or cookies in the cache key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct CachePolicy {
    pub(super) min_ttl: u64,
    pub(super) default_ttl: u64,
    pub(super) max_ttl: u64,
    pub(super) compressed: bool,
}

/// What of a viewer's request the origin gets beyond the cache key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OriginRequestPolicy {
    /// No policy: nothing.
    Nothing,
    /// All query strings, cookies and headers but `Host`.
    AllViewerExceptHostHeader,
}

impl CachePolicy {
    /// The policy with `id`.
    pub(super) fn of(id: &str) -> Result<Self, Error> {
        match id {
            // CachingOptimized
            "658327ea-f89d-4fab-a63d-7e88639e58f6" => {
                Ok(Self { min_ttl: 1, default_ttl: 86_400, max_ttl: 31_536_000, compressed: true })
            }
            // CachingDisabled
            "4135ea2d-6df8-44a3-9df3-4b5a84be39ad" => {
                Ok(Self { min_ttl: 0, default_ttl: 0, max_ttl: 0, compressed: false })
            }
            other => Err(Error::not_implemented(&format!(
                "the cache policy {other}: only CachingOptimized and CachingDisabled"
            ))),
        }
    }
}

impl OriginRequestPolicy {
    /// The policy with `id`; none where that is empty.
    pub(super) fn of(id: &str) -> Result<Self, Error> {
        match id {
            "" => Ok(Self::Nothing),
            "b689b0a8-53d0-40ab-baf2-68738e2966ac" => Ok(Self::AllViewerExceptHostHeader),
            other => Err(Error::not_implemented(&format!(
                "the origin request policy {other}: only AllViewerExceptHostHeader"
            ))),
        }
    }
}
