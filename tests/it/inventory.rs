//! All that is in a cloud, as its own lists tell: read call by call, by nothing of what deploys.

use std::collections::BTreeSet;

use aws_sdk_cloudfront::types::ResponseHeadersPolicyType;
use aws_sdk_s3::operation::list_objects_v2::ListObjectsV2Output;
use aws_sdk_ssm::operation::describe_parameters::DescribeParametersOutput;
use memoctl::aws::Aws;
use serde_json::Value;

/// A line for each thing in the cloud of `aws`, and for what belongs to it, sorted; what is there twice has two lines.
/// Ids and version numbers, which the cloud makes up, are counted and not told.
pub(crate) async fn inventory(aws: &Aws) -> Vec<String> {
    let mut lines = Vec::new();
    lines.extend(roles(aws).await);
    lines.extend(functions(aws).await);
    lines.extend(apis(aws).await);
    lines.extend(rest(aws).await);
    lines.extend(edges(aws).await);
    lines.sort();
    lines
}

async fn roles(aws: &Aws) -> Vec<String> {
    let roles: Vec<_> = aws.iam.list_roles().into_paginator().items().send().try_collect().await.unwrap();
    let mut lines = Vec::new();
    for role in roles {
        let policies = aws.iam.list_role_policies().role_name(role.role_name()).send().await.unwrap();
        let attached = aws.iam.list_attached_role_policies().role_name(role.role_name()).send().await.unwrap();
        let mut names = policies.policy_names().to_vec();
        names.extend(attached.attached_policies().iter().filter_map(|policy| policy.policy_arn.clone()));
        lines.push(format!("role {}{} {}", role.path(), role.role_name(), names.join(" ")));
    }
    lines
}

async fn functions(aws: &Aws) -> Vec<String> {
    let functions: Vec<_> = aws.lambda.list_functions().into_paginator().items().send().try_collect().await.unwrap();
    let mut lines = Vec::new();
    for function in functions {
        let name = function.function_name().unwrap();
        lines.push(format!("function {name} {}", function.code_sha256().unwrap()));
        let versions = aws.lambda.list_versions_by_function().function_name(name).into_paginator().items().send();
        let versions: Vec<_> = versions.try_collect().await.unwrap();
        let published = versions.iter().filter(|version| version.version() != Some("$LATEST"));
        lines.extend(published.map(|version| format!("version of {name} {}", version.code_sha256().unwrap())));
    }
    lines
}

async fn apis(aws: &Aws) -> Vec<String> {
    let mut lines = Vec::new();
    let apis: Vec<_> = aws.apigateway.get_rest_apis().into_paginator().items().send().try_collect().await.unwrap();
    for api in apis {
        let (id, name) = (api.id().unwrap(), api.name().unwrap());
        lines.push(format!("api {name}"));
        let stages = aws.apigateway.get_stages().rest_api_id(id).send().await.unwrap();
        lines.extend(stages.item().iter().map(|stage| format!("stage of {name} {}", stage.stage_name().unwrap())));
        let deployments = aws.apigateway.get_deployments().rest_api_id(id).into_paginator().items().send();
        let deployments: Vec<_> = deployments.try_collect().await.unwrap();
        let told = deployments.iter().map(|one| format!("deployment of {name} {}", one.description().unwrap_or("-")));
        lines.extend(told);
        let authorizers = aws.apigateway.get_authorizers().rest_api_id(id).send().await.unwrap();
        lines.extend(authorizers.items().iter().map(|one| format!("authorizer of {name} {}", one.name().unwrap())));
    }
    lines
}

/// Tables, parameters, log groups, and what the releases left in the buckets.
async fn rest(aws: &Aws) -> Vec<String> {
    let tables: Vec<String> = aws.dynamodb.list_tables().into_paginator().items().send().try_collect().await.unwrap();
    let parameters = aws.ssm.describe_parameters().into_paginator().send();
    let parameters: Vec<_> = parameters.try_collect().await.unwrap();
    let parameters = parameters.iter().flat_map(DescribeParametersOutput::parameters);
    let parameters: Vec<&str> = parameters.map(|one| one.name().unwrap()).collect();
    let groups = aws.logs.describe_log_groups().into_paginator().items().send();
    let groups: Vec<_> = groups.try_collect().await.unwrap();
    let mut lines: Vec<String> = tables.into_iter().map(|table| format!("table {table}")).collect();
    for name in parameters {
        let answer = aws.ssm.get_parameter().name(name).with_decryption(true).send().await.unwrap();
        let set: Value = serde_json::from_str(&answer.parameter.unwrap().value.unwrap()).unwrap_or_default();
        let keys = set["keys"].as_array().map_or(0, Vec::len);
        lines.push(format!("parameter {name} of {keys} keys"));
    }
    lines.extend(groups.iter().map(|group| format!("log group {}", group.log_group_name().unwrap())));
    for bucket in aws.s3.list_buckets().send().await.unwrap().buckets() {
        let bucket = bucket.name().unwrap();
        let objects = aws.s3.list_objects_v2().bucket(bucket).into_paginator().send();
        let pages: Vec<_> = objects.try_collect().await.unwrap();
        let keys = pages.iter().flat_map(ListObjectsV2Output::contents).map(|object| record(object.key().unwrap()));
        // A release that is made again is written down again.
        let keys: BTreeSet<String> = keys.collect();
        lines.extend(keys.into_iter().map(|key| format!("object {bucket}/{key}")));
    }
    lines
}

/// Distributions, and what CloudFront keeps beside them.
async fn edges(aws: &Aws) -> Vec<String> {
    let distributions = aws.cloudfront.list_distributions().send().await.unwrap().distribution_list.unwrap();
    let controls = aws.cloudfront.list_origin_access_controls().send().await.unwrap();
    let policies = aws.cloudfront.list_response_headers_policies().r#type(ResponseHeadersPolicyType::Custom);
    let policies = policies.send().await.unwrap().response_headers_policy_list.unwrap();
    let functions = aws.cloudfront.list_functions().send().await.unwrap().function_list.unwrap();
    let controls = controls.origin_access_control_list.unwrap();
    let mut lines: Vec<String> =
        distributions.items().iter().map(|one| format!("distribution {}", one.comment())).collect();
    lines.extend(controls.items().iter().map(|one| format!("origin access control {}", one.name())));
    lines.extend(policies.items().iter().map(|one| {
        let config = one.response_headers_policy().and_then(|policy| policy.response_headers_policy_config());
        format!(
            "response headers policy {}",
            config.map(aws_sdk_cloudfront::types::ResponseHeadersPolicyConfig::name).unwrap_or_default()
        )
    }));
    lines.extend(functions.items().iter().map(|one| format!("edge function {}", one.name())));
    for zone in aws.route53.list_hosted_zones().send().await.unwrap().hosted_zones {
        let records = aws.route53.list_resource_record_sets().hosted_zone_id(&zone.id).send().await.unwrap();
        let records = records.resource_record_sets.into_iter();
        lines.extend(records.map(|set| format!("record {} {}", set.r#type.as_str(), set.name)));
    }
    lines
}

/// A release's record is named by its time, which differs from run to run, and by what it serves.
fn record(key: &str) -> String {
    match key.split_once("/releases/") {
        Some((stage, id)) => format!("{stage}/releases/{}", id.rsplit('-').next().unwrap_or_default()),
        None => key.to_owned(),
    }
}
