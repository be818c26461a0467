//! Log streams: made and listed.

use serde::Deserialize;
use serde_json::{Value, json};

use super::stream::{Head, Opened, Stored};
use super::{Logs, constraint, invalid, name_of, page_size};
use crate::call::Error;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct CreateLogStream {
    log_group_name: String,
    log_stream_name: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct DescribeLogStreams {
    log_group_name: Option<String>,
    log_group_identifier: Option<String>,
    log_stream_name_prefix: Option<String>,
    order_by: Option<String>,
    #[serde(default)]
    descending: bool,
    next_token: Option<String>,
    limit: Option<i64>,
}

impl Logs {
    pub(super) fn create_stream(&self, input: &CreateLogStream) -> Result<Value, Error> {
        let name = &input.log_stream_name;
        check_name(name)?;
        self.groups.hold(|groups| {
            groups.get(&input.log_group_name)?;
            if self.stream(&input.log_group_name, name).create(name)? {
                return Ok(json!({}));
            }
            Err(Error::new(400, "ResourceAlreadyExistsException", "The specified log stream already exists"))
        })
    }

    pub(super) fn describe_streams(&self, input: &DescribeLogStreams) -> Result<Value, Error> {
        let group = one_group(input.log_group_name.as_deref(), input.log_group_identifier.as_deref())?;
        let limit = page_size(input.limit, 50)?;
        let by_time = match input.order_by.as_deref() {
            None | Some("LogStreamName") => false,
            Some("LastEventTime") if input.log_stream_name_prefix.is_some() => {
                return Err(invalid("Cannot order by LastEventTime with a logStreamNamePrefix."));
            }
            Some("LastEventTime") => true,
            Some(other) => {
                return Err(constraint(
                    other,
                    "orderBy",
                    "Member must satisfy enum value set: [LogStreamName, LastEventTime]",
                ));
            }
        };
        let prefix = input.log_stream_name_prefix.as_deref().unwrap_or_default();
        let opened = self.groups.read(|groups| {
            groups.get(group)?;
            Ok::<_, Error>(Opened::all(&self.group_dir(group))?)
        })?;
        let mut streams = Vec::new();
        for stream in opened {
            let head = stream.head()?;
            if head.name.starts_with(prefix) {
                let events = stream.events()?;
                let last = events.last().map_or(0, |event| event.timestamp);
                // By time, then by name: the key is also what a page's token says.
                let key = if by_time { format!("{last:020}/{}", head.name) } else { head.name.clone() };
                streams.push((key, self.stream_description(group, &head, &events)));
            }
        }
        streams.sort_by(|(one, _), (other, _)| one.cmp(other));
        if input.descending {
            streams.reverse();
        }
        let start = match input.next_token.as_deref() {
            Some(token) => streams.iter().position(|(key, _)| key == token).map_or(streams.len(), |index| index + 1),
            None => 0,
        };
        let mut rest = streams.into_iter().skip(start);
        let page: Vec<_> = rest.by_ref().take(limit).collect();
        let token = rest.next().and(page.last()).map(|(key, _)| key.clone());
        let mut answer = json!({ "logStreams": page.into_iter().map(|(_, stream)| stream).collect::<Vec<_>>() });
        if let Some(token) = token {
            answer["nextToken"] = token.into();
        }
        Ok(answer)
    }

    fn stream_description(&self, group: &str, head: &Head, events: &[Stored]) -> Value {
        let mut description = json!({
            "logStreamName": head.name,
            "creationTime": head.created,
            "arn": format!("{}:log-stream:{}", self.group_arn(group), head.name),
            // AWS stopped counting a stream's bytes in 2019.
            "storedBytes": 0,
        });
        if let (Some(first), Some(last)) = (events.first(), events.last()) {
            description["firstEventTimestamp"] = first.timestamp.into();
            description["lastEventTimestamp"] = last.timestamp.into();
            description["lastIngestionTime"] = events.iter().map(|event| event.ingested).max().into();
        }
        description
    }
}

/// The one group that a call names, by name or by identifier.
pub(super) fn one_group<'a>(name: Option<&'a str>, identifier: Option<&'a str>) -> Result<&'a str, Error> {
    match (name, identifier) {
        (Some(name), None) => Ok(name),
        (None, Some(identifier)) => Ok(name_of(identifier)),
        (Some(_), Some(_)) => Err(invalid("LogGroupName and LogGroupIdentifier cannot both be specified.")),
        (None, None) => Err(invalid("Either LogGroupName or LogGroupIdentifier must be specified.")),
    }
}

/// A stream's name: 1 to 512 characters without `:` and `*`.
fn check_name(name: &str) -> Result<(), Error> {
    let rule = match name.chars().count() {
        0 => "Member must have length greater than or equal to 1",
        513.. => "Member must have length less than or equal to 512",
        _ if name.contains([':', '*']) => "Member must satisfy regular expression pattern: [^:*]*",
        _ => return Ok(()),
    };
    Err(constraint(name, "logStreamName", rule))
}
