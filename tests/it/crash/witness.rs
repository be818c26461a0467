//! Which release answered a request, told by the cloud and not by who deploys or who answers.
//!
//! The stage's access log names the deployment that a request was served by, and the invocations of its authorizer and of
//! its function. The functions' own logs name the version that each invocation ran. A version is then told by its
//! content: code, environment, configuration.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use aws_sdk_apigateway::types::{Op, PatchOperation};
use aws_sdk_cloudwatchlogs::operation::filter_log_events::FilterLogEventsOutput;
use memoctl::aws::Aws;
use serde_json::Value;

/// The log group of requests.
const GROUP: &str = "callers";

const FORMAT: &str = "$context.requestId $context.deploymentId $context.resourcePath $context.status \
                      $context.authorizer.requestId $context.integration.requestId";

const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"apigateway.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
const MAY_LOG: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"logs:*","Resource":"*"}]}"#;

/// What ran for one request: the contents of the authorizer's version and of the function's.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Ran {
    authorizer: String,
    function: String,
}

/// A request that was answered.
#[derive(Debug)]
pub(super) struct Answered {
    deployment: String,
    /// The resource's path, as in `/v1/memos/{id}`.
    path: String,
    ran: Ran,
}

/// What a release runs for each path.
pub(super) type Release = BTreeMap<String, Ran>;

/// Has the stage `stage` of `api` write down what serves its requests.
pub(super) async fn watch(aws: &Aws, api: &str, stage: &str) {
    aws.logs.create_log_group().log_group_name(GROUP).send().await.unwrap();
    let role = aws.iam.create_role().role_name(GROUP).assume_role_policy_document(TRUST).send().await.unwrap();
    let role = role.role.unwrap().arn;
    aws.iam.put_role_policy().role_name(GROUP).policy_name("log").policy_document(MAY_LOG).send().await.unwrap();
    aws.apigateway.update_account().patch_operations(replace("/cloudwatchRoleArn", role)).send().await.unwrap();
    let region = aws.apigateway.config().region().unwrap().to_string();
    let group = format!("arn:aws:logs:{region}:{}:log-group:{GROUP}", local::ACCOUNT);
    let stage = aws.apigateway.update_stage().rest_api_id(api).stage_name(stage);
    let stage = stage.patch_operations(replace("/accessLogSettings/format", FORMAT));
    stage.patch_operations(replace("/accessLogSettings/destinationArn", group)).send().await.unwrap();
}

fn replace(path: &str, value: impl Into<String>) -> PatchOperation {
    PatchOperation::builder().op(Op::Replace).path(path).value(value).build()
}

