//! Deployment packages: zips on disk by their SHA-256, unpacked once.

use std::collections::BTreeSet;
use std::fs::{self, Permissions};
use std::io::{self, Cursor, Read};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use zip::ZipArchive;

use super::members::invalid;
use crate::call::Error;
use crate::wire::{hex, request_id as uuid};

/// Largest zip of a direct upload, in bytes.
pub(super) const MAX_ZIPPED: usize = 52_428_800;
/// Largest unpacked package, in bytes.
pub(super) const MAX_UNZIPPED: u64 = 262_144_000;

/// The packages below one directory: `<hex>.zip`, and unpacked `<hex>/`.
#[derive(Debug)]
pub(super) struct CodeStore {
    dir: PathBuf,
}

/// A package that is in the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Package {
    /// `CodeSha256`: base64 of the zip's SHA-256.
    pub(super) sha256: String,
    /// The zip's bytes.
    pub(super) size: u64,
}

impl CodeStore {
    /// Opens the store in `dir`, without what a kill left unfinished.
    pub(super) fn open(dir: PathBuf) -> io::Result<Self> {
        fs::create_dir_all(&dir)?;
        for entry in fs::read_dir(&dir)? {
            let path = entry?.path();
            if is_unfinished(&path) {
                remove(&path);
            }
        }
        Ok(Self { dir })
    }

    /// Checks a zip against Lambda's limits and stores it, for [`unpacked`] to unpack.
    pub(super) fn put(&self, zip: &[u8]) -> Result<Package, Error> {
        let package = inspect(zip)?;
        let stored = self.root(&package.sha256).with_extension("zip");
        if !stored.exists() {
            let beside = beside(&stored);
            fs::write(&beside, zip).inspect_err(|_| remove(&beside))?;
            fs::rename(&beside, &stored)?;
        }
        Ok(package)
    }

    /// Where [`unpacked`] unpacks the package: `LAMBDA_TASK_ROOT`.
    pub(super) fn root(&self, sha256: &str) -> PathBuf {
        self.dir.join(hex_of(sha256))
    }

    /// The zip whose SHA-256 has these hexadecimal digits.
    pub(super) fn zip(&self, hex: &str) -> Option<Vec<u8>> {
        hex.bytes().all(|byte| byte.is_ascii_hexdigit()).then(|| fs::read(self.dir.join(format!("{hex}.zip"))).ok())?
    }

    /// Removes every package but those with these SHA-256s.
    pub(super) fn retain(&self, sha256s: &BTreeSet<String>) -> io::Result<()> {
        let kept: BTreeSet<String> = sha256s.iter().map(|sha256| hex_of(sha256)).collect();
        for entry in fs::read_dir(&self.dir)? {
            let path = entry?.path();
            let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            if !kept.contains(&stem) && !is_unfinished(&path) {
                remove(&path);
            }
        }
        Ok(())
    }
}

/// Unpacks the package whose root this is, with the modes it has, unless that was done before.
pub(super) fn unpacked(root: &Path) -> io::Result<()> {
    if root.exists() {
        return Ok(());
    }
    let zip = fs::read(root.with_extension("zip"))?;
    let beside = beside(root);
    unpack(&zip, &beside).inspect_err(|_| remove(&beside)).map_err(|error| io::Error::other(error.message))?;
    // Another caller may have been quicker.
    if fs::rename(&beside, root).is_err() {
        remove(&beside);
    }
    Ok(())
}

/// A new name beside `path`, for what is not complete yet.
fn beside(path: &Path) -> PathBuf {
    path.with_file_name(format!("{}.new", uuid()))
}

/// A package's `CodeSha256` in the hexadecimal digits that name its files.
pub(super) fn hex_of(sha256: &str) -> String {
    hex(&STANDARD.decode(sha256).unwrap_or_default())
}

/// Checks a zip against Lambda's limits: the zipped size first, then whether it is a zip, then its unzipped size.
pub(super) fn inspect(zip: &[u8]) -> Result<Package, Error> {
    if zip.len() > MAX_ZIPPED {
        let message = format!("Zipped size must be smaller than {MAX_ZIPPED} bytes");
        return Err(Error::new(413, "RequestEntityTooLargeException", message));
    }
    let mut archive = ZipArchive::new(Cursor::new(zip)).map_err(|_| unreadable())?;
    if archive.is_empty() {
        return Err(invalid("Uploaded file must be a non-empty zip"));
    }
    let mut unzipped = 0;
    for index in 0..archive.len() {
        let entry = archive.by_index_raw(index).map_err(|_| unreadable())?;
        entry.enclosed_name().ok_or_else(unreadable)?;
        unzipped += entry.size();
    }
    if unzipped >= MAX_UNZIPPED {
        return Err(invalid(format!("Unzipped size must be smaller than {MAX_UNZIPPED} bytes")));
    }
    Ok(Package { sha256: STANDARD.encode(Sha256::digest(zip)), size: zip.len() as u64 })
}

fn unreadable() -> Error {
    invalid("Could not unzip uploaded file. Please check your file, then try to upload again.")
}

