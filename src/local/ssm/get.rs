//! Reading parameters: by name, several by name, all below a path.

use serde::Deserialize;
use serde_json::{Value, json};

use super::put::check_names;
use super::{Ssm, invalid, names, page_size};
use crate::call::Error;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct GetParameter {
    name: String,
    #[serde(default)]
    with_decryption: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct GetParameters {
    names: Vec<String>,
    #[serde(default)]
    with_decryption: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct GetParametersByPath {
    path: String,
    #[serde(default)]
    recursive: bool,
    #[serde(default)]
    with_decryption: bool,
    max_results: Option<i64>,
    next_token: Option<String>,
}

impl Ssm {
    pub(super) fn get(&self, input: &GetParameter) -> Result<Value, Error> {
        self.parameters.read(|parameters| {
            let (name, parameter, version) = parameters.find(&input.name)?;
            let mut answer = self.answer(name, parameter, version, input.with_decryption);
            if let (_, Some(selector)) = names::split(&input.name) {
                answer["Selector"] = format!(":{selector}").into();
            }
            Ok(json!({ "Parameter": answer }))
        })
    }

    pub(super) fn get_several(&self, input: &GetParameters) -> Result<Value, Error> {
        check_names(&input.names)?;
        let mut unique = input.names.clone();
        unique.sort();
        unique.dedup();
        if unique.len() < input.names.len() {
            return Err(invalid("Duplicate parameter names are not allowed."));
        }
        self.parameters.read(|parameters| {
            let (mut found, mut unknown) = (Vec::new(), Vec::new());
            for name in &input.names {
                match parameters.find(name) {
                    Ok((plain, parameter, version)) => {
                        found.push(self.answer(plain, parameter, version, input.with_decryption));
                    }
                    Err(_) => unknown.push(name),
                }
            }
            Ok(json!({ "Parameters": found, "InvalidParameters": unknown }))
        })
    }

    pub(super) fn get_by_path(&self, input: &GetParametersByPath) -> Result<Value, Error> {
        names::check_path(&input.path)?;
        let limit = page_size(input.max_results, 10)?;
        let path = format!("{}/", input.path.trim_end_matches('/'));
        let after = input.next_token.as_deref().unwrap_or_default();
        self.parameters.read(|parameters| {
            let mut rest = parameters.0.iter().filter(|(name, _)| {
                let below = name.strip_prefix(&path);
                below.is_some_and(|below| input.recursive || !below.contains('/')) && name.as_str() > after
            });
            let page: Vec<_> = rest.by_ref().take(limit).collect();
            let token = rest.next().and(page.last()).map(|(name, _)| name.as_str());
            let answers = page.iter().filter_map(|(name, parameter)| {
                Some(self.answer(name, parameter, parameter.latest()?, input.with_decryption))
            });
            let mut answer = json!({ "Parameters": answers.collect::<Vec<_>>() });
            if let Some(token) = token {
                answer["NextToken"] = token.into();
            }
            Ok(answer)
        })
    }
}
