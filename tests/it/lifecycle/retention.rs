//! What a kept release's functions are bound to stays as long as the release does.

use std::collections::BTreeSet;

use memoctl::aws::Aws;
use memoctl::history;
use memoctl::plan::{Action, Id, Plan, Rules, Why};
use memoctl::resource::{Resource, Resources, live, release};
use memoctl::stack::{Algorithm, KeyAccess, SigningKey, Stack, TableAccess};

use super::place::{Place, api, function, route, stack, table, work};

const KEY: &str = "signing_key//memoctl/memo/dev/signing-keys/jwt";
const TABLE: &str = "table/memo-dev-memos";

/// The stack, whose function `a` is bound to a table and a signing key.
fn bound() -> Stack {
    let mut stack = stack();
    stack.tables = [("memos".to_owned(), table())].into();
    stack.signing_keys = [("jwt".to_owned(), SigningKey { algorithm: Algorithm::EdDSA, overlap: 1800 })].into();
    let function = stack.functions.get_mut("a").unwrap();
    function.tables = [("memos".to_owned(), TableAccess::Read)].into();
    function.signing_keys = [("jwt".to_owned(), KeyAccess::Sign)].into();
    stack
}

/// The stack without that function, its table and its key.
fn without() -> Stack {
    let mut stack = stack();
    stack.functions.remove("a");
    api(&mut stack).routes.remove(&route("GET", "/a", "a").0);
    stack
}

async fn found(stack: &Stack, place: &Place) -> (Resources, Aws) {
    let (_, aws) = place.plan(stack, 5).await;
    (live(&BTreeSet::new(), &aws).await.unwrap().ours, aws)
}

fn kept(plan: &Plan<Resource>) -> Vec<String> {
    let steps = plan.steps.iter();
    let kept = steps.filter(|(_, step)| matches!(step.action, Action::Keep { why: Why::KeptRelease, .. }));
    kept.map(|((id, _), _)| id.to_string()).collect()
}

/// The plan for `stack` where what holds data may be deleted.
async fn with_delete_data(stack: &Stack, keep: usize, place: &Place) -> Plan<Resource> {
    place.plan_by(stack, keep, &Rules { delete_data: true, ..Rules::default() }).await.0
}

#[tokio::test]
async fn a_kept_function_keeps_its_table_and_its_signing_key() {
    let place = Place::new().await;
    place.deploy(&bound(), 5).await;
    let plan = with_delete_data(&without(), 5, &place).await;
    assert_eq!(kept(&plan), ["function/memo-dev-a", KEY, TABLE]);
}

#[tokio::test]
async fn a_function_that_no_route_names_is_nothing_that_the_gateway_may_invoke_whatever_is_kept() {
    let place = Place::new().await;
    let mut stack = stack();
    stack.functions.insert("c".to_owned(), function("c"));
    place.deploy(&stack, 5).await;
    stack.functions.insert("a".to_owned(), function("another"));
    let roles: Vec<String> = place.changes(&stack).await.into_iter().filter(|line| line.contains("role/")).collect();
    assert_eq!(roles, [] as [&str; 0]);
}

#[tokio::test]
async fn a_removed_function_can_be_gone_back_to_with_its_key() {
    let place = Place::new().await;
    place.deploy(&bound(), 5).await;
    place.deploy(&without(), 5).await;
    let (live, aws) = found(&without(), &place).await;
    let record = history::read(&aws).await.unwrap().remove(1);
    assert_eq!(release::missing(&record, &live), [] as [&str; 0]);
    assert!(live.keys().any(|id| id.to_string() == KEY), "{:?}", live.keys());
}

#[tokio::test]
async fn a_function_that_loses_its_binding_leaves_the_key_to_the_release_before() {
    let place = Place::new().await;
    place.deploy(&bound(), 5).await;
    let plan = with_delete_data(&stack(), 5, &place).await;
    assert_eq!(kept(&plan), [KEY, TABLE]);
}

