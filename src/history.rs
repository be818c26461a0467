//! The records of releases: `<stack>/<stage>/releases/<id>.json` in the account's bucket. Losing them stops only pruning
//! and the detail of the history.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::digest::Digest;

/// One release: what it serves, by name and digest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The digest of the API that it serves, which also names its deployment.
    pub api: Digest,
    /// RFC 3339, UTC.
    pub at: String,
    /// The ARN of who made it.
    pub by: String,
    /// The git revision of the stack's folder, with `+` when there were changes beside it.
    pub revision: Option<String>,
    /// Physical function names, and the digests of the versions it serves.
    pub functions: BTreeMap<String, Digest>,
    /// Physical role names, and the inline policies that its versions need.
    pub policies: BTreeMap<String, BTreeSet<String>>,
}
