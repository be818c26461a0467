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
    #[serde(flatten)]
    pub author: Author,
    /// Physical function names, and the digests of the versions it serves.
    pub functions: BTreeMap<String, Digest>,
    /// Physical role names, and the inline policies that its versions need.
    pub policies: BTreeMap<String, BTreeSet<String>>,
}

/// Who makes a release, and from which source.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Author {
    /// The caller's ARN, as STS tells it.
    pub by: String,
    /// The git revision of the stack's folder, with `+` when there were changes beside it.
    pub revision: Option<String>,
}

/// What releases beside the new one still need, and so must stay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kept {
    /// What these releases name, newest first.
    Releases(Vec<Record>),
    /// All that is live: a release serves that no record tells of, so nobody can say what it needs.
    Everything,
}

impl Kept {
    /// Whether a kept release serves a version of `function`.
    pub fn function(&self, function: &str) -> bool {
        self.any(|record| record.functions.contains_key(function))
    }

    /// Whether a kept release serves the version of `function` that has `digest`.
    pub fn version(&self, function: &str, digest: &Digest) -> bool {
        self.any(|record| record.functions.get(function) == Some(digest))
    }

    /// Whether a version of a kept release needs `role`'s inline policy `policy`.
    pub fn policy(&self, role: &str, policy: &str) -> bool {
        self.any(|record| record.policies.get(role).is_some_and(|policies| policies.contains(policy)))
    }

    /// Whether a kept release is served by the deployment of the API with `digest`.
    pub fn deployment(&self, digest: &Digest) -> bool {
        self.any(|record| record.api == *digest)
    }

    fn any(&self, names: impl Fn(&Record) -> bool) -> bool {
        match self {
            Self::Releases(records) => records.iter().any(names),
            Self::Everything => true,
        }
    }
}
