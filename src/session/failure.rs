//! How a command ends: its exit code, or the failure that it ends by, with the way out.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::saved::Stale;
use crate::aws;
use crate::aws::lease::{Claim, Lost};
use crate::client;
use crate::description::Difference;
use crate::package;
use crate::plan::{Id, Refusal};
use crate::resource::way_out;
use crate::stack::Diagnostics;

/// The exit codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Done, or nothing to do.
    Done = 0,
    /// A step failed.
    Failed = 1,
    /// Bad usage, or a bad stack file.
    Usage = 2,
    /// `plan --check` found changes.
    Changes = 3,
    /// Somebody else holds the lease.
    Held = 4,
    /// A resource belongs to somebody else.
    Foreign = 5,
    Interrupted = 130,
}

/// Why a command ended early.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    #[error("the stack file has errors")]
    Stack(Diagnostics),
    #[error(transparent)]
    Package(package::Error),
    #[error(transparent)]
    Client(#[from] client::Error),
    #[error(transparent)]
    Aws(#[from] aws::Error),
    #[error(transparent)]
    Cloud(#[from] local::StartError),
    #[error("{} without this stack's owner tags: {}", count(ids.len(), "resource exists", "resources exist"), list(ids))]
    Foreign { ids: BTreeSet<Id> },
    #[error("the plan is refused: {}", refusals.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Refused { refusals: Vec<Refusal> },
    #[error("{} does not hold any more:{}", file.display(), lines(stale))]
    Stale { file: PathBuf, stale: Vec<Stale> },
    #[error("{} does not describe the stack's API:{}", file.display(), lines(differences))]
    Undescribed { file: PathBuf, differences: Vec<Difference> },
    #[error("{act}: {source}", act = format_args!("cannot {act}"))]
    Io { act: String, source: std::io::Error },
    #[error("{error}")]
    Usage { error: String, hint: String },
    #[error("{error}")]
    Other { error: String, hint: Option<String> },
    #[error("the lease of {stage} is held by {claim}")]
    Held { stage: String, claim: Box<Claim> },
    #[error("{stage}: {lost}")]
    Lost { stage: String, lost: Lost },
    #[error("interrupted")]
    Interrupted,
}

impl Failure {
    pub fn io(act: impl Into<String>, source: std::io::Error) -> Self {
        Self::Io { act: act.into(), source }
    }

    /// The way out of a saved plan that cannot be applied.
    pub(super) fn replan(file: &Path) -> String {
        format!("plan again: `memoctl plan --out {}`, and review what it shows", file.display())
    }

    /// What no longer holds of a saved plan, for programs to read.
    pub fn stale(&self) -> &[Stale] {
        match self {
            Self::Stale { stale, .. } => stale,
            _ => &[],
        }
    }

    /// In what a description is not that of the stack, for programs to read.
    pub fn differences(&self) -> &[Difference] {
        match self {
            Self::Undescribed { differences, .. } => differences,
            _ => &[],
        }
    }

    /// The exit code that it ends by.
    pub fn exit(&self) -> Exit {
        match self {
            Self::Stack(_) | Self::Usage { .. } | Self::Undescribed { .. } => Exit::Usage,
            Self::Client(error) if error.usage => Exit::Usage,
            Self::Foreign { .. } => Exit::Foreign,
            Self::Aws(error) if error.class == aws::Class::Foreign => Exit::Foreign,
            Self::Held { .. } => Exit::Held,
            Self::Interrupted => Exit::Interrupted,
            Self::Package(_)
            | Self::Client(_)
            | Self::Aws(_)
            | Self::Cloud(_)
            | Self::Refused { .. }
            | Self::Stale { .. }
            | Self::Io { .. }
            | Self::Lost { .. }
            | Self::Other { .. } => Exit::Failed,
        }
    }

    /// The way out.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Package(error) => error.hint(),
            Self::Client(error) => error.hint.clone(),
            Self::Aws(error) => error.hint.clone(),
            Self::Cloud(error) => Some(cloud_hint(error)),
            Self::Foreign { ids } => Some(foreign_hint(ids)),
            Self::Refused { refusals } => refusal_hint(refusals),
            Self::Stale { file, .. } => Some(Self::replan(file)),
            Self::Usage { hint, .. } => Some(hint.clone()),
            Self::Undescribed { .. } => {
                Some("change the one that is wrong, the description or the stack file".to_owned())
            }
            Self::Other { hint, .. } => hint.clone(),
            Self::Held { claim, .. } => Some(held_hint(claim)),
            Self::Lost { .. } => Some(
                "nothing new was started; once nobody else is at work, the same command goes on from there".to_owned(),
            ),
            Self::Stack(_) | Self::Io { .. } | Self::Interrupted => None,
        }
    }
}

