//! Time to live: the refusals that the engine lacks.
//! <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTimeToLive.html>

use serde_json::{Value, json};

use super::{State, invalid};
use crate::call::Error;

impl State {
    /// Checks that `UpdateTimeToLive` asks for a change: it is not idempotent.
    pub(super) fn check_ttl(&self, body: &Value) -> Result<(), Error> {
        let current = self.engine.run("DescribeTimeToLive", &json!({ "TableName": body["TableName"] }).to_string())?;
        let current: Value = serde_json::from_slice(&current).map_err(std::io::Error::from)?;
        let current = &current["TimeToLiveDescription"];
        let wanted = &body["TimeToLiveSpecification"];
        let is_on = current["TimeToLiveStatus"] == "ENABLED";
        match wanted["Enabled"].as_bool() {
            Some(true) if is_on && current["AttributeName"] == wanted["AttributeName"] => {
                Err(invalid("TimeToLive is already enabled"))
            }
            Some(true) if is_on => {
                let name = current["AttributeName"].as_str().unwrap_or_default();
                Err(invalid(&format!(
                    "TimeToLive is active on a different AttributeName: current AttributeName is {name}"
                )))
            }
            Some(false) if !is_on => Err(invalid("TimeToLive is already disabled")),
            // What is missing the engine itself refuses.
            Some(true | false) | None => Ok(()),
        }
    }
}
