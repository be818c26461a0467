//! The bucket itself: made, closed to the public, marked, emptied and deleted.

use aws_sdk_s3::types::{
    BucketLocationConstraint, CreateBucketConfiguration, PublicAccessBlockConfiguration, Tag, Tagging,
};

use super::{Doomed, Site, object, parts};
use crate::aws::{Aws, Error, Unless as _, idempotent, incomplete, pages};
use crate::resource::Kind as _;
use crate::plan::Id;
use crate::scope::Tags;

impl Site {
    /// Makes the bucket, with its tags in the call itself.
    pub(super) async fn make(&self, aws: &Aws) -> Result<(), Error> {
        let region = aws.scope.region.as_str();
        let configuration = CreateBucketConfiguration::builder().set_tags(Some(self.tags(aws)?));
        // us-east-1 takes no location.
        let configuration = match region {
            "us-east-1" => configuration.build(),
            region => configuration.location_constraint(BucketLocationConstraint::from(region)).build(),
        };
        let create = || aws.s3.create_bucket().bucket(&self.name).create_bucket_configuration(configuration.clone()).send();
        match idempotent("create", &self.id(), create).await {
            // In us-east-1 an earlier try of ours is no error.
            Ok(_) => Ok(()),
            Err(error) if error.is("BucketAlreadyExists") => Err(Error::foreign("create", &self.id())),
            Err(error) => Err(error),
        }
    }

    pub(super) async fn change(&self, live: &Self, aws: &Aws) -> Result<(), Error> {
        if self.tags != live.tags {
            self.put_tags(aws).await?;
        }
        if self.closed != live.closed {
            self.close(aws).await?;
        }
        self.put_parts(aws).await?;
        self.delete_objects(live, aws).await
    }

    pub(super) async fn close(&self, aws: &Aws) -> Result<(), Error> {
        let closed = PublicAccessBlockConfiguration::builder()
            .block_public_acls(true)
            .ignore_public_acls(true)
            .block_public_policy(true)
            .restrict_public_buckets(true)
            .build();
        idempotent("close to the public", &self.id(), || {
            let call = aws.s3.put_public_access_block().bucket(&self.name).expected_bucket_owner(&aws.scope.account);
            call.public_access_block_configuration(closed.clone()).send()
        })
        .await
        .map(drop)
    }

    /// All tags at once: S3 has no call that puts one beside others, so those of others are read first.
    pub(super) async fn put_tags(&self, aws: &Aws) -> Result<(), Error> {
        let others = tags(&self.name, aws).await?.unwrap_or_default();
        let mut all = self.tags(aws)?;
        for (key, value) in others.others() {
            all.push(tag(key, value, &self.id())?);
        }
        let tagging = Tagging::builder().set_tag_set(Some(all)).build().map_err(incomplete(&self.id()))?;
        idempotent("tag", &self.id(), || {
            let call = aws.s3.put_bucket_tagging().bucket(&self.name).expected_bucket_owner(&aws.scope.account);
            call.tagging(tagging.clone()).send()
        })
        .await
        .map(drop)
    }

    fn tags(&self, _aws: &Aws) -> Result<Vec<Tag>, Error> {
        self.tags.iter().map(|(key, value)| tag(key, value, &self.id())).collect()
    }

    pub(super) async fn doomed(&self, aws: &Aws) -> Result<Option<Doomed>, Error> {
        match tags(&self.name, aws).await? {
            None => Ok(None),
            Some(tags) if aws.scope.owns(&tags) => {
                let keys = keys(&self.name, aws).await?.unwrap_or_default();
                let keys = keys.into_iter().map(|(key, _)| key).collect();
                Ok(Some(Doomed { name: self.name.clone(), keys }))
            }
            Some(_) => Err(Error::foreign("delete", &self.id())),
        }
    }
}

impl Doomed {
    pub(super) async fn remove(self, aws: &Aws) -> Result<(), Error> {
        let Self { name, keys } = self;
        tokio::try_join!(object::remove(&name, keys, aws), parts::remove(aws))?;
        let call = || aws.s3.delete_bucket().bucket(&name).expected_bucket_owner(&aws.scope.account).send();
        idempotent("delete", &Id::new(Site::KIND, &name), call).await.unless("NoSuchBucket").map(drop)
    }
}

fn tag(key: &str, value: &str, id: &Id) -> Result<Tag, Error> {
    Tag::builder().key(key).value(value).build().map_err(incomplete(id))
}

/// The bucket's tags; `None` when there is no such bucket.
pub(super) async fn tags(bucket: &str, aws: &Aws) -> Result<Option<Tags>, Error> {
    let call = || aws.s3.get_bucket_tagging().bucket(bucket).expected_bucket_owner(&aws.scope.account).send();
    match idempotent("read the tags of", &Id::new(Site::KIND, bucket), call).await {
        Ok(answer) => Ok(Some(answer.tag_set.into_iter().map(|tag| (tag.key, tag.value)).collect())),
        Err(error) if error.is("NoSuchTagSet") => Ok(Some(Tags::new())),
        Err(error) if error.is("NoSuchBucket") => Ok(None),
        Err(error) => Err(error),
    }
}

/// The keys of all objects, and the MD5s of their contents; `None` when there is no such bucket.
pub(super) async fn keys(bucket: &str, aws: &Aws) -> Result<Option<Vec<(String, String)>>, Error> {
    let thing = Id::new(Site::KIND, bucket);
    let keys = pages(async |token: Option<String>| {
        let call = || {
            let call = aws.s3.list_objects_v2().bucket(bucket).expected_bucket_owner(&aws.scope.account);
            call.set_continuation_token(token.clone()).send()
        };
        let page = idempotent("list the objects of", &thing, call).await?;
        let objects = page.contents.unwrap_or_default().into_iter().filter_map(|object| {
            let md5 = object.e_tag.unwrap_or_default().trim_matches('"').to_owned();
            Some((object.key?, md5))
        });
        Ok((objects.collect(), page.next_continuation_token))
    });
    keys.await.unless("NoSuchBucket")
}
