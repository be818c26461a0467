//! Handlers to reproducible zips.

use std::collections::BTreeMap;

use bytes::Bytes;

/// A built handler, ready to upload.
#[derive(Clone, Debug)]
pub struct Artifact {
    /// The zip: `bootstrap`, and for an authorizer `routes.json`.
    pub zip: Bytes,
    /// Base64 of the zip's SHA-256: AWS's `CodeSha256`.
    pub sha256: String,
}

/// Artifacts by the function's name in `stack.toml`.
pub type Artifacts = BTreeMap<String, Artifact>;
