//! The operations on CloudFront Functions.
//! <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/managing-functions.html>

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::HeaderName;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::answer::Answer;
use super::error::{check_version, invalid_argument, no_function, too_many};
use super::many::{Many, Refused};
use super::model::{Function, Staged};
use super::tags::WrittenTags;
use super::{Call, CloudFront, id, now, pages, routes};
use crate::call::Error;
use crate::wire::{date_time, document};

/// Functions of an account, and bytes of a function's code.
const LIMIT: usize = 100;
const CODE: usize = 10 << 10;

/// The version of an updated function, in the misspelt header that the API's model has, as well as in the right one.
const ETTAG: HeaderName = HeaderName::from_static("ettag");

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct FunctionConfig {
    pub(super) comment: String,
    pub(super) runtime: String,
    #[serde(default)]
    pub(super) key_value_store_associations: Many<Refused>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct CreateFunctionRequest {
    name: String,
    function_config: FunctionConfig,
    function_code: String,
    #[serde(default)]
    tags: WrittenTags,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct UpdateFunctionRequest {
    function_config: FunctionConfig,
    function_code: String,
}

/// One of a function's two stages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Development,
    Live,
}

impl CloudFront {
    pub(super) fn create_function(&self, call: &Call<'_>) -> Result<Answer, Error> {
        let input: CreateFunctionRequest = document::input("CreateFunctionRequest", &call.request.body)?;
        let name = input.name;
        if !(1..=64).contains(&name.len())
            || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
        {
            return Err(invalid_argument("The parameter Name must have 1 to 64 characters of a-z, A-Z, 0-9, - and _."));
        }
        let tags = input.tags.checked()?;
        let development = staged(input.function_config, &input.function_code)?;
        let made = self.store.write(|state| {
            if state.functions.contains_key(&name) {
                let text = "A function with the same name already exists in this account.";
                return Err(Error::new(409, "FunctionAlreadyExists", text));
            }
            if state.functions.len() >= LIMIT {
                let text = "You have reached the maximum number of CloudFront functions for this account.";
                return Err(too_many("TooManyFunctions", text));
            }
            let made = Function { created: now(), development, live: None, tags };
            state.functions.insert(name.clone(), made.clone());
            Ok(made)
        })?;
        self.recent.made(&name);
        let answer = Answer::of(201, "FunctionSummary", &self.function_summary(&name, &made, Stage::Development)?);
        Ok(answer.etag(&made.development.etag).location(&format!("function/{name}")))
    }

    pub(super) fn describe_function(&self, call: &Call<'_>) -> Result<Answer, Error> {
        let (function, stage) = (self.function(&call.id)?, stage(call)?);
        let etag = function.at(stage)?.etag.clone();
        Ok(Answer::of(200, "FunctionSummary", &self.function_summary(&call.id, &function, stage)?).etag(&etag))
    }

    pub(super) fn get_function(&self, call: &Call<'_>) -> Result<Answer, Error> {
        let function = self.function(&call.id)?;
        let staged = function.at(stage(call)?)?;
        Ok(Answer::data("application/octet-stream", staged.code.clone()).etag(&staged.etag))
    }

    pub(super) fn update_function(&self, call: &Call<'_>) -> Result<Answer, Error> {
        let input: UpdateFunctionRequest = document::input("UpdateFunctionRequest", &call.request.body)?;
        let next = staged(input.function_config, &input.function_code)?;
        let changed = self.store.write(|state| {
            let function = state.functions.get_mut(&call.id).ok_or_else(no_function)?;
            check_version(call.if_match(), &function.development.etag)?;
            function.development = next;
            Ok::<_, Error>(function.clone())
        })?;
        let etag = &changed.development.etag;
        let summary = self.function_summary(&call.id, &changed, Stage::Development)?;
        Ok(Answer::of(200, "FunctionSummary", &summary).etag(etag).header(ETTAG, etag))
    }

    pub(super) fn publish_function(&self, call: &Call<'_>) -> Result<Answer, Error> {
        let published = self.store.write(|state| {
            let function = state.functions.get_mut(&call.id).ok_or_else(no_function)?;
            check_version(call.if_match(), &function.development.etag)?;
            function.live = Some(Staged { modified: now(), ..function.development.clone() });
            Ok::<_, Error>(function.clone())
        })?;
        self.underway.begin(&publication(&call.id), self.delays.publication);
        let summary = self.function_summary(&call.id, &published, Stage::Live)?;
        Ok(Answer::of(200, "FunctionSummary", &summary).etag(&published.development.etag))
    }

    pub(super) fn delete_function(&self, call: &Call<'_>) -> Result<Answer, Error> {
        self.store.write(|state| {
            let function = state.functions.get(&call.id).ok_or_else(no_function)?;
            check_version(call.if_match(), &function.development.etag)?;
            let arn = routes::arn("function", &call.id);
            let behaviors = state.distributions.values().flat_map(|distribution| distribution.config.behaviors());
            let mut associated = behaviors.flat_map(|behavior| behavior.function_associations.iter());
            if associated.any(|association| association.function_arn == arn) {
                let text = "Cannot delete the function because it's attached to one or more cache behaviors.";
                return Err(Error::new(409, "FunctionInUse", text));
            }
            state.functions.remove(&call.id);
            Ok(())
        })?;
        Ok(Answer::empty())
    }

    pub(super) fn list_functions(&self, call: &Call<'_>) -> Result<Answer, Error> {
        let stages = match call.parameters.get("Stage") {
            None => vec![Stage::Development, Stage::Live],
            Some(_) => vec![stage(call)?],
        };
        let items = self.store.read(|state| {
            let mut items = Vec::new();
            for (name, function) in state.functions.iter().filter(|(name, _)| !self.recent.hides(name)) {
                for stage in stages.iter().filter(|stage| function.at(**stage).is_ok()) {
                    items.push((format!("{name}/{}", stage.name()), self.function_summary(name, function, *stage)?));
                }
            }
            Ok::<_, Error>(items)
        })?;
        let page = pages::without_marker(pages::page(items, &call.parameters)?);
        Ok(Answer::of(200, "FunctionList", &page))
    }

    fn function(&self, name: &str) -> Result<Function, Error> {
        self.store.read(|state| state.functions.get(name).cloned()).ok_or_else(no_function)
    }

    fn function_summary(&self, name: &str, function: &Function, stage: Stage) -> Result<Value, Error> {
        let staged = function.at(stage)?;
        let is_associated = self.store.read(|state| {
            let arn = routes::arn("function", name);
            let behaviors = state.distributions.values().flat_map(|distribution| distribution.config.behaviors());
            behaviors.flat_map(|behavior| behavior.function_associations.iter()).any(|one| one.function_arn == arn)
        });
        let status = match stage {
            Stage::Development if function.live.as_ref().is_none_or(|live| live.etag != staged.etag) => "UNPUBLISHED",
            Stage::Live if self.underway.has(&publication(name)) => "PUBLISHING",
            Stage::Development | Stage::Live if is_associated => "DEPLOYED",
            Stage::Development | Stage::Live => "UNASSOCIATED",
        };
        Ok(json!({
            "Name": name,
            "Status": status,
            "FunctionConfig": staged.config,
            "FunctionMetadata": {
                "FunctionARN": routes::arn("function", name),
                "Stage": stage.name(),
                "CreatedTime": date_time(function.created),
                "LastModifiedTime": date_time(staged.modified),
            },
        }))
    }
}

impl Function {
    fn at(&self, stage: Stage) -> Result<&Staged, Error> {
        match stage {
            Stage::Development => Ok(&self.development),
            Stage::Live => self.live.as_ref().ok_or_else(no_function),
        }
    }
}

impl Stage {
    fn name(self) -> &'static str {
        match self {
            Self::Development => "DEVELOPMENT",
            Self::Live => "LIVE",
        }
    }
}

