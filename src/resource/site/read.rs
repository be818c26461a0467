//! Reading the page's bucket and what CloudFront keeps beside it.

use std::collections::BTreeMap;

use super::object::{self, PAGE, page_key};
use super::{Rewrite, Site, bucket, parts};
use crate::aws::{Aws, Error, Unless as _, each, idempotent};
use crate::package::File;
use crate::plan::Id;
use crate::resource::{Found, Kind as _};

/// Reads the bucket. Where nobody `wants` a page, whoever may not look at it has none.
pub(super) async fn read(wants: bool, aws: &Aws) -> Result<Option<Found<Site>>, Error> {
    let name = aws.scope.site_bucket();
    let nothing = || {
        aws.directory.put_page(None);
        Ok(None)
    };
    let keys = match bucket::keys(&name, aws).await {
        Ok(Some(keys)) => keys,
        Ok(None) => return nothing(),
        Err(error) if object::is_denied(&error) && !wants => return nothing(),
        // All accounts share the names of buckets, and S3 answers this for those of others.
        Err(error) if object::is_denied(&error) => return Err(error.hint(
            "the bucket is another account's, or these credentials lack s3:ListBucket on it",
        )),
        Err(error) => return Err(error),
    };
    let (serving, objects): (Vec<_>, Vec<_>) = keys.into_iter().partition(|(key, _)| key.starts_with(PAGE));
    let (tags, closed, parts, page) = tokio::try_join!(
        bucket::tags(&name, aws),
        closed(&name, aws),
        parts::read(aws),
        each(serving, |(key, md5)| file(&name, key, md5, aws)),
    )?;
    let Some(tags) = tags else { return nothing() };
    // A bucket of this name that nobody has marked or used was made by a run of ours that was cut short: the name has the
    // account in it, and whoever else makes one puts something there.
    let is_unused = tags.is_empty() && objects.is_empty() && page.is_empty();
    if !(aws.scope.owns(&tags) || is_unused) {
        return Ok(Some(Found::Foreign(name)));
    }
    aws.directory.put_page(Some(page.into_iter().flatten().collect()));
    Ok(Some(Found::Ours(Site {
        name,
        objects: objects.into_iter().collect(),
        closed,
        signed: parts.access.is_some_and(|(_, signed)| signed),
        headers: parts.headers.map(|(_, headers)| headers).unwrap_or_default(),
        rewrite: parts.rewrites.map(|(_, code)| Rewrite(code)),
        tags,
    })))
}

/// Whether all four blocks are on.
async fn closed(bucket: &str, aws: &Aws) -> Result<bool, Error> {
    let call = || aws.s3.get_public_access_block().bucket(bucket).expected_bucket_owner(&aws.scope.account).send();
    let answer = idempotent("read the public access block of", &Id::new(Site::KIND, bucket), call).await;
    let blocks = answer.unless("NoSuchPublicAccessBlockConfiguration")?.and_then(|answer| answer.public_access_block_configuration);
    Ok(blocks.is_some_and(|blocks| {
        [blocks.block_public_acls, blocks.ignore_public_acls, blocks.block_public_policy, blocks.restrict_public_buckets]
            .iter()
            .all(|block| *block == Some(true))
    }))
}

/// A file that serves: its name, and its MD5, to which that is added which is not as memoctl publishes it.
async fn file(bucket: &str, key: String, md5: String, aws: &Aws) -> Result<Option<(String, String)>, Error> {
    let call = || aws.s3.head_object().bucket(bucket).key(&key).expected_bucket_owner(&aws.scope.account).send();
    let head = idempotent("read", &format!("{}/{key}", Id::new(Site::KIND, bucket)), call).await;
    let head = match head {
        Ok(head) => head,
        // A HEAD has no body, so its code is the status.
        Err(error) if error.is("404") || error.is("NotFound") || error.is("NoSuchKey") => return Ok(None),
        Err(error) => return Err(error),
    };
    let Some(name) = key.strip_prefix(PAGE).map(str::to_owned) else { return Ok(None) };
    debug_assert_eq!(page_key(&name), key);
    let (kind, caching) = (head.content_type.unwrap_or_default(), head.cache_control.unwrap_or_default());
    let mut odd: BTreeMap<&str, String> = BTreeMap::new();
    if kind != File::content_type(&name) {
        odd.insert("Content-Type", kind);
    }
    if caching != File::REVALIDATED {
        odd.insert("Cache-Control", caching);
    }
    let odd = odd.into_iter().fold(String::new(), |odd, (header, value)| format!("{odd} {header}: {value}"));
    Ok(Some((name, format!("{md5}{odd}"))))
}
