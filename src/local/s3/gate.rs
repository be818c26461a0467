//! What is let through to the backend: operations that are implemented, with headers that are honoured, by callers who
//! may.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html>

use std::sync::Arc;

use http::HeaderMap;
use s3s::access::{S3Access, S3AccessContext};
use s3s::auth::{S3Auth, SecretKey};
use s3s::dto::Tagging;
use s3s::path::S3Path;
use s3s::{S3Error, S3ErrorCode, S3Result, s3_error};

use super::disk::Disk;
use super::permits::Visitor;
use crate::ACCOUNT;
use crate::call::{Error, Operation};

/// The check of each request.
pub(super) struct Gate {
    pub(super) disk: Arc<Disk>,
}

/// There are no signatures to verify.
pub(super) struct NoSignatures;

/// Headers of S3 that the backend honours, or that mean nothing here, besides those of the metadata and of checksums.
const HEADERS: [&str; 24] = [
    "x-amz-date",
    "x-amz-security-token",
    "x-amz-user-agent",
    "x-amz-trailer",
    "x-amz-sdk-checksum-algorithm",
    "x-amz-expected-bucket-owner",
    "x-amz-request-payer",
    "x-amz-mp-object-size",
    "x-amz-api-version",
    "x-amz-te",
    "x-amz-acl",
    "x-amz-object-ownership",
    "x-amz-storage-class",
    "x-amz-server-side-encryption",
    "x-amz-bucket-object-lock-enabled",
    "x-amz-bypass-governance-retention",
    "x-amz-confirm-remove-self-bucket-access",
    "x-amz-copy-source",
    "x-amz-copy-source-if-match",
    "x-amz-copy-source-if-none-match",
    "x-amz-copy-source-if-modified-since",
    "x-amz-copy-source-if-unmodified-since",
    "x-amz-metadata-directive",
    "x-amz-cf-id",
];

#[async_trait::async_trait]
impl S3Auth for NoSignatures {
    async fn get_secret_key(&self, _access_key: &str) -> S3Result<SecretKey> {
        Err(s3_error!(NotImplemented, "the local cloud verifies no signatures in forms"))
    }
}

#[async_trait::async_trait]
impl S3Access for Gate {
    async fn check(&self, context: &mut S3AccessContext<'_>) -> S3Result<()> {
        let name = context.s3_op().name().to_owned();
        let visitor = context.extensions_mut().get::<Visitor>().cloned().unwrap_or(Visitor::Nobody);
        let Some((mutates, action)) = operation(&name) else {
            // The root of a bucket, which those alone are told of who may list it.
            if let (Visitor::Nobody | Visitor::Service { .. }, S3Path::Bucket { bucket }) =
                (&visitor, context.s3_path())
            {
                let listed = visitor.check(&self.disk, "s3:ListBucket", &format!("arn:aws:s3:::{bucket}"));
                listed.map_err(|error| refused(&error))?;
            }
            return Err(refused(&Error::not_implemented(&format!("s3:{name}"))));
        };
        let resource = match context.s3_path() {
            S3Path::Root => "*".to_owned(),
            S3Path::Bucket { bucket } => format!("arn:aws:s3:::{bucket}"),
            S3Path::Object { bucket, key } => format!("arn:aws:s3:::{bucket}/{key}"),
        };
        let needs = action.map(|action| (action.to_owned(), resource)).into_iter().collect();
        let operation = Operation { name, mutates, needs };
        let may = || operation.needs.iter().try_for_each(|(action, on)| visitor.check(&self.disk, action, on));
        let admitted = match &visitor {
            Visitor::Caller(admission) => admission.admit_if(&operation, may).await,
            Visitor::Nobody | Visitor::Service { .. } => may(),
        };
        admitted.map_err(|error| refused(&error))?;
        if context.extensions_mut().get::<Tagging>().is_some() {
            let resource = operation.needs.first().map_or("*", |(_, resource)| resource);
            visitor.check(&self.disk, "s3:TagResource", resource).map_err(|error| refused(&error))?;
        }
        check_headers(context.headers())
    }
}

