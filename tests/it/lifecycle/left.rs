//! Changes by hand are told apart from changes of stack.toml, by what the last run left.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_apigateway::types::{Op, PatchOperation};
use aws_sdk_dynamodb::types::TimeToLiveSpecification;
use aws_sdk_lambda::types::Environment;
use memoctl::apply::{Outcome, Status};
use memoctl::aws::Aws;
use memoctl::aws::lease::Seen;
use memoctl::drift::{Drift, Drifted, Left};
use memoctl::history::{self, Kept};
use memoctl::package::Artifacts;
use memoctl::plan::{Action, Id, Plan, Rules};
use memoctl::resource::{Blueprint, Resource, Resources, desired, live, release};
use memoctl::session::{
    Change, Changed, Exit, Failure, Foresight, LeaseArgs, Permissions, plan_deploy, plan_destroy, plan_move,
};
use memoctl::stack::{Function, Stack};

use super::drift::{document, integration, put};
use super::place::{Place, api, function, route, stack, table};
use crate::cloud::session;

const GROUP: &str = "/aws/lambda/memo-dev-a";

fn permissions(canary: Option<f64>) -> Permissions {
    Permissions { keep: 5, delete_data: true, allow_downtime: false, canary }
}

/// The stack with a table whose items expire.
fn full() -> Stack {
    let mut stack = stack();
    let mut memos = table();
    memos.ttl = Some("expires".to_owned());
    stack.tables = [("memos".to_owned(), memos)].into();
    stack
}

/// The stack with other code, another variable and a route more.
fn changed() -> Stack {
    let mut stack = full();
    let environment = BTreeMap::from([("WORD".to_owned(), "word".to_owned())]);
    stack.functions.insert("a".to_owned(), Function { environment, ..function("another") });
    api(&mut stack).routes.extend([route("GET", "/c", "b")]);
    stack
}

/// Makes the change of `plan` as the verbs do.
async fn make(aws: &Aws, verb: &'static str, plan: impl AsyncFn(&Aws, &Foresight) -> Plan<Resource>) -> Changed {
    let change = Change { session: &session(), aws, verb, lease: &LeaseArgs::default() };
    let plan = async |aws: &Aws, foresight: &Foresight| Ok((plan(aws, foresight).await, ()));
    change.make(plan, |_, (), _| Ok(())).await.unwrap()
}

async fn deploy_as(stack: &Stack, place: &Place, permissions: &Permissions) {
    let aws = place.aws(stack).await;
    let plan = async |aws: &Aws, foresight: &Foresight| {
        plan_deploy(stack, &session(), aws, foresight, permissions).await.unwrap().0
    };
    assert_eq!(make(&aws, "deploy", plan).await.exit(), Exit::Done);
}

async fn deploy(stack: &Stack, place: &Place) {
    deploy_as(stack, place, &permissions(None)).await;
}

/// A place where the stack is deployed.
async fn deployed() -> (Place, Aws) {
    let place = Place::new().await;
    deploy(&full(), &place).await;
    let (_, aws) = place.plan(&full(), 5).await;
    (place, aws)
}

async fn plan(stack: &Stack, place: &Place) -> Plan<Resource> {
    let aws = place.aws(stack).await;
    let seen = Seen::reading(&aws).await.unwrap();
    let plan = plan_deploy(stack, &session(), &aws, &Foresight::new(false), &permissions(None)).await.unwrap().0;
    plan.drifted(&seen.last_beside(&aws))
}

/// What a plan for `stack` would change, and what of that is drift.
async fn told(stack: &Stack, place: &Place) -> Vec<String> {
    let plan = plan(stack, place).await;
    let word = |drifts: bool| if drifts { " (drift)" } else { "" };
    let lines = plan.work().flat_map(|((id, _), step)| match &step.action {
        Action::Update { changes, .. } | Action::Replace { changes, .. } => {
            let line = |field: &str| format!("~ {id} {field}{}", word(plan.drift.field(id, field)));
            changes.iter().map(|change| line(&change.field)).collect()
        }
        Action::Create { .. } => vec![format!("+ {id}{}", word(plan.drift.resource(id) == Some(&Drifted::Gone)))],
        Action::Delete { .. } => vec![format!("- {id}{}", word(plan.drift.resource(id) == Some(&Drifted::Made)))],
        Action::Keep { .. } => Vec::new(),
    });
    lines.collect()
}