/// What is under way while a function is being published.
fn publication(name: &str) -> String {
    format!("function/{name}")
}

fn stage(call: &Call<'_>) -> Result<Stage, Error> {
    match call.parameters.get("Stage") {
        None | Some("DEVELOPMENT") => Ok(Stage::Development),
        Some("LIVE") => Ok(Stage::Live),
        Some(_) => Err(invalid_argument("The parameter Stage must be DEVELOPMENT or LIVE.")),
    }
}

/// Reads a function's code and configuration, and refuses by name what is not done here.
fn staged(config: FunctionConfig, code: &str) -> Result<Staged, Error> {
    match config.runtime.as_str() {
        "cloudfront-js-2.0" => {}
        "cloudfront-js-1.0" => return Err(Error::not_implemented("the function runtime cloudfront-js-1.0")),
        _ => return Err(invalid_argument("The parameter Runtime must be cloudfront-js-1.0 or cloudfront-js-2.0.")),
    }
    if !config.key_value_store_associations.is_empty() {
        return Err(Error::not_implemented("key value stores of CloudFront Functions (KeyValueStoreAssociations)"));
    }
    let code = STANDARD.decode(code.trim()).ok().and_then(|code| String::from_utf8(code).ok());
    let code = code.ok_or_else(|| invalid_argument("The parameter FunctionCode is not valid."))?;
    if code.is_empty() {
        return Err(invalid_argument("The parameter FunctionCode must not be empty."));
    }
    if code.len() > CODE {
        return Err(Error::new(413, "FunctionSizeLimitExceeded", "The function is too large."));
    }
    if let Some(module) = module(&code) {
        return Err(Error::not_implemented(&format!("modules in CloudFront Functions ({module})")));
    }
    Ok(Staged { etag: id::id('E'), modified: now(), config, code })
}

/// The line by which a function's code asks for a module: `import cf from 'cloudfront'` and its kin.
fn module(code: &str) -> Option<&str> {
    let asks = |line: &&str| {
        let line = line.trim_start();
        (line.starts_with("import ") && line.contains(['\'', '"'])) || line.contains("require(")
    };
    code.lines().find(asks).map(str::trim)
}
