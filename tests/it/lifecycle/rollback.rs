//! Going back to an earlier release: code, environment, routes and permissions together, in one call.

use std::collections::{BTreeMap, BTreeSet};

use memoctl::history::{self, Record};
use memoctl::plan::Plan;
use memoctl::resource::{Resource, Resources, live, release};
use memoctl::session::plan_move;
use memoctl::stack::{Function, Stack};

use super::place::{Place, api, function, route, stack, walk, work};

/// The stack with other code, another variable, and a route more and one less.
fn changed() -> Stack {
    let mut stack = stack();
    let environment = BTreeMap::from([("WORD".to_owned(), "word".to_owned())]);
    stack.functions.insert("a".to_owned(), Function { environment, ..function("another") });
    let (gone, _) = route("ANY", "/b/{proxy+}", "b");
    api(&mut stack).routes.remove(&gone);
    api(&mut stack).routes.extend([route("GET", "/c", "b")]);
    api(&mut stack).issuer = Some("https://issuer.example".to_owned());
    stack
}

/// What is live, and the release to go back to: the `back`th record, from the newest.
pub(crate) async fn before(place: &Place, back: usize) -> (Resources, Record) {
    let aws = place.aws(&stack()).await;
    let live = live(&BTreeSet::new(), &aws).await.unwrap().ours;
    (live, history::read(&aws).await.unwrap().remove(back))
}

/// The plan of a rollback to `record`.
pub(crate) fn back_to(record: &Record, live: &Resources) -> Plan<Resource> {
    plan_move(release::served(live).unwrap().back_to(record).unwrap(), live)
}

/// What callers see: the answers of the routes that either release has.
async fn seen(place: &Place) -> Vec<String> {
    let (_, aws) = place.plan(&stack(), 5).await;
    let mut seen = Vec::new();
    for path in ["/a", "/b/c", "/c"] {
        let answer = place.get(&aws, path).await;
        seen.push(if answer.contains("Not Found") { "absent".to_owned() } else { answer });
    }
    seen
}

#[tokio::test]
async fn a_rollback_is_one_step_and_one_call_that_callers_see() {
    let place = Place::new().await;
    place.deploy(&stack(), 5).await;
    let old = seen(&place).await;
    place.deploy(&changed(), 5).await;
    assert_eq!(seen(&place).await, ["another word", "absent", "two "]);

    let (live, record) = before(&place, 1).await;
    assert_eq!(release::missing(&record, &live), [] as [&str; 0]);
    let plan = back_to(&record, &live);
    assert_eq!(work(&plan), ["~ release/dev serves.api", "~ release/dev variables.issuer"]);
    let calls = place.cloud.calls().mutating;
    let (_, aws) = place.plan(&stack(), 5).await;
    assert!(walk(&plan, &aws).await.succeeded());
    let more: BTreeMap<String, u64> = place
        .cloud
        .calls()
        .mutating
        .into_iter()
        .map(|(name, count)| (name.clone(), count - calls.get(&name).unwrap_or(&0)))
        .filter(|(_, count)| *count > 0)
        .collect();
    // The record is written before; only the stage's move is seen.
    let expected = [("apigateway:UpdateStage", 1), ("s3:PutObject", 1)];
    assert_eq!(more, expected.map(|(name, count)| (name.to_owned(), count)).into());
    assert_eq!(seen(&place).await, old);
}

#[tokio::test]
async fn after_a_rollback_a_deploy_of_the_same_stack_file_goes_forward_again() {
    let place = Place::new().await;
    place.deploy(&stack(), 5).await;
    place.deploy(&changed(), 5).await;
    let (live, record) = before(&place, 1).await;
    let (_, aws) = place.plan(&changed(), 5).await;
    assert!(walk(&back_to(&record, &live), &aws).await.succeeded());
    place.deploy(&changed(), 5).await;
    assert_eq!(seen(&place).await, ["another word", "absent", "two "]);
    assert_eq!(place.changes(&changed()).await, [] as [&str; 0]);
}

#[tokio::test]
async fn a_release_whose_versions_were_cleaned_up_misses_them() {
    let place = Place::new().await;
    place.deploy(&stack(), 5).await;
    place.deploy(&changed(), 1).await;
    let (live, record) = before(&place, 1).await;
    let missing = release::missing(&record, &live);
    assert!(missing.iter().any(|thing| thing.starts_with("the API's deployment ")), "{missing:?}");
    assert!(missing.iter().any(|thing| thing.ends_with(" of function/memo-dev-a")), "{missing:?}");
}