#[tokio::test]
async fn a_key_goes_with_the_last_release_that_uses_it() {
    let place = Place::new().await;
    place.deploy(&bound(), 5).await;
    let plan = with_delete_data(&without(), 1, &place).await;
    let work = work(&plan);
    assert!(work.contains(&format!("- {KEY}")) && work.contains(&format!("- {TABLE}")), "{work:#?}");
}

#[tokio::test]
async fn a_release_that_was_pruned_keeps_nothing_though_more_may_be_kept_again() {
    let place = Place::new().await;
    place.deploy(&bound(), 5).await;
    place.deploy(&without(), 1).await;
    let work = work(&with_delete_data(&without(), 5, &place).await);
    assert_eq!(work, [format!("- {TABLE}")]);
}

#[tokio::test]
async fn without_records_every_table_and_key_stays() {
    let place = Place::new().await;
    place.deploy(&bound(), 5).await;
    let (_, aws) = found(&bound(), &place).await;
    history::erase_left(&aws).await.unwrap();
    let plan = with_delete_data(&without(), 1, &place).await;
    assert_eq!(kept(&plan), ["function/memo-dev-a", KEY, TABLE]);
}

#[tokio::test]
async fn a_release_whose_key_was_deleted_by_hand_misses_it() {
    let place = Place::new().await;
    place.deploy(&bound(), 5).await;
    let (mut live, aws) = found(&bound(), &place).await;
    let record = history::read(&aws).await.unwrap().remove(0);
    live.retain(|id, _| *id != Id::new("signing_key", "/memoctl/memo/dev/signing-keys/jwt"));
    assert_eq!(release::missing(&record, &live), [KEY]);
}

/// Changes the newest record, and gives its key.
async fn rewrite(aws: &Aws, change: impl FnOnce(String) -> String) -> String {
    let key = aws.bucket().list(&aws.scope.record_prefix()).await.unwrap().pop().unwrap();
    let text = String::from_utf8(aws.bucket().get(&key).await.unwrap().unwrap().to_vec()).unwrap();
    aws.bucket().put(&key, change(text).into()).await.unwrap();
    key
}

#[tokio::test]
async fn a_serving_releases_record_that_nobody_can_read_is_taken_for_absent_and_stays() {
    let place = Place::new().await;
    place.deploy(&bound(), 5).await;
    let (_, aws) = found(&bound(), &place).await;
    let key = rewrite(&aws, |text| text.replacen('{', "", 1)).await;
    let plan = with_delete_data(&without(), 1, &place).await;
    assert_eq!(kept(&plan), ["function/memo-dev-a", KEY, TABLE]);
    place.deploy(&without(), 5).await;
    let (records, unreadable) = history::read_all(&aws).await.unwrap();
    assert_eq!(records.len(), 1);
    assert_eq!(unreadable.into_iter().map(|record| record.key).collect::<Vec<_>>(), [key]);
}

#[tokio::test]
async fn a_record_of_an_older_version_keeps_what_it_names_and_cannot_be_gone_back_to() {
    let place = Place::new().await;
    place.deploy(&bound(), 5).await;
    let (live, aws) = found(&bound(), &place).await;
    let older = |text: String| {
        let mut record: serde_json::Value = serde_json::from_str(&text).unwrap();
        record
            .as_object_mut()
            .unwrap()
            .retain(|name, _| !["authorizers", "variables", "uses"].contains(&name.as_str()));
        record.to_string()
    };
    rewrite(&aws, older).await;
    let plan = with_delete_data(&without(), 5, &place).await;
    assert_eq!(kept(&plan), ["function/memo-dev-a", KEY, TABLE]);
    let record = history::read(&aws).await.unwrap().remove(0);
    assert_eq!(release::missing(&record, &live), [] as [&str; 0]);
    assert_eq!(release::served(&live).unwrap().back_to(&record), None);
}
