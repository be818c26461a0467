//! AWS's managed policies that the local cloud knows, and no customer-managed ones.
//! <https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html>

use crate::call::Error;

const AWS: &str = "arn:aws:iam::aws:policy/";

/// The document of the policy `arn`.
pub(super) fn document(arn: &str) -> Option<&'static str> {
    Some(match arn.strip_prefix(AWS)? {
        "AdministratorAccess" => {
            r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#
        }
        "service-role/AWSLambdaBasicExecutionRole" => {
            r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["logs:CreateLogGroup","logs:CreateLogStream","logs:PutLogEvents"],"Resource":"*"}]}"#
        }
        "AWSXRayDaemonWriteAccess" => {
            r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["xray:PutTraceSegments","xray:PutTelemetryRecords","xray:GetSamplingRules","xray:GetSamplingTargets","xray:GetSamplingStatisticSummaries"],"Resource":["*"]}]}"#
        }
        "service-role/AmazonAPIGatewayPushToCloudWatchLogs" => {
            r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["logs:CreateLogGroup","logs:CreateLogStream","logs:DescribeLogGroups","logs:DescribeLogStreams","logs:PutLogEvents","logs:GetLogEvents","logs:FilterLogEvents"],"Resource":"*"}]}"#
        }
        _ => return None,
    })
}

/// The refusal of a policy that is not known: of AWS's own perhaps merely not here, of others it does not exist.
pub(super) fn unknown(arn: &str) -> Error {
    if arn.starts_with(AWS) {
        return Error::not_implemented(&format!("the managed policy {arn}"));
    }
    Error::new(404, "NoSuchEntity", format!("Policy {arn} does not exist or is not attachable."))
}
