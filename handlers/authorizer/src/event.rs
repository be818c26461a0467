//! API Gateway's event for a REQUEST authorizer: the members that the answer may depend on, and no others.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::stage::Stage;

/// The event of a REQUEST authorizer.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Event {
    method_arn: String,
    #[serde(default)]
    multi_value_headers: Option<BTreeMap<String, Vec<String>>>,
    #[serde(default)]
    stage_variables: Option<BTreeMap<String, String>>,
}

impl Event {
    pub(crate) fn issuer(&self) -> Option<&str> {
        self.stage_variables.as_ref()?.get("issuer").map(String::as_str)
    }

    pub(crate) fn stage(&self) -> Option<Stage> {
        Stage::of(&self.method_arn)
    }

    /// The Authorization header. One that stands twice is none: API Gateway would cache the answer under one of them.
    pub(crate) fn authorization(&self) -> Option<&str> {
        let headers = self.multi_value_headers.iter().flatten();
        let mut lines =
            headers.filter(|(name, _)| name.eq_ignore_ascii_case("Authorization")).flat_map(|(_, lines)| lines);
        match (lines.next(), lines.next()) {
            (Some(line), None) => Some(line),
            _ => None,
        }
    }
}
