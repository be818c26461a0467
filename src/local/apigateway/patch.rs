//! Patch operations, as the Update calls take them.

use serde::Deserialize;

use super::error::bad_request;
use crate::call::Error;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Op {
    Add,
    Remove,
    Replace,
    Move,
    Copy,
    Test,
}

/// One change: `{"op": "replace", "path": "/description", "value": "..."}`.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Patch {
    pub(super) op: Op,
    /// A JSON pointer.
    pub(super) path: String,
    pub(super) value: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Body {
    #[serde(default)]
    patch_operations: Vec<Patch>,
}

impl Patch {
    /// The operations of an Update call's body.
    pub(super) fn list(body: &[u8]) -> Result<Vec<Self>, Error> {
        serde_json::from_slice::<Body>(body)
            .map(|body| body.patch_operations)
            .map_err(|error| bad_request(format!("Invalid patch operations: {error}")))
    }

    /// The segments of the path, still escaped (`~1` for `/`).
    pub(super) fn segments(&self) -> Vec<&str> {
        self.path.split('/').skip(1).collect()
    }

    /// The value, which `replace` and `add` need.
    pub(super) fn required(&self) -> Result<&str, Error> {
        self.value.as_deref().ok_or_else(|| bad_request(format!("A value is required to {:?} {}", self.op, self.path)))
    }

    /// What an optional text becomes: nothing when it is removed, or replaced by an empty value.
    pub(super) fn text(&self) -> Result<Option<String>, Error> {
        self.only(&[Op::Replace, Op::Remove])?;
        Ok(self.value.clone().filter(|value| self.op == Op::Replace && !value.is_empty()))
    }

    /// The value of a switch.
    pub(super) fn switch(&self) -> Result<bool, Error> {
        self.only(&[Op::Replace])?;
        match self.required()? {
            "true" => Ok(true),
            "false" => Ok(false),
            other => Err(bad_request(format!("Invalid boolean value for {}: {other}", self.path))),
        }
    }

    /// Refuses operations that the path does not take.
    pub(super) fn only(&self, ops: &[Op]) -> Result<(), Error> {
        if ops.contains(&self.op) {
            return Ok(());
        }
        let names: Vec<String> = ops.iter().map(|op| format!("{op:?}").to_lowercase()).collect();
        Err(bad_request(format!("Invalid patch operation specified. Must be one of: [{}]", names.join(", "))))
    }

    /// The refusal of a path that is not there.
    pub(super) fn unknown(&self) -> Error {
        bad_request(format!("Invalid patch path {}", self.path))
    }
}

/// A segment of a JSON pointer, unescaped.
pub(super) fn unescape(segment: &str) -> String {
    segment.replace("~1", "/").replace("~0", "~")
}
