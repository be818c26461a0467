//! The objects of the page's bucket: their keys, and how they get there.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::MetadataDirective;
use base64::Engine as _;
use tokio::sync::SemaphorePermit;

use super::Site;
use crate::aws::{Aws, Class, Error, Unless as _, UPLOADS, each, failed, idempotent, retry_while};
use crate::package::{File, Files};
use crate::plan::Id;
use crate::resource::Kind as _;

/// Where files lie that never change under their name.
pub const ASSETS: &str = "assets/";
/// Where all other files of kept releases lie, by their content.
pub const KEPT: &str = "kept/";
/// Where those files lie that serve.
pub const PAGE: &str = "page/";

/// The key of the asset `name`, as it is asked for.
pub fn asset_key(name: &str) -> String {
    format!("{ASSETS}{name}")
}

/// The key of the content that has the MD5 `md5`.
pub fn kept_key(md5: &str) -> String {
    format!("{KEPT}{md5}")
}

/// The key of the file `name` of the release that serves.
pub fn page_key(name: &str) -> String {
    format!("{PAGE}{name}")
}

/// The objects that a release of `files` needs, without those that serve.
pub(super) fn wanted(files: &Files) -> BTreeMap<String, String> {
    files.iter().map(|(name, file)| (key(name, file), file.md5.clone())).collect()
}

fn key(name: &str, file: &File) -> String {
    if file.is_asset { asset_key(name) } else { kept_key(&file.md5) }
}

/// How long a file is tried to be sent.
const SENDING: std::time::Duration = std::time::Duration::from_mins(2);

impl Site {
    /// Sends the files that `there` lacks.
    pub(super) async fn put_objects(&self, there: &BTreeMap<String, String>, aws: &Aws) -> Result<(), Error> {
        let artifacts = aws.artifacts.all();
        let missing: BTreeSet<&String> =
            self.objects.iter().filter(|(key, md5)| there.get(*key) != Some(md5)).map(|(key, _)| key).collect();
        // Two files of the same content are one object.
        let files: BTreeMap<String, (&String, &File)> =
            artifacts.files.iter().map(|(name, file)| (key(name, file), (name, file))).collect();
        each(missing, |key| {
            let file = files.get(key).copied();
            async move {
                let (name, file) = file.ok_or_else(|| {
                    Error::refused("publish", &Id::new(Self::KIND, &self.name), format!("the content of {key} is not at hand"))
                        .hint("deploy again, which builds it")
                })?;
                self.put_object(key, name, file, aws).await
            }
        })
        .await
        .map(drop)
    }

    async fn put_object(&self, key: &str, name: &str, file: &File, aws: &Aws) -> Result<(), Error> {
        let thing = format!("{}/{key}", self.id());
        let _permit = permit(file, aws).await;
        let unread = |error: String| Error::refused("read", &file.path.display(), error);
        // S3 refuses what is not what was planned: a file that has changed meanwhile.
        let md5 = base64::engine::general_purpose::STANDARD.encode(bytes(&file.md5));
        let (kind, caching) = if file.is_asset {
            (File::content_type(name), File::IMMUTABLE)
        } else {
            // Its name is given to it, and so its type, when it is published.
            ("application/octet-stream".to_owned(), File::REVALIDATED)
        };
        let answer = retry_while(Error::passes, SENDING, || async {
            let body = ByteStream::from_path(&file.path).await.map_err(|error| unread(error.to_string()))?;
            let call = aws.s3.put_object().bucket(&self.name).key(key).expected_bucket_owner(&aws.scope.account);
            let call = call.content_type(&kind).cache_control(caching).content_md5(&md5).body(body);
            Box::pin(call.send()).await.map_err(failed("write", &thing))
        });
        answer.await.map(drop).map_err(|error| {
            if error.is("BadDigest") {
                error.hint(format!("{} has changed since it was read: deploy again", file.path.display()))
            } else {
                error
            }
        })
    }

    /// Deletes the objects of `live` that this has no more.
    pub(super) async fn delete_objects(&self, live: &Self, aws: &Aws) -> Result<(), Error> {
        let gone = live.objects.keys().filter(|key| !self.objects.contains_key(*key)).cloned();
        remove(&self.name, gone.collect(), aws).await
    }
}

/// Copies what `files` says (MD5s by name) over what serves, `live`, and takes away what it does not name: what callers
/// see. Gives the names under which others were served before.
pub(in crate::resource) async fn publish(
    bucket: &str,
    files: &BTreeMap<String, String>,
    live: &BTreeMap<String, String>,
    aws: &Aws,
) -> Result<Vec<String>, Error> {
    let (owner, s3) = (&aws.scope.account, &aws.s3);
    let changed: Vec<&String> = files.iter().filter(|(name, md5)| live.get(*name) != Some(md5)).map(|(name, _)| name).collect();
    let gone: Vec<&String> = live.keys().filter(|name| !files.contains_key(*name)).collect();
    each(changed.clone(), |name| async move {
        let thing = format!("{}/{}", Id::new(Site::KIND, bucket), page_key(name));
        idempotent("publish", &thing, || {
            let call = s3.copy_object().bucket(bucket).key(page_key(name)).expected_bucket_owner(owner);
            let call = call.copy_source(format!("{bucket}/{}", kept_key(&files[name]))).expected_source_bucket_owner(owner);
            let call = call.metadata_directive(MetadataDirective::Replace);
            call.content_type(File::content_type(name)).cache_control(File::REVALIDATED).send()
        })
        .await
    })
    .await?;
    remove(bucket, gone.iter().map(|name| page_key(name)).collect(), aws).await?;
    let others = changed.into_iter().filter(|name| live.contains_key(*name));
    Ok(others.chain(gone).cloned().collect())
}

/// Deletes the objects with `keys`. Absent already is success.
pub(super) async fn remove(bucket: &str, keys: Vec<String>, aws: &Aws) -> Result<(), Error> {
    let owner = &aws.scope.account;
    each(keys, |key| async move {
        let thing = format!("{}/{key}", Id::new(Site::KIND, bucket));
        let call = || aws.s3.delete_object().bucket(bucket).key(&key).expected_bucket_owner(owner).send();
        idempotent("delete", &thing, call).await.unless("NoSuchBucket").map(drop)
    })
    .await
    .map(drop)
}

/// Waits until so much may be sent; a file larger than all that may be is sent alone.
async fn permit<'a>(file: &File, aws: &'a Aws) -> Option<SemaphorePermit<'a>> {
    let size = usize::try_from(file.size >> 10).unwrap_or(UPLOADS).clamp(1, UPLOADS);
    // It is never closed.
    aws.uploads.acquire_many(u32::try_from(size).unwrap_or(1)).await.ok()
}

/// The bytes that `hexadecimal` tells.
fn bytes(hexadecimal: &str) -> Vec<u8> {
    let digits: Vec<u8> = hexadecimal.chars().filter_map(|c| c.to_digit(16)).filter_map(|digit| digit.try_into().ok()).collect();
    digits.chunks(2).map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit)).collect()
}

/// Whether it was refused because of who asks.
pub(super) fn is_denied(error: &Error) -> bool {
    error.is("AccessDenied") || error.class == Class::Foreign
}
