//! Continuous backups: whether point-in-time recovery is on. Nothing is backed up, and nothing can be restored, since
//! restores are not implemented.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{State, invalid};
use crate::call::Error;

/// The tables whose point-in-time recovery is on, by their ids: a table that is made again is another one.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Backups(BTreeMap<String, Recovery>);

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Recovery {
    /// Seconds since the epoch.
    since: i64,
    /// Days.
    period: u64,
}

/// Whether `operation` can change anything; `None` when it is not one of these.
pub(super) fn mutates(operation: &str) -> Option<bool> {
    match operation {
        "UpdateContinuousBackups" => Some(true),
        "DescribeContinuousBackups" => Some(false),
        _ => None,
    }
}

impl State {
    pub(super) fn update_backups(&self, body: &Value) -> Result<Value, Error> {
        let id = self.table_id(body)?;
        let specification = &body["PointInTimeRecoverySpecification"];
        let Some(enabled) = specification["PointInTimeRecoveryEnabled"].as_bool() else {
            return Err(invalid(
                "1 validation error detected: Value null at 'pointInTimeRecoverySpecification.pointInTimeRecoveryEnabled' failed to satisfy constraint: Member must not be null",
            ));
        };
        let given = &specification["RecoveryPeriodInDays"];
        let period = match given.as_u64() {
            None if given.is_null() => 35,
            Some(days @ 1..=35) => days,
            None | Some(_) => return Err(invalid("RecoveryPeriodInDays must be between 1 and 35")),
        };
        self.backups.write(|backups| {
            if enabled {
                let since = backups.0.get(&id).map_or_else(|| Timestamp::now().as_second(), |recovery| recovery.since);
                backups.0.insert(id.clone(), Recovery { since, period });
            } else {
                backups.0.remove(&id);
            }
            Ok::<_, Error>(())
        })?;
        Ok(self.description(&id))
    }

    pub(super) fn describe_backups(&self, body: &Value) -> Result<Value, Error> {
        Ok(self.description(&self.table_id(body)?))
    }

    fn description(&self, id: &str) -> Value {
        let recovery = self.backups.read(|backups| backups.0.get(id).cloned());
        let recovery = match recovery {
            Some(Recovery { since, period }) => json!({
                "PointInTimeRecoveryStatus": "ENABLED",
                "RecoveryPeriodInDays": period,
                "EarliestRestorableDateTime": since,
                // AWS can restore up to five minutes ago.
                "LatestRestorableDateTime": since.max(Timestamp::now().as_second() - 300),
            }),
            None => json!({ "PointInTimeRecoveryStatus": "DISABLED" }),
        };
        json!({ "ContinuousBackupsDescription": {
            "ContinuousBackupsStatus": "ENABLED",
            "PointInTimeRecoveryDescription": recovery,
        }})
    }

    /// The id of the table that a request names.
    fn table_id(&self, body: &Value) -> Result<String, Error> {
        let name = &body["TableName"];
        let described = self.engine.run("DescribeTable", &json!({ "TableName": name }).to_string());
        let described = described.map_err(|error| {
            if error.code.ends_with("#ResourceNotFoundException") {
                let code = "com.amazonaws.dynamodb.v20120810#TableNotFoundException";
                return Error::new(400, code, format!("Table not found: {}", name.as_str().unwrap_or_default()));
            }
            error
        })?;
        let table: Value = serde_json::from_slice(&described).map_err(std::io::Error::from)?;
        Ok(table["Table"]["TableId"].as_str().unwrap_or_default().to_owned())
    }
}
