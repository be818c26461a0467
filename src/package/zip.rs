//! Zips whose bytes depend on nothing but their entries.

use std::fmt::Debug;
use std::fs::Metadata;
use std::io::{Cursor, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use zip::result::ZipError;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

/// How long a zip is kept that was not asked for again.
const KEPT: Duration = Duration::from_hours(7 * 24);

/// How hard to compress, of deflate's levels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effort {
    /// 1: for a quick loop.
    Quick,
    /// 9: for what is uploaded and starts cold.
    Best,
}

/// Zips `entries`, in the order given, each executable and of 1980-01-01, the first day that a zip can tell.
pub(super) fn zip(entries: &[(&str, &[u8])], effort: Effort) -> Result<Vec<u8>, ZipError> {
    let level = match effort {
        Effort::Quick => 1,
        Effort::Best => 9,
    };
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(level))
        .last_modified_time(DateTime::default())
        .unix_permissions(0o755);
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        writer.start_file(*name, options)?;
        writer.write_all(bytes)?;
    }
    Ok(writer.finish()?.into_inner())
}

/// The zip that the folder `cache` has under `key`, or else the one that `make` gives, which is kept there.
pub(super) fn cached<E>(cache: &Path, key: &Key, make: impl FnOnce() -> Result<Vec<u8>, E>) -> Result<Vec<u8>, E> {
    let file = cache.join(&key.0).with_extension("zip");
    if let Ok(zip) = std::fs::read(&file) {
        return Ok(zip);
    }
    let zip = make()?;
    // A cache that cannot be written costs time, and nothing else.
    let _ = keep(cache, &file, &zip);
    Ok(zip)
}

/// What a zip is kept under: a changed binary, or another memoctl, has another.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key(String);

impl Key {
    /// The key of the zip of `binary`, which is not read: a file is another one when its place, its size or the time of
    /// its last change is, as Cargo sees it too. `others` is all else that decides what is in the zip, or whether it may
    /// be made.
    pub(super) fn of(binary: &Metadata, others: impl Debug) -> Self {
        let changed = |seconds, nanoseconds| format!("{seconds}.{nanoseconds:09}");
        let file = (
            (binary.dev(), binary.ino(), binary.len()),
            (changed(binary.mtime(), binary.mtime_nsec()), changed(binary.ctime(), binary.ctime_nsec())),
        );
        let hash = Sha256::digest(format!("{} {file:?} {others:?}", env!("CARGO_PKG_VERSION")));
        Self(URL_SAFE_NO_PAD.encode(hash))
    }
}

/// Keeps `zip` as `file`, whole or not at all, and drops what was kept long ago.
fn keep(cache: &Path, file: &Path, zip: &[u8]) -> std::io::Result<()> {
    std::fs::create_dir_all(cache)?;
    for old in std::fs::read_dir(cache)? {
        let old = old?;
        if old.metadata()?.modified()?.elapsed().is_ok_and(|age| age > KEPT) {
            std::fs::remove_file(old.path())?;
        }
    }
    let new = file.with_extension(std::process::id().to_string());
    std::fs::write(&new, zip)?;
    std::fs::rename(new, file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_entries_give_the_same_bytes() {
        let entries: [(&str, &[u8]); 2] = [("bootstrap", b"binary"), ("routes.json", b"{}")];
        assert_eq!(zip(&entries, Effort::Best).unwrap(), zip(&entries, Effort::Best).unwrap());
    }

    fn key(file: &Path, others: &str) -> Key {
        Key::of(&std::fs::metadata(file).unwrap(), others)
    }

    #[test]
    fn what_was_zipped_before_is_not_zipped_again() {
        let folder = tempfile::tempdir().unwrap();
        let (binary, cache) = (folder.path().join("binary"), folder.path().join("cache"));
        std::fs::write(&binary, b"binary").unwrap();
        let zip = |answer: Result<&[u8], ()>| cached(&cache, &key(&binary, ""), || answer.map(<[u8]>::to_vec));
        assert_eq!(zip(Err(())), Err(()), "what fails is not kept");
        assert_eq!(zip(Ok(b"zip")), Ok(b"zip".to_vec()));
        assert_eq!(zip(Err(())), Ok(b"zip".to_vec()));
        assert_eq!(std::fs::read_dir(&cache).unwrap().count(), 1);
    }

    #[test]
    fn a_binary_that_was_written_again_and_one_for_another_purpose_are_kept_apart() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("binary");
        let mut keys = std::collections::BTreeSet::new();
        for content in [b"one", b"two", b"two"] {
            // A file that takes another's place, as a linker's output does, and bears the time of the one before it.
            let new = folder.path().join("new");
            std::fs::write(&new, content).unwrap();
            std::fs::File::open(&new).unwrap().set_modified(std::time::UNIX_EPOCH).unwrap();
            std::fs::rename(&new, &file).unwrap();
            assert_eq!(key(&file, ""), key(&file, ""));
            keys.extend([key(&file, ""), key(&file, "routes")]);
        }
        assert_eq!(keys.len(), 6);
    }

    #[test]
    fn an_entry_is_executable_and_of_the_first_day_of_1980() {
        let zip = zip(&[("bootstrap", b"binary")], Effort::Quick).unwrap();
        let mut archive = zip::ZipArchive::new(Cursor::new(zip)).unwrap();
        let entry = archive.by_name("bootstrap").unwrap();
        assert_eq!(entry.unix_mode().map(|mode| mode & 0o777), Some(0o755));
        assert_eq!(entry.last_modified(), Some(DateTime::default()));
    }
}
