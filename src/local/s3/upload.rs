//! The data of an object on its way to disk: hashed while it is written.

use std::collections::BTreeMap;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::StreamExt as _;
use s3s::checksum::ChecksumHasher;
use s3s::crypto::{Checksum as _, Crc32, Crc32c, Crc64Nvme, Md5, Sha1, Sha256};
use s3s::dto::{Checksum, StreamingBlob};
use s3s::{S3Result, s3_error};
use tokio::fs::File;
use tokio::io::AsyncWriteExt as _;

use super::chunked::Trailers;
use super::disk::unkept;
use crate::wire::hex;

/// The checksums that S3 knows, by the headers that hold them.
const CHECKSUMS: [&str; 5] = [
    "x-amz-checksum-crc32",
    "x-amz-checksum-crc32c",
    "x-amz-checksum-crc64nvme",
    "x-amz-checksum-sha1",
    "x-amz-checksum-sha256",
];

/// What was written.
#[derive(Clone, Debug)]
pub(super) struct Written {
    pub(super) size: u64,
    /// In hexadecimal digits.
    pub(super) md5: String,
    /// Those that the client gave and that were found right, by their headers.
    pub(super) checksums: BTreeMap<String, String>,
}

/// What the client says of its data.
#[derive(Clone, Debug, Default)]
pub(super) struct Promise {
    /// `Content-MD5`: base64.
    md5: Option<String>,
    /// By their headers: base64.
    checksums: BTreeMap<String, String>,
    /// Headers of checksums that come after the data.
    trailing: Vec<String>,
    trailers: Trailers,
}

impl Promise {
    /// What a request's headers say.
    pub(super) fn of(headers: &http::HeaderMap, trailers: Option<&Trailers>) -> Self {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let named = CHECKSUMS.iter().filter_map(|name| Some(((*name).to_owned(), text(name)?)));
        let trailing = text("x-amz-trailer").unwrap_or_default().to_lowercase();
        Self {
            md5: text("content-md5"),
            checksums: named.collect(),
            trailing: trailing.split(',').map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect(),
            trailers: trailers.cloned().unwrap_or_default(),
        }
    }

    fn hasher(&self) -> ChecksumHasher {
        let wants = |name: &str| self.checksums.contains_key(name) || self.trailing.iter().any(|other| other == name);
        ChecksumHasher {
            crc32: wants(CHECKSUMS[0]).then(Crc32::new),
            crc32c: wants(CHECKSUMS[1]).then(Crc32c::new),
            crc64nvme: wants(CHECKSUMS[2]).then(Crc64Nvme::new),
            sha1: wants(CHECKSUMS[3]).then(Sha1::new),
            sha256: wants(CHECKSUMS[4]).then(Sha256::new),
        }
    }

    /// Checks what was computed against what was promised.
    fn kept(&self, md5: &[u8], computed: &Checksum) -> S3Result<BTreeMap<String, String>> {
        if self.md5.as_ref().is_some_and(|promised| *promised != STANDARD.encode(md5)) {
            return Err(s3_error!(BadDigest, "The Content-MD5 you specified did not match what we received."));
        }
        let computed = [
            &computed.checksum_crc32,
            &computed.checksum_crc32c,
            &computed.checksum_crc64nvme,
            &computed.checksum_sha1,
            &computed.checksum_sha256,
        ];
        let mut kept = BTreeMap::new();
        for (name, computed) in CHECKSUMS.iter().zip(computed) {
            let Some(computed) = computed else { continue };
            let promised = self.checksums.get(*name).cloned().or_else(|| self.trailers.get(name));
            if promised.as_ref() != Some(computed) {
                let algorithm = name.trim_start_matches("x-amz-checksum-").to_uppercase();
                return Err(s3_error!(
                    BadDigest,
                    "The {algorithm} you specified did not match the calculated checksum."
                ));
            }
            kept.insert((*name).to_owned(), computed.clone());
        }
        Ok(kept)
    }
}

/// Writes `body` to a new file at `path`. The file is left behind when this fails.
pub(super) async fn write(path: &Path, body: Option<StreamingBlob>, promise: &Promise) -> S3Result<Written> {
    let mut file = File::create_new(path).await.map_err(unkept)?;
    let (mut md5, mut hasher, mut size) = (Md5::new(), promise.hasher(), 0);
    if let Some(mut body) = body {
        while let Some(piece) = body.next().await {
            let piece = piece
                .map_err(|error| s3_error!(IncompleteBody, "The request body terminated unexpectedly: {error}"))?;
            md5.update(&piece);
            hasher.update(&piece);
            size += piece.len() as u64;
            file.write_all(&piece).await.map_err(unkept)?;
        }
    }
    file.flush().await.map_err(unkept)?;
    let md5 = md5.finalize();
    let checksums = promise.kept(&md5, &hasher.finalize())?;
    Ok(Written { size, md5: hex(&md5), checksums })
}