/// The requests since `from`, in milliseconds since the epoch, of which there are `asked` at least.
pub(super) async fn answered(aws: &Aws, from: i64, asked: u64) -> Result<Vec<Answered>, String> {
    let begun = Instant::now();
    loop {
        if let Some(all) = all(aws, from, asked).await {
            return Ok(all);
        }
        if begun.elapsed() > Duration::from_secs(30) {
            let requests = messages(aws, GROUP, "", from).await;
            return Err(format!("the cloud's logs do not tell what served {asked} requests: {requests:?}"));
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// The same; `None` while the logs are not complete.
async fn all(aws: &Aws, from: i64, asked: u64) -> Option<Vec<Answered>> {
    let requests = messages(aws, GROUP, "", from).await;
    if u64::try_from(requests.len()).unwrap() < asked {
        return None;
    }
    let mut ran = BTreeMap::new();
    let groups = aws.logs.describe_log_groups().log_group_name_prefix("/aws/lambda/").send().await.unwrap();
    for group in groups.log_groups() {
        let name = group.log_group_name().unwrap();
        for line in messages(aws, name, "platform.start", from).await {
            let event: Value = serde_json::from_str(&line).unwrap();
            let [id, version] =
                ["requestId", "version"].map(|field| event["record"][field].as_str().unwrap().to_owned());
            ran.insert(id, (name.trim_start_matches("/aws/lambda/").to_owned(), version));
        }
    }
    let mut contents = BTreeMap::new();
    for version in ran.values().cloned().collect::<BTreeSet<_>>() {
        let content = content(aws, &version).await;
        contents.insert(version, content);
    }
    let told = |id: &str| match id {
        // Nothing was invoked.
        "-" => Some("nothing".to_owned()),
        id => contents.get(ran.get(id)?).cloned(),
    };
    let of = |line: &String| {
        let [_, deployment, path, _, authorizer, function] = line.split(' ').collect::<Vec<_>>()[..] else {
            panic!("{line:?} is not as asked for");
        };
        let ran = Ran { authorizer: told(authorizer)?, function: told(function)? };
        Some(Answered { deployment: deployment.to_owned(), path: path.to_owned(), ran })
    };
    requests.iter().map(of).collect()
}

async fn messages(aws: &Aws, group: &str, pattern: &str, from: i64) -> Vec<String> {
    let events = aws.logs.filter_log_events().log_group_name(group).filter_pattern(pattern).start_time(from);
    let pages: Vec<_> = events.into_paginator().send().try_collect().await.unwrap();
    let events = pages.iter().flat_map(FilterLogEventsOutput::events);
    events.filter_map(|event| event.message().map(|message| message.trim_end().to_owned())).collect()
}

/// What a version is made of: not its number, which differs where a version was made twice.
async fn content(aws: &Aws, (function, version): &(String, String)) -> String {
    let read = aws.lambda.get_function_configuration().function_name(function).qualifier(version).send();
    let read = read.await.unwrap();
    let variables = read.environment().and_then(|environment| environment.variables()).into_iter().flatten();
    let variables: BTreeMap<_, _> = variables.collect();
    let (code, memory, timeout) = (read.code_sha256(), read.memory_size(), read.timeout());
    format!("{function} {} {memory:?} {timeout:?} {:?} {variables:?}", code.unwrap_or_default(), read.role())
}

/// What runs for each path that was asked for.
pub(super) fn release(answered: &[Answered]) -> Release {
    answered.iter().map(|one| (one.path.clone(), one.ran.clone())).collect()
}

/// How many requests were served by the release `old` and by `new`, and what is wrong: a request that neither of them
/// served wholly, or a deployment that served some requests as one of them and some as the other.
pub(super) fn judge(answered: &[Answered], [old, new]: [&Release; 2]) -> ([u64; 2], Vec<String>) {
    let (mut counts, mut wrong) = ([0, 0], Vec::new());
    let mut deployments: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
    for one in answered {
        match [old, new].iter().position(|release| release.get(&one.path) == Some(&one.ran)) {
            Some(which) => {
                counts[which] += 1;
                deployments.entry(&one.deployment).or_default().insert(which);
            }
            None => wrong.push(format!(
                "no one release served {one:?}, neither {:?} nor {:?}",
                old.get(&one.path),
                new.get(&one.path)
            )),
        }
    }
    let mixed = deployments.iter().filter(|(_, releases)| releases.len() > 1);
    wrong.extend(mixed.map(|(deployment, _)| format!("the deployment {deployment} served old and new")));
    (counts, wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ran(authorizer: &str, function: &str) -> Ran {
        Ran { authorizer: authorizer.to_owned(), function: function.to_owned() }
    }

    fn request(deployment: &str, ran: Ran) -> Answered {
        Answered { deployment: deployment.to_owned(), path: "/a".to_owned(), ran }
    }

    fn judged(answered: &[Answered]) -> ([u64; 2], usize) {
        let release = |ran: Ran| Release::from([("/a".to_owned(), ran)]);
        let (counts, wrong) = judge(answered, [&release(ran("a1", "f1")), &release(ran("a2", "f2"))]);
        (counts, wrong.len())
    }

    #[test]
    fn a_request_that_one_release_served_wholly_is_counted_for_it() {
        assert_eq!(judged(&[request("x", ran("a1", "f1")), request("y", ran("a2", "f2"))]), ([1, 1], 0));
    }

    #[test]
    fn a_request_that_the_old_authorizer_let_into_the_new_function_is_wrong() {
        assert_eq!(judged(&[request("x", ran("a1", "f2"))]), ([0, 0], 1));
    }

    #[test]
    fn a_deployment_that_served_as_both_releases_is_wrong() {
        assert_eq!(judged(&[request("x", ran("a1", "f1")), request("x", ran("a2", "f2"))]), ([1, 1], 1));
    }
}
