//! `PutLogEvents`, with the limits of a batch.
//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html>

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Event, Logs, invalid, now};
use crate::call::Error;

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;
/// Bytes of a batch: each event counts with its message and 26 more.
const BATCH_BYTES: usize = 1_048_576;
const EVENT_OVERHEAD: usize = 26;
const BATCH_EVENTS: usize = 10_000;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct PutLogEvents {
    log_group_name: String,
    log_stream_name: String,
    log_events: Vec<Event>,
    /// Once required, now ignored by AWS too.
    #[expect(dead_code, reason = "taken and ignored, as AWS does")]
    sequence_token: Option<String>,
}

impl Logs {
    pub(super) fn put_events(&self, input: PutLogEvents) -> Result<Value, Error> {
        let PutLogEvents { log_group_name: group, log_stream_name: stream, log_events: mut events, .. } = input;
        check(&events)?;
        self.groups.hold(|groups| {
            let horizon = groups.get(&group)?.horizon();
            let now = now();
            // The batch is in the order of time, so that what is too old comes first and what is too new last.
            let expired = events.partition_point(|event| event.timestamp < horizon);
            let old = events.partition_point(|event| event.timestamp < now - 14 * DAY);
            let new = events.partition_point(|event| event.timestamp <= now + 2 * HOUR);
            let mut rejected = serde_json::Map::new();
            if old > 0 {
                rejected.insert("tooOldLogEventEndIndex".to_owned(), old.into());
            }
            if expired > 0 {
                rejected.insert("expiredLogEventEndIndex".to_owned(), expired.into());
            }
            if new < events.len() {
                rejected.insert("tooNewLogEventStartIndex".to_owned(), new.into());
            }
            events.truncate(new);
            events.drain(..expired.max(old).min(new));
            self.stream(&group, &stream).open()?.append(events)?;
            let mut answer = json!({ "nextSequenceToken": format!("{:056}", now) });
            if !rejected.is_empty() {
                answer["rejectedLogEventsInfo"] = rejected.into();
            }
            Ok(answer)
        })
    }
}

fn check(events: &[Event]) -> Result<(), Error> {
    if events.is_empty() || events.len() > BATCH_EVENTS {
        let rule = format!("Member must have length between 1 and {BATCH_EVENTS}");
        return Err(super::constraint(&format!("[{} events]", events.len()), "logEvents", &rule));
    }
    if events.iter().any(|event| event.message.is_empty()) {
        return Err(super::constraint("", "logEvents.message", "Member must have length greater than or equal to 1"));
    }
    let bytes: usize = events.iter().map(|event| event.message.len() + EVENT_OVERHEAD).sum();
    if bytes > BATCH_BYTES {
        return Err(invalid(format!("Upload too large: {bytes} bytes exceeds limit of {BATCH_BYTES}")));
    }
    if !events.is_sorted_by_key(|event| event.timestamp) {
        return Err(invalid("Log events in a single PutLogEvents request must be in chronological order."));
    }
    let span = events.first().zip(events.last()).map_or(0, |(first, last)| last.timestamp - first.timestamp);
    if span > DAY {
        return Err(invalid(
            "The batch of log events in a single PutLogEvents request cannot span more than 24 hours.",
        ));
    }
    Ok(())
}
