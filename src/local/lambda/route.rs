//! Which operation a request asks for: the URIs of Lambda's API.

use percent_encoding::percent_decode_str;

use super::name::FunctionName;
use super::operations::{Call, ROUTES};
use crate::call::{Caller, Error, Operation, Request};

/// A request's operation and the labels of its path, decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Route {
    pub(super) call: Call,
    labels: Vec<String>,
    query: String,
}

impl Route {
    /// Finds the operation of `request`, implemented or not. What no operation of Lambda's has is refused as it stands.
    pub(super) fn of(request: &Request) -> Result<Self, Error> {
        let path = request.path.strip_suffix('/').unwrap_or(&request.path);
        ROUTES
            .iter()
            .filter(|(method, ..)| *method == request.method)
            .find_map(|(_, pattern, call)| {
                let labels = labels(pattern, path)?;
                Some(Self { call: *call, labels, query: request.query.clone() })
            })
            .ok_or_else(|| Error::not_implemented(&format!("lambda {} {}", request.method, request.path)))
    }

    /// The path's label at `index`, counted from 0; empty when there is none.
    pub(super) fn label(&self, index: usize) -> &str {
        self.labels.get(index).map_or("", String::as_str)
    }

    /// The first value of the query parameter `name`.
    pub(super) fn parameter(&self, name: &str) -> Option<String> {
        self.parameters(name).next().filter(|value| !value.is_empty())
    }

    /// All values of the query parameter `name`.
    pub(super) fn parameters<'a>(&'a self, name: &'a str) -> impl Iterator<Item = String> + 'a {
        form_urlencoded::parse(self.query.as_bytes())
            .filter(move |(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    }

    /// The function that the path's first label and the query's `Qualifier` name.
    pub(super) fn function(&self, region: &str) -> Result<FunctionName, Error> {
        let qualifier = if self.query.is_empty() { None } else { self.parameter("Qualifier") };
        FunctionName::parse(self.label(0), qualifier.as_deref(), region)
    }

    /// The operation in the terms of the count of calls and of IAM.
    pub(super) fn operation(&self, request: &Request, region: &str) -> Result<Operation, Error> {
        if let Call::Other(name) = self.call {
            return Err(Error::not_implemented(&format!("lambda:{name}")));
        }
        let name = format!("{:?}", self.call);
        let needs = match request.caller {
            Caller::Developer => Vec::new(),
            Caller::Role { .. } => self.needs(&name, request, region)?,
        };
        Ok(Operation { mutates: self.call.mutates(), name, needs })
    }

    /// Actions and resources as in the Service Authorization Reference for Lambda.
    fn needs(&self, name: &str, request: &Request, region: &str) -> Result<Vec<(String, String)>, Error> {
        let action = format!("lambda:{name}");
        Ok(match self.call {
            Call::ListFunctions | Call::GetAccountSettings => vec![(action, "*".to_owned())],
            Call::TagResource | Call::UntagResource | Call::ListTags => vec![(action, self.label(0).to_owned())],
            Call::Invoke => vec![("lambda:InvokeFunction".to_owned(), self.function(region)?.arn(region))],
            Call::CreateFunction => created(action, request, region)?,
            Call::GetFunction
            | Call::DeleteFunction
            | Call::UpdateFunctionCode
            | Call::GetFunctionConfiguration
            | Call::UpdateFunctionConfiguration
            | Call::PublishVersion
            | Call::ListVersionsByFunction
            | Call::CreateAlias
            | Call::ListAliases
            | Call::GetAlias
            | Call::UpdateAlias
            | Call::DeleteAlias
            | Call::AddPermission
            | Call::GetPolicy
            | Call::RemovePermission
            | Call::PutFunctionConcurrency
            | Call::GetFunctionConcurrency
            | Call::DeleteFunctionConcurrency
            | Call::Other(_) => vec![(action, self.function(region)?.arn(region))],
        })
    }
}

/// What `CreateFunction` needs: itself, tagging if it tags, and passing the role.
fn created(action: String, request: &Request, region: &str) -> Result<Vec<(String, String)>, Error> {
    let mut members = super::members::Members::parse("CreateFunction", &request.body)?;
    let arn = FunctionName::parse(&members.require::<String>("FunctionName")?, None, region)?.arn(region);
    let mut needs = vec![(action, arn.clone()), ("iam:PassRole".to_owned(), members.require("Role")?)];
    if members.take::<serde_json::Value>("Tags")?.is_some() {
        needs.push(("lambda:TagResource".to_owned(), arn));
    }
    Ok(needs)
}

/// The labels of `path` when it is of the form `pattern`.
fn labels(pattern: &str, path: &str) -> Option<Vec<String>> {
    let mut labels = Vec::new();
    let mut segments = path.split('/');
    for expected in pattern.split('/') {
        let segment = segments.next()?;
        if expected == "{}" {
            labels.push(percent_decode_str(segment).decode_utf8().ok()?.into_owned());
        } else if expected != segment {
            return None;
        }
    }
    segments.next().is_none().then_some(labels)
}
