//! Tags of parameters.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::parameter::{Parameter, Parameters};
use super::{Ssm, constraint, invalid};
use crate::call::Error;

/// Tags that a parameter can have.
const LIMIT: usize = 50;

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct Tag {
    key: String,
    value: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct AddTagsToResource {
    resource_type: String,
    resource_id: String,
    tags: Vec<Tag>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct RemoveTagsFromResource {
    resource_type: String,
    resource_id: String,
    tag_keys: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct ListTagsForResource {
    resource_type: String,
    resource_id: String,
}

impl Ssm {
    pub(super) fn tag(&self, input: &AddTagsToResource) -> Result<Value, Error> {
        check_type(&input.resource_type)?;
        let added = checked(&input.tags)?;
        self.parameters.write(|parameters| {
            let tags = &mut tagged(parameters, &input.resource_id)?.tags;
            tags.extend(added);
            within_limit(tags)?;
            Ok(json!({}))
        })
    }

    pub(super) fn untag(&self, input: &RemoveTagsFromResource) -> Result<Value, Error> {
        check_type(&input.resource_type)?;
        self.parameters.write(|parameters| {
            let tags = &mut tagged(parameters, &input.resource_id)?.tags;
            tags.retain(|key, _| !input.tag_keys.contains(key));
            Ok(json!({}))
        })
    }

    pub(super) fn list_tags(&self, input: &ListTagsForResource) -> Result<Value, Error> {
        check_type(&input.resource_type)?;
        self.parameters.read(|parameters| {
            let parameter = parameters.0.get(&input.resource_id).ok_or_else(|| missing(&input.resource_id))?;
            let tags = parameter.tags.iter().map(|(key, value)| json!({ "Key": key, "Value": value }));
            Ok(json!({ "TagList": tags.collect::<Vec<_>>() }))
        })
    }
}

/// Checks tags that are to be set.
pub(super) fn checked(tags: &[Tag]) -> Result<BTreeMap<String, String>, Error> {
    let allowed = |letter: char| letter.is_alphanumeric() || letter == ' ' || "_.:/=+-@".contains(letter);
    for Tag { key, value } in tags {
        if !(1..=128).contains(&key.chars().count()) || !key.chars().all(allowed) {
            let rule = "Member must have length between 1 and 128 and satisfy regular expression pattern: ^([\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*)$";
            return Err(constraint(key, "tags.member.key", rule));
        }
        if value.chars().count() > 256 || !value.chars().all(allowed) {
            let rule = "Member must have length less than or equal to 256 and satisfy regular expression pattern: ^([\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*)$";
            return Err(constraint(value, "tags.member.value", rule));
        }
        if key.to_lowercase().starts_with("aws:") {
            return Err(invalid(format!("Tag key {key} begins with aws:, which is reserved for system use.")));
        }
    }
    let tags = tags.iter().map(|tag| (tag.key.clone(), tag.value.clone())).collect();
    within_limit(&tags)?;
    Ok(tags)
}

fn tagged<'a>(parameters: &'a mut Parameters, name: &str) -> Result<&'a mut Parameter, Error> {
    parameters.0.get_mut(name).ok_or_else(|| missing(name))
}

fn within_limit(tags: &BTreeMap<String, String>) -> Result<(), Error> {
    if tags.len() <= LIMIT {
        return Ok(());
    }
    Err(Error::new(400, "TooManyTagsError", format!("The number of tags has reached the limit of {LIMIT}.")))
}

/// Parameters are the only resources here.
fn check_type(resource_type: &str) -> Result<(), Error> {
    if resource_type == "Parameter" {
        return Ok(());
    }
    Err(Error::new(
        400,
        "InvalidResourceType",
        format!("{resource_type} is not a valid resource type here: only Parameter is."),
    ))
}

fn missing(name: &str) -> Error {
    Error::new(
        400,
        "InvalidResourceId",
        format!("The resource ID \"{name}\" is not valid. Verify the ID and try again."),
    )
}