/// Whether an operation can change anything, and the action that permits it; `None` when it is not implemented.
/// `DeleteObjects` is permitted key by key.
fn operation(name: &str) -> Option<(bool, Option<&'static str>)> {
    let (mutates, action) = match name {
        "CreateBucket" => (true, "s3:CreateBucket"),
        "DeleteBucket" => (true, "s3:DeleteBucket"),
        "HeadBucket" | "ListObjectsV2" => (false, "s3:ListBucket"),
        "ListBuckets" => (false, "s3:ListAllMyBuckets"),
        "GetBucketLocation" => (false, "s3:GetBucketLocation"),
        "PutPublicAccessBlock" | "DeletePublicAccessBlock" => (true, "s3:PutBucketPublicAccessBlock"),
        "GetPublicAccessBlock" => (false, "s3:GetBucketPublicAccessBlock"),
        "PutBucketEncryption" => (true, "s3:PutEncryptionConfiguration"),
        "GetBucketEncryption" => (false, "s3:GetEncryptionConfiguration"),
        "PutBucketTagging" | "DeleteBucketTagging" => (true, "s3:PutBucketTagging"),
        "GetBucketTagging" => (false, "s3:GetBucketTagging"),
        "PutBucketPolicy" => (true, "s3:PutBucketPolicy"),
        "GetBucketPolicy" => (false, "s3:GetBucketPolicy"),
        "DeleteBucketPolicy" => (true, "s3:DeleteBucketPolicy"),
        "GetBucketVersioning" => (false, "s3:GetBucketVersioning"),
        "PutObject" | "CopyObject" => (true, "s3:PutObject"),
        "GetObject" | "HeadObject" => (false, "s3:GetObject"),
        "DeleteObject" => (true, "s3:DeleteObject"),
        "DeleteObjects" => return Some((true, None)),
        _ => return None,
    };
    Some((mutates, Some(action)))
}

/// Refuses, by name, headers that ask for what the backend does not do; and another account's bucket.
fn check_headers(headers: &HeaderMap) -> S3Result<()> {
    for (name, value) in headers {
        let (name, value) = (name.as_str(), value.to_str().unwrap_or_default());
        let honoured = match name {
            "x-amz-expected-bucket-owner" | "x-amz-source-expected-bucket-owner" if value != ACCOUNT => {
                return Err(s3_error!(AccessDenied, "Access Denied"));
            }
            "x-amz-acl" => matches!(value, "private" | "bucket-owner-full-control"),
            "x-amz-object-ownership" => value == "BucketOwnerEnforced",
            "x-amz-storage-class" => value == "STANDARD",
            "x-amz-server-side-encryption" => value == "AES256",
            "x-amz-bucket-object-lock-enabled" | "x-amz-bypass-governance-retention" => value == "false",
            "x-amz-tagging-directive" => value == "COPY",
            "x-amz-source-expected-bucket-owner" => true,
            _ if name.starts_with("x-amz-meta-") || name.starts_with("x-amz-checksum-") => true,
            _ if name.starts_with("x-amz-") => HEADERS.contains(&name),
            _ => true,
        };
        if !honoured {
            return Err(refused(&Error::not_implemented(&format!("the header {name}: {value}"))));
        }
    }
    Ok(())
}

/// An error of ours as the wire layer renders it.
pub(super) fn refused(error: &Error) -> S3Error {
    let code = S3ErrorCode::from_bytes(error.code.as_bytes()).unwrap_or(S3ErrorCode::InternalError);
    let mut refused = S3Error::with_message(code, error.message.clone());
    if let Ok(status) = http::StatusCode::from_u16(error.status) {
        refused.set_status_code(status);
    }
    refused
}
