//! The account's bucket, shared by its stacks and never deleted: `memoctl-<account>-<region>`, or `bucket` of
//! `stack.toml`. It holds the records of releases and zips over Lambda's direct limit.

use std::fmt::Display;
use std::sync::atomic::Ordering;

use aws_sdk_s3::primitives::AggregatedBytes;
use aws_sdk_s3::types::{BucketLocationConstraint, CreateBucketConfiguration, PublicAccessBlockConfiguration};
use bytes::Bytes;

use super::Aws;
use super::error::{Class, Error, Unless as _, failed};
use super::many::pages;
use super::retry::{READ, idempotent, retry_while};

/// The bucket of the run's account and region. Each call names the owner that it expects, so that somebody else's bucket
/// of the same name is refused ([`Class::Foreign`]) instead of read or written.
#[derive(Clone, Copy, Debug)]
pub struct Bucket<'a> {
    aws: &'a Aws,
}

impl Aws {
    /// The account's bucket.
    pub fn bucket(&self) -> Bucket<'_> {
        Bucket { aws: self }
    }
}

impl Bucket<'_> {
    /// The bucket's name.
    pub fn name(&self) -> String {
        self.aws.scope.bucket()
    }

    /// Makes the bucket where it is absent, closed to the public. Encryption at rest is S3's default.
    pub async fn ensure(&self) -> Result<(), Error> {
        if self.aws.has_bucket.load(Ordering::Relaxed) {
            return Ok(());
        }
        let (s3, name, owner) = (&self.aws.s3, self.name(), &self.aws.scope.account);
        let head = idempotent("read", self, || s3.head_bucket().bucket(&name).expected_bucket_owner(owner).send());
        // A HEAD has no body, so its code is the status.
        match head.await {
            Ok(_) => return Ok(()),
            Err(error) if error.is("404") || error.is("NotFound") || error.is("NoSuchBucket") => {}
            Err(error) => return Err(self.explained(error)),
        }
        self.create().await?;
        self.close().await
    }

    /// Makes the bucket, which was seen to be absent.
    pub(super) async fn create(&self) -> Result<(), Error> {
        let (s3, name, owner) = (&self.aws.s3, self.name(), &self.aws.scope.account);
        let region = self.aws.scope.region.as_str();
        // us-east-1 takes no location.
        let location = (region != "us-east-1").then(|| {
            CreateBucketConfiguration::builder().location_constraint(BucketLocationConstraint::from(region)).build()
        });
        let create = || s3.create_bucket().bucket(&name).set_create_bucket_configuration(location.clone()).send();
        match idempotent("create", self, create).await {
            Ok(_) => Ok(()),
            Err(error) if error.is("BucketAlreadyOwnedByYou") => Ok(()),
            Err(error) if error.is("BucketAlreadyExists") => Err(foreign(error, owner)),
            Err(error) => Err(self.explained(error)),
        }
    }

    /// Closes the bucket to the public.
    pub(super) async fn close(&self) -> Result<(), Error> {
        let (s3, name, owner) = (&self.aws.s3, self.name(), &self.aws.scope.account);
        let closed = PublicAccessBlockConfiguration::builder()
            .block_public_acls(true)
            .ignore_public_acls(true)
            .block_public_policy(true)
            .restrict_public_buckets(true)
            .build();
        idempotent("close to the public", self, || {
            let call = s3.put_public_access_block().bucket(&name).expected_bucket_owner(owner);
            call.public_access_block_configuration(closed.clone()).send()
        })
        .await
        .map(drop)
        .map_err(|error| self.explained(error))
    }

    /// An object's content; `None` when it, or the whole bucket, is absent.
    pub async fn get(&self, key: &str) -> Result<Option<Bytes>, Error> {
        let (name, thing) = (self.name(), self.object(key));
        let answer = retry_while(Error::passes, READ, || async {
            let call = self.aws.s3.get_object().bucket(&name).key(key);
            let object =
                call.expected_bucket_owner(&self.aws.scope.account).send().await.map_err(failed("read", &thing))?;
            let body = object.body.collect().await;
            body.map_err(|error| Error { class: Class::Unknown, ..Error::refused("read", &thing, error.to_string()) })
        });
        let body = match answer.await.unless("NoSuchKey") {
            Err(error) if error.is("NoSuchBucket") => None,
            answer => answer.map_err(|error| self.explained(error))?,
        };
        Ok(body.map(AggregatedBytes::into_bytes))
    }

    /// Writes an object, in place of one with the same key. The bucket must be there: see [`Self::ensure`].
    pub async fn put(&self, key: &str, content: Bytes) -> Result<(), Error> {
        let (name, owner) = (self.name(), &self.aws.scope.account);
        idempotent("write", &self.object(key), || {
            let call = self.aws.s3.put_object().bucket(&name).key(key).expected_bucket_owner(owner);
            call.body(content.clone().into()).send()
        })
        .await
        .map(drop)
        .map_err(|error| self.explained(error))
    }

    /// The keys that begin with `prefix`, sorted; none when the bucket is absent.
    pub async fn list(&self, prefix: &str) -> Result<Vec<String>, Error> {
        let (name, owner) = (self.name(), &self.aws.scope.account);
        pages(async |token: Option<String>| {
            let page = idempotent("list the objects of", self, || {
                let call = self.aws.s3.list_objects_v2().bucket(&name).prefix(prefix).expected_bucket_owner(owner);
                call.set_continuation_token(token.clone()).send()
            });
            let page = page.await.unless("NoSuchBucket").map_err(|error| self.explained(error))?;
            let (objects, next) = page.map(|page| (page.contents, page.next_continuation_token)).unwrap_or_default();
            Ok((objects.into_iter().flatten().filter_map(|object| object.key).collect(), next))
        })
        .await
    }

    /// Deletes an object. Absent already is success.
    pub async fn delete(&self, key: &str) -> Result<(), Error> {
        let (name, owner) = (self.name(), &self.aws.scope.account);
        let call = || self.aws.s3.delete_object().bucket(&name).key(key).expected_bucket_owner(owner).send();
        let answer = idempotent("delete", &self.object(key), call).await.unless("NoSuchBucket");
        answer.map(drop).map_err(|error| self.explained(error))
    }

    fn object(self, key: &str) -> String {
        format!("{self}/{key}")
    }

    fn explained(self, error: Error) -> Error {
        explained(error, &self.aws.scope.account)
    }
}

/// S3 answers 403 both to an unexpected owner and to a missing permission.
pub(super) fn explained(error: Error, account: &str) -> Error {
    if error.is("AccessDenied") || error.is("403") || error.is("Forbidden") { foreign(error, account) } else { error }
}

fn foreign(error: Error, account: &str) -> Error {
    Error { class: Class::Foreign, ..error }.hint(format!(
        "the bucket is not account {account}'s, or these credentials lack one of s3:GetObject, s3:PutObject, \
         s3:ListBucket and s3:CreateBucket on it; name another one with `bucket = \"...\"` at the top of stack.toml"
    ))
}

impl Display for Bucket<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "bucket/{}", self.name())
    }
}
