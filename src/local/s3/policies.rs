//! The operations on a bucket's policy.
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html>

use s3s::{S3Error, S3ErrorCode, S3Result, s3_error};

use super::disk::Disk;
use super::gate::refused;
use crate::call::Error;
use crate::iam::ResourcePolicy;

/// The largest policy, in bytes.
const LIMIT: usize = 20 << 10;

pub(super) fn put(disk: &Disk, bucket: &str, document: String) -> S3Result<()> {
    let settings = disk.read(bucket, |bucket| Ok(bucket.settings.clone()))?;
    if document.len() > LIMIT {
        return Err(malformed("Policies must be at most 20480 bytes"));
    }
    if !document.trim_start().starts_with('{') {
        return Err(malformed("Policies must be valid JSON and the first byte must be '{'"));
    }
    let policy = ResourcePolicy::read(&document).map_err(|error| match error.code.as_str() {
        "MalformedPolicyDocument" => malformed(&error.message),
        _ => refused(&error),
    })?;
    let own = format!("arn:aws:s3:::{bucket}");
    let is_own =
        |resource: &str| resource == own || resource.strip_prefix(&own).is_some_and(|rest| rest.starts_with('/'));
    if !policy.resources().all(is_own) {
        return Err(malformed("Policy has invalid resource"));
    }
    if policy.is_public() && settings.public_access.is_some_and(|block| block.block_public_policy == Some(true)) {
        let text = "public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access.";
        let text = format!(
            "The caller is not authorized to perform: s3:PutBucketPolicy on resource: \"{own}\" because {text}"
        );
        return Err(refused(&Error::new(403, "AccessDenied", text)));
    }
    disk.set(bucket, |settings| settings.policy = Some(document))
}

pub(super) fn get(disk: &Disk, bucket: &str) -> S3Result<String> {
    let policy = disk.read(bucket, |bucket| Ok(bucket.settings.policy.clone()))?;
    policy.ok_or_else(|| s3_error!(NoSuchBucketPolicy, "The bucket policy does not exist"))
}

pub(super) fn delete(disk: &Disk, bucket: &str) -> S3Result<()> {
    disk.set(bucket, |settings| settings.policy = None)
}

fn malformed(text: &str) -> S3Error {
    S3Error::with_message(S3ErrorCode::MalformedPolicy, text.to_owned())
}
