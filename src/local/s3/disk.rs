//! Buckets and objects on disk: a folder for each bucket, a file for each object's data, and beside it a small file of
//! JSON that makes it the object's: so a kill leaves the old object or the new one.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use s3s::dto::{PublicAccessBlockConfiguration, ServerSideEncryptionConfiguration, Tagging};
use s3s::{S3Result, s3_error};
use serde::{Deserialize, Serialize};
use sha2::Digest as _;

use crate::wire::{hex, request_id};

/// All buckets.
pub(super) struct Disk {
    dir: PathBuf,
    buckets: Mutex<BTreeMap<String, Bucket>>,
}

/// A bucket: its settings, and its objects by key.
#[derive(Clone, Debug, Default)]
pub(super) struct Bucket {
    pub(super) settings: Settings,
    pub(super) objects: BTreeMap<String, Object>,
}

/// What is set of a bucket.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Settings {
    /// Seconds since the epoch.
    pub(super) created: u64,
    pub(super) encryption: Option<ServerSideEncryptionConfiguration>,
    pub(super) public_access: Option<PublicAccessBlockConfiguration>,
    pub(super) tagging: Option<Tagging>,
    /// The policy as it was put.
    #[serde(default)]
    pub(super) policy: Option<String>,
}

/// An object.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Object {
    pub(super) key: String,
    /// The file of its data.
    pub(super) data: String,
    pub(super) size: u64,
    /// The MD5 of the data, in hexadecimal digits.
    pub(super) e_tag: String,
    /// Seconds since the epoch.
    pub(super) modified: u64,
    /// `Content-Type` and the others that are given back as they were, by their lower-case names.
    pub(super) headers: BTreeMap<String, String>,
    pub(super) metadata: BTreeMap<String, String>,
    /// By the names of their headers, such as `x-amz-checksum-crc32`.
    pub(super) checksums: BTreeMap<String, String>,
}

impl Disk {
    /// Opens the state in `dir`.
    pub(super) fn open(dir: &Path) -> io::Result<Self> {
        std::fs::create_dir_all(dir)?;
        let mut buckets = BTreeMap::new();
        for entry in std::fs::read_dir(dir)? {
            let entry = entry?;
            match entry.file_name().into_string() {
                // What a kill left of a bucket that was being made or deleted.
                Ok(name) if name.starts_with('.') => std::fs::remove_dir_all(entry.path())?,
                Ok(name) => drop(buckets.insert(name, load(&entry.path())?)),
                Err(_) => {}
            }
        }
        Ok(Self { dir: dir.to_owned(), buckets: Mutex::new(buckets) })
    }

