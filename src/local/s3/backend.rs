//! The operations, as the wire layer asks for them.

use std::sync::Arc;

use s3s::dto::{
    BucketLocationConstraint, CopyObjectInput, CopyObjectOutput, CreateBucketInput, CreateBucketOutput,
    DeleteBucketInput, DeleteBucketOutput, DeleteBucketPolicyInput, DeleteBucketPolicyOutput, DeleteBucketTaggingInput,
    DeleteBucketTaggingOutput, DeleteObjectInput, DeleteObjectOutput, DeleteObjectsInput, DeleteObjectsOutput,
    DeletePublicAccessBlockInput, DeletePublicAccessBlockOutput, ETagCondition, GetBucketEncryptionInput,
    GetBucketEncryptionOutput, GetBucketLocationInput, GetBucketLocationOutput, GetBucketPolicyInput,
    GetBucketPolicyOutput, GetBucketTaggingInput, GetBucketTaggingOutput, GetBucketVersioningInput,
    GetBucketVersioningOutput, GetObjectInput, GetObjectOutput, GetPublicAccessBlockInput, GetPublicAccessBlockOutput,
    HeadBucketInput, HeadBucketOutput, HeadObjectInput, HeadObjectOutput, ListBucketsInput, ListBucketsOutput,
    ListObjectsV2Input, ListObjectsV2Output, PutBucketEncryptionInput, PutBucketEncryptionOutput, PutBucketPolicyInput,
    PutBucketPolicyOutput, PutBucketTaggingInput, PutBucketTaggingOutput, PutObjectInput, PutObjectOutput,
    PutPublicAccessBlockInput, PutPublicAccessBlockOutput, Tagging,
};
use s3s::{S3, S3Error, S3ErrorCode, S3Request, S3Response, S3Result, s3_error};

use super::conditions::Write;
use super::disk::Disk;
use super::permits::Visitor;
use super::{buckets, copy, list, objects, policies};

/// The buckets of one region.
pub(super) struct Backend {
    pub(super) disk: Arc<Disk>,
    pub(super) region: String,
}

type Answer<T> = S3Result<S3Response<T>>;

#[async_trait::async_trait]
impl S3 for Backend {
    async fn create_bucket(&self, request: S3Request<CreateBucketInput>) -> Answer<CreateBucketOutput> {
        let tagging = request.extensions.get::<Tagging>().cloned();
        buckets::create(&self.disk, &self.region, &request.input, tagging).map(S3Response::new)
    }

    async fn head_bucket(&self, request: S3Request<HeadBucketInput>) -> Answer<HeadBucketOutput> {
        self.disk.read(&request.input.bucket, |_| Ok(()))?;
        let bucket_region = Some(self.region.clone());
        Ok(S3Response::new(HeadBucketOutput { bucket_region, ..HeadBucketOutput::default() }))
    }

    async fn delete_bucket(&self, request: S3Request<DeleteBucketInput>) -> Answer<DeleteBucketOutput> {
        buckets::delete(&self.disk, &request.input.bucket)?;
        Ok(S3Response::with_status(DeleteBucketOutput {}, http::StatusCode::NO_CONTENT))
    }

    async fn list_buckets(&self, request: S3Request<ListBucketsInput>) -> Answer<ListBucketsOutput> {
        buckets::list(&self.disk, &self.region, &request.input).map(S3Response::new)
    }

    async fn get_bucket_location(&self, request: S3Request<GetBucketLocationInput>) -> Answer<GetBucketLocationOutput> {
        self.disk.read(&request.input.bucket, |_| Ok(()))?;
        // The oldest region has no name here.
        let region = if self.region == "us-east-1" { String::new() } else { self.region.clone() };
        let location_constraint = Some(BucketLocationConstraint::from(region));
        Ok(S3Response::new(GetBucketLocationOutput { location_constraint }))
    }

