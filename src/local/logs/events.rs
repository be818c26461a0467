//! Reading events: of one stream, or of a group's streams together by a pattern.

use serde::Deserialize;
use serde_json::{Value, json};
use sha2::Digest as _;

use super::pattern::Pattern;
use super::stream::{Opened, Stored};
use super::streams::one_group;
use super::{Logs, invalid, page_size};
use crate::call::Error;

/// Events of one answer.
const PAGE_EVENTS: usize = 10_000;
/// Bytes of one answer.
const PAGE_BYTES: usize = 1_048_576;
/// How far ahead of its arrival an event's time may be, in milliseconds.
const AHEAD: i64 = 2 * 3_600_000;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct GetLogEvents {
    log_group_name: Option<String>,
    log_group_identifier: Option<String>,
    log_stream_name: String,
    start_time: Option<i64>,
    end_time: Option<i64>,
    next_token: Option<String>,
    limit: Option<i64>,
    #[serde(default)]
    start_from_head: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct FilterLogEvents {
    log_group_name: Option<String>,
    log_group_identifier: Option<String>,
    log_stream_names: Option<Vec<String>>,
    log_stream_name_prefix: Option<String>,
    start_time: Option<i64>,
    end_time: Option<i64>,
    filter_pattern: Option<String>,
    next_token: Option<String>,
    limit: Option<i64>,
    /// Always so, since 2019.
    #[expect(dead_code, reason = "taken and ignored, as AWS does")]
    interleaved: Option<bool>,
}

/// An event with its stream, and an id that sorts by time.
struct Found {
    id: String,
    stream: String,
    event: Stored,
}

impl Logs {
    pub(super) fn get_events(&self, input: &GetLogEvents) -> Result<Value, Error> {
        let group = one_group(input.log_group_name.as_deref(), input.log_group_identifier.as_deref())?;
        let limit = page_size(input.limit, PAGE_EVENTS)?;
        let (horizon, stream) = self.groups.read(|groups| {
            let horizon = groups.get(group)?.horizon();
            Ok::<_, Error>((horizon, self.stream(group, &input.log_stream_name).open()?))
        })?;
        let from = input.start_time.unwrap_or(i64::MIN).max(horizon);
        let to = input.end_time.unwrap_or(i64::MAX);
        let mut events = stream.events()?;
        events.retain(|event| (from..to).contains(&event.timestamp));
        let (start, end) = match input.next_token.as_deref().map(Position::read).transpose()? {
            Some(Position::Forward(at)) => forward(&events, at, limit),
            Some(Position::Backward(at)) => backward(&events, at, limit),
            None if input.start_from_head => forward(&events, 0, limit),
            None => backward(&events, events.len(), limit),
        };
        let page: Vec<_> = events[start..end].iter().map(one).collect();
        Ok(json!({
            "events": page,
            "nextForwardToken": format!("f/{end:056}/s"),
            "nextBackwardToken": format!("b/{start:056}/s"),
        }))
    }

    pub(super) fn filter_events(&self, input: &FilterLogEvents) -> Result<Value, Error> {
        let group = one_group(input.log_group_name.as_deref(), input.log_group_identifier.as_deref())?;
        let limit = page_size(input.limit, PAGE_EVENTS)?;
        if input.log_stream_names.is_some() && input.log_stream_name_prefix.is_some() {
            return Err(invalid("LogStreamNamePrefix and LogStreamNames cannot both be specified."));
        }
        let pattern = Pattern::read(input.filter_pattern.as_deref().unwrap_or_default())?;
        let after = input.next_token.as_deref().unwrap_or_default();
        let mut found: Vec<_> = self.found(group, input)?;
        found.retain(|found| found.id.as_str() > after && pattern.matches(&found.event.message));
        found.sort_by(|one, other| one.id.cmp(&other.id));
        let (_, end) = measured(found.iter().map(|found| &found.event), limit);
        let mut answer = json!({
            "events": found[..end].iter().map(Found::answer).collect::<Vec<_>>(),
            "searchedLogStreams": [],
        });
        if end < found.len() {
            answer["nextToken"] = found[..end].last().map(|found| found.id.as_str()).into();
        }
        Ok(answer)
    }

    /// All events of the streams and of the time that `input` names.
    fn found(&self, group: &str, input: &FilterLogEvents) -> Result<Vec<Found>, Error> {
        let (horizon, streams) = self.groups.read(|groups| {
            let horizon = groups.get(group)?.horizon();
            let streams = match &input.log_stream_names {
                Some(names) => names.iter().map(|name| self.stream(group, name).open()).collect::<Result<_, _>>()?,
                None => Opened::all(&self.group_dir(group))?,
            };
            Ok::<_, Error>((horizon, streams))
        })?;
        let from = input.start_time.unwrap_or(i64::MIN).max(horizon);
        let to = input.end_time.unwrap_or(i64::MAX);
        let prefix = input.log_stream_name_prefix.as_deref().unwrap_or_default();
        let mut found = Vec::new();
        for stream in streams {
            // A stream that has been silent for so long holds nothing of that time.
            if stream.touched()?.saturating_add(AHEAD) < from {
                continue;
            }
            let name = stream.head()?.name;
            if name.starts_with(prefix) {
                let events = stream.events()?.into_iter().enumerate();
                let within = events.filter(|(_, event)| (from..=to).contains(&event.timestamp));
                found.extend(within.map(|(index, event)| Found::new(&name, index, event)));
            }
        }
        Ok(found)
    }
}

/// Where a page of one stream begins or ends: a number of events from the stream's head.
enum Position {
    Forward(usize),
    Backward(usize),
}

impl Position {
    fn read(token: &str) -> Result<Self, Error> {
        let number = |text: &str| text.strip_suffix("/s").and_then(|digits| digits.parse().ok());
        let forward = token.strip_prefix("f/").and_then(number).map(Self::Forward);
        let backward = || token.strip_prefix("b/").and_then(number).map(Self::Backward);
        forward.or_else(backward).ok_or_else(|| invalid("The specified nextToken is invalid."))
    }
}

impl Found {
    fn new(stream: &str, index: usize, event: Stored) -> Self {
        let digest = sha2::Sha256::digest(format!("{stream}/{index}"));
        let number = digest[..8].iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
        Self { id: format!("{:020}{index:016}{number:020}", event.timestamp), stream: stream.to_owned(), event }
    }

    fn answer(&self) -> Value {
        let mut answer = one(&self.event);
        answer["logStreamName"] = self.stream.as_str().into();
        answer["eventId"] = self.id.as_str().into();
        answer
    }
}

fn one(event: &Stored) -> Value {
    json!({ "timestamp": event.timestamp, "message": event.message, "ingestionTime": event.ingested })
}

fn forward(events: &[Stored], at: usize, limit: usize) -> (usize, usize) {
    let start = at.min(events.len());
    let (_, taken) = measured(events[start..].iter(), limit);
    (start, start + taken)
}

fn backward(events: &[Stored], at: usize, limit: usize) -> (usize, usize) {
    let end = at.min(events.len());
    let (_, taken) = measured(events[..end].iter().rev(), limit);
    (end - taken, end)
}

/// The bytes and the number of those first `events` that fit into one answer.
fn measured<'a>(events: impl Iterator<Item = &'a Stored>, limit: usize) -> (usize, usize) {
    let mut size = (0, 0);
    for event in events.take(limit) {
        let bytes = size.0 + event.message.len();
        // A page holds one event at least, so that a reader comes on.
        if bytes > PAGE_BYTES && size.1 > 0 {
            break;
        }
        size = (bytes, size.1 + 1);
    }
    size
}
