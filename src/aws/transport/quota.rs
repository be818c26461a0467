//! AWS's rates for calls of the control plane, and which call draws on which of them. A rate that AWS does not publish is
//! named as assumed.

use aws_smithy_runtime_api::client::orchestrator::HttpRequest;

use super::named_operation;

/// A token bucket of an account and region, which the account's other users draw on too.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Quota {
    pub(super) name: &'static str,
    /// Tokens a second.
    pub(super) rate: f64,
    /// Tokens that it holds when it is full.
    pub(super) burst: f64,
}

impl Quota {
    const fn new(name: &'static str, rate: f64, burst: f64) -> Self {
        Self { name, rate, burst }
    }
}

// API Gateway: <https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html>, none of them can be raised.
const GATEWAY: Quota = Quota::new("API Gateway", 10.0, 40.0);
const CREATE_API: Quota = Quota::new("CreateRestApi", 1.0 / 3.0, 1.0);
const DELETE_API: Quota = Quota::new("DeleteRestApi", 1.0 / 30.0, 1.0);
const PUT_API: Quota = Quota::new("PutRestApi", 1.0, 1.0);
const DEPLOYMENT: Quota = Quota::new("CreateDeployment", 1.0 / 5.0, 1.0);
const RESOURCES: Quota = Quota::new("GetResources", 2.5, 5.0);

// Lambda: <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>; the bursts are assumed.
const GET_FUNCTION: Quota = Quota::new("GetFunction", 100.0, 100.0);
const GET_POLICY: Quota = Quota::new("GetPolicy", 15.0, 15.0);
const LAMBDA: Quota = Quota::new("Lambda", 15.0, 15.0);

// SSM: <https://docs.aws.amazon.com/general/latest/gr/ssm.html>; PutParameter's is commonly quoted, not published.
const PUT_PARAMETER: Quota = Quota::new("PutParameter", 3.0, 3.0);
const PARAMETERS: Quota = Quota::new("SSM parameters", 40.0, 40.0);

// DynamoDB: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TagResource.html>
const TAG_TABLE: Quota = Quota::new("DynamoDB TagResource", 5.0, 5.0);

// CloudWatch Logs: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html>; the bursts are
// assumed.
const CREATE_GROUP: Quota = Quota::new("CreateLogGroup", 10.0, 10.0);
const DELETE_GROUP: Quota = Quota::new("DeleteLogGroup", 10.0, 10.0);
const DESCRIBE_GROUPS: Quota = Quota::new("DescribeLogGroups", 10.0, 10.0);
const PUT_RETENTION: Quota = Quota::new("PutRetentionPolicy", 5.0, 5.0);
const DELETE_RETENTION: Quota = Quota::new("DeleteRetentionPolicy", 5.0, 5.0);
const GROUP_TAGS: Quota = Quota::new("Logs ListTagsForResource", 5.0, 5.0);
const TAG_GROUP: Quota = Quota::new("Logs TagResource", 5.0, 5.0);
const UNTAG_GROUP: Quota = Quota::new("Logs UntagResource", 5.0, 5.0);

// Route 53: <https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DNSLimitations.html>
const ROUTE53: Quota = Quota::new("Route 53", 5.0, 5.0);

// IAM publishes no rate: assumed.
const CHANGE_IAM: Quota = Quota::new("IAM changes", 10.0, 20.0);
const READ_IAM: Quota = Quota::new("IAM reads", 50.0, 100.0);

/// What a request to `service` draws on; all of them.
pub(super) fn of(service: &str, request: &HttpRequest) -> &'static [Quota] {
    match service {
        "apigateway" => gateway(request),
        "lambda" => lambda(request),
        "logs" => match named_operation(request) {
            Some("CreateLogGroup") => &[CREATE_GROUP],
            Some("DeleteLogGroup") => &[DELETE_GROUP],
            Some("DescribeLogGroups") => &[DESCRIBE_GROUPS],
            Some("PutRetentionPolicy") => &[PUT_RETENTION],
            Some("DeleteRetentionPolicy") => &[DELETE_RETENTION],
            Some("ListTagsForResource") => &[GROUP_TAGS],
            Some("TagResource") => &[TAG_GROUP],
            Some("UntagResource") => &[UNTAG_GROUP],
            Some(_) | None => &[],
        },
        "ssm" => match named_operation(request) {
            Some("PutParameter") => &[PUT_PARAMETER],
            Some(_) | None => &[PARAMETERS],
        },
        "dynamodb" if matches!(named_operation(request), Some("TagResource" | "UntagResource")) => &[TAG_TABLE],
        "iam" => match named_operation(request) {
            Some(operation) if operation.starts_with("Get") || operation.starts_with("List") => &[READ_IAM],
            Some(_) | None => &[CHANGE_IAM],
        },
        "route53" => &[ROUTE53],
        // S3's and DynamoDB's other rates are far above what a deploy asks for.
        _ => &[],
    }
}

