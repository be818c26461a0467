//! The operations on objects.

use std::collections::BTreeMap;
use std::io::SeekFrom;
use std::ops::Range;

use bytes::{Bytes, BytesMut};
use futures_util::stream;
use s3s::dto::{
    Checksum, ChecksumMode, ChecksumType, Delete, DeleteObjectsOutput, DeletedObject, ETag, Error as Failed,
    GetObjectInput, GetObjectOutput, HeadObjectInput, HeadObjectOutput, PutObjectInput, PutObjectOutput,
    ServerSideEncryption, StreamingBlob,
};
use s3s::{S3Request, S3Result, s3_error};
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};

use super::chunked::Trailers;
use super::conditions::{Read, Write, modified, now};
use super::disk::{Disk, Object, unkept};
use super::permits::Visitor;
use super::upload::{self, Promise};
use crate::wire::request_id;

/// Bytes of a piece in which an object is read.
const PIECE: usize = 64 << 10;

/// The largest object that one `PutObject` takes: 5 GiB.
const LARGEST: i64 = 5 << 30;

pub(super) async fn put(disk: &Disk, request: S3Request<PutObjectInput>) -> S3Result<PutObjectOutput> {
    let promise = Promise::of(&request.headers, request.extensions.get::<Trailers>());
    let input = request.input;
    if input.content_length.is_some_and(|length| length > LARGEST) {
        return Err(s3_error!(EntityTooLarge, "Your proposed upload exceeds the maximum allowed size"));
    }
    let conditions = Write { if_match: input.if_match, if_none_match: input.if_none_match };
    disk.read(&input.bucket, |bucket| conditions.check(bucket.objects.get(&input.key)))?;
    let data = request_id();
    let path = disk.data(&input.bucket, &data);
    let kept = async {
        let written = upload::write(&path, input.body, &promise).await?;
        let headers = headers([
            ("content-type", input.content_type),
            ("cache-control", input.cache_control),
            ("content-disposition", input.content_disposition),
            ("content-encoding", input.content_encoding),
            ("content-language", input.content_language),
        ]);
        let object = Object {
            key: input.key,
            data,
            size: written.size,
            e_tag: written.md5,
            modified: now(),
            headers,
            metadata: input.metadata.into_iter().flatten().collect(),
            checksums: written.checksums,
        };
        disk.put(&input.bucket, object.clone(), |current| conditions.check_again(current))?;
        Ok(object)
    };
    let object = match kept.await {
        Ok(object) => object,
        Err(error) => {
            // Data that became no object's is no loss.
            let _ = tokio::fs::remove_file(&path).await;
            return Err(error);
        }
    };
    let checksum = checksum(&object.checksums);
    Ok(PutObjectOutput {
        checksum_crc32: checksum.checksum_crc32,
        checksum_crc32c: checksum.checksum_crc32c,
        checksum_crc64nvme: checksum.checksum_crc64nvme,
        checksum_sha1: checksum.checksum_sha1,
        checksum_sha256: checksum.checksum_sha256,
        checksum_type: checksum.checksum_type,
        e_tag: Some(ETag::Strong(object.e_tag)),
        server_side_encryption: Some(ServerSideEncryption::from_static(ServerSideEncryption::AES256)),
        ..PutObjectOutput::default()
    })
}

pub(super) async fn get(disk: &Disk, input: GetObjectInput, visitor: &Visitor) -> S3Result<GetObjectOutput> {
    if input.part_number.is_some_and(|part| part != 1) || input.version_id.is_some() {
        return Err(s3_error!(NotImplemented, "the local cloud does not implement parts and versions of objects"));
    }
    let (object, file) = found(disk, &input.bucket, &input.key, visitor)?;
    let conditions = Read {
        matching: input.if_match,
        none_matching: input.if_none_match,
        modified_since: input.if_modified_since,
        unmodified_since: input.if_unmodified_since,
    };
    conditions.check(&object)?;
    let range = input.range.map(|range| range.check(object.size)).transpose();
    let range = range.map_err(|_| s3_error!(InvalidRange, "The requested range is not satisfiable"))?;
    let is_whole = range.is_none();
    let content_range = range.as_ref().map(|range| format!("bytes {}-{}/{}", range.start, range.end - 1, object.size));
    let range = range.unwrap_or(0..object.size);
    let header = |name: &str| object.headers.get(name).cloned();
    let shows_checksums = is_whole && input.checksum_mode.is_some_and(|mode| mode.as_str() == ChecksumMode::ENABLED);
    let checksum = if shows_checksums { checksum(&object.checksums) } else { Checksum::default() };
    Ok(GetObjectOutput {
        accept_ranges: Some("bytes".to_owned()),
        cache_control: input.response_cache_control.or(header("cache-control")),
        checksum_crc32: checksum.checksum_crc32,
        checksum_crc32c: checksum.checksum_crc32c,
        checksum_crc64nvme: checksum.checksum_crc64nvme,
        checksum_sha1: checksum.checksum_sha1,
        checksum_sha256: checksum.checksum_sha256,
        checksum_type: checksum.checksum_type,
        content_disposition: input.response_content_disposition.or(header("content-disposition")),
        content_encoding: input.response_content_encoding.or(header("content-encoding")),
        content_language: input.response_content_language.or(header("content-language")),
        content_length: i64::try_from(range.end - range.start).ok(),
        content_range,
        content_type: input.response_content_type.or(header("content-type")).or(Some(DEFAULT_TYPE.to_owned())),
        e_tag: Some(ETag::Strong(object.e_tag.clone())),
        last_modified: Some(modified(&object)),
        metadata: Some(object.metadata.clone().into_iter().collect()),
        server_side_encryption: Some(ServerSideEncryption::from_static(ServerSideEncryption::AES256)),
        body: Some(read(tokio::fs::File::from_std(file), range).await?),
        ..GetObjectOutput::default()
    })
}