    async fn put_public_access_block(
        &self,
        request: S3Request<PutPublicAccessBlockInput>,
    ) -> Answer<PutPublicAccessBlockOutput> {
        let PutPublicAccessBlockInput { bucket, public_access_block_configuration: block, .. } = request.input;
        self.disk.set(&bucket, |settings| settings.public_access = Some(block))?;
        Ok(S3Response::new(PutPublicAccessBlockOutput {}))
    }

    async fn get_public_access_block(
        &self,
        request: S3Request<GetPublicAccessBlockInput>,
    ) -> Answer<GetPublicAccessBlockOutput> {
        let block = self.disk.read(&request.input.bucket, |bucket| Ok(bucket.settings.public_access.clone()))?;
        let block = block.ok_or_else(|| {
            let code = S3ErrorCode::Custom("NoSuchPublicAccessBlockConfiguration".into());
            absent(code, "The public access block configuration was not found")
        })?;
        Ok(S3Response::new(GetPublicAccessBlockOutput { public_access_block_configuration: Some(block) }))
    }

    async fn delete_public_access_block(
        &self,
        request: S3Request<DeletePublicAccessBlockInput>,
    ) -> Answer<DeletePublicAccessBlockOutput> {
        self.disk.set(&request.input.bucket, |settings| settings.public_access = None)?;
        Ok(S3Response::with_status(DeletePublicAccessBlockOutput {}, http::StatusCode::NO_CONTENT))
    }

    async fn put_bucket_encryption(
        &self,
        request: S3Request<PutBucketEncryptionInput>,
    ) -> Answer<PutBucketEncryptionOutput> {
        let PutBucketEncryptionInput { bucket, server_side_encryption_configuration: encryption, .. } = request.input;
        buckets::check_encryption(&encryption)?;
        self.disk.set(&bucket, |settings| settings.encryption = Some(encryption))?;
        Ok(S3Response::new(PutBucketEncryptionOutput {}))
    }

    async fn get_bucket_encryption(
        &self,
        request: S3Request<GetBucketEncryptionInput>,
    ) -> Answer<GetBucketEncryptionOutput> {
        let encryption = self.disk.read(&request.input.bucket, |bucket| Ok(bucket.settings.encryption.clone()))?;
        let server_side_encryption_configuration = Some(encryption.unwrap_or_else(buckets::default_encryption));
        Ok(S3Response::new(GetBucketEncryptionOutput { server_side_encryption_configuration }))
    }

    async fn put_bucket_tagging(&self, request: S3Request<PutBucketTaggingInput>) -> Answer<PutBucketTaggingOutput> {
        let PutBucketTaggingInput { bucket, tagging, .. } = request.input;
        buckets::check_tags(&tagging)?;
        self.disk.set(&bucket, |settings| settings.tagging = Some(tagging))?;
        Ok(S3Response::with_status(PutBucketTaggingOutput {}, http::StatusCode::NO_CONTENT))
    }

    async fn get_bucket_tagging(&self, request: S3Request<GetBucketTaggingInput>) -> Answer<GetBucketTaggingOutput> {
        let tagging = self.disk.read(&request.input.bucket, |bucket| Ok(bucket.settings.tagging.clone()))?;
        let tagging = tagging.ok_or_else(|| absent(S3ErrorCode::NoSuchTagSet, "The TagSet does not exist"))?;
        Ok(S3Response::new(GetBucketTaggingOutput { tag_set: tagging.tag_set }))
    }

    async fn delete_bucket_tagging(
        &self,
        request: S3Request<DeleteBucketTaggingInput>,
    ) -> Answer<DeleteBucketTaggingOutput> {
        self.disk.set(&request.input.bucket, |settings| settings.tagging = None)?;
        Ok(S3Response::with_status(DeleteBucketTaggingOutput {}, http::StatusCode::NO_CONTENT))
    }

