//! Zips whose bytes depend on nothing but their entries.

use std::io::{Cursor, Write as _};
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

/// As [`zip`], from the folder `cache` where the same entries were zipped before.
pub(super) fn cached(cache: &Path, entries: &[(&str, &[u8])], effort: Effort) -> Result<Vec<u8>, ZipError> {
    let file = cache.join(key(entries, effort)).with_extension("zip");
    if let Ok(zip) = std::fs::read(&file) {
        return Ok(zip);
    }
    let zip = zip(entries, effort)?;
    // A cache that cannot be written costs time, and nothing else.
    let _ = keep(cache, &file, &zip);
    Ok(zip)
}

/// What a zip is kept as: other entries, or another memoctl, have another key.
fn key(entries: &[(&str, &[u8])], effort: Effort) -> String {
    let mut hash = Sha256::new();
    hash.update(format!("{} {effort:?}", env!("CARGO_PKG_VERSION")));
    for (name, bytes) in entries {
        hash.update(format!("\n{name} {}\n", bytes.len()));
        hash.update(bytes);
    }
    URL_SAFE_NO_PAD.encode(hash.finalize())
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

    #[test]
    fn what_was_zipped_before_is_not_zipped_again() {
        let folder = tempfile::tempdir().unwrap();
        let entries: [(&str, &[u8]); 1] = [("bootstrap", b"binary")];
        let first = cached(folder.path(), &entries, Effort::Best).unwrap();
        assert_eq!(first, zip(&entries, Effort::Best).unwrap());
        let kept = folder.path().join(key(&entries, Effort::Best)).with_extension("zip");
        std::fs::write(&kept, b"kept").unwrap();
        assert_eq!(cached(folder.path(), &entries, Effort::Best).unwrap(), b"kept");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn other_entries_are_kept_apart() {
        let keys = [
            key(&[("bootstrap", b"binary")], Effort::Best),
            key(&[("bootstrap", b"binary")], Effort::Quick),
            key(&[("bootstrap", b"other")], Effort::Best),
            key(&[("bootstrap", b"binary"), ("routes.json", b"")], Effort::Best),
        ];
        assert_eq!(std::collections::BTreeSet::from(keys).len(), 4);
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
