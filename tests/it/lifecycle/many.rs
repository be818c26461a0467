//! Stacks of so many functions that they are read by lists.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_lambda::types::Environment;
use memoctl::plan::Id;
use memoctl::resource::live;
use memoctl::stack::{Guard, Route, Stack};

use super::place::{Place, api, function, route, stack};
use crate::cloud::TestCloud;

const BY_HAND: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:ListAllMyBuckets"],"Resource":["*"]}]}"#;

/// The shipped shape with thirty functions more.
fn many() -> Stack {
    let mut stack = stack();
    for number in 0..30 {
        let name = format!("f{number:02}");
        stack.functions.insert(name.clone(), function("one"));
        api(&mut stack).routes.extend([route("GET", &format!("/{name}"), &name)]);
    }
    stack
}

#[tokio::test]
async fn many_functions_are_read_back_as_they_were_wanted_and_by_lists() {
    let place = Place::new().await;
    place.deploy(&many(), 5).await;
    let before = place.cloud.calls();
    assert_eq!(place.changes(&many()).await, [] as [&str; 0]);
    let made = |operation: &str| {
        let count = |calls: &BTreeMap<String, u64>| calls.get(operation).copied().unwrap_or_default();
        count(&place.cloud.calls().reading) - count(&before.reading)
    };
    assert_eq!(made("lambda:ListVersionsByFunction"), 0);
    assert_eq!(made("lambda:ListFunctions"), 2);
    assert_eq!(made("iam:GetAccountAuthorizationDetails"), 1);
    assert_eq!(made("iam:GetRole") + made("iam:ListRolePolicies"), 0);
    assert_eq!(made("logs:ListTagsForResource"), 0);
}

#[tokio::test]
async fn a_removed_one_of_many_goes_and_a_changed_one_shows_as_its_field() {
    let place = Place::new().await;
    place.deploy(&many(), 1).await;
    let mut fewer = many();
    fewer.functions.remove("f07");
    fewer.functions.get_mut("f08").unwrap().memory = 256;
    api(&mut fewer).routes.retain(|key, _| key.path != "/f07");
    let changes = place.changes(&fewer).await;
    assert!(changes.contains(&"~ function/memo-dev-f08 memory".to_owned()), "{changes:?}");
    place.deploy(&fewer, 1).await;
    let (plan, aws) = place.plan(&fewer, 1).await;
    assert!(plan.is_empty());
    assert_eq!(aws.directory.versions("memo-dev-f08").unwrap().keys().copied().collect::<Vec<_>>(), [2]);
    assert!(!plan.steps.keys().any(|(id, _)| id.name.ends_with("f07")));
}

#[tokio::test]
async fn an_edit_by_hand_of_one_of_many_shows_as_the_field_it_is() {
    let place = Place::new().await;
    place.deploy(&many(), 5).await;
    let aws = place.aws(&many()).await;
    let environment = Environment::builder().variables("WORD", "by hand").build();
    let update = aws.lambda.update_function_configuration().function_name("memo-dev-f01").environment(environment);
    update.send().await.unwrap();
    let role = || aws.iam.put_role_policy().role_name("memo-dev-f02").policy_name("by-hand");
    role().policy_document(BY_HAND).send().await.unwrap();
    aws.logs
        .put_retention_policy()
        .log_group_name("/aws/lambda/memo-dev-f03")
        .retention_in_days(1)
        .send()
        .await
        .unwrap();
    assert_eq!(
        place.changes(&many()).await,
        [
            "~ function/memo-dev-f01 environment.WORD",
            "~ log_group//aws/lambda/memo-dev-f03 retention",
            "~ role/memo-dev-f02 policies.by-hand later",
        ]
    );
}

#[tokio::test]
async fn of_many_too_what_does_not_carry_the_tags_is_somebody_elses() {
    let place = Place::new().await;
    place.deploy(&many(), 5).await;
    let aws = place.aws(&many()).await;
    let arn = aws.scope.function_arn("memo-dev-f01");
    aws.lambda.untag_resource().resource(arn).tag_keys("memoctl:stack").send().await.unwrap();
    aws.iam.untag_role().role_name("memo-dev-f02").tag_keys("memoctl:stack").send().await.unwrap();
    // As Lambda makes one when a function logs.
    let group = "/aws/lambda/memo-dev-f03";
    aws.logs.delete_log_group().log_group_name(group).send().await.unwrap();
    aws.logs.create_log_group().log_group_name(group).send().await.unwrap();
    let wanted: BTreeSet<Id> = (0..30)
        .flat_map(|number| {
            let name = format!("memo-dev-f{number:02}");
            let group = Id::new("log_group", format!("/aws/lambda/{name}"));
            [group, Id::new("function", &name), Id::new("role", name)]
        })
        .collect();
    let foreign = live(&wanted, &aws).await.unwrap().foreign;
    let expected = [Id::new("function", "memo-dev-f01"), Id::new("log_group", group), Id::new("role", "memo-dev-f02")];
    assert_eq!(foreign, BTreeSet::from(expected));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deploy_to_a_cloud_with_aws_s_delays_works_on_a_clock_that_is_a_hundred_times_as_fast() {
    let place = Place { cloud: TestCloud::rehearsal(100.0).await };
    place.deploy(&stack(), 5).await;
    let (plan, _) = place.plan(&stack(), 5).await;
    assert!(plan.is_empty(), "{:?}", super::place::work(&plan));
}

#[tokio::test]
async fn a_grant_of_the_apis_routes_is_read_back_by_lists_as_it_was_wanted() {
    let place = Place::new().await;
    let mut stack = many();
    let names: Vec<String> = stack.functions.keys().cloned().collect();
    let routes = &mut api(&mut stack).routes;
    let (key, signed) = route("GET", "/signed/{id}", &names[0]);
    routes.insert(key, Route { guard: Some(Guard::Iam), ..signed });
    stack.functions.get_mut(&names[1]).unwrap().services.insert(names[0].clone());
    place.deploy(&stack, 5).await;
    assert_eq!(place.changes(&stack).await, [] as [&str; 0]);
}