/// The object `key` with its data. That there is none is told to those alone who may list the bucket.
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html>
fn found(disk: &Disk, bucket: &str, key: &str, visitor: &Visitor) -> S3Result<(Object, std::fs::File)> {
    disk.get(bucket, key).map_err(|error| {
        if *error.code() != s3s::S3ErrorCode::NoSuchKey {
            return error;
        }
        let may_list = visitor.check(disk, "s3:ListBucket", &format!("arn:aws:s3:::{bucket}"));
        may_list.map_or_else(|denial| super::gate::refused(&denial), |()| error)
    })
}

pub(super) async fn head(disk: &Disk, input: HeadObjectInput, visitor: &Visitor) -> S3Result<HeadObjectOutput> {
    let input = GetObjectInput {
        bucket: input.bucket,
        checksum_mode: input.checksum_mode,
        if_match: input.if_match,
        if_modified_since: input.if_modified_since,
        if_none_match: input.if_none_match,
        if_unmodified_since: input.if_unmodified_since,
        key: input.key,
        part_number: input.part_number,
        range: input.range,
        version_id: input.version_id,
        ..GetObjectInput::default()
    };
    let found = get(disk, input, visitor).await?;
    Ok(HeadObjectOutput {
        accept_ranges: found.accept_ranges,
        cache_control: found.cache_control,
        checksum_crc32: found.checksum_crc32,
        checksum_crc32c: found.checksum_crc32c,
        checksum_crc64nvme: found.checksum_crc64nvme,
        checksum_sha1: found.checksum_sha1,
        checksum_sha256: found.checksum_sha256,
        checksum_type: found.checksum_type,
        content_disposition: found.content_disposition,
        content_encoding: found.content_encoding,
        content_language: found.content_language,
        content_length: found.content_length,
        content_range: found.content_range,
        content_type: found.content_type,
        e_tag: found.e_tag,
        last_modified: found.last_modified,
        metadata: found.metadata,
        server_side_encryption: found.server_side_encryption,
        ..HeadObjectOutput::default()
    })
}

/// Deletes `key`, whether or not there is such an object.
pub(super) fn delete(disk: &Disk, bucket: &str, key: &str, conditions: &Write) -> S3Result<()> {
    disk.delete(bucket, key, |current| conditions.check(current))
}

/// Deletes several objects, each for itself.
pub(super) fn delete_several(
    disk: &Disk,
    bucket: &str,
    delete: Delete,
    visitor: &Visitor,
) -> S3Result<DeleteObjectsOutput> {
    if delete.objects.is_empty() || delete.objects.len() > 1000 {
        return Err(s3_error!(
            MalformedXML,
            "The XML you provided was not well-formed or did not validate against our published schema"
        ));
    }
    disk.read(bucket, |_| Ok(()))?;
    let quiet = delete.quiet == Some(true);
    let (mut deleted, mut errors) = (Vec::new(), Vec::new());
    for object in delete.objects {
        let resource = format!("arn:aws:s3:::{bucket}/{}", object.key);
        let allowed = visitor.check(disk, "s3:DeleteObject", &resource);
        let allowed = allowed.map_err(|error| super::gate::refused(&error));
        let conditions = Write { if_match: object.e_tag.map(s3s::dto::ETagCondition::ETag), if_none_match: None };
        let key = object.key;
        match allowed.and_then(|()| self::delete(disk, bucket, &key, &conditions)) {
            Ok(()) if quiet => {}
            Ok(()) => deleted.push(DeletedObject { key: Some(key), ..DeletedObject::default() }),
            Err(error) => errors.push(Failed {
                code: Some(error.code().as_str().to_owned()),
                key: Some(key),
                message: error.message().map(str::to_owned),
                version_id: None,
            }),
        }
    }
    Ok(DeleteObjectsOutput { deleted: Some(deleted), errors: Some(errors), request_charged: None })
}

/// The type of data that came without one.
const DEFAULT_TYPE: &str = "binary/octet-stream";

/// Those of the headers that were given.
pub(super) fn headers<const N: usize>(given: [(&str, Option<String>); N]) -> BTreeMap<String, String> {
    given.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}

pub(super) fn checksum(known: &BTreeMap<String, String>) -> Checksum {
    let get = |algorithm: &str| known.get(&format!("x-amz-checksum-{algorithm}")).cloned();
    Checksum {
        checksum_crc32: get("crc32"),
        checksum_crc32c: get("crc32c"),
        checksum_crc64nvme: get("crc64nvme"),
        checksum_sha1: get("sha1"),
        checksum_sha256: get("sha256"),
        checksum_type: (!known.is_empty()).then(|| ChecksumType::from_static(ChecksumType::FULL_OBJECT)),
    }
}

/// Streams a part of a file.
async fn read(mut file: tokio::fs::File, range: Range<u64>) -> S3Result<StreamingBlob> {
    file.seek(SeekFrom::Start(range.start)).await.map_err(unkept)?;
    let left = range.end - range.start;
    Ok(StreamingBlob::wrap(stream::try_unfold((file, left), |(mut file, left)| async move {
        if left == 0 {
            return Ok(None);
        }
        let size = usize::try_from(left).unwrap_or(PIECE).min(PIECE);
        let mut piece = BytesMut::zeroed(size);
        file.read_exact(&mut piece).await?;
        Ok::<_, std::io::Error>(Some((Bytes::from(piece), (file, left - size as u64))))
    })))
}
