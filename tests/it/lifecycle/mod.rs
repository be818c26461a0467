//! Deploys on the local cloud: what is live afterwards is exactly what was wanted, whatever happened before.

mod access;
mod canary;
mod cors;
mod depth;
mod destroy;
mod discovery;
mod domain;
mod downtime;
mod drift;
mod faults;
mod findings;
mod grants;
mod left;
mod many;
mod moto;
pub(crate) mod place;
mod random;
mod retention;
pub(crate) mod rollback;
mod site;

use std::collections::{BTreeMap, BTreeSet};

use memoctl::apply::Status;
use memoctl::history;
use memoctl::package::Artifacts;
use memoctl::plan::{Id, Phase};
use memoctl::resource::live;
use memoctl::stack::{Function, Stack, Throttle};

use place::{Place, api, function, route, stack, walk, work};

#[tokio::test]
async fn after_a_deploy_what_is_live_is_what_was_wanted() {
    let place = Place::new().await;
    let plan = place.deploy(&stack(), 5).await;
    insta::assert_snapshot!(work(&plan).join("\n"), @r"
    + api/memo-dev-api
    + function/memo-dev-a
    + function/memo-dev-b
    + function/memo-dev-door
    + log_group//aws/lambda/memo-dev-a
    + log_group//aws/lambda/memo-dev-b
    + log_group//aws/lambda/memo-dev-door
    + release/dev
    + role/memo-dev-a
    + role/memo-dev-b
    + role/memo-dev-door
    + role/memo-dev-gateway
    ");
    assert_eq!(place.changes(&stack()).await, [] as [&str; 0]);
}

#[tokio::test]
async fn a_second_deploy_makes_no_mutating_call() {
    let place = Place::new().await;
    place.deploy(&stack(), 5).await;
    let before = place.cloud.calls().mutating;
    place.deploy(&stack(), 5).await;
    assert_eq!(place.cloud.calls().mutating, before);
}

#[tokio::test]
async fn a_deployed_route_answers() {
    let place = Place::new().await;
    place.deploy(&stack(), 5).await;
    let (_, aws) = place.plan(&stack(), 5).await;
    assert_eq!(place.get(&aws, "/a").await, "one ");
    assert_eq!(place.get(&aws, "/b/c").await, "two ");
}

#[tokio::test]
async fn changed_code_is_that_function_then_the_api_then_the_release() {
    let place = Place::new().await;
    place.deploy(&stack(), 5).await;
    let mut changed = stack();
    changed.functions.insert("a".to_owned(), function("another"));
    let plan = place.deploy(&changed, 5).await;
    insta::assert_snapshot!(work(&plan).join("\n"), @r"
    ~ api/memo-dev-api routes.GET /a.target
    ~ function/memo-dev-a code_sha256
    ~ function/memo-dev-a versions
    ~ release/dev deployments
    ~ release/dev serves.api
    ");
    let (again, aws) = place.plan(&changed, 5).await;
    assert_eq!(work(&again), [] as [&str; 0]);
    assert_eq!(place.get(&aws, "/a").await, "another ");
    assert_eq!(place.get(&aws, "/b/c").await, "two ");
}

#[tokio::test]
async fn a_changed_variable_is_served_with_its_release() {
    let place = Place::new().await;
    place.deploy(&stack(), 5).await;
    let mut changed = stack();
    let environment = BTreeMap::from([("WORD".to_owned(), "word".to_owned())]);
    changed.functions.insert("a".to_owned(), Function { environment, memory: 256, ..function("one") });
    place.deploy(&changed, 5).await;
    let (again, aws) = place.plan(&changed, 5).await;
    assert_eq!(work(&again), [] as [&str; 0]);
    assert_eq!(place.get(&aws, "/a").await, "one word");
}

#[tokio::test]
async fn an_added_route_changes_the_api_and_the_release_and_nothing_else() {
    let place = Place::new().await;
    place.deploy(&stack(), 5).await;
    let mut changed = stack();
    api(&mut changed).routes.extend([route("GET", "/c", "a")]);
    let plan = place.deploy(&changed, 5).await;
    let kinds: BTreeSet<&str> = plan.work().map(|((id, _), _)| id.kind).collect();
    assert_eq!(kinds, BTreeSet::from(["api", "release"]));
    assert_eq!(place.changes(&changed).await, [] as [&str; 0]);
}

#[tokio::test]
async fn going_back_serves_the_old_version_again_and_publishes_none() {
    let place = Place::new().await;
    place.deploy(&stack(), 5).await;
    let mut changed = stack();
    changed.functions.insert("a".to_owned(), function("another"));
    place.deploy(&changed, 5).await;
    place.deploy(&stack(), 5).await;
    let (again, aws) = place.plan(&stack(), 5).await;
    assert_eq!(work(&again), [] as [&str; 0]);
    assert_eq!(place.get(&aws, "/a").await, "one ");
    assert_eq!(aws.directory.versions("memo-dev-a").unwrap().len(), 2);
}

#[tokio::test]
async fn limits_and_the_issuer_are_set_and_taken_back() {
    let place = Place::new().await;
    place.deploy(&stack(), 5).await;
    let mut limited = stack();
    let door = Function { reserved_concurrency: Some(3), ..function("three") };
    limited.functions.insert("door".to_owned(), door);
    api(&mut limited).throttle = Some(Throttle { rate: 7.5, burst: 3 });
    api(&mut limited).issuer = Some("https://issuer.example".to_owned());
    let plan = place.deploy(&limited, 5).await;
    insta::assert_snapshot!(work(&plan).join("\n"), @r"
    ~ function/memo-dev-door reserved_concurrency
    ~ release/dev throttle
    ~ release/dev variables.issuer
    ");
    assert_eq!(place.changes(&limited).await, [] as [&str; 0]);
    place.deploy(&stack(), 5).await;
    assert_eq!(place.changes(&stack()).await, [] as [&str; 0]);
}

#[tokio::test]
async fn a_new_function_without_limits_makes_no_call_about_them() {
    let place = Place::new().await;
    place.deploy(&stack(), 5).await;
    let calls = place.cloud.calls().mutating;
    assert!(calls.contains_key("lambda:CreateFunction"), "{calls:?}");
    assert!(!calls.keys().any(|call| call.contains("Concurrency")), "{calls:?}");
}

#[tokio::test]
async fn a_new_stage_has_its_limits_at_once() {
    let place = Place::new().await;
    let mut limited = stack();
    api(&mut limited).throttle = Some(Throttle { rate: 7.5, burst: 3 });
    place.deploy(&limited, 5).await;
    assert_eq!(place.changes(&limited).await, [] as [&str; 0]);
}

#[tokio::test]
async fn a_deploy_that_fails_before_the_release_changes_nothing_that_callers_see() {
    let place = Place::new().await;
    place.deploy(&stack(), 5).await;
    let mut changed = stack();
    changed.functions.insert("a".to_owned(), function("another"));
    changed.functions.insert("b".to_owned(), function("yet another"));
    let (plan, aws) = place.plan(&changed, 5).await;
    let mut artifacts = Artifacts::clone(&aws.artifacts.all());
    artifacts.zips.remove("b");
    aws.artifacts.put(artifacts);
    let outcome = walk(&plan, &aws).await;
    let failed = outcome.statuses.iter().filter(|(_, status)| matches!(status, Status::Failed(_)));
    assert_eq!(failed.map(|((id, _), _)| id.name.as_str()).collect::<Vec<_>>(), ["memo-dev-b"]);
    let release = &outcome.statuses[&(Id::new("release", "dev"), Phase::Release)];
    assert!(matches!(release, Status::Skipped(_)), "{release:?}");
    assert_eq!(place.get(&aws, "/a").await, "one ");
    place.deploy(&changed, 5).await;
    assert_eq!(place.changes(&changed).await, [] as [&str; 0]);
    assert_eq!(place.get(&aws, "/a").await, "another ");
}

#[tokio::test]
async fn an_api_that_is_no_longer_wanted_goes_and_its_functions_stay() {
    let place = Place::new().await;
    place.deploy(&stack(), 5).await;
    let without = Stack { api: None, ..stack() };
    let plan = place.deploy(&without, 5).await;
    insta::assert_snapshot!(work(&plan).join("\n"), @r"
    - api/memo-dev-api
    - release/dev
    - role/memo-dev-gateway
    ");
    assert_eq!(place.changes(&without).await, [] as [&str; 0]);
}

#[tokio::test]
async fn a_removed_function_stays_while_a_kept_release_serves_it() {
    let place = Place::new().await;
    place.deploy(&stack(), 5).await;
    let mut smaller = stack();
    smaller.functions.remove("a");
    api(&mut smaller).routes.remove(&route("GET", "/a", "a").0);
    place.deploy(&smaller, 5).await;
    let (plan, aws) = place.plan(&smaller, 5).await;
    assert_eq!(work(&plan), [] as [&str; 0]);
    assert!(plan.steps.contains_key(&(Id::new("function", "memo-dev-a"), Phase::Prepare)));
    assert!(place.get(&aws, "/a").await.contains("Not Found"));
}

#[tokio::test]
async fn a_removed_function_goes_with_its_release_when_no_other_is_kept() {
    let place = Place::new().await;
    place.deploy(&stack(), 5).await;
    let mut smaller = stack();
    smaller.functions.remove("a");
    api(&mut smaller).routes.remove(&route("GET", "/a", "a").0);
    let plan = place.deploy(&smaller, 1).await;
    insta::assert_snapshot!(work(&plan).join("\n"), @r"
    ~ api/memo-dev-api routes.GET /a
    ~ api/memo-dev-api routes.OPTIONS /a
    - function/memo-dev-a
    - log_group//aws/lambda/memo-dev-a
    ~ release/dev deployments
    ~ release/dev serves.api
    ~ release/dev deployments later
    - role/memo-dev-a
    ~ role/memo-dev-gateway policies.68f6274341bbf7b2
    ~ role/memo-dev-gateway policies.97c28977192a850f later
    ");
    let (again, _) = place.plan(&smaller, 1).await;
    assert_eq!(work(&again), [] as [&str; 0]);
}

#[tokio::test]
async fn keeping_fewer_releases_prunes_versions_and_deployments() {
    let place = Place::new().await;
    place.deploy(&stack(), 5).await;
    for package in ["x", "y"] {
        let mut changed = stack();
        changed.functions.insert("a".to_owned(), function(package));
        place.deploy(&changed, 5).await;
    }
    let mut last = stack();
    last.functions.insert("a".to_owned(), function("y"));
    place.deploy(&last, 2).await;
    let (plan, aws) = place.plan(&last, 2).await;
    assert_eq!(work(&plan), [] as [&str; 0]);
    assert_eq!(aws.directory.versions("memo-dev-a").unwrap().len(), 2);
    let api = aws.directory.api("memo-dev-api").unwrap();
    let deployments = aws.apigateway.get_deployments().rest_api_id(api).send().await.unwrap();
    assert_eq!(deployments.items().len(), 2);
}

#[tokio::test]
async fn without_records_nothing_is_pruned() {
    let place = Place::new().await;
    place.deploy(&stack(), 5).await;
    let mut changed = stack();
    changed.functions.insert("a".to_owned(), function("another"));
    place.deploy(&changed, 5).await;
    let (_, aws) = place.plan(&changed, 5).await;
    history::erase_left(&aws).await.unwrap();
    assert_eq!(work(&place.plan(&changed, 1).await.0), [] as [&str; 0]);
}

#[tokio::test]
async fn a_destroy_leaves_nothing() {
    let place = Place::new().await;
    place.deploy(&stack(), 5).await;
    place.destroy(&stack()).await;
    let aws = place.aws(&stack()).await;
    assert_eq!(live(&BTreeSet::new(), &aws).await.unwrap().ours.keys().collect::<Vec<_>>(), [] as [&Id; 0]);
    assert_eq!(history::read(&aws).await.unwrap(), []);
}
