//! Which operation a request to the control plane is: API Gateway's URIs, as its service model has them.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use super::error;
use crate::call::{Error, Operation, Request};

/// What a request names in its path, decoded, in the order of the path.
pub(super) type Labels = Vec<String>;

/// Tells what `request` asks for, and what a role needs to be allowed it.
pub(super) fn identify(request: &Request) -> Result<Operation, Error> {
    if let Some((name, _)) = find(IMPLEMENTED, request) {
        return Ok(Operation { name: name.to_owned(), mutates: request.method != "GET", needs: vec![need(request)] });
    }
    Err(match find(REFUSED, request) {
        Some((name, _)) => Error::not_implemented(name),
        None => error::not_found(format!("No operation of API Gateway is {} {}", request.method, request.path)),
    })
}

/// The labels of `request`, which [`identify`] knows.
pub(super) fn labels(request: &Request) -> Labels {
    find(IMPLEMENTED, request).map(|(_, labels)| labels).unwrap_or_default()
}

/// The value of a parameter of the query string, decoded.
pub(super) fn parameter<'a>(request: &'a Request, name: &str) -> Option<Cow<'a, str>> {
    form_urlencoded::parse(request.query.as_bytes()).find(|(key, _)| key == name).map(|(_, value)| value)
}

/// API Gateway's permissions are HTTP methods on the paths of its own API.
fn need(request: &Request) -> (String, String) {
    let path = percent_decode_str(&request.path).decode_utf8_lossy();
    (format!("apigateway:{}", request.method), format!("arn:aws:apigateway:{}::{path}", request.region))
}

fn find(table: &[(&str, &'static str, &'static str)], request: &Request) -> Option<(&'static str, Labels)> {
    let import = parameter(request, "mode").is_some_and(|mode| mode == "import");
    table.iter().filter(|(method, _, _)| request.method.as_str() == *method).find_map(|(_, template, name)| {
        let labels = matches(template, &request.path)?;
        // The one pair of operations that differ in the query string alone.
        let meant = match *name {
            "CreateRestApi" => !import,
            "ImportRestApi" => import,
            _ => true,
        };
        meant.then_some((*name, labels))
    })
}

fn matches(template: &str, path: &str) -> Option<Labels> {
    let mut labels = Labels::new();
    let (mut wanted, mut given) = (template.split('/'), path.split('/'));
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return Some(labels),
            (Some("{}"), Some(segment)) if !segment.is_empty() => {
                labels.push(percent_decode_str(segment).decode_utf8().ok()?.into_owned());
            }
            (Some(wanted), Some(given)) if wanted == given => {}
            _ => return None,
        }
    }
}

/// Method, path and name of each operation that is carried out.
const IMPLEMENTED: &[(&str, &str, &str)] = &[
    ("POST", "/restapis/{}/deployments", "CreateDeployment"),
    ("POST", "/restapis", "CreateRestApi"),
    ("POST", "/restapis/{}/stages", "CreateStage"),
    ("DELETE", "/restapis/{}/deployments/{}", "DeleteDeployment"),
    ("DELETE", "/restapis/{}", "DeleteRestApi"),
    ("DELETE", "/restapis/{}/stages/{}", "DeleteStage"),
    ("DELETE", "/restapis/{}/stages/{}/cache/authorizers", "FlushStageAuthorizersCache"),
    ("GET", "/account", "GetAccount"),
    ("GET", "/restapis/{}/authorizers/{}", "GetAuthorizer"),
    ("GET", "/restapis/{}/authorizers", "GetAuthorizers"),
    ("GET", "/restapis/{}/deployments/{}", "GetDeployment"),
    ("GET", "/restapis/{}/deployments", "GetDeployments"),
    ("GET", "/restapis/{}/gatewayresponses/{}", "GetGatewayResponse"),
    ("GET", "/restapis/{}/gatewayresponses", "GetGatewayResponses"),
    ("GET", "/restapis/{}/resources/{}/methods/{}/integration", "GetIntegration"),
    ("GET", "/restapis/{}/resources/{}/methods/{}", "GetMethod"),
    ("GET", "/restapis/{}/models/{}", "GetModel"),
    ("GET", "/restapis/{}/models", "GetModels"),
    ("GET", "/restapis/{}/requestvalidators/{}", "GetRequestValidator"),
    ("GET", "/restapis/{}/requestvalidators", "GetRequestValidators"),
    ("GET", "/restapis/{}/resources/{}", "GetResource"),
    ("GET", "/restapis/{}/resources", "GetResources"),
    ("GET", "/restapis/{}", "GetRestApi"),
    ("GET", "/restapis", "GetRestApis"),
    ("GET", "/restapis/{}/stages/{}", "GetStage"),
    ("GET", "/restapis/{}/stages", "GetStages"),
    ("GET", "/tags/{}", "GetTags"),
    ("POST", "/restapis", "ImportRestApi"),
    ("PUT", "/restapis/{}", "PutRestApi"),
    ("PUT", "/tags/{}", "TagResource"),
    ("DELETE", "/tags/{}", "UntagResource"),
    ("PATCH", "/account", "UpdateAccount"),
    ("PATCH", "/restapis/{}/deployments/{}", "UpdateDeployment"),
    ("PATCH", "/restapis/{}", "UpdateRestApi"),
    ("PATCH", "/restapis/{}/stages/{}", "UpdateStage"),
];