    async fn put_bucket_policy(&self, request: S3Request<PutBucketPolicyInput>) -> Answer<PutBucketPolicyOutput> {
        policies::put(&self.disk, &request.input.bucket, request.input.policy)?;
        Ok(S3Response::with_status(PutBucketPolicyOutput {}, http::StatusCode::NO_CONTENT))
    }

    async fn get_bucket_policy(&self, request: S3Request<GetBucketPolicyInput>) -> Answer<GetBucketPolicyOutput> {
        let policy = policies::get(&self.disk, &request.input.bucket)?;
        Ok(S3Response::new(GetBucketPolicyOutput { policy: Some(policy) }))
    }

    async fn delete_bucket_policy(
        &self,
        request: S3Request<DeleteBucketPolicyInput>,
    ) -> Answer<DeleteBucketPolicyOutput> {
        policies::delete(&self.disk, &request.input.bucket)?;
        Ok(S3Response::with_status(DeleteBucketPolicyOutput {}, http::StatusCode::NO_CONTENT))
    }

    async fn get_bucket_versioning(
        &self,
        request: S3Request<GetBucketVersioningInput>,
    ) -> Answer<GetBucketVersioningOutput> {
        // It cannot be switched on, since PutBucketVersioning is refused.
        self.disk.read(&request.input.bucket, |_| Ok(()))?;
        Ok(S3Response::new(GetBucketVersioningOutput::default()))
    }

    async fn put_object(&self, request: S3Request<PutObjectInput>) -> Answer<PutObjectOutput> {
        objects::put(&self.disk, request).await.map(S3Response::new)
    }

    async fn get_object(&self, request: S3Request<GetObjectInput>) -> Answer<GetObjectOutput> {
        let visitor = visitor(&request.extensions);
        objects::get(&self.disk, request.input, &visitor).await.map(S3Response::new)
    }

    async fn head_object(&self, request: S3Request<HeadObjectInput>) -> Answer<HeadObjectOutput> {
        let visitor = visitor(&request.extensions);
        objects::head(&self.disk, request.input, &visitor).await.map(S3Response::new)
    }

    async fn copy_object(&self, request: S3Request<CopyObjectInput>) -> Answer<CopyObjectOutput> {
        copy::object(&self.disk, request).await.map(S3Response::new)
    }

    async fn delete_object(&self, request: S3Request<DeleteObjectInput>) -> Answer<DeleteObjectOutput> {
        let DeleteObjectInput { bucket, key, if_match, if_match_size, if_match_last_modified_time, version_id, .. } =
            request.input;
        if if_match_size.is_some() || if_match_last_modified_time.is_some() || version_id.is_some() {
            return Err(s3_error!(NotImplemented, "the local cloud deletes objects by key and If-Match alone"));
        }
        let if_match: Option<ETagCondition> = if_match;
        objects::delete(&self.disk, &bucket, &key, &Write { if_match, if_none_match: None })?;
        Ok(S3Response::with_status(DeleteObjectOutput::default(), http::StatusCode::NO_CONTENT))
    }

    async fn delete_objects(&self, request: S3Request<DeleteObjectsInput>) -> Answer<DeleteObjectsOutput> {
        let visitor = visitor(&request.extensions);
        let DeleteObjectsInput { bucket, delete, .. } = request.input;
        objects::delete_several(&self.disk, &bucket, delete, &visitor).map(S3Response::new)
    }

    async fn list_objects_v2(&self, request: S3Request<ListObjectsV2Input>) -> Answer<ListObjectsV2Output> {
        list::objects(&self.disk, &request.input).map(S3Response::new)
    }
}

/// Who makes the request.
fn visitor(extensions: &http::Extensions) -> Visitor {
    extensions.get().cloned().unwrap_or(Visitor::Nobody)
}

/// The error of a setting that a bucket does not have.
fn absent(code: S3ErrorCode, text: &'static str) -> S3Error {
    let mut error = S3Error::with_message(code, text);
    error.set_status_code(http::StatusCode::NOT_FOUND);
    error
}
