//! Who may do what: the caller's own policies and the bucket's, together.
//!
//! In one account either may allow, and either may deny.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-policy-language-overview.html>

use super::disk::{Disk, Settings};
use crate::call::{Caller, Error};
use crate::iam::{Asker, ResourcePolicy, Verdict};
use crate::server::Admission;

/// Who comes to S3.
#[derive(Clone)]
pub(crate) enum Visitor {
    /// A signed call.
    Caller(Box<Admission>),
    /// A request without a signature.
    Nobody,
    /// An AWS service, such as `cloudfront.amazonaws.com`, on behalf of the resource `source_arn`.
    Service { name: &'static str, source_arn: String },
}

impl Visitor {
    /// Whether the visitor may do `action` on `resource`: a bucket, an object, or `*`.
    pub(super) fn check(&self, disk: &Disk, action: &str, resource: &str) -> Result<(), Error> {
        let settings = settings(disk, resource);
        let policy = settings.policy.as_deref().map(ResourcePolicy::read).transpose()?;
        let restricts = settings.public_access.is_some_and(|block| block.restrict_public_buckets == Some(true));
        let verdict =
            |asker| policy.as_ref().map(|policy| policy.verdict(&asker, action, resource)).unwrap_or_default();
        match self {
            Self::Caller(admission) => match verdict(Asker::Caller(&admission.caller)) {
                // The account's root user may always do that, and so may the developer.
                Verdict::Deny if manages_policy(action) && admission.caller == Caller::Developer => Ok(()),
                Verdict::Deny => Err(admission.denied_by_resource(action, resource)),
                Verdict::Allow if !admission.is_denied(action, resource) => Ok(()),
                Verdict::Allow | Verdict::Silent => admission.check(action, resource),
            },
            Self::Nobody => {
                let is_shut = restricts && policy.as_ref().is_some_and(ResourcePolicy::is_public);
                if_allowed(verdict(Asker::Nobody) == Verdict::Allow && !is_shut)
            }
            Self::Service { name, source_arn } => {
                if_allowed(verdict(Asker::Service { name, source_arn }) == Verdict::Allow)
            }
        }
    }
}

fn if_allowed(is_allowed: bool) -> Result<(), Error> {
    is_allowed.then_some(()).ok_or_else(|| Error::new(403, "AccessDenied", "Access Denied"))
}

fn manages_policy(action: &str) -> bool {
    matches!(action, "s3:GetBucketPolicy" | "s3:PutBucketPolicy" | "s3:DeleteBucketPolicy")
}

/// The settings of the bucket that `resource` is or is in; those of none where it is not there.
fn settings(disk: &Disk, resource: &str) -> Settings {
    let bucket = resource.strip_prefix("arn:aws:s3:::").unwrap_or_default();
    let bucket = bucket.split('/').next().unwrap_or_default();
    disk.read(bucket, |bucket| Ok(bucket.settings.clone())).unwrap_or_default()
}