fn unpack(zip: &[u8], root: &Path) -> Result<(), Error> {
    let mut archive = ZipArchive::new(Cursor::new(zip)).map_err(|_| unreadable())?;
    let mut links = Vec::new();
    fs::create_dir_all(root)?;
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).map_err(|_| unreadable())?;
        let path = root.join(entry.enclosed_name().ok_or_else(unreadable)?);
        let mode = entry.unix_mode();
        if entry.is_dir() {
            fs::create_dir_all(&path)?;
            continue;
        }
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        if entry.is_symlink() {
            let mut target = String::new();
            entry.read_to_string(&mut target).map_err(|_| unreadable())?;
            links.push((target, path));
            continue;
        }
        // The sizes in a zip's directory are a claim; `take` holds it to them.
        let size = entry.size();
        io::copy(&mut (&mut entry).take(size), &mut fs::File::create(&path)?).map_err(|_| unreadable())?;
        fs::set_permissions(&path, Permissions::from_mode(mode.unwrap_or(0o644) & 0o777))?;
    }
    // Links come last, so that no file is written through one.
    for (target, path) in links {
        symlink(target, path)?;
    }
    Ok(())
}

/// Whether a package is being unpacked there.
fn is_unfinished(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "new")
}

/// Removes a file or a directory; what cannot be removed now, the next sweep finds again.
fn remove(path: &Path) {
    let _ = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    use super::*;

    fn zip(files: &[(&str, u32, &[u8])]) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, mode, content) in files {
            writer.start_file(*name, SimpleFileOptions::default().unix_permissions(*mode)).expect("a file starts");
            writer.write_all(content).expect("memory");
        }
        writer.finish().expect("a zip").into_inner()
    }

    fn store() -> (tempfile::TempDir, CodeStore) {
        let dir = tempfile::tempdir().expect("a directory");
        let store = CodeStore::open(dir.path().join("code")).expect("a store");
        (dir, store)
    }

    #[test]
    fn a_package_is_unpacked_with_its_modes() {
        let (_dir, store) = store();
        let package = store.put(&zip(&[("bootstrap", 0o755, b"#!"), ("lib/a", 0o600, b"a")])).expect("a package");
        let root = store.root(&package.sha256);
        unpacked(&root).expect("unpacked");
        unpacked(&root).expect("still unpacked");
        let mode = |file: &str| fs::metadata(root.join(file)).map(|data| data.permissions().mode());
        assert_eq!(mode("bootstrap").expect("bootstrap") & 0o777, 0o755);
        assert_eq!(mode("lib/a").expect("lib/a") & 0o777, 0o600);
    }

    #[test]
    fn a_package_whose_bytes_are_no_files_is_not_half_unpacked() {
        let (dir, store) = store();
        let mut bytes = zip(&[("bootstrap", 0o755, &[7; 1000])]);
        // After the header of the entry, 30 bytes and its name.
        bytes[40..44].fill(0xff);
        let root = store.root(&store.put(&bytes).expect("a zip by its directory").sha256);
        let error = unpacked(&root).expect_err("no deflate stream");
        assert!(error.to_string().starts_with("Could not unzip uploaded file."), "{error}");
        assert_eq!(fs::read_dir(dir.path().join("code")).expect("a directory").count(), 1);
    }

    #[test]
    fn the_sha256_is_that_of_the_zip() {
        let bytes = zip(&[("bootstrap", 0o755, b"#!")]);
        let package = inspect(&bytes).expect("a package");
        assert_eq!(package.sha256, STANDARD.encode(Sha256::digest(&bytes)));
    }

    #[test]
    fn what_is_no_zip_is_refused_in_aws_words() {
        let error = inspect(b"no zip").expect_err("no zip");
        assert_eq!(error.message, "Could not unzip uploaded file. Please check your file, then try to upload again.");
    }

    #[test]
    fn a_path_out_of_the_package_is_refused() {
        let error = inspect(&zip(&[("../bootstrap", 0o755, b"#!")])).expect_err("a path out of it");
        assert_eq!(error.code, "InvalidParameterValueException");
    }

    #[test]
    fn a_zip_over_50_mb_is_refused_before_it_is_read() {
        let error = inspect(&vec![0; MAX_ZIPPED + 1]).expect_err("too large");
        assert_eq!((error.status, error.code.as_str()), (413, "RequestEntityTooLargeException"));
    }

    #[test]
    fn what_a_kill_left_unfinished_is_removed_at_the_next_start() {
        let (dir, _store) = store();
        let unfinished = dir.path().join("code/4711.new");
        fs::create_dir(&unfinished).expect("a directory");
        CodeStore::open(dir.path().join("code")).expect("a store");
        assert!(!unfinished.exists());
    }

    #[test]
    fn packages_that_nobody_needs_are_removed() {
        let (_dir, store) = store();
        let kept = store.put(&zip(&[("bootstrap", 0o755, b"1")])).expect("a package");
        let gone = store.put(&zip(&[("bootstrap", 0o755, b"2")])).expect("a package");
        for package in [&kept, &gone] {
            unpacked(&store.root(&package.sha256)).expect("unpacked");
        }
        store.retain(&BTreeSet::from([kept.sha256.clone()])).expect("swept");
        assert!(store.root(&kept.sha256).exists() && store.zip(&hex_of(&kept.sha256)).is_some());
        assert!(!store.root(&gone.sha256).exists() && store.zip(&hex_of(&gone.sha256)).is_none());
    }
}