/// Asserts that there is something to do for `stack`, unless it is `same`, and that nothing at all is called drift.
async fn assert_no_drift(stack: &Stack, place: &Place, same: bool) {
    let plan = plan(stack, place).await;
    assert_eq!(plan.drift, Drift::default());
    assert_eq!(plan.is_empty(), same);
}

#[tokio::test]
async fn a_functions_memory_environment_and_tags_that_were_edited_by_hand_are_drift() {
    let (place, aws) = deployed().await;
    let edit = aws.lambda.update_function_configuration().function_name("memo-dev-a").memory_size(512);
    edit.environment(Environment::builder().variables("WORD", "by hand").build()).send().await.unwrap();
    let tag = aws.lambda.tag_resource().resource(aws.scope.function_arn("memo-dev-door"));
    tag.tags("memoctl:id", "function/other").send().await.unwrap();
    let expected = [
        "~ function/memo-dev-a environment.WORD (drift)",
        "~ function/memo-dev-a memory (drift)",
        "~ function/memo-dev-door tags.memoctl:id (drift)",
    ];
    assert_eq!(told(&full(), &place).await, expected);
}

#[tokio::test]
async fn an_inline_policy_that_was_put_by_hand_is_drift() {
    let (place, aws) = deployed().await;
    let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}"#;
    let put = aws.iam.put_role_policy().role_name("memo-dev-a").policy_name("by-hand").policy_document(policy);
    put.send().await.unwrap();
    assert_eq!(told(&full(), &place).await, ["~ role/memo-dev-a policies.by-hand (drift)"]);
}

#[tokio::test]
async fn a_route_that_was_edited_by_hand_is_drift_beside_routes_that_the_stack_file_adds() {
    let (place, aws) = deployed().await;
    let (plan, _) = place.plan(&full(), 5).await;
    let mut document = document(&plan, &aws);
    integration(&mut document, "/a")["timeoutInMillis"] = 5000.into();
    put(&document, &aws).await;
    assert_eq!(told(&full(), &place).await, ["~ api/memo-dev-api routes.GET /a.timeout (drift)"]);
    let mut more = full();
    api(&mut more).routes.extend([route("GET", "/c", "b")]);
    let expected = [
        "~ api/memo-dev-api routes.GET /a.timeout (drift)",
        "~ api/memo-dev-api routes.GET /c",
        "~ api/memo-dev-api routes.OPTIONS /c",
        "~ release/dev deployments",
        "~ release/dev serves.api",
    ];
    assert_eq!(told(&more, &place).await, expected);
}

#[tokio::test]
async fn a_tables_ttl_that_was_ended_by_hand_is_drift() {
    let (place, aws) = deployed().await;
    let end = TimeToLiveSpecification::builder().attribute_name("expires").enabled(false).build().unwrap();
    let call = aws.dynamodb.update_time_to_live().table_name("memo-dev-memos").time_to_live_specification(end);
    call.send().await.unwrap();
    assert_eq!(told(&full(), &place).await, ["~ table/memo-dev-memos ttl (drift)"]);
}

#[tokio::test]
async fn a_log_groups_retention_that_was_edited_and_a_log_group_that_was_deleted_are_drift() {
    let (place, aws) = deployed().await;
    aws.logs.put_retention_policy().log_group_name(GROUP).retention_in_days(30).send().await.unwrap();
    assert_eq!(told(&full(), &place).await, [format!("~ log_group/{GROUP} retention (drift)")]);
    aws.logs.delete_log_group().log_group_name(GROUP).send().await.unwrap();
    assert_eq!(told(&full(), &place).await, [format!("+ log_group/{GROUP} (drift)")]);
}

#[tokio::test]
async fn what_the_stack_file_changes_is_no_drift() {
    let (place, _) = deployed().await;
    assert_no_drift(&changed(), &place, false).await;
}

