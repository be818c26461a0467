//! Log groups: made, listed, given a retention, deleted.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Logs, constraint, invalid, now, page_size, tags};
use crate::call::Error;

/// The days that a retention can have.
const RETENTIONS: [u32; 22] =
    [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];

/// A log group.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Group {
    /// Milliseconds since the epoch.
    pub(super) created: i64,
    /// Days.
    pub(super) retention: Option<u32>,
    pub(super) tags: BTreeMap<String, String>,
}

/// All groups by name.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Groups(BTreeMap<String, Group>);

impl Groups {
    pub(super) fn get(&self, name: &str) -> Result<&Group, Error> {
        self.0.get(name).ok_or_else(missing)
    }

    pub(super) fn get_mut(&mut self, name: &str) -> Result<&mut Group, Error> {
        self.0.get_mut(name).ok_or_else(missing)
    }

    /// Adds a group as Lambda makes one, whose streams are in `dir`, unless it is there.
    pub(super) fn add_absent(&mut self, name: &str, dir: &Path) -> Result<(), Error> {
        if !self.0.contains_key(name) {
            std::fs::create_dir_all(dir)?;
            self.0.insert(name.to_owned(), Group { created: now(), retention: None, tags: BTreeMap::new() });
        }
        Ok(())
    }
}

impl Group {
    /// The time before which events are gone, in milliseconds since the epoch.
    pub(super) fn horizon(&self) -> i64 {
        self.retention.map_or(i64::MIN, |days| now() - i64::from(days) * 24 * 3_600_000)
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct CreateLogGroup {
    log_group_name: String,
    #[serde(default)]
    tags: BTreeMap<String, String>,
    log_group_class: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct GroupName {
    log_group_name: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct DescribeLogGroups {
    log_group_name_prefix: Option<String>,
    log_group_name_pattern: Option<String>,
    next_token: Option<String>,
    limit: Option<i64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct PutRetentionPolicy {
    log_group_name: String,
    retention_in_days: i64,
}

impl Logs {
    pub(super) fn create_group(&self, input: CreateLogGroup) -> Result<Value, Error> {
        let CreateLogGroup { log_group_name: name, tags, log_group_class } = input;
        check_name(&name)?;
        if let Some(class) = log_group_class.filter(|class| class != "STANDARD") {
            return Err(Error::not_implemented(&format!("the log group class {class}")));
        }
        tags::check(&tags)?;
        self.groups.write(|groups| {
            if groups.0.contains_key(&name) {
                let text = "The specified log group already exists";
                return Err(Error::new(400, "ResourceAlreadyExistsException", text));
            }
            std::fs::create_dir_all(self.group_dir(&name))?;
            self.recent.made(&name);
            groups.0.insert(name, Group { created: now(), retention: None, tags });
            Ok(json!({}))
        })
    }

    pub(super) fn delete_group(&self, input: &GroupName) -> Result<Value, Error> {
        let name = &input.log_group_name;
        self.groups.write(|groups| {
            groups.0.remove(name).ok_or_else(missing)?;
            match std::fs::remove_dir_all(self.group_dir(name)) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
                Ok(()) | Err(_) => Ok(json!({})),
            }
        })
    }

    pub(super) fn describe_groups(&self, input: &DescribeLogGroups) -> Result<Value, Error> {
        let limit = page_size(input.limit, 50)?;
        if input.log_group_name_prefix.is_some() && input.log_group_name_pattern.is_some() {
            return Err(invalid("Cannot specify both logGroupNamePrefix and logGroupNamePattern."));
        }
        let prefix = input.log_group_name_prefix.as_deref().unwrap_or_default();
        let part = input.log_group_name_pattern.as_deref().unwrap_or_default().to_lowercase();
        let after = input.next_token.as_deref().unwrap_or_default();
        self.groups.read(|groups| {
            let mut rest = groups.0.iter().filter(|(name, _)| {
                name.starts_with(prefix)
                    && name.to_lowercase().contains(&part)
                    && name.as_str() > after
                    && !self.recent.hides(name)
            });
            let page: Vec<_> = rest.by_ref().take(limit).collect();
            let token = rest.next().and(page.last()).map(|(name, _)| name);
            let groups: Vec<_> = page.iter().map(|(name, group)| self.group_description(name, group)).collect();
            let mut answer = json!({ "logGroups": groups });
            if let Some(token) = token {
                answer["nextToken"] = token.as_str().into();
            }
            Ok(answer)
        })
    }

    pub(super) fn put_retention(&self, input: &PutRetentionPolicy) -> Result<Value, Error> {
        let days = u32::try_from(input.retention_in_days).ok().filter(|days| RETENTIONS.contains(days));
        let days = days.ok_or_else(|| {
            let rule = format!("Member must satisfy enum value set: {RETENTIONS:?}");
            constraint(&input.retention_in_days.to_string(), "retentionInDays", &rule)
        })?;
        self.groups.write(|groups| {
            groups.get_mut(&input.log_group_name)?.retention = Some(days);
            Ok(json!({}))
        })
    }

    pub(super) fn delete_retention(&self, input: &GroupName) -> Result<Value, Error> {
        self.groups.write(|groups| {
            groups.get_mut(&input.log_group_name)?.retention = None;
            Ok(json!({}))
        })
    }

    fn group_description(&self, name: &str, group: &Group) -> Value {
        let files = std::fs::read_dir(self.group_dir(name)).into_iter().flatten().flatten();
        let stored: u64 = files.filter_map(|file| Some(file.metadata().ok()?.len())).sum();
        let arn = self.group_arn(name);
        let mut description = json!({
            "logGroupName": name,
            "creationTime": group.created,
            "metricFilterCount": 0,
            "arn": format!("{arn}:*"),
            "logGroupArn": arn,
            "logGroupClass": "STANDARD",
            "storedBytes": stored,
        });
        if let Some(days) = group.retention {
            description["retentionInDays"] = days.into();
        }
        description
    }
}

/// A group's name: 1 to 512 characters of `[.\-_/#A-Za-z0-9]`.
fn check_name(name: &str) -> Result<(), Error> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b".-_/#".contains(&byte);
    let rule = match name.len() {
        0 => "Member must have length greater than or equal to 1",
        513.. => "Member must have length less than or equal to 512",
        _ if !name.bytes().all(allowed) => "Member must satisfy regular expression pattern: [\\.\\-_/#A-Za-z0-9]+",
        _ => return Ok(()),
    };
    Err(constraint(name, "logGroupName", rule))
}

fn missing() -> Error {
    Error::new(400, "ResourceNotFoundException", "The specified log group does not exist.")
}
