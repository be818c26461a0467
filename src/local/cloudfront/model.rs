//! What is kept of CloudFront.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::config::DistributionConfig;
use super::functions::FunctionConfig;
use super::headers_policy::ResponseHeadersPolicyConfig;

pub(super) type Tags = BTreeMap<String, String>;

/// All of it, by ids; functions by their names.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct State {
    pub(super) distributions: BTreeMap<String, Distribution>,
    pub(super) access_controls: BTreeMap<String, Versioned<AccessControl>>,
    pub(super) headers_policies: BTreeMap<String, Versioned<ResponseHeadersPolicyConfig>>,
    pub(super) functions: BTreeMap<String, Function>,
}

/// A thing with its version.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Versioned<T> {
    pub(super) etag: String,
    /// Seconds since the epoch.
    pub(super) modified: i64,
    pub(super) config: T,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Distribution {
    /// The first label of its domain name.
    pub(super) label: String,
    pub(super) etag: String,
    /// Seconds since the epoch.
    pub(super) modified: i64,
    pub(super) config: DistributionConfig,
    pub(super) tags: Tags,
    /// The newest last.
    pub(super) invalidations: Vec<Invalidation>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Invalidation {
    pub(super) id: String,
    /// Seconds since the epoch.
    pub(super) created: i64,
    pub(super) caller_reference: String,
    pub(super) paths: Vec<String>,
}

/// An origin access control.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct AccessControl {
    pub(super) name: String,
    #[serde(default)]
    pub(super) description: String,
    pub(super) signing_protocol: String,
    pub(super) signing_behavior: String,
    pub(super) origin_access_control_origin_type: String,
}

/// A function in its two stages.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Function {
    /// Seconds since the epoch.
    pub(super) created: i64,
    pub(super) development: Staged,
    /// What was published.
    pub(super) live: Option<Staged>,
    pub(super) tags: Tags,
}

/// A function's code as one stage has it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Staged {
    pub(super) etag: String,
    /// Seconds since the epoch.
    pub(super) modified: i64,
    pub(super) config: FunctionConfig,
    pub(super) code: String,
}

impl Distribution {
    /// Where viewers find it.
    pub(super) fn domain_name(&self) -> String {
        format!("{}.{}", self.label, super::DOMAIN)
    }
}
