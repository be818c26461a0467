//! The lease's object in the account's bucket, read with its etag and written on conditions.

use std::time::Duration;

use aws_sdk_s3::Client;
use jiff::Timestamp;
use tokio::time::timeout;

use super::claim::Terms;
use super::content::{Content, Leavings};
use crate::aws::bucket::explained;
use crate::aws::error::{Class, Error, failed};
use crate::aws::retry::{READ, retry_while};
use crate::aws::transport::{Skew, longest};
use crate::aws::{Aws, Clock};

/// From the first byte sent to the last of the answer: little is sent, and a heartbeat must not wait long for an answer
/// that got lost.
const CALL: Duration = Duration::from_secs(10);

/// Where one stack's one stage has its lease.
#[derive(Clone, Debug)]
pub(super) struct Store {
    s3: Client,
    bucket: String,
    key: String,
    account: String,
    skew: Skew,
    pub(super) clock: Clock,
    pub(super) terms: Terms,
}

/// What is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Object {
    /// Not even the bucket.
    NoBucket,
    Absent,
    There {
        etag: String,
        content: Box<Content>,
    },
}

impl Object {
    /// What the last holder left, if it left anything.
    pub(super) fn leavings(&self) -> Leavings {
        match self {
            Self::NoBucket | Self::Absent => Leavings::default(),
            Self::There { content, .. } => content.leavings.clone(),
        }
    }

    /// Of what is there, what a write must replace.
    pub(super) fn etag(&self) -> Option<&str> {
        match self {
            Self::NoBucket | Self::Absent => None,
            Self::There { etag, .. } => Some(etag),
        }
    }
}

impl Store {
    pub(super) fn of(aws: &Aws) -> Self {
        Self {
            s3: aws.lease_s3.clone(),
            bucket: aws.scope.bucket(),
            key: aws.scope.lease_key(),
            account: aws.scope.account.clone(),
            skew: aws.skew.clone(),
            clock: aws.clock,
            terms: Terms::of(aws.clock, longest(aws.scope.local.is_some())),
        }
    }

    /// The lease as errors name it.
    pub(super) fn thing(&self) -> String {
        format!("the lease {}/{}", self.bucket, self.key)
    }

    /// Now, as leases tell it.
    pub(super) fn now(&self) -> Timestamp {
        self.skew.now()
    }

    pub(super) async fn get(&self) -> Result<Object, Error> {
        retry_while(Error::passes, READ, || Box::pin(self.within("read", self.try_get()))).await
    }

    async fn try_get(&self) -> Result<Object, Error> {
        let call = self.s3.get_object().bucket(&self.bucket).key(&self.key).expected_bucket_owner(&self.account);
        let answer = match call.send().await.map_err(failed("read", &self.thing())) {
            Ok(answer) => answer,
            Err(error) if error.is("NoSuchBucket") => return Ok(Object::NoBucket),
            Err(error) if error.is("NoSuchKey") => return Ok(Object::Absent),
            Err(error) => return Err(explained(error, &self.account)),
        };
        let etag = answer.e_tag.unwrap_or_default();
        let body = answer.body.collect().await.map_err(|error| self.lost("read", error.to_string()))?;
        let content = serde_json::from_slice(&body.into_bytes()).map_err(|error| {
            let error = format!("it is none that this version of memoctl understands: {error}");
            Error::refused("read", &self.thing(), error)
                .hint("use the version that wrote it; or, when nothing is being deployed, delete it and deploy again")
        })?;
        Ok(Object::There { etag, content })
    }

    /// Writes `content` where the etag `over` is there, or where nothing is; gives the new etag. One attempt.
    pub(super) async fn put(&self, content: &Content, over: Option<&str>) -> Result<String, Error> {
        let act = if content.claim.freed.is_some() { "free" } else { "take" };
        let body = content.render().map_err(|error| Error::refused(act, &self.thing(), error.to_string()))?;
        let call = self.s3.put_object().bucket(&self.bucket).key(&self.key).expected_bucket_owner(&self.account);
        let call = call.content_type("application/json").body(body.into());
        let call = match over {
            Some(etag) => call.if_match(etag),
            None => call.if_none_match("*"),
        };
        let answer = async { call.send().await.map_err(failed(act, &self.thing())) };
        let answer = Box::pin(self.within(act, answer)).await.map_err(|error| explained(error, &self.account))?;
        Ok(answer.e_tag.unwrap_or_default())
    }

    async fn within<T>(&self, act: &str, call: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        let late = |_| self.lost(act, format!("no answer within {} s", CALL.as_secs()));
        timeout(CALL, call).await.map_err(late)?
    }

    fn lost(&self, act: &str, cause: String) -> Error {
        Error { class: Class::Unknown, ..Error::refused(act, &self.thing(), cause) }
    }
}

/// Whether a write failed because of what was there, or may have happened all the same: the way on is to read.
pub(super) fn is_open(error: &Error) -> bool {
    const ANOTHERS: [&str; 4] = ["PreconditionFailed", "ConditionalRequestConflict", "NoSuchKey", "NoSuchBucket"];
    error.passes() || ANOTHERS.iter().any(|code| error.is(code))
}
