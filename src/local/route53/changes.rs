//! Changes on their way to the name servers.
//! <https://docs.aws.amazon.com/Route53/latest/APIReference/API_GetChange.html>

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Answer, Route53, State, id, now};
use crate::call::Error;

/// A change that was accepted.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Change {
    submitted: String,
    comment: Option<String>,
}

impl State {
    /// Notes a change; its id.
    pub(super) fn changed(&mut self, comment: Option<String>) -> String {
        let id = id('C');
        self.changes.insert(id.clone(), Change { submitted: now(), comment });
        id
    }
}

impl Route53 {
    pub(super) fn get_change(&self, id: &str) -> Result<Answer, Error> {
        let info = self.change_info(id).ok_or_else(|| {
            Error::new(404, "NoSuchChange", format!("A change with the specified change ID does not exist: {id}"))
        })?;
        Ok(Answer(200, "GetChangeResponse", json!({ "ChangeInfo": info }), None))
    }

    /// Has a change begin to reach the name servers, and tells of it.
    pub(super) fn begin(&self, id: &str) -> Value {
        self.underway.begin(id, self.delays.zone);
        self.change_info(id).unwrap_or_default()
    }

    fn change_info(&self, id: &str) -> Option<Value> {
        let change = self.store.read(|state| state.changes.get(id).cloned())?;
        let status = if self.underway.has(id) { "PENDING" } else { "INSYNC" };
        let mut info = json!({ "Id": format!("/change/{id}"), "Status": status, "SubmittedAt": change.submitted });
        if let Some(comment) = change.comment {
            info["Comment"] = comment.into();
        }
        Some(info)
    }
}
