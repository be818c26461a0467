//! The operations of Lambda's API and their URIs.

use http::Method;

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
pub(super) const ROUTES: &[(Method, &str, Call)] = &[
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

impl Call {
    /// Whether the operation can change anything.
    pub(super) fn mutates(self) -> bool {
        match self {
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
}