    /// All buckets, for one look or change.
    pub(super) fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Bucket>> {
        self.buckets.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks at a bucket.
    pub(super) fn read<R>(&self, bucket: &str, look: impl FnOnce(&Bucket) -> S3Result<R>) -> S3Result<R> {
        look(self.lock().get(bucket).ok_or_else(missing)?)
    }

    /// Changes a bucket's settings.
    pub(super) fn set(&self, bucket: &str, change: impl FnOnce(&mut Settings)) -> S3Result<()> {
        let mut buckets = self.lock();
        let settings = &mut buckets.get_mut(bucket).ok_or_else(missing)?.settings;
        let mut next = settings.clone();
        change(&mut next);
        write(&self.dir.join(bucket).join("bucket.json"), &next).map_err(unkept)?;
        *settings = next;
        Ok(())
    }

    /// Makes a bucket's folder, all at once.
    pub(super) fn make(&self, bucket: &str, settings: &Settings) -> io::Result<()> {
        let beside = self.dir.join(format!(".{}", request_id()));
        std::fs::create_dir_all(beside.join("objects"))?;
        std::fs::create_dir_all(beside.join("data"))?;
        write(&beside.join("bucket.json"), settings)?;
        std::fs::rename(beside, self.dir.join(bucket))
    }

    /// Removes a bucket's folder, all at once.
    pub(super) fn unmake(&self, bucket: &str) -> io::Result<()> {
        let beside = self.dir.join(format!(".{}", request_id()));
        std::fs::rename(self.dir.join(bucket), &beside)?;
        std::fs::remove_dir_all(beside)
    }

    /// Where the data `name` of a bucket is.
    pub(super) fn data(&self, bucket: &str, name: &str) -> PathBuf {
        self.dir.join(bucket).join("data").join(name)
    }

    /// Puts `object` into `bucket`, whose data is on disk; `check` sees what it replaces.
    pub(super) fn put(
        &self,
        bucket: &str,
        object: Object,
        check: impl FnOnce(Option<&Object>) -> S3Result<()>,
    ) -> S3Result<()> {
        let mut buckets = self.lock();
        let objects = &mut buckets.get_mut(bucket).ok_or_else(missing)?.objects;
        check(objects.get(&object.key))?;
        write(&self.description(bucket, &object.key), &object).map_err(unkept)?;
        if let Some(replaced) = objects.insert(object.key.clone(), object) {
            std::fs::remove_file(self.data(bucket, &replaced.data)).map_err(unkept)?;
        }
        Ok(())
    }

    /// Removes the object `key`, if there is one; `check` sees it before.
    pub(super) fn delete(
        &self,
        bucket: &str,
        key: &str,
        check: impl FnOnce(Option<&Object>) -> S3Result<()>,
    ) -> S3Result<()> {
        let mut buckets = self.lock();
        let objects = &mut buckets.get_mut(bucket).ok_or_else(missing)?.objects;
        check(objects.get(key))?;
        if let Some(object) = objects.remove(key) {
            std::fs::remove_file(self.description(bucket, key)).map_err(unkept)?;
            std::fs::remove_file(self.data(bucket, &object.data)).map_err(unkept)?;
        }
        Ok(())
    }

    /// The object `key` with its data, opened, so that it can be read even when it is replaced meanwhile.
    pub(super) fn get(&self, bucket: &str, key: &str) -> S3Result<(Object, File)> {
        let buckets = self.lock();
        let object = buckets.get(bucket).ok_or_else(missing)?.objects.get(key).ok_or_else(no_key)?;
        let file = File::open(self.data(bucket, &object.data)).map_err(unkept)?;
        Ok((object.clone(), file))
    }

    fn description(&self, bucket: &str, key: &str) -> PathBuf {
        let name = hex(&sha2::Sha256::digest(key)[..16]);
        self.dir.join(bucket).join("objects").join(format!("{name}.json"))
    }
}

/// Reads a bucket's folder, and removes data that no object has: of uploads that a kill broke off.
fn load(dir: &Path) -> io::Result<Bucket> {
    let settings = serde_json::from_slice(&std::fs::read(dir.join("bucket.json"))?)?;
    let mut objects = BTreeMap::new();
    for entry in std::fs::read_dir(dir.join("objects"))? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "json") {
            let object: Object = serde_json::from_slice(&std::fs::read(path)?)?;
            objects.insert(object.key.clone(), object);
        }
    }
    let wanted: BTreeSet<_> = objects.values().map(|object| object.data.as_str()).collect();
    for entry in std::fs::read_dir(dir.join("data"))? {
        let entry = entry?;
        if entry.file_name().to_str().is_none_or(|name| !wanted.contains(name)) {
            std::fs::remove_file(entry.path())?;
        }
    }
    Ok(Bucket { settings, objects })
}

/// Writes a file of JSON, all at once.
fn write(path: &Path, value: &impl Serialize) -> io::Result<()> {
    let beside = path.with_extension("new");
    std::fs::write(&beside, serde_json::to_vec(value)?)?;
    std::fs::rename(beside, path)
}

pub(super) fn missing() -> s3s::S3Error {
    s3_error!(NoSuchBucket, "The specified bucket does not exist")
}

pub(super) fn no_key() -> s3s::S3Error {
    s3_error!(NoSuchKey, "The specified key does not exist.")
}

/// The error of a state that cannot be read or kept.
#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
pub(super) fn unkept(error: io::Error) -> s3s::S3Error {
    s3_error!(InternalError, "the local cloud cannot keep its state: {error}")
}