#[tokio::test]
async fn a_field_that_the_stack_file_changes_beside_one_that_was_edited_by_hand_is_told_apart_from_it() {
    let (place, aws) = deployed().await;
    let edit = aws.lambda.update_function_configuration().function_name("memo-dev-a").memory_size(512);
    edit.send().await.unwrap();
    let mut wanted = full();
    wanted.functions.insert("a".to_owned(), Function { timeout: 9, ..function("one") });
    let function: Vec<String> =
        told(&wanted, &place).await.into_iter().filter(|line| line.contains(" function/")).collect();
    let expected =
        ["~ function/memo-dev-a memory (drift)", "~ function/memo-dev-a timeout", "~ function/memo-dev-a versions"];
    assert_eq!(function, expected);
}

#[tokio::test]
async fn drift_stays_drift_through_a_rollback_and_goes_with_the_deploy_that_undoes_it() {
    let (place, aws) = deployed().await;
    deploy(&changed(), &place).await;
    aws.logs.put_retention_policy().log_group_name(GROUP).retention_in_days(30).send().await.unwrap();
    roll_back(&place).await;
    let lines = told(&full(), &place).await;
    assert!(lines.contains(&format!("~ log_group/{GROUP} retention (drift)")), "{lines:?}");
    deploy(&full(), &place).await;
    assert_no_drift(&full(), &place, true).await;
}

#[tokio::test]
async fn a_setting_of_the_stage_that_was_edited_by_hand_stays_drift_through_a_rollback() {
    let (place, aws) = deployed().await;
    deploy(&changed(), &place).await;
    let patch = |path: &str, value: &str| PatchOperation::builder().op(Op::Replace).path(path).value(value).build();
    let update = aws.apigateway.update_stage().rest_api_id(aws.directory.api("memo-dev-api").unwrap());
    let update = update.stage_name("dev").patch_operations(patch("/tracingEnabled", "true"));
    update.send().await.unwrap();
    roll_back(&place).await;
    let lines = told(&full(), &place).await;
    assert!(lines.contains(&"~ release/dev tracing (drift)".to_owned()), "{lines:?}");
    deploy(&full(), &place).await;
    assert_no_drift(&full(), &place, true).await;
}

#[tokio::test]
async fn a_tag_that_others_put_is_drift_by_its_key_stays_and_is_told_until_the_next_run() {
    let (place, aws) = deployed().await;
    let tag = aws.lambda.tag_resource().resource(aws.scope.function_arn("memo-dev-a"));
    tag.tags("cost-center", "42").send().await.unwrap();
    let function = Id::new("function", "memo-dev-a");
    let drifted = async |stack: &Stack| plan(stack, &place).await.drift.resource(&function).cloned();
    let fields = |path: &str| Some(Drifted::Fields([path.to_owned()].into()));
    assert_eq!(drifted(&full()).await, fields("tags.cost-center"));
    assert!(plan(&full(), &place).await.is_empty());
    deploy(&changed(), &place).await;
    assert_no_drift(&changed(), &place, true).await;
    let tags = aws.lambda.list_tags().resource(aws.scope.function_arn("memo-dev-a")).send().await.unwrap();
    assert_eq!(tags.tags().unwrap()["cost-center"], "42");
}

/// Goes back to the release before, as the verb does.
async fn roll_back(place: &Place) {
    let aws = place.aws(&full()).await;
    let plan = async |aws: &Aws, _: &Foresight| {
        let (live, records) = (live(&BTreeSet::new(), aws).await.unwrap().ours, history::read(aws).await.unwrap());
        plan_move(release::served(&live).unwrap().back_to(&records[1]).unwrap(), &live)
    };
    assert_eq!(make(&aws, "rollback", plan).await.exit(), Exit::Done);
}

#[tokio::test]
async fn right_after_a_deploy_and_one_by_another_machine_nothing_is_drift() {
    let (place, _) = deployed().await;
    assert_no_drift(&full(), &place, true).await;
    deploy(&changed(), &place).await;
    assert_no_drift(&changed(), &place, true).await;
    assert_no_drift(&full(), &place, false).await;
}

#[tokio::test]
async fn right_after_a_rollback_nothing_is_drift() {
    let (place, _) = deployed().await;
    deploy(&changed(), &place).await;
    roll_back(&place).await;
    assert_no_drift(&changed(), &place, false).await;
}

