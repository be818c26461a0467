//! Zips whose bytes depend on nothing but their entries.

use std::io::{Cursor, Write as _};

use zip::result::ZipError;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_entries_give_the_same_bytes() {
        let entries: [(&str, &[u8]); 2] = [("bootstrap", b"binary"), ("routes.json", b"{}")];
        assert_eq!(zip(&entries, Effort::Best).unwrap(), zip(&entries, Effort::Best).unwrap());
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
