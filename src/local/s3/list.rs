//! `ListObjectsV2`: by prefix, rolled up at a delimiter, by pages.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use s3s::dto::{CommonPrefix, ETag, ListObjectsV2Input, ListObjectsV2Output, Object as Listed, ObjectStorageClass};
use s3s::{S3Result, s3_error};

use super::buckets::owner;
use super::conditions::modified;
use super::disk::{Disk, Object};

/// What stays as it is in keys with `encoding-type=url`.
const KEY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// The longest page.
const PAGE: i32 = 1000;

/// One line of a list.
enum Entry<'a> {
    Object(&'a Object),
    Prefix(&'a str),
}

pub(super) fn objects(disk: &Disk, input: &ListObjectsV2Input) -> S3Result<ListObjectsV2Output> {
    let most = input.max_keys.unwrap_or(PAGE).min(PAGE);
    let size = usize::try_from(most).map_err(|_| s3_error!(InvalidArgument, "max-keys must not be negative"))?;
    if input.optional_object_attributes.is_some() {
        return Err(s3_error!(NotImplemented, "the local cloud does not implement OptionalObjectAttributes"));
    }
    let prefix = input.prefix.as_deref().unwrap_or_default();
    let delimiter = input.delimiter.as_deref().filter(|delimiter| !delimiter.is_empty());
    let token = input.continuation_token.as_deref().map(decode).transpose()?;
    let after = token.as_deref().or(input.start_after.as_deref()).unwrap_or_default();
    let encodes = input.encoding_type.as_ref().is_some_and(|encoding| encoding.as_str() == "url");
    let text = |text: &str| if encodes { utf8_percent_encode(text, KEY).to_string() } else { text.to_owned() };
    disk.read(&input.bucket, |bucket| {
        let keys =
            bucket.objects.values().filter(|object| object.key.starts_with(prefix) && object.key.as_str() > after);
        let mut entries: Vec<Entry<'_>> = Vec::new();
        for object in keys {
            let rest = &object.key[prefix.len()..];
            let rolled = delimiter
                .and_then(|delimiter| Some(&object.key[..prefix.len() + rest.find(delimiter)? + delimiter.len()]));
            match (rolled, entries.last()) {
                // A page that ended with this prefix, or this page, has it already.
                (Some(rolled), _) if after.starts_with(rolled) => continue,
                (Some(rolled), Some(Entry::Prefix(last))) if *last == rolled => continue,
                (Some(rolled), _) => entries.push(Entry::Prefix(rolled)),
                (None, _) => entries.push(Entry::Object(object)),
            }
            if entries.len() > size {
                break;
            }
        }
        let truncated = entries.len() > size && size > 0;
        entries.truncate(size);
        let last = entries.last().map(|entry| match entry {
            Entry::Object(object) => object.key.as_str(),
            Entry::Prefix(prefix) => prefix,
        });
        let next = last.filter(|_| truncated).map(|last| URL_SAFE_NO_PAD.encode(last));
        let (mut contents, mut prefixes) = (Vec::new(), Vec::new());
        for entry in &entries {
            match entry {
                Entry::Object(object) => {
                    contents.push(listed(object, text(&object.key), input.fetch_owner == Some(true)));
                }
                Entry::Prefix(prefix) => prefixes.push(CommonPrefix { prefix: Some(text(prefix)) }),
            }
        }
        Ok(ListObjectsV2Output {
            name: Some(input.bucket.clone()),
            prefix: Some(text(prefix)),
            max_keys: Some(most),
            key_count: i32::try_from(entries.len()).ok(),
            continuation_token: input.continuation_token.clone(),
            is_truncated: Some(truncated),
            next_continuation_token: next,
            contents: Some(contents),
            common_prefixes: Some(prefixes),
            delimiter: delimiter.map(text),
            encoding_type: input.encoding_type.clone(),
            start_after: input.start_after.as_deref().map(text),
            request_charged: None,
        })
    })
}

fn listed(object: &Object, key: String, with_owner: bool) -> Listed {
    Listed {
        e_tag: Some(ETag::Strong(object.e_tag.clone())),
        key: Some(key),
        last_modified: Some(modified(object)),
        owner: with_owner.then(owner),
        size: i64::try_from(object.size).ok(),
        storage_class: Some(ObjectStorageClass::from_static(ObjectStorageClass::STANDARD)),
        ..Listed::default()
    }
}

fn decode(token: &str) -> S3Result<String> {
    let bytes = URL_SAFE_NO_PAD.decode(token).ok();
    let key = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    key.ok_or_else(|| s3_error!(InvalidArgument, "The continuation token provided is incorrect"))
}
