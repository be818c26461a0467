//! SSM Parameter Store. A `SecureString` is kept as given: there is no KMS, and the state is the developer's own.
//!
//! The API is <https://docs.aws.amazon.com/systems-manager/latest/APIReference/>.

mod describe;
mod get;
mod names;
mod parameter;
mod put;
mod tags;

use std::path::Path;

use serde_json::Value;

use crate::ACCOUNT;
use crate::call::{Error, Operation, Request, Response, Service};
use crate::realism::{Delays, Recent};
use crate::store::Store;
use crate::wire::json;
use parameter::Parameters;

/// SSM Parameter Store.
pub(crate) struct Ssm {
    parameters: Store<Parameters>,
    region: String,
    recent: Recent,
}

impl Service for Ssm {
    fn identify(&self, request: &Request) -> Result<Operation, Error> {
        let name = json::operation(&request.headers, "AmazonSSM")?;
        let mutates = match name {
            "PutParameter"
            | "DeleteParameter"
            | "DeleteParameters"
            | "AddTagsToResource"
            | "RemoveTagsFromResource" => true,
            "GetParameter" | "GetParameters" | "GetParametersByPath" | "DescribeParameters" | "ListTagsForResource" => {
                false
            }
            other => return Err(Error::not_implemented(&format!("ssm:{other}"))),
        };
        let needs = self.needs(name, &json::input(request)?);
        Ok(Operation { name: name.to_owned(), mutates, needs })
    }

    async fn call(&self, operation: &Operation, request: Request) -> Result<Response, Error> {
        let request = &request;
        match operation.name.as_str() {
            "PutParameter" => json::output(&self.put(json::input(request)?, &request.caller)?),
            "GetParameter" => json::output(&self.get(&json::input(request)?)?),
            "GetParameters" => json::output(&self.get_several(&json::input(request)?)?),
            "GetParametersByPath" => json::output(&self.get_by_path(&json::input(request)?)?),
            "DeleteParameter" => json::output(&self.delete(&json::input(request)?)?),
            "DeleteParameters" => json::output(&self.delete_several(&json::input(request)?)?),
            "DescribeParameters" => json::output(&self.describe(&json::input(request)?)?),
            "AddTagsToResource" => json::output(&self.tag(&json::input(request)?)?),
            "RemoveTagsFromResource" => json::output(&self.untag(&json::input(request)?)?),
            "ListTagsForResource" => json::output(&self.list_tags(&json::input(request)?)?),
            other => Err(Error::not_implemented(&format!("ssm:{other}"))),
        }
    }

    fn refuse(&self, error: &Error, _request_id: &str) -> Response {
        json::refuse(error)
    }
}

impl Ssm {
    /// Opens the state in `dir`.
    pub(crate) fn open(dir: &Path, region: &str, delays: &Delays) -> std::io::Result<Self> {
        let recent = Recent::new(delays.listing);
        Ok(Self { parameters: Store::open(&dir.join("ssm.json"))?, region: region.to_owned(), recent })
    }

    /// The permissions that `operation` needs: its own on each parameter that it names.
    fn needs(&self, operation: &str, input: &Value) -> Vec<(String, String)> {
        let action = format!("ssm:{operation}");
        let text = |member: &str| input[member].as_str().map(|name| self.arn(names::plain(name)));
        let mut needs: Vec<_> = match input["Names"].as_array() {
            Some(names) => names.iter().filter_map(Value::as_str).map(|name| self.arn(names::plain(name))).collect(),
            None => text("Name").or(text("Path")).or(text("ResourceId")).into_iter().collect(),
        };
        if needs.is_empty() {
            needs.push("*".to_owned());
        }
        let mut needs: Vec<_> = needs.into_iter().map(|resource| (action.clone(), resource)).collect();
        if operation == "PutParameter" && input.get("Tags").is_some() {
            needs.extend(text("Name").map(|arn| ("ssm:AddTagsToResource".to_owned(), arn)));
        }
        needs
    }

    /// A parameter's ARN, in which a leading `/` is not doubled.
    fn arn(&self, name: &str) -> String {
        let slash = if name.starts_with('/') { "" } else { "/" };
        format!("arn:aws:ssm:{}:{ACCOUNT}:parameter{slash}{name}", self.region)
    }
}

fn invalid(text: impl Into<String>) -> Error {
    Error::new(400, "ValidationException", text)
}

/// AWS's words for one failed constraint.
fn constraint(value: &str, member: &str, rule: &str) -> Error {
    invalid(format!("1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: {rule}"))
}

/// A page's size: between 1 and `most`, which is also the default.
fn page_size(given: Option<i64>, most: usize) -> Result<usize, Error> {
    let Some(given) = given else { return Ok(most) };
    let size = usize::try_from(given).ok().filter(|size| (1..=most).contains(size));
    size.ok_or_else(|| {
        let bound =
            if given < 1 { "greater than or equal to 1".to_owned() } else { format!("less than or equal to {most}") };
        constraint(&given.to_string(), "maxResults", &format!("Member must have value {bound}"))
    })
}
