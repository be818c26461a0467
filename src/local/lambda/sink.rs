//! Where a log goes: a stream of CloudWatch Logs, with the permissions of the function's role.

use std::sync::Arc;
use std::time::Duration;

use crate::ACCOUNT;
use crate::call::Caller;
use crate::iam::Iam;
use crate::logs::{Event, Logs};

/// A log stream, written on behalf of a function's role.
pub(super) struct Sink {
    pub(super) iam: Arc<Iam>,
    pub(super) logs: Arc<Logs>,
    pub(super) region: String,
    pub(super) group: String,
    pub(super) stream: String,
    pub(super) role: Caller,
}

impl Sink {
    /// How late events are delivered.
    pub(super) fn late(&self) -> Duration {
        self.logs.late()
    }

    /// Delivers events, unless the role does not allow it or the group is not there: then they are gone, without a word
    /// to anyone, as on AWS.
    pub(super) fn deliver(&self, events: Vec<Event>) {
        let group = format!("arn:aws:logs:{}:{ACCOUNT}:log-group:{}", self.region, self.group);
        let stream = format!("{group}:log-stream:{}", self.stream);
        let allowed = |action, resource: &str| self.iam.authorize(&self.role, action, resource).is_ok();
        if !self.late().is_zero() && allowed("logs:CreateLogGroup", &group) {
            let _ = self.logs.create_absent(&self.group);
        }
        if allowed("logs:CreateLogStream", &stream) && allowed("logs:PutLogEvents", &stream) {
            let _ = self.logs.deliver(&self.group, &self.stream, events);
        }
    }
}

impl std::fmt::Debug for Sink {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Sink").field("group", &self.group).field("stream", &self.stream).finish_non_exhaustive()
    }
}
