//! One change of an API at a time: on AWS a second one that comes meanwhile is refused.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::error::conflict;
use crate::call::Error;

/// The APIs that are being changed.
#[derive(Debug)]
pub(super) struct Changing {
    /// How long a change takes.
    delay: Duration,
    apis: Mutex<HashSet<String>>,
}

/// A change that is under way.
#[derive(Debug)]
pub(super) struct Change<'a> {
    changing: &'a Changing,
    api: String,
}

/// The operations that keep each other out.
const EXCLUSIVE: [&str; 7] = [
    "PutRestApi",
    "UpdateRestApi",
    "CreateDeployment",
    "DeleteDeployment",
    "CreateStage",
    "UpdateStage",
    "DeleteStage",
];

impl Changing {
    pub(super) fn new(delay: Duration) -> Self {
        Self { delay, apis: Mutex::default() }
    }

    /// Begins `operation` on `api`; refused while another one is under way. `None` when it keeps nobody out.
    pub(super) fn begin(&self, operation: &str, api: Option<&str>) -> Result<Option<Change<'_>>, Error> {
        let Some(api) = api.filter(|_| !self.delay.is_zero() && EXCLUSIVE.contains(&operation)) else {
            return Ok(None);
        };
        let mut apis = self.apis.lock().unwrap_or_else(PoisonError::into_inner);
        if !apis.insert(api.to_owned()) {
            return Err(conflict(
                "Unable to complete operation due to concurrent modification. Please try again later.",
            ));
        }
        Ok(Some(Change { changing: self, api: api.to_owned() }))
    }
}

impl Change<'_> {
    /// Waits until the change is complete.
    pub(super) async fn complete(self) {
        tokio::time::sleep(self.changing.delay).await;
    }
}

impl Drop for Change<'_> {
    fn drop(&mut self) {
        self.changing.apis.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.api);
    }
}
