//! Tags of log groups.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Logs, constraint, invalid, name_of};
use crate::call::Error;

/// Tags that a group can have.
const LIMIT: usize = 50;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct TagResource {
    resource_arn: String,
    tags: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct UntagResource {
    resource_arn: String,
    tag_keys: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct ListTagsForResource {
    resource_arn: String,
}

impl Logs {
    pub(super) fn tag(&self, input: TagResource) -> Result<Value, Error> {
        check(&input.tags)?;
        let group = self.group_of(&input.resource_arn)?;
        self.groups.write(|groups| {
            let tags = &mut groups.get_mut(group)?.tags;
            tags.extend(input.tags);
            within_limit(tags)?;
            Ok(json!({}))
        })
    }

    pub(super) fn untag(&self, input: &UntagResource) -> Result<Value, Error> {
        let group = self.group_of(&input.resource_arn)?;
        self.groups.write(|groups| {
            let tags = &mut groups.get_mut(group)?.tags;
            tags.retain(|key, _| !input.tag_keys.contains(key));
            Ok(json!({}))
        })
    }

    pub(super) fn list_tags(&self, input: &ListTagsForResource) -> Result<Value, Error> {
        let group = self.group_of(&input.resource_arn)?;
        self.groups.read(|groups| Ok(json!({ "tags": groups.get(group)?.tags })))
    }

    /// The group whose ARN, without a trailing `:*`, is `arn`.
    fn group_of<'a>(&self, arn: &'a str) -> Result<&'a str, Error> {
        let name = name_of(arn);
        if arn == self.group_arn(name) {
            Ok(name)
        } else {
            Err(invalid(format!("The resource ARN {arn} is not valid.")))
        }
    }
}

/// Checks the tags' number, keys and values.
pub(super) fn check(tags: &BTreeMap<String, String>) -> Result<(), Error> {
    within_limit(tags)?;
    let allowed = |letter: char| letter.is_alphanumeric() || letter == ' ' || "_.:/=+-@".contains(letter);
    for (key, value) in tags {
        if !(1..=128).contains(&key.chars().count()) || !key.chars().all(allowed) {
            let rule =
                "Member must have length between 1 and 128 and satisfy the pattern ([\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+)";
            return Err(constraint(key, "tags", rule));
        }
        if value.chars().count() > 256 || !value.chars().all(allowed) {
            let rule = "Member must have length less than or equal to 256 and satisfy the pattern ([\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*)";
            return Err(constraint(value, "tags", rule));
        }
        if key.to_lowercase().starts_with("aws:") {
            return Err(invalid("The tag key begins with aws:, which is reserved."));
        }
    }
    Ok(())
}

fn within_limit(tags: &BTreeMap<String, String>) -> Result<(), Error> {
    if tags.len() <= LIMIT {
        return Ok(());
    }
    Err(Error::new(400, "TooManyTagsException", format!("The maximum number of tags is {LIMIT}.")))
}