#[tokio::test]
async fn right_after_a_canary_and_its_promotion_nothing_is_drift() {
    let (place, _) = deployed().await;
    deploy_as(&changed(), &place, &permissions(Some(10.0))).await;
    assert_no_drift(&changed(), &place, false).await;
    let aws = place.aws(&changed()).await;
    let plan = async |aws: &Aws, _: &Foresight| {
        let live = live(&BTreeSet::new(), aws).await.unwrap().ours;
        plan_move(release::served(&live).unwrap().promoted(None).unwrap(), &live)
    };
    assert_eq!(make(&aws, "promote", plan).await.exit(), Exit::Done);
    assert_no_drift(&changed(), &place, true).await;
}

#[tokio::test]
async fn right_after_a_destroy_nothing_is_drift() {
    let (place, aws) = deployed().await;
    let plan = async |aws: &Aws, foresight: &Foresight| {
        plan_destroy(&session(), &BTreeSet::new(), aws, foresight, &permissions(None)).await.unwrap()
    };
    assert_eq!(make(&aws, "destroy", plan).await.exit(), Exit::Done);
    assert_no_drift(&full(), &place, false).await;
}

#[tokio::test]
async fn right_after_a_run_that_failed_nothing_is_drift() {
    let (place, _) = deployed().await;
    let aws = place.aws(&changed()).await;
    let plan = async |aws: &Aws, _: &Foresight| {
        let plan =
            plan_deploy(&changed(), &session(), aws, &Foresight::new(false), &permissions(None)).await.unwrap().0;
        aws.artifacts.put(Artifacts::default());
        plan
    };
    assert_eq!(make(&aws, "deploy", plan).await.exit(), Exit::Failed);
    assert_no_drift(&changed(), &place, false).await;
    assert_no_drift(&full(), &place, false).await;
}

#[tokio::test]
async fn a_run_that_was_killed_has_not_ended_and_its_leavings_are_no_drift() {
    let (place, _) = deployed().await;
    let aws = place.aws(&changed()).await;
    let memoctl::aws::lease::Taking::Held(held) =
        Seen::reading(&aws).await.unwrap().take(&aws, "deploy").await.unwrap()
    else {
        panic!("somebody was first")
    };
    let edit = aws.lambda.update_function_configuration().function_name("memo-dev-a").memory_size(512);
    edit.send().await.unwrap();
    drop(held);
    let plan = plan(&full(), &place).await;
    assert!(plan.drift.resource(&memoctl::plan::Id::new("function", "memo-dev-a")).is_none());
    let run = plan.drift.unfinished.unwrap();
    assert!(run.contains(&aws.author().await.unwrap().by) && run.contains(", to deploy"), "{run}");
}

#[tokio::test]
async fn without_a_lease_that_tells_what_was_left_nothing_is_drift() {
    let (place, aws) = deployed().await;
    aws.logs.delete_log_group().log_group_name(GROUP).send().await.unwrap();
    let key = aws.scope.lease_key();
    let mut lease: serde_json::Value = serde_json::from_slice(&aws.bucket().get(&key).await.unwrap().unwrap()).unwrap();
    lease.as_object_mut().unwrap().remove("left").unwrap();
    aws.bucket().put(&key, lease.to_string().into()).await.unwrap();
    assert_no_drift(&full(), &place, false).await;
}

#[tokio::test]
async fn three_hundred_functions_and_routes_are_left_in_less_than_seven_tenths_of_a_megabyte() {
    let place = Place::new().await;
    let mut stack = stack();
    for number in 0..300 {
        let name = format!("function-{number}");
        let environment = (0..5).map(|index| (format!("VARIABLE_{index}"), "value".to_owned())).collect();
        stack.functions.insert(name.clone(), Function { environment, ..function("one") });
        api(&mut stack).routes.extend([route("GET", &format!("/v1/things/{number}"), &name)]);
    }
    let aws = place.aws(&stack).await;
    let (none, artifacts) = (Resources::new(), aws.artifacts.all());
    let blueprint =
        Blueprint { stack: &stack, scope: &aws.scope, artifacts: &artifacts, live: &none, kept: &Kept::NOTHING };
    let plan = Plan::between(&desired(&blueprint), &none, &Rules::default());
    let statuses = plan.work().map(|(key, _)| (key.clone(), Status::Done(std::time::Duration::ZERO))).collect();
    let left = Left::after::<_, Failure>(None, &plan, &Outcome { statuses });
    let bytes = serde_json::to_vec(&left).unwrap().len();
    assert!(bytes < 700_000, "{bytes}");
}