fn foreign_hint(ids: &BTreeSet<Id>) -> String {
    let (known, adopted): (Vec<&Id>, Vec<&Id>) = ids.iter().partition(|id| way_out(id.kind).is_some());
    let adopt: Vec<String> = adopted.iter().map(|id| format!("`memoctl adopt {id}`")).collect();
    let adopt = (!adopt.is_empty()).then(|| {
        format!(
            "if it is this stack's, take it in: {}; else rename the stack or the resource, or use another --stage",
            adopt.join(", ")
        )
    });
    let known = known.into_iter().filter_map(|id| way_out(id.kind)).map(str::to_owned);
    adopt.into_iter().chain(known).collect::<Vec<_>>().join("; ")
}

fn cloud_hint(error: &local::StartError) -> String {
    match error {
        local::StartError::Running { endpoint, .. } => {
            format!("stop it, or use it as it is: `--local` commands find it at {endpoint}")
        }
        local::StartError::Port { .. } => "choose another with `--port`; `--port 0` takes a free one".to_owned(),
        local::StartError::State { .. } => "`--state DIR` keeps the state elsewhere".to_owned(),
        local::StartError::Region { .. } => "name one with `--region`".to_owned(),
        local::StartError::Speed { .. } => "`--speed 20` makes minutes seconds".to_owned(),
    }
}

fn held_hint(claim: &Claim) -> String {
    if claim.expires > Timestamp::now() {
        return "wait until it is free with `--wait SECONDS`".to_owned();
    }
    let abandoned = claim.abandoned;
    format!("its holder seems to be gone, so it can be taken over from {abandoned:.0} on: wait with `--wait SECONDS`")
}

/// What is impossible tells its way out itself.
fn refusal_hint(refusals: &[Refusal]) -> Option<String> {
    if refusals.iter().all(|refusal| matches!(refusal, Refusal::Impossible { .. })) {
        return None;
    }
    let loses_data = refusals.iter().any(|refusal| matches!(refusal, Refusal::DataLoss { .. }));
    let (flags, consequence) = if loses_data {
        ("--delete-data --allow-downtime", "which loses the data")
    } else {
        ("--allow-downtime", "while its callers fail")
    };
    Some(format!(
        "rename it in stack.toml, so that a new one is made beside it; or replace it with {flags}, {consequence}"
    ))
}

fn lines<T: Display>(items: &[T]) -> String {
    let lines: Vec<String> = items.iter().map(|item| format!("\n  {item}")).collect();
    lines.concat()
}

fn list(ids: &BTreeSet<Id>) -> String {
    ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_never_adopted_has_a_way_out_of_its_own() {
        let hint = |kinds: &[&'static str]| foreign_hint(&kinds.iter().map(|kind| Id::new(kind, "x")).collect());
        assert!(hint(&["table"]).starts_with("if it is this stack's, take it in: `memoctl adopt table/x`; else "));
        for kind in ["dns_record", "site"] {
            assert!(!hint(&[kind]).contains("adopt"), "{kind}");
        }
        let both = hint(&["table", "dns_record"]);
        assert!(both.contains("`memoctl adopt table/x`") && both.contains("[site.domain]"), "{both}");
    }
}
