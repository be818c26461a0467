//! What is written in the lease's object: whose it is, and beside a freed one, what its holder left to the next.

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::claim::Claim;
use super::rfc3339;
use crate::drift::Left;

/// The object's content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Content {
    #[serde(flatten)]
    pub(super) claim: Claim,
    #[serde(flatten)]
    pub(super) leavings: Leavings,
}

/// What a run leaves to the next one when it frees its lease. Taking and renewing the lease write nothing of it: so who is
/// killed leaves nothing, and nobody takes what he did for what the run before him left.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leavings {
    /// What is live, as the run left it.
    #[serde(default, deserialize_with = "told", skip_serializing_if = "Option::is_none")]
    pub left: Option<Left>,
    /// When it last granted a permission, by the cloud's clock. A run that was killed need not tell: once its lease can be
    /// taken over, its grants have long been in force.
    #[serde(default, with = "rfc3339::optional", skip_serializing_if = "Option::is_none")]
    pub granted: Option<Timestamp>,
}

/// Reads what was left; what another version of memoctl wrote in another form tells nothing.
fn told<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Left>, D::Error> {
    Ok(serde_json::from_value(Value::deserialize(deserializer)?).ok())
}

impl From<Claim> for Content {
    /// A claim that leaves nothing.
    fn from(claim: Claim) -> Self {
        Self { claim, leavings: Leavings::default() }
    }
}

impl Content {
    /// As it is written: with line feeds for people, unless it has what is for programs and long.
    pub(super) fn render(&self) -> serde_json::Result<Vec<u8>> {
        if self.leavings.left.is_some() { serde_json::to_vec(self) } else { serde_json::to_vec_pretty(self) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FREED: &str = r#"{"by":"arn","host":"ci-7","process":42,"token":"t","doing":"deploy",
        "since":"2026-11-20T06:00:00Z","expires":"2026-11-20T06:01:00Z","abandoned":"2026-11-20T06:05:00Z",
        "freed":"2026-11-20T06:00:30Z"LEFT}"#;

    fn read(left: &str) -> Content {
        serde_json::from_str(&FREED.replace("LEFT", left)).unwrap()
    }

    #[test]
    fn what_a_run_left_reads_back_as_it_was_written() {
        let content = read(r#","left":{"memoctl":"1","resources":{"role/a":{"path":"01234567"},"api/a":null}}"#);
        assert!(content.leavings.left.is_some());
        let granted = Some("2026-11-20T06:00:10.500Z".parse().unwrap());
        let content = Content { leavings: Leavings { granted, ..content.leavings }, ..content };
        assert_eq!(serde_json::from_slice::<Content>(&content.render().unwrap()).unwrap(), content);
    }

    #[test]
    fn a_lease_of_a_version_that_left_nothing_or_something_else_tells_nothing() {
        for other in ["", r#","left":7"#, r#","left":{"resources":[]}"#] {
            assert_eq!(read(other).leavings, Leavings::default(), "{other}");
        }
    }
}
