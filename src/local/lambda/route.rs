//! Which operation a request asks for: the URIs of Lambda's API.

use http::Method;
use percent_encoding::percent_decode_str;

use super::name::FunctionName;
use crate::call::{Caller, Error, Operation, Request};

/// The operations that are implemented, and the names of the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Call {
    Invoke,
    CreateFunction,
    ListFunctions,
    GetFunction,
    DeleteFunction,
    UpdateFunctionCode,
    GetFunctionConfiguration,
    UpdateFunctionConfiguration,
    PublishVersion,
    ListVersionsByFunction,
    CreateAlias,
    ListAliases,
    GetAlias,
    UpdateAlias,
    DeleteAlias,
    AddPermission,
    GetPolicy,
    RemovePermission,
    PutFunctionConcurrency,
    GetFunctionConcurrency,
    DeleteFunctionConcurrency,
    TagResource,
    UntagResource,
    ListTags,
    GetAccountSettings,
    Other(&'static str),
}

/// Method, path with `{}` for each label, operation.
const ROUTES: &[(Method, &str, Call)] = &[
    (Method::POST, "/2015-03-31/functions/{}/invocations", Call::Invoke),
    (Method::POST, "/2015-03-31/functions", Call::CreateFunction),
    (Method::GET, "/2015-03-31/functions", Call::ListFunctions),
    (Method::GET, "/2015-03-31/functions/{}", Call::GetFunction),
    (Method::DELETE, "/2015-03-31/functions/{}", Call::DeleteFunction),
    (Method::PUT, "/2015-03-31/functions/{}/code", Call::UpdateFunctionCode),
    (Method::GET, "/2015-03-31/functions/{}/configuration", Call::GetFunctionConfiguration),
    (Method::PUT, "/2015-03-31/functions/{}/configuration", Call::UpdateFunctionConfiguration),
    (Method::POST, "/2015-03-31/functions/{}/versions", Call::PublishVersion),
    (Method::GET, "/2015-03-31/functions/{}/versions", Call::ListVersionsByFunction),
    (Method::POST, "/2015-03-31/functions/{}/aliases", Call::CreateAlias),
    (Method::GET, "/2015-03-31/functions/{}/aliases", Call::ListAliases),
    (Method::GET, "/2015-03-31/functions/{}/aliases/{}", Call::GetAlias),
    (Method::PUT, "/2015-03-31/functions/{}/aliases/{}", Call::UpdateAlias),
    (Method::DELETE, "/2015-03-31/functions/{}/aliases/{}", Call::DeleteAlias),
    (Method::POST, "/2015-03-31/functions/{}/policy", Call::AddPermission),
    (Method::GET, "/2015-03-31/functions/{}/policy", Call::GetPolicy),
    (Method::DELETE, "/2015-03-31/functions/{}/policy/{}", Call::RemovePermission),
    (Method::PUT, "/2017-10-31/functions/{}/concurrency", Call::PutFunctionConcurrency),
    (Method::GET, "/2019-09-30/functions/{}/concurrency", Call::GetFunctionConcurrency),
    (Method::DELETE, "/2017-10-31/functions/{}/concurrency", Call::DeleteFunctionConcurrency),
    (Method::POST, "/2017-03-31/tags/{}", Call::TagResource),
    (Method::DELETE, "/2017-03-31/tags/{}", Call::UntagResource),
    (Method::GET, "/2017-03-31/tags/{}", Call::ListTags),
    (Method::GET, "/2016-08-19/account-settings", Call::GetAccountSettings),
    (Method::POST, "/2014-11-13/functions/{}/invoke-async", Call::Other("InvokeAsync")),
    (Method::POST, "/2021-11-15/functions/{}/response-streaming-invocations", Call::Other("InvokeWithResponseStream")),
    (Method::POST, "/2021-10-31/functions/{}/url", Call::Other("CreateFunctionUrlConfig")),
    (Method::GET, "/2021-10-31/functions/{}/url", Call::Other("GetFunctionUrlConfig")),
    (Method::PUT, "/2021-10-31/functions/{}/url", Call::Other("UpdateFunctionUrlConfig")),
    (Method::DELETE, "/2021-10-31/functions/{}/url", Call::Other("DeleteFunctionUrlConfig")),
    (Method::GET, "/2021-10-31/functions/{}/urls", Call::Other("ListFunctionUrlConfigs")),
    (Method::PUT, "/2019-09-25/functions/{}/event-invoke-config", Call::Other("PutFunctionEventInvokeConfig")),
    (Method::POST, "/2019-09-25/functions/{}/event-invoke-config", Call::Other("UpdateFunctionEventInvokeConfig")),
    (Method::GET, "/2019-09-25/functions/{}/event-invoke-config", Call::Other("GetFunctionEventInvokeConfig")),
    (Method::DELETE, "/2019-09-25/functions/{}/event-invoke-config", Call::Other("DeleteFunctionEventInvokeConfig")),
    (Method::GET, "/2019-09-25/functions/{}/event-invoke-config/list", Call::Other("ListFunctionEventInvokeConfigs")),
    (Method::PUT, "/2019-09-30/functions/{}/provisioned-concurrency", Call::Other("PutProvisionedConcurrencyConfig")),
    (Method::GET, "/2019-09-30/functions/{}/provisioned-concurrency", Call::Other("GetProvisionedConcurrencyConfig")),
    (
        Method::DELETE,
        "/2019-09-30/functions/{}/provisioned-concurrency",
        Call::Other("DeleteProvisionedConcurrencyConfig"),
    ),
    (Method::PUT, "/2021-07-20/functions/{}/runtime-management-config", Call::Other("PutRuntimeManagementConfig")),
    (Method::GET, "/2021-07-20/functions/{}/runtime-management-config", Call::Other("GetRuntimeManagementConfig")),
    (Method::PUT, "/2024-08-31/functions/{}/recursion-config", Call::Other("PutFunctionRecursionConfig")),
    (Method::GET, "/2024-08-31/functions/{}/recursion-config", Call::Other("GetFunctionRecursionConfig")),
    (Method::PUT, "/2025-11-30/functions/{}/function-scaling-config", Call::Other("PutFunctionScalingConfig")),
    (Method::GET, "/2025-11-30/functions/{}/function-scaling-config", Call::Other("GetFunctionScalingConfig")),
    (Method::PUT, "/2020-06-30/functions/{}/code-signing-config", Call::Other("PutFunctionCodeSigningConfig")),
    (Method::GET, "/2020-06-30/functions/{}/code-signing-config", Call::Other("GetFunctionCodeSigningConfig")),
    (Method::DELETE, "/2020-06-30/functions/{}/code-signing-config", Call::Other("DeleteFunctionCodeSigningConfig")),
    (Method::GET, "/2025-12-01/functions/{}/durable-executions", Call::Other("ListDurableExecutionsByFunction")),
    (Method::POST, "/2015-03-31/event-source-mappings", Call::Other("CreateEventSourceMapping")),
    (Method::GET, "/2015-03-31/event-source-mappings", Call::Other("ListEventSourceMappings")),
    (Method::GET, "/2015-03-31/event-source-mappings/{}", Call::Other("GetEventSourceMapping")),
    (Method::PUT, "/2015-03-31/event-source-mappings/{}", Call::Other("UpdateEventSourceMapping")),
    (Method::DELETE, "/2015-03-31/event-source-mappings/{}", Call::Other("DeleteEventSourceMapping")),
    (Method::GET, "/2018-10-31/layers", Call::Other("ListLayers")),
    (Method::POST, "/2018-10-31/layers/{}/versions", Call::Other("PublishLayerVersion")),
    (Method::GET, "/2018-10-31/layers/{}/versions", Call::Other("ListLayerVersions")),
    (Method::GET, "/2018-10-31/layers/{}/versions/{}", Call::Other("GetLayerVersion")),
    (Method::DELETE, "/2018-10-31/layers/{}/versions/{}", Call::Other("DeleteLayerVersion")),
    (Method::POST, "/2018-10-31/layers/{}/versions/{}/policy", Call::Other("AddLayerVersionPermission")),
    (Method::GET, "/2018-10-31/layers/{}/versions/{}/policy", Call::Other("GetLayerVersionPolicy")),
    (Method::DELETE, "/2018-10-31/layers/{}/versions/{}/policy/{}", Call::Other("RemoveLayerVersionPermission")),
    (Method::POST, "/2020-04-22/code-signing-configs", Call::Other("CreateCodeSigningConfig")),
    (Method::GET, "/2020-04-22/code-signing-configs", Call::Other("ListCodeSigningConfigs")),
];

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
        Ok(Operation { mutates: self.mutates(), name, needs })
    }

    fn mutates(&self) -> bool {
        match self.call {
            Call::ListFunctions
            | Call::GetFunction
            | Call::GetFunctionConfiguration
            | Call::ListVersionsByFunction
            | Call::ListAliases
            | Call::GetAlias
            | Call::GetPolicy
            | Call::GetFunctionConcurrency
            | Call::ListTags
            | Call::GetAccountSettings => false,
            Call::Invoke
            | Call::CreateFunction
            | Call::DeleteFunction
            | Call::UpdateFunctionCode
            | Call::UpdateFunctionConfiguration
            | Call::PublishVersion
            | Call::CreateAlias
            | Call::UpdateAlias
            | Call::DeleteAlias
            | Call::AddPermission
            | Call::RemovePermission
            | Call::PutFunctionConcurrency
            | Call::DeleteFunctionConcurrency
            | Call::TagResource
            | Call::UntagResource
            | Call::Other(_) => true,
        }
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

/// What CreateFunction needs: itself, tagging if it tags, and passing the role.
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
