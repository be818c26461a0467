//! Putting and deleting parameters.

use serde::Deserialize;
use serde_json::{Value, json};

use super::parameter::{Parameter, VERSIONS, Version, missing};
use super::tags::{self, Tag};
use super::{Ssm, constraint, invalid, names};
use crate::call::{Caller, Error};

/// Characters of a value, by tier.
const STANDARD: usize = 4096;
const ADVANCED: usize = 8192;

/// Standard parameters of an account and region.
const PARAMETERS: usize = 10_000;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct PutParameter {
    name: String,
    value: String,
    r#type: Option<String>,
    description: Option<String>,
    key_id: Option<String>,
    #[serde(default)]
    overwrite: bool,
    #[serde(default)]
    tags: Vec<Tag>,
    tier: Option<String>,
    data_type: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct DeleteParameter {
    name: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct DeleteParameters {
    names: Vec<String>,
}

impl Ssm {
    pub(super) fn put(&self, input: PutParameter, caller: &Caller) -> Result<Value, Error> {
        names::check(&input.name)?;
        check(&input)?;
        let added = tags::checked(&input.tags)?;
        let name = input.name.clone();
        self.parameters.write(|parameters| {
            let count = parameters.0.len();
            let existing = parameters.0.get_mut(&name);
            let version = version(&input, existing.as_deref().and_then(Parameter::latest), caller)?;
            let answer = json!({ "Version": version.number, "Tier": version.tier });
            match existing {
                Some(_) if !input.overwrite => {
                    let text = "The parameter already exists. To overwrite this value, set the overwrite option in the request to true.";
                    return Err(Error::new(400, "ParameterAlreadyExists", text));
                }
                Some(parameter) => {
                    if input.r#type.as_ref().is_some_and(|kind| *kind != parameter.kind) {
                        let text = format!(
                            "The parameter {name} is a {}: a parameter's type cannot be changed. Create a new, unique parameter.",
                            parameter.kind
                        );
                        return Err(Error::new(400, "HierarchyTypeMismatchException", text));
                    }
                    parameter.versions.push(version);
                    let surplus = parameter.versions.len().saturating_sub(VERSIONS);
                    parameter.versions.drain(..surplus);
                }
                None => {
                    self.recent.made(&name);
                    let kind = input.r#type.ok_or_else(|| invalid("A parameter type is required when you create a parameter."))?;
                    if count >= PARAMETERS {
                        let text = format!("You have exceeded the number of parameters for this AWS account: {PARAMETERS}.");
                        return Err(Error::new(400, "ParameterLimitExceeded", text));
                    }
                    parameters.0.insert(name, Parameter { kind, tags: added, versions: vec![version] });
                }
            }
            Ok(answer)
        })
    }

    pub(super) fn delete(&self, input: &DeleteParameter) -> Result<Value, Error> {
        let name = names::plain(&input.name);
        self.parameters.write(|parameters| match parameters.0.remove(name) {
            Some(_) => Ok(json!({})),
            None => Err(missing(name)),
        })
    }

    pub(super) fn delete_several(&self, input: &DeleteParameters) -> Result<Value, Error> {
        check_names(&input.names)?;
        self.parameters.write(|parameters| {
            let (deleted, unknown): (Vec<_>, Vec<_>) =
                input.names.iter().partition(|name| parameters.0.remove(names::plain(name)).is_some());
            Ok(json!({ "DeletedParameters": deleted, "InvalidParameters": unknown }))
        })
    }
}

/// Checks a list of names: one to ten.
pub(super) fn check_names(names: &[String]) -> Result<(), Error> {
    let rule = match names.len() {
        0 => "Member must have length greater than or equal to 1",
        11.. => "Member must have length less than or equal to 10",
        _ => return Ok(()),
    };
    Err(constraint(&format!("[{}]", names.join(", ")), "names", rule))
}

fn check(input: &PutParameter) -> Result<(), Error> {
    if let Some(kind) = &input.r#type
        && !matches!(kind.as_str(), "String" | "StringList" | "SecureString")
    {
        let rule = "Member must satisfy enum value set: [SecureString, StringList, String]";
        return Err(constraint(kind, "type", rule));
    }
    if let Some(other) = input.data_type.as_ref().filter(|data_type| *data_type != "text") {
        return Err(Error::not_implemented(&format!("the parameter data type {other}")));
    }
    if input.value.is_empty() {
        return Err(constraint("", "value", "Member must have length greater than or equal to 1."));
    }
    if input.description.as_ref().is_some_and(|text| text.chars().count() > 1024) {
        return Err(constraint("...", "description", "Member must have length less than or equal to 1024"));
    }
    if input.key_id.is_some() && input.r#type.as_ref().is_some_and(|kind| kind != "SecureString") {
        return Err(invalid("KeyId is required for SecureString type parameter only."));
    }
    if input.overwrite && !input.tags.is_empty() {
        return Err(invalid(
            "Invalid request: tags and overwrite can't be used together. To create a parameter with tags, please remove overwrite flag. To update tags for an existing parameter, please use AddTagsToResource or RemoveTagsFromResource.",
        ));
    }
    Ok(())
}

/// The version that follows `latest`.
fn version(input: &PutParameter, latest: Option<&Version>, caller: &Caller) -> Result<Version, Error> {
    let length = input.value.len();
    let was_advanced = latest.is_some_and(|version| version.tier == "Advanced");
    let tier = match input.tier.as_deref() {
        Some("Standard") if was_advanced => {
            return Err(invalid(
                "This parameter uses the advanced-parameter tier. You can't downgrade a parameter from the advanced-parameter tier to the standard-parameter tier.",
            ));
        }
        Some("Advanced") => "Advanced",
        Some("Intelligent-Tiering") if length > STANDARD => "Advanced",
        None | Some("Standard" | "Intelligent-Tiering") if was_advanced => "Advanced",
        None | Some("Standard" | "Intelligent-Tiering") => "Standard",
        Some(other) => {
            let rule = "Member must satisfy enum value set: [Standard, Advanced, Intelligent-Tiering]";
            return Err(constraint(other, "tier", rule));
        }
    };
    if tier == "Standard" && length > STANDARD {
        return Err(invalid(format!(
            "Standard tier parameters support a maximum parameter value of {STANDARD} characters. To create a larger parameter value, upgrade the parameter to use the advanced-parameter tier. For more information, see https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html"
        )));
    }
    if length > ADVANCED {
        return Err(invalid(format!(
            "Advanced tier parameters support a maximum parameter value of {ADVANCED} characters."
        )));
    }
    Ok(Version {
        number: latest.map_or(1, |version| version.number + 1),
        value: input.value.clone(),
        description: input.description.clone().or_else(|| latest.and_then(|version| version.description.clone())),
        key_id: input.key_id.clone().or_else(|| latest.and_then(|version| version.key_id.clone())),
        tier: tier.to_owned(),
        modified: jiff::Timestamp::now().as_millisecond(),
        user: caller.arn(),
    })
}