fn gateway(request: &HttpRequest) -> &'static [Quota] {
    let path = path(request);
    let segments: Vec<&str> = path.split('/').skip(1).collect();
    match (request.method(), segments.as_slice()) {
        ("POST", ["restapis"]) => &[CREATE_API, GATEWAY],
        ("DELETE", ["restapis", _]) => &[DELETE_API, GATEWAY],
        ("PUT", ["restapis", _]) => &[PUT_API, GATEWAY],
        ("POST", ["restapis", _, "deployments"]) => &[DEPLOYMENT, GATEWAY],
        ("GET", ["restapis", _, "resources"]) => &[RESOURCES, GATEWAY],
        _ => &[GATEWAY],
    }
}

fn lambda(request: &HttpRequest) -> &'static [Quota] {
    let path = path(request);
    let segments: Vec<&str> = path.split('/').skip(2).collect();
    match (request.method(), segments.as_slice()) {
        ("GET", ["functions", _]) => &[GET_FUNCTION],
        ("GET", ["functions", _, "policy"]) => &[GET_POLICY],
        // Invocations are the data plane's, with a limit of their own.
        ("POST", ["functions", _, "invocations"]) => &[],
        _ => &[LAMBDA],
    }
}

/// The path of the request's URI, without its query.
fn path(request: &HttpRequest) -> &str {
    let uri = request.uri();
    let uri = uri.split_once("://").map_or(uri, |(_, rest)| rest.find('/').map_or("", |slash| &rest[slash..]));
    uri.split('?').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(method: &str, service: &str, path: &str, target: &str) -> Vec<&'static str> {
        let mut request = HttpRequest::empty();
        request.set_method(method).unwrap();
        request.set_uri(format!("https://{service}.eu-central-1.amazonaws.com{path}")).unwrap();
        if !target.is_empty() {
            request.headers_mut().insert("x-amz-target", target.to_owned());
        }
        of(service, &request).iter().map(|quota| quota.name).collect()
    }

    #[test]
    fn a_call_draws_on_its_own_quota_and_on_its_services() {
        for (method, service, path, expected) in [
            ("POST", "apigateway", "/restapis", &["CreateRestApi", "API Gateway"] as &[&str]),
            ("PUT", "apigateway", "/restapis/a1?mode=overwrite", &["PutRestApi", "API Gateway"]),
            ("POST", "apigateway", "/restapis/a1/deployments", &["CreateDeployment", "API Gateway"]),
            ("GET", "apigateway", "/restapis/a1/deployments?limit=500", &["API Gateway"]),
            ("DELETE", "apigateway", "/restapis/a1", &["DeleteRestApi", "API Gateway"]),
            ("DELETE", "apigateway", "/restapis/a1/stages/dev", &["API Gateway"]),
            ("GET", "lambda", "/2015-03-31/functions/memo?Qualifier=7", &["GetFunction"]),
            ("GET", "lambda", "/2015-03-31/functions/memo/versions", &["Lambda"]),
            ("POST", "lambda", "/2015-03-31/functions", &["Lambda"]),
            ("POST", "lambda", "/2015-03-31/functions/memo/invocations", &[]),
            ("PUT", "s3", "/bucket/key", &[]),
            ("GET", "route53", "/2013-04-01/change/C1", &["Route 53"]),
        ] {
            assert_eq!(drawn(method, service, path, ""), expected, "{method} {path}");
        }
    }

    #[test]
    fn an_operation_in_a_header_is_known_by_it() {
        assert_eq!(drawn("POST", "ssm", "/", "AmazonSSM.PutParameter"), ["PutParameter"]);
        assert_eq!(drawn("POST", "ssm", "/", "AmazonSSM.GetParameters"), ["SSM parameters"]);
        assert_eq!(drawn("POST", "dynamodb", "/", "DynamoDB_20120810.TagResource"), ["DynamoDB TagResource"]);
        assert_eq!(drawn("POST", "logs", "/", "Logs_20140328.PutRetentionPolicy"), ["PutRetentionPolicy"]);
        assert_eq!(drawn("POST", "logs", "/", "Logs_20140328.FilterLogEvents"), [] as [&str; 0]);
        assert_eq!(drawn("POST", "dynamodb", "/", "DynamoDB_20120810.CreateTable"), [] as [&str; 0]);
    }
}
