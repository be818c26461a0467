//! `DescribeParameters`, with its filters.
//! <https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_ParameterStringFilter.html>

use serde::Deserialize;
use serde_json::{Value, json};

use super::parameter::{Parameter, Version};
use super::{Ssm, page_size};
use crate::call::Error;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct DescribeParameters {
    #[serde(default)]
    parameter_filters: Vec<Filter>,
    max_results: Option<i64>,
    next_token: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Filter {
    key: String,
    option: Option<String>,
    #[serde(default)]
    values: Vec<String>,
}

impl Ssm {
    pub(super) fn describe(&self, input: &DescribeParameters) -> Result<Value, Error> {
        let limit = page_size(input.max_results, 50)?;
        for filter in &input.parameter_filters {
            filter.check()?;
        }
        let after = input.next_token.as_deref().unwrap_or_default();
        self.parameters.read(|parameters| {
            let mut rest = parameters.0.iter().filter(|(name, parameter)| {
                name.as_str() > after
                    && !self.recent.hides(name)
                    && input.parameter_filters.iter().all(|filter| filter.holds(name, parameter))
            });
            let page: Vec<_> = rest.by_ref().take(limit).collect();
            let token = rest.next().and(page.last()).map(|(name, _)| name.as_str());
            let answers = page
                .iter()
                .filter_map(|(name, parameter)| Some(self.description(name, &parameter.kind, parameter.latest()?)));
            let mut answer = json!({ "Parameters": answers.collect::<Vec<_>>() });
            if let Some(token) = token {
                answer["NextToken"] = token.into();
            }
            Ok(answer)
        })
    }

    fn description(&self, name: &str, kind: &str, version: &Version) -> Value {
        let mut description = json!({
            "Name": name,
            "ARN": self.arn(name),
            "Type": kind,
            "LastModifiedDate": version.modified(),
            "LastModifiedUser": version.user,
            "Version": version.number,
            "Tier": version.tier,
            "Policies": [],
            "DataType": "text",
        });
        if let Some(text) = &version.description {
            description["Description"] = text.as_str().into();
        }
        if kind == "SecureString" {
            description["KeyId"] = version.key_id.as_deref().unwrap_or("alias/aws/ssm").into();
        }
        description
    }
}

impl Filter {
    fn check(&self) -> Result<(), Error> {
        let options: &[&str] = match self.key.as_str() {
            "Name" => &["Equals", "BeginsWith", "Contains"],
            "Path" => &["OneLevel", "Recursive"],
            "Type" | "Tier" => &["Equals", "BeginsWith"],
            key if key.starts_with("tag:") => &["Equals"],
            "KeyId" | "Label" | "DataType" => {
                return Err(Error::not_implemented(&format!("the parameter filter {}", self.key)));
            }
            other => {
                return Err(Error::new(
                    400,
                    "InvalidFilterKey",
                    format!("The following filter key is not valid: {other}."),
                ));
            }
        };
        match &self.option {
            Some(option) if !options.contains(&option.as_str()) => {
                let text =
                    format!("The following filter option is not valid: {option}. Valid options include: {options:?}");
                Err(Error::new(400, "InvalidFilterOption", text))
            }
            Some(_) | None => Ok(()),
        }
    }

    fn holds(&self, name: &str, parameter: &Parameter) -> bool {
        let option = self.option.as_deref();
        let compare = |actual: &str| {
            self.values.iter().any(|value| match option {
                Some("BeginsWith") => actual.starts_with(value.as_str()),
                Some("Contains") => actual.contains(value.as_str()),
                _ => actual == value,
            })
        };
        match self.key.as_str() {
            "Name" => compare(name),
            "Type" => compare(&parameter.kind),
            "Tier" => parameter.latest().is_some_and(|version| compare(&version.tier)),
            "Path" => self.values.iter().any(|path| {
                let below = name.strip_prefix(path.trim_end_matches('/')).and_then(|rest| rest.strip_prefix('/'));
                below.is_some_and(|below| option == Some("Recursive") || !below.contains('/'))
            }),
            key => {
                let tag = key.strip_prefix("tag:").and_then(|key| parameter.tags.get(key));
                tag.is_some_and(|value| self.values.is_empty() || compare(value))
            }
        }
    }
}
