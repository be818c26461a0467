//! `CopyObject`: within the region, of the one version that an object has.
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html>

use s3s::dto::{CopyObjectInput, CopyObjectOutput, CopyObjectResult, CopySource, ETag, ServerSideEncryption};
use s3s::{S3Error, S3ErrorCode, S3Request, S3Result, s3_error};

use super::conditions::{Read, Write, modified, now};
use super::disk::{Disk, Object, no_key, unkept};
use super::gate::refused;
use super::objects::{checksum, headers};
use super::permits::Visitor;
use crate::call::Error;
use crate::wire::request_id;

pub(super) async fn object(disk: &Disk, request: S3Request<CopyObjectInput>) -> S3Result<CopyObjectOutput> {
    let visitor = request.extensions.get::<Visitor>().cloned().unwrap_or(Visitor::Nobody);
    let input = request.input;
    if input.checksum_algorithm.is_some() {
        return Err(refused(&Error::not_implemented("x-amz-checksum-algorithm of CopyObject")));
    }
    let CopySource::Bucket { bucket, key, version_id: None } = &input.copy_source else {
        return Err(refused(&Error::not_implemented("access points and versions as the source of CopyObject")));
    };
    let allowed = visitor.check(disk, "s3:GetObject", &format!("arn:aws:s3:::{bucket}/{key}"));
    allowed.map_err(|error| refused(&error))?;
    let source = disk.read(bucket, |bucket| bucket.objects.get(&**key).cloned().ok_or_else(no_key))?;
    let conditions = Read {
        matching: input.copy_source_if_match.clone(),
        none_matching: input.copy_source_if_none_match.clone(),
        modified_since: input.copy_source_if_modified_since.clone(),
        unmodified_since: input.copy_source_if_unmodified_since.clone(),
    };
    conditions.check(&source).map_err(|_| unmet())?;
    let replaces = input.metadata_directive.as_ref().is_some_and(|directive| directive.as_str() == "REPLACE");
    if !replaces && **bucket == *input.bucket && **key == *input.key {
        return Err(s3_error!(
            InvalidRequest,
            "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes."
        ));
    }
    // The target's bucket must be there before data is put into it.
    disk.read(&input.bucket, |_| Ok(()))?;
    let data = request_id();
    let path = disk.data(&input.bucket, &data);
    let from = disk.get(bucket, key)?;
    let copied = copy(from, &path).await?;
    let object = replaced(copied, input, data, replaces);
    let (target, object) = object;
    let anything = Write { if_match: None, if_none_match: None };
    if let Err(error) = disk.put(&target, object.clone(), |current| anything.check(current)) {
        // Data that became no object's is no loss.
        let _ = tokio::fs::remove_file(&path).await;
        return Err(error);
    }
    let checksum = checksum(&object.checksums);
    let result = CopyObjectResult {
        checksum_crc32: checksum.checksum_crc32,
        checksum_crc32c: checksum.checksum_crc32c,
        checksum_crc64nvme: checksum.checksum_crc64nvme,
        checksum_sha1: checksum.checksum_sha1,
        checksum_sha256: checksum.checksum_sha256,
        checksum_type: checksum.checksum_type,
        last_modified: Some(modified(&object)),
        e_tag: Some(ETag::Strong(object.e_tag)),
    };
    Ok(CopyObjectOutput {
        copy_object_result: Some(result),
        server_side_encryption: Some(ServerSideEncryption::from_static(ServerSideEncryption::AES256)),
        ..CopyObjectOutput::default()
    })
}

/// Copies an object's data to a new file at `path`; the object as it was when that began.
async fn copy((object, file): (Object, std::fs::File), path: &std::path::Path) -> S3Result<Object> {
    let mut from = tokio::fs::File::from_std(file);
    let mut to = tokio::fs::File::create_new(path).await.map_err(unkept)?;
    tokio::io::copy(&mut from, &mut to).await.map_err(unkept)?;
    tokio::io::AsyncWriteExt::flush(&mut to).await.map_err(unkept)?;
    Ok(object)
}

/// The new object, and its bucket: with the source's headers and metadata, or with those of the request.
fn replaced(source: Object, input: CopyObjectInput, data: String, replaces: bool) -> (String, Object) {
    let (headers, metadata) = if replaces {
        let given = headers([
            ("content-type", input.content_type),
            ("cache-control", input.cache_control),
            ("content-disposition", input.content_disposition),
            ("content-encoding", input.content_encoding),
            ("content-language", input.content_language),
        ]);
        (given, input.metadata.into_iter().flatten().collect())
    } else {
        (source.headers.clone(), source.metadata.clone())
    };
    (input.bucket, Object { key: input.key, data, modified: now(), headers, metadata, ..source })
}

fn unmet() -> S3Error {
    S3Error::with_message(
        S3ErrorCode::PreconditionFailed,
        "At least one of the pre-conditions you specified did not hold",
    )
}