/// Those of API Gateway's other operations, so that they are refused by their names.
const REFUSED: &[(&str, &str, &str)] = &[
    ("POST", "/apikeys", "CreateApiKey"),
    ("POST", "/restapis/{}/authorizers", "CreateAuthorizer"),
    ("POST", "/domainnames/{}/basepathmappings", "CreateBasePathMapping"),
    ("POST", "/restapis/{}/documentation/parts", "CreateDocumentationPart"),
    ("POST", "/restapis/{}/documentation/versions", "CreateDocumentationVersion"),
    ("POST", "/domainnames", "CreateDomainName"),
    ("POST", "/domainnameaccessassociations", "CreateDomainNameAccessAssociation"),
    ("POST", "/restapis/{}/models", "CreateModel"),
    ("POST", "/restapis/{}/requestvalidators", "CreateRequestValidator"),
    ("POST", "/restapis/{}/resources/{}", "CreateResource"),
    ("POST", "/usageplans", "CreateUsagePlan"),
    ("POST", "/usageplans/{}/keys", "CreateUsagePlanKey"),
    ("POST", "/vpclinks", "CreateVpcLink"),
    ("DELETE", "/apikeys/{}", "DeleteApiKey"),
    ("DELETE", "/restapis/{}/authorizers/{}", "DeleteAuthorizer"),
    ("DELETE", "/domainnames/{}/basepathmappings/{}", "DeleteBasePathMapping"),
    ("DELETE", "/clientcertificates/{}", "DeleteClientCertificate"),
    ("DELETE", "/restapis/{}/documentation/parts/{}", "DeleteDocumentationPart"),
    ("DELETE", "/restapis/{}/documentation/versions/{}", "DeleteDocumentationVersion"),
    ("DELETE", "/domainnames/{}", "DeleteDomainName"),
    ("DELETE", "/domainnameaccessassociations/{}", "DeleteDomainNameAccessAssociation"),
    ("DELETE", "/restapis/{}/gatewayresponses/{}", "DeleteGatewayResponse"),
    ("DELETE", "/restapis/{}/resources/{}/methods/{}/integration", "DeleteIntegration"),
    ("DELETE", "/restapis/{}/resources/{}/methods/{}/integration/responses/{}", "DeleteIntegrationResponse"),
    ("DELETE", "/restapis/{}/resources/{}/methods/{}", "DeleteMethod"),
    ("DELETE", "/restapis/{}/resources/{}/methods/{}/responses/{}", "DeleteMethodResponse"),
    ("DELETE", "/restapis/{}/models/{}", "DeleteModel"),
    ("DELETE", "/restapis/{}/requestvalidators/{}", "DeleteRequestValidator"),
    ("DELETE", "/restapis/{}/resources/{}", "DeleteResource"),
    ("DELETE", "/usageplans/{}", "DeleteUsagePlan"),
    ("DELETE", "/usageplans/{}/keys/{}", "DeleteUsagePlanKey"),
    ("DELETE", "/vpclinks/{}", "DeleteVpcLink"),
    ("DELETE", "/restapis/{}/stages/{}/cache/data", "FlushStageCache"),
    ("POST", "/clientcertificates", "GenerateClientCertificate"),
    ("GET", "/apikeys/{}", "GetApiKey"),
    ("GET", "/apikeys", "GetApiKeys"),
    ("GET", "/domainnames/{}/basepathmappings/{}", "GetBasePathMapping"),
    ("GET", "/domainnames/{}/basepathmappings", "GetBasePathMappings"),
    ("GET", "/clientcertificates/{}", "GetClientCertificate"),
    ("GET", "/clientcertificates", "GetClientCertificates"),
    ("GET", "/restapis/{}/documentation/parts/{}", "GetDocumentationPart"),
    ("GET", "/restapis/{}/documentation/parts", "GetDocumentationParts"),
    ("GET", "/restapis/{}/documentation/versions/{}", "GetDocumentationVersion"),
    ("GET", "/restapis/{}/documentation/versions", "GetDocumentationVersions"),
    ("GET", "/domainnames/{}", "GetDomainName"),
    ("GET", "/domainnameaccessassociations", "GetDomainNameAccessAssociations"),
    ("GET", "/domainnames", "GetDomainNames"),
    ("GET", "/restapis/{}/stages/{}/exports/{}", "GetExport"),
    ("GET", "/restapis/{}/resources/{}/methods/{}/integration/responses/{}", "GetIntegrationResponse"),
    ("GET", "/restapis/{}/resources/{}/methods/{}/responses/{}", "GetMethodResponse"),
    ("GET", "/restapis/{}/models/{}/default_template", "GetModelTemplate"),
    ("GET", "/restapis/{}/stages/{}/sdks/{}", "GetSdk"),
    ("GET", "/sdktypes/{}", "GetSdkType"),
    ("GET", "/sdktypes", "GetSdkTypes"),
    ("GET", "/usageplans/{}/usage", "GetUsage"),
    ("GET", "/usageplans/{}", "GetUsagePlan"),
    ("GET", "/usageplans/{}/keys/{}", "GetUsagePlanKey"),
    ("GET", "/usageplans/{}/keys", "GetUsagePlanKeys"),
    ("GET", "/usageplans", "GetUsagePlans"),
    ("GET", "/vpclinks/{}", "GetVpcLink"),
    ("GET", "/vpclinks", "GetVpcLinks"),
    ("POST", "/apikeys", "ImportApiKeys"),
    ("PUT", "/restapis/{}/documentation/parts", "ImportDocumentationParts"),
    ("PUT", "/restapis/{}/gatewayresponses/{}", "PutGatewayResponse"),
    ("PUT", "/restapis/{}/resources/{}/methods/{}/integration", "PutIntegration"),
    ("PUT", "/restapis/{}/resources/{}/methods/{}/integration/responses/{}", "PutIntegrationResponse"),
    ("PUT", "/restapis/{}/resources/{}/methods/{}", "PutMethod"),
    ("PUT", "/restapis/{}/resources/{}/methods/{}/responses/{}", "PutMethodResponse"),
    ("POST", "/rejectdomainnameaccessassociations", "RejectDomainNameAccessAssociation"),
    ("POST", "/restapis/{}/authorizers/{}", "TestInvokeAuthorizer"),
    ("POST", "/restapis/{}/resources/{}/methods/{}", "TestInvokeMethod"),
    ("PATCH", "/apikeys/{}", "UpdateApiKey"),
    ("PATCH", "/restapis/{}/authorizers/{}", "UpdateAuthorizer"),
    ("PATCH", "/domainnames/{}/basepathmappings/{}", "UpdateBasePathMapping"),
    ("PATCH", "/clientcertificates/{}", "UpdateClientCertificate"),
    ("PATCH", "/restapis/{}/documentation/parts/{}", "UpdateDocumentationPart"),
    ("PATCH", "/restapis/{}/documentation/versions/{}", "UpdateDocumentationVersion"),
    ("PATCH", "/domainnames/{}", "UpdateDomainName"),
    ("PATCH", "/restapis/{}/gatewayresponses/{}", "UpdateGatewayResponse"),
    ("PATCH", "/restapis/{}/resources/{}/methods/{}/integration", "UpdateIntegration"),
    ("PATCH", "/restapis/{}/resources/{}/methods/{}/integration/responses/{}", "UpdateIntegrationResponse"),
    ("PATCH", "/restapis/{}/resources/{}/methods/{}", "UpdateMethod"),
    ("PATCH", "/restapis/{}/resources/{}/methods/{}/responses/{}", "UpdateMethodResponse"),
    ("PATCH", "/restapis/{}/models/{}", "UpdateModel"),
    ("PATCH", "/restapis/{}/requestvalidators/{}", "UpdateRequestValidator"),
    ("PATCH", "/restapis/{}/resources/{}", "UpdateResource"),
    ("PATCH", "/usageplans/{}/keys/{}/usage", "UpdateUsage"),
    ("PATCH", "/usageplans/{}", "UpdateUsagePlan"),
    ("PATCH", "/vpclinks/{}", "UpdateVpcLink"),
];
