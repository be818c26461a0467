//! Conditional requests: `If-Match` and its kin.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-requests.html>

use std::time::{Duration, SystemTime};

use s3s::dto::{ETagCondition, Timestamp};
use s3s::{S3Result, s3_error};

use super::disk::{Object, no_key};

/// The conditions of a write.
#[derive(Clone, Debug)]
pub(super) struct Write {
    pub(super) if_match: Option<ETagCondition>,
    pub(super) if_none_match: Option<ETagCondition>,
}

/// The conditions of a read.
#[derive(Clone, Debug)]
pub(super) struct Read {
    pub(super) matching: Option<ETagCondition>,
    pub(super) none_matching: Option<ETagCondition>,
    pub(super) modified_since: Option<Timestamp>,
    pub(super) unmodified_since: Option<Timestamp>,
}

impl Write {
    /// Whether the write may replace `current`.
    pub(super) fn check(&self, current: Option<&Object>) -> S3Result<()> {
        if let Some(ETagCondition::ETag(_)) = self.if_none_match {
            return Err(s3_error!(
                NotImplemented,
                "A header you provided implies functionality that is not implemented"
            ));
        }
        match (current, &self.if_match) {
            (None, Some(_)) => return Err(no_key()),
            (Some(current), Some(condition)) if !is_met(condition, current) => return Err(failed()),
            (Some(_), _) if self.if_none_match.is_some() => return Err(failed()),
            (None | Some(_), _) => {}
        }
        Ok(())
    }

    /// The same when the data has arrived: an object that was deleted meanwhile is a conflict.
    pub(super) fn check_again(&self, current: Option<&Object>) -> S3Result<()> {
        if current.is_none() && self.if_match.is_some() {
            return Err(s3_error!(
                ConditionalRequestConflict,
                "The conditional request cannot succeed due to a conflicting operation against this resource."
            ));
        }
        self.check(current)
    }
}

impl Read {
    /// Whether `object` is to be answered: 412 when it is not what was asked for, 304 when it is what the caller has.
    pub(super) fn check(&self, object: &Object) -> S3Result<()> {
        let modified = modified(object);
        match (&self.matching, &self.unmodified_since) {
            (Some(condition), _) if !is_met(condition, object) => return Err(failed()),
            (None, Some(since)) if modified > *since => return Err(failed()),
            (Some(_) | None, _) => {}
        }
        match (&self.none_matching, &self.modified_since) {
            (Some(condition), _) if is_met(condition, object) => Err(s3_error!(NotModified)),
            (None, Some(since)) if modified <= *since => Err(s3_error!(NotModified)),
            (Some(_) | None, _) => Ok(()),
        }
    }
}

/// When an object was put.
pub(super) fn modified(object: &Object) -> Timestamp {
    time(object.modified)
}

/// Seconds since the epoch as S3 gives times.
pub(super) fn time(seconds: u64) -> Timestamp {
    (SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)).into()
}

/// Now, in seconds since the epoch.
pub(super) fn now() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs()
}

fn is_met(condition: &ETagCondition, object: &Object) -> bool {
    match condition {
        ETagCondition::Any => true,
        ETagCondition::ETag(e_tag) => e_tag.value() == object.e_tag,
    }
}

fn failed() -> s3s::S3Error {
    s3_error!(PreconditionFailed, "At least one of the pre-conditions you specified did not hold")
}
