//! The only place where physical names, ARNs, paths and owner tags are made.

use std::collections::BTreeMap;

/// Whose resources these are, and where: one stack's one stage in one account and region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    pub stack: String,
    pub stage: String,
    /// `aws`, `aws-cn`, `aws-us-gov`
    pub partition: String,
    pub account: String,
    pub region: String,
    /// Where deployed APIs answer: `None` on AWS, the base of the local cloud (`http://127.0.0.1:4567`) else.
    pub local: Option<String>,
    /// The bucket for release records, the lease and large zips, where `stack.toml` overrides its name.
    pub bucket: Option<String>,
}

/// Owner tags: `memoctl:stack`, `memoctl:stage`, `memoctl:id`.
pub type Tags = BTreeMap<String, String>;

impl Scope {
    /// `<stack>-<stage>-<name>`, cut to `limit` characters with a hash where it is longer.
    pub fn physical(&self, name: &str, limit: usize) -> String {
        let full = format!("{}-{}-{name}", self.stack, self.stage);
        if full.len() <= limit {
            full
        } else {
            format!("{}-{}", &full[..limit - 9], &crate::digest::short(full.as_bytes())[..8])
        }
    }
}
