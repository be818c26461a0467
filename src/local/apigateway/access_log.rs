//! A stage's access log, in CloudWatch Logs.

use std::sync::Arc;

use super::exchange::Exchange;
use super::stage::AccessLogSettings;
use super::template::Template;
use crate::logs::{Event, Logs};

#[derive(Debug)]
pub(super) struct AccessLog {
    group: String,
    stream: String,
    format: Template,
}

impl AccessLog {
    /// The log that `settings` ask for; what does not compile was refused when it was set.
    pub(super) fn compile(settings: &AccessLogSettings, deployment: &str) -> Option<Self> {
        let group = settings.destination_arn.as_deref()?.rsplit(':').next()?;
        let format = Template::compile(settings.format.as_deref()?).ok()?;
        Some(Self { group: group.to_owned(), stream: deployment.to_owned(), format })
    }

    /// Writes the line of `exchange`, beside the answer: clients do not wait for logs.
    pub(super) fn write(&self, exchange: &Exchange<'_>, logs: &Arc<Logs>) {
        let message =
            self.format.render("-", |variable| exchange.value(variable).map(|value| value.into_owned().into()));
        let event = Event { timestamp: exchange.time.as_millisecond(), message };
        let (group, stream, logs) = (self.group.clone(), self.stream.clone(), Arc::clone(logs));
        // A group that is gone takes no lines, as on AWS.
        tokio::task::spawn_blocking(move || {
            let _ = logs.deliver(&group, &stream, vec![event]);
        });
    }
}
