//! CloudWatch Logs: groups, streams and events.
//!
//! The API is <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/>, its limits are those of
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html>.

mod events;
mod groups;
mod pattern;
mod put;
mod stream;
mod streams;
mod tags;

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value;

use crate::ACCOUNT;
use crate::call::{Error, Operation, Request, Response, Service};
use crate::realism::{Delays, Recent};
use crate::store::Store;
use crate::wire::{hex, json};
use groups::Groups;
use stream::Stream;

const PREFIX: &str = "Logs_20140328";

/// CloudWatch Logs: groups, streams and events.
pub(crate) struct Logs {
    groups: Store<Groups>,
    /// A folder for each group, a file for each stream.
    dir: PathBuf,
    region: String,
    /// How late Lambda delivers what a function wrote.
    late: Duration,
    recent: Recent,
}

/// One log event: milliseconds since the epoch, and the line.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Event {
    pub(crate) timestamp: i64,
    pub(crate) message: String,
}

impl Service for Logs {
    fn identify(&self, request: &Request) -> Result<Operation, Error> {
        let name = json::operation(&request.headers, PREFIX)?;
        let mutates = match name {
            "CreateLogGroup"
            | "DeleteLogGroup"
            | "PutRetentionPolicy"
            | "DeleteRetentionPolicy"
            | "TagResource"
            | "UntagResource"
            | "CreateLogStream"
            | "PutLogEvents" => true,
            "DescribeLogGroups" | "DescribeLogStreams" | "GetLogEvents" | "FilterLogEvents" | "ListTagsForResource" => {
                false
            }
            other => return Err(Error::not_implemented(&format!("logs:{other}"))),
        };
        let needs = vec![(format!("logs:{name}"), self.resource(&json::input(request)?))];
        Ok(Operation { name: name.to_owned(), mutates, needs })
    }

    async fn call(&self, operation: &Operation, request: Request) -> Result<Response, Error> {
        self.carry_out(&operation.name, &request).map_err(|error| match error.code.as_str() {
            // What other services call a ValidationException.
            "ValidationException" => Error::new(400, "InvalidParameterException", error.message),
            _ => error,
        })
    }

    fn refuse(&self, error: &Error, _request_id: &str) -> Response {
        json::refuse(error)
    }
}

impl Logs {
    /// Opens the state in `dir`.
    pub(crate) fn open(dir: &Path, region: &str, delays: &Delays) -> std::io::Result<Self> {
        let folder = dir.join("logs");
        std::fs::create_dir_all(&folder)?;
        Ok(Self {
            groups: Store::open(&dir.join("logs.json"))?,
            dir: folder,
            region: region.to_owned(),
            late: delays.log,
            recent: Recent::new(delays.listing),
        })
    }

    /// How late Lambda delivers what a function wrote. Where that is not at once, it makes a group that is not there, as
    /// on AWS, when the role allows it.
    pub(crate) fn late(&self) -> Duration {
        self.late
    }

    /// Makes a group without retention or tags, unless it is there.
    pub(crate) fn create_absent(&self, group: &str) -> Result<(), Error> {
        self.groups.write(|groups| groups.add_absent(group, &self.group_dir(group)))
    }

    /// Appends `events` to a stream, making the stream (not the group) when absent: what Lambda's own log delivery
    /// does. `Err` when there is no such group.
    pub(crate) fn deliver(&self, group: &str, stream: &str, events: Vec<Event>) -> Result<(), Error> {
        // Within the lock of the groups, so that none is deleted meanwhile, and writers take turns.
        self.groups.hold(|groups| {
            groups.get(group)?;
            self.stream(group, stream).open_or_create(stream)?.append(events)
        })
    }

    fn carry_out(&self, operation: &str, request: &Request) -> Result<Response, Error> {
        match operation {
            "CreateLogGroup" => json::output(&self.create_group(json::input(request)?)?),
            "DeleteLogGroup" => json::output(&self.delete_group(&json::input(request)?)?),
            "DescribeLogGroups" => json::output(&self.describe_groups(&json::input(request)?)?),
            "PutRetentionPolicy" => json::output(&self.put_retention(&json::input(request)?)?),
            "DeleteRetentionPolicy" => json::output(&self.delete_retention(&json::input(request)?)?),
            "TagResource" => json::output(&self.tag(json::input(request)?)?),
            "UntagResource" => json::output(&self.untag(&json::input(request)?)?),
            "ListTagsForResource" => json::output(&self.list_tags(&json::input(request)?)?),
            "CreateLogStream" => json::output(&self.create_stream(&json::input(request)?)?),
            "DescribeLogStreams" => json::output(&self.describe_streams(&json::input(request)?)?),
            "PutLogEvents" => json::output(&self.put_events(json::input(request)?)?),
            "GetLogEvents" => json::output(&self.get_events(&json::input(request)?)?),
            "FilterLogEvents" => json::output(&self.filter_events(&json::input(request)?)?),
            other => Err(Error::not_implemented(&format!("logs:{other}"))),
        }
    }

    /// The ARN that a permission for a call with `input` must cover: that of a stream, with an empty name for calls on
    /// a group, and for those on all groups with an empty name of the group as well.
    fn resource(&self, input: &Value) -> String {
        let text = |member: &str| input.get(member).and_then(Value::as_str);
        let group = text("logGroupName").or(text("logGroupIdentifier")).or(text("resourceArn"));
        let group = group.or(text("logGroupNamePrefix")).map(name_of).unwrap_or_default();
        let stream = text("logStreamName").unwrap_or_default();
        format!("{}:log-stream:{stream}", self.group_arn(group))
    }

    fn group_arn(&self, group: &str) -> String {
        format!("arn:aws:logs:{}:{ACCOUNT}:log-group:{group}", self.region)
    }

    fn group_dir(&self, group: &str) -> PathBuf {
        self.dir.join(file_name(group))
    }

    fn stream(&self, group: &str, stream: &str) -> Stream {
        Stream::at(self.group_dir(group).join(file_name(stream)))
    }
}

/// A file's name for a group or stream, whose own name may be too long for one.
fn file_name(name: &str) -> String {
    use sha2::Digest as _;
    hex(&sha2::Sha256::digest(name)[..16])
}

/// The name of a group that is given by name or by ARN.
fn name_of(identifier: &str) -> &str {
    let name = identifier.split_once(":log-group:").map_or(identifier, |(_, name)| name);
    name.strip_suffix(":*").unwrap_or(name)
}

fn invalid(text: impl Into<String>) -> Error {
    Error::new(400, "InvalidParameterException", text)
}

/// AWS's words for one failed constraint.
fn constraint(value: &str, member: &str, rule: &str) -> Error {
    invalid(format!("1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: {rule}"))
}

/// A page's size: between 1 and `most`, which is also the default.
fn page_size(limit: Option<i64>, most: usize) -> Result<usize, Error> {
    let Some(limit) = limit else { return Ok(most) };
    let size = usize::try_from(limit).ok().filter(|size| (1..=most).contains(size));
    size.ok_or_else(|| constraint(&limit.to_string(), "limit", &format!("Member must have value between 1 and {most}")))
}

/// Milliseconds since the epoch.
fn now() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}
