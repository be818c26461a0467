//! Which operation a request asks for, told from its method and path.

use crate::ACCOUNT;
use crate::call::{Error, Operation, Request};
use crate::wire::query::Parameters;

/// The version of the API, which every path begins with.
const VERSION: &str = "/2020-05-31/";

/// The path's parts after the version, decoded.
pub(super) fn segments(request: &Request) -> Vec<String> {
    let path = request.path.strip_prefix(VERSION).unwrap_or_default();
    let decode = |part: &str| percent_encoding::percent_decode_str(part).decode_utf8_lossy().into_owned();
    path.trim_end_matches('/').split('/').map(decode).collect()
}

/// What `request` asks for, and the permission that it needs.
/// <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudfront.html>
pub(super) fn identify(request: &Request) -> Result<Operation, Error> {
    let segments = segments(request);
    let parts: Vec<&str> = segments.iter().map(String::as_str).collect();
    let parameters = Parameters::of_query(&request.query);
    let with_tags = parameters.given("WithTags").is_some();
    let tagging = parameters.get("Operation").unwrap_or_default();
    let (name, resource) = match (request.method.as_str(), parts.as_slice()) {
        ("POST", ["distribution"]) if with_tags => ("CreateDistributionWithTags", any("distribution")),
        ("POST", ["distribution"]) => ("CreateDistribution", any("distribution")),
        ("GET", ["distribution"]) => ("ListDistributions", "*".to_owned()),
        ("GET", ["distribution", id]) => ("GetDistribution", arn("distribution", id)),
        ("DELETE", ["distribution", id]) => ("DeleteDistribution", arn("distribution", id)),
        ("GET", ["distribution", id, "config"]) => ("GetDistributionConfig", arn("distribution", id)),
        ("PUT", ["distribution", id, "config"]) => ("UpdateDistribution", arn("distribution", id)),
        ("POST", ["distribution", id, "invalidation"]) => ("CreateInvalidation", arn("distribution", id)),
        ("GET", ["distribution", id, "invalidation"]) => ("ListInvalidations", arn("distribution", id)),
        ("GET", ["distribution", id, "invalidation", _]) => ("GetInvalidation", arn("distribution", id)),
        ("POST", ["tagging"]) if tagging == "Tag" => ("TagResource", resource(&parameters)),
        ("POST", ["tagging"]) if tagging == "Untag" => ("UntagResource", resource(&parameters)),
        ("GET", ["tagging"]) => ("ListTagsForResource", resource(&parameters)),
        ("POST", ["origin-access-control"]) => ("CreateOriginAccessControl", any("origin-access-control")),
        ("GET", ["origin-access-control"]) => ("ListOriginAccessControls", "*".to_owned()),
        ("GET", ["origin-access-control", id]) => ("GetOriginAccessControl", arn("origin-access-control", id)),
        ("DELETE", ["origin-access-control", id]) => ("DeleteOriginAccessControl", arn("origin-access-control", id)),
        ("GET", ["origin-access-control", id, "config"]) => {
            ("GetOriginAccessControlConfig", arn("origin-access-control", id))
        }
        ("PUT", ["origin-access-control", id, "config"]) => {
            ("UpdateOriginAccessControl", arn("origin-access-control", id))
        }
        ("POST", ["response-headers-policy"]) => ("CreateResponseHeadersPolicy", any("response-headers-policy")),
        ("GET", ["response-headers-policy"]) => ("ListResponseHeadersPolicies", "*".to_owned()),
        ("GET", ["response-headers-policy", id]) => ("GetResponseHeadersPolicy", arn("response-headers-policy", id)),
        ("PUT", ["response-headers-policy", id]) => ("UpdateResponseHeadersPolicy", arn("response-headers-policy", id)),
        ("DELETE", ["response-headers-policy", id]) => {
            ("DeleteResponseHeadersPolicy", arn("response-headers-policy", id))
        }
        ("GET", ["response-headers-policy", id, "config"]) => {
            ("GetResponseHeadersPolicyConfig", arn("response-headers-policy", id))
        }
        ("POST", ["function"]) => ("CreateFunction", any("function")),
        ("GET", ["function"]) => ("ListFunctions", "*".to_owned()),
        ("GET", ["function", name]) => ("GetFunction", arn("function", name)),
        ("PUT", ["function", name]) => ("UpdateFunction", arn("function", name)),
        ("DELETE", ["function", name]) => ("DeleteFunction", arn("function", name)),
        ("GET", ["function", name, "describe"]) => ("DescribeFunction", arn("function", name)),
        ("POST", ["function", name, "publish"]) => ("PublishFunction", arn("function", name)),
        _ => return Err(Error::not_implemented(&format!("cloudfront: {} {}", request.method, request.path))),
    };
    let mutates = !["Get", "List", "Describe"].iter().any(|reading| name.starts_with(reading));
    let needs = match name {
        "CreateDistributionWithTags" => vec![need("CreateDistribution", &resource), need("TagResource", &resource)],
        name => vec![need(name, &resource)],
    };
    Ok(Operation { name: name.to_owned(), mutates, needs })
}

/// The ARN of a thing of the account.
pub(super) fn arn(kind: &str, id: &str) -> String {
    format!("arn:aws:cloudfront::{ACCOUNT}:{kind}/{id}")
}

fn any(kind: &str) -> String {
    arn(kind, "*")
}

fn resource(parameters: &Parameters) -> String {
    parameters.get("Resource").unwrap_or("*").to_owned()
}

fn need(operation: &str, resource: &str) -> (String, String) {
    (format!("cloudfront:{operation}"), resource.to_owned())
}
