//! A plan in a file: what it saw, what is wanted, and the steps. It is applied only where all of that still holds.
//!
//! The file is JSON for people and programs to review: the same plan is the same bytes, whenever and wherever it is
//! made. It holds no state: of what is live only digests, field by field, by which a change shows as the field it is.

mod stale;

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use stale::Stale;

use super::{Failure, Permissions};
use crate::digest::Digest;
use crate::finding::Finding;
use crate::package::Built;
use crate::plan::{Item, Plan};
use crate::scope::Scope;
use crate::stack::Stack;
use crate::ui::plan::StepDocument;

/// The format's version. A file of another one is refused.
const FORMAT: u32 = 1;

/// What made the file: another version may plan otherwise.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// A saved plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Saved {
    pub format: u32,
    /// The version of memoctl that made it.
    pub memoctl: String,
    pub stack: String,
    pub stage: String,
    pub account: String,
    pub region: String,
    pub permissions: Permissions,
    pub wanted: Wanted,
    /// What was live, by resource and field.
    pub seen: BTreeMap<String, Fields>,
    /// As `plan --output json` shows them, like the steps.
    pub findings: Vec<Value>,
    /// As `plan --output json` shows them.
    pub steps: Vec<Value>,
}

/// The fields of a resource, down to the second level (`environment.TABLE_MEMOS`), with the digests of their contents.
pub type Fields = BTreeMap<String, Digest>;

/// What a plan is made from beside what is live.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Wanted {
    /// The digest of the stack file's content, with the stage laid over it.
    pub stack: Digest,
    /// `cargo` or `cargo-lambda`: the two make different bytes.
    pub builder: String,
    /// The Cargo profile.
    pub profile: String,
    /// The handlers' zips by the functions' names: base64 of their SHA-256, which is AWS's `CodeSha256`.
    pub artifacts: BTreeMap<String, String>,
    /// The page's files by their names: MD5s.
    #[serde(default)]
    pub page: BTreeMap<String, String>,
}

impl Wanted {
    /// What `stack`, built as `built`, asks for.
    pub fn of(stack: &Stack, built: &Built) -> Self {
        let artifacts = built.artifacts.zips.iter().map(|(name, artifact)| (name.clone(), artifact.sha256.clone()));
        Self {
            stack: Digest::of(stack),
            builder: built.report.builder.to_string(),
            profile: built.report.profile.clone(),
            artifacts: artifacts.collect(),
            page: built.artifacts.files.iter().map(|(name, file)| (name.clone(), file.md5.clone())).collect(),
        }
    }
}

impl Saved {
    /// Makes `plan` ready to be saved.
    pub fn of<T: Item>(
        (plan, findings): (&Plan<T>, &[Finding]),
        scope: &Scope,
        permissions: &Permissions,
        wanted: Wanted,
    ) -> Self {
        Self {
            format: FORMAT,
            memoctl: VERSION.to_owned(),
            stack: scope.stack.clone(),
            stage: scope.stage.clone(),
            account: scope.account.clone(),
            region: scope.region.clone(),
            permissions: permissions.clone(),
            wanted,
            seen: plan.live().iter().map(|(id, item)| (id.to_string(), fields(&item.fields()))).collect(),
            findings: findings.iter().map(json).collect(),
            steps: plan.steps.iter().map(|(key, step)| json(&StepDocument::new(key, step))).collect(),
        }
    }

    /// Writes the file.
    pub fn write(&self, file: &Path) -> Result<(), Failure> {
        let failed = |source| Failure::io(format!("write {}", file.display()), source);
        let mut text = serde_json::to_string_pretty(self).map_err(|error| failed(error.into()))?;
        text.push('\n');
        std::fs::write(file, text).map_err(failed)
    }

    /// Reads a file for `stack`; one of another format, another version of memoctl, another stack or stage is refused.
    pub fn read(file: &Path, stack: &Stack) -> Result<Self, Failure> {
        let text = std::fs::read_to_string(file);
        let text = text.map_err(|source| Failure::io(format!("read the plan {}", file.display()), source))?;
        let refused = |error: String| Failure::Other {
            error: format!("{} {error}", file.display()),
            hint: Some(Failure::replan(file)),
        };
        let json: Value = serde_json::from_str(&text).map_err(|error| refused(format!("is no saved plan: {error}")))?;
        let Some(format) = json["format"].as_u64() else {
            return Err(refused("is no saved plan: it names no format".to_owned()));
        };
        let memoctl = json["memoctl"].as_str().unwrap_or("an unknown version");
        if format != u64::from(FORMAT) {
            return Err(refused(format!("has format {format}, of memoctl {memoctl}; this one reads format {FORMAT}")));
        }
        if memoctl != VERSION {
            return Err(refused(format!("was made by memoctl {memoctl}, and this is {VERSION}")));
        }
        let saved: Self =
            serde_json::from_value(json).map_err(|error| refused(format!("is no saved plan: {error}")))?;
        saved.is_for(file, &[("stack", &saved.stack, &stack.name), ("stage", &saved.stage, &stack.stage)])?;
        Ok(saved)
    }

    /// Refuses to go on in another account or region than that of the plan.
    pub fn is_here(&self, file: &Path, scope: &Scope) -> Result<(), Failure> {
        self.is_for(file, &[("account", &self.account, &scope.account), ("region", &self.region, &scope.region)])
    }

    fn is_for(&self, file: &Path, pairs: &[(&str, &str, &str)]) -> Result<(), Failure> {
        match pairs.iter().find(|(_, theirs, ours)| theirs != ours) {
            None => Ok(()),
            Some((what, theirs, ours)) => Err(Failure::Usage {
                error: format!("{} is a plan for the {what} {theirs}, and this is {ours}", file.display()),
                hint: format!(
                    "it was made for {}/{} in {}, account {}",
                    self.stack, self.stage, self.region, self.account
                ),
            }),
        }
    }
}

/// Plain data with string keys: it always serialises.
fn json(value: &impl Serialize) -> Value {
    serde_json::to_value(value).unwrap_or_default()
}

/// The digests of a resource's fields.
fn fields(value: &Value) -> Fields {
    let mut fields = Fields::new();
    for (name, field) in value.as_object().into_iter().flatten() {
        match field.as_object() {
            Some(members) if !members.is_empty() => {
                fields.extend(members.iter().map(|(member, value)| (format!("{name}.{member}"), Digest::of(value))));
            }
            Some(_) | None => {
                fields.insert(name.clone(), Digest::of(field));
            }
        }
    }
    fields
}

#[cfg(test)]
mod tests;
