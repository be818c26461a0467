//! Canaries: a share of the calls goes to the new release, code and routes together.

use std::collections::BTreeSet;

use memoctl::history;
use memoctl::plan::Plan;
use memoctl::resource::release::{self, Release};
use memoctl::resource::{Resource, live};
use memoctl::session::{Permissions, plan_between, plan_move};
use memoctl::stack::Stack;

use super::place::{Place, api, function, route, stack, walk, work};

fn changed() -> Stack {
    let mut stack = stack();
    stack.functions.insert("a".to_owned(), function("another"));
    api(&mut stack).routes.extend([route("GET", "/c", "b")]);
    stack
}

/// Deploys `stack` as a canary that gets `percent` of the calls, with no release kept that need not be.
async fn deploy(place: &Place, stack: &Stack, percent: f64) -> Plan<Resource> {
    let (_, aws) = place.plan(stack, 1).await;
    let found = live(&BTreeSet::new(), &aws).await.unwrap().ours;
    let records = history::read(&aws).await.unwrap();
    let permissions = Permissions { keep: 1, delete_data: false, allow_downtime: false, canary: Some(percent) };
    let plan = plan_between(stack, &aws, (&found, records), &permissions).unwrap();
    assert!(walk(&plan, &aws).await.succeeded());
    plan
}

/// Moves the live release to what `to` makes of it.
async fn moved(place: &Place, to: impl Fn(&Release) -> Release) -> Plan<Resource> {
    let (_, aws) = place.plan(&stack(), 5).await;
    let found = live(&BTreeSet::new(), &aws).await.unwrap().ours;
    let plan = plan_move(to(release::served(&found).unwrap()), &found);
    assert!(walk(&plan, &aws).await.succeeded());
    plan
}

/// The answers of both routes to each of 60 calls.
async fn answers(place: &Place) -> Vec<(String, bool)> {
    let (_, aws) = place.plan(&stack(), 5).await;
    let mut answers = Vec::new();
    for _ in 0..60 {
        let has_new_route = !place.get(&aws, "/c").await.contains("Not Found");
        answers.push((place.get(&aws, "/a").await, has_new_route));
    }
    answers
}

#[tokio::test]
async fn a_canary_gets_its_share_and_the_old_release_the_rest() {
    let place = Place::new().await;
    place.deploy(&stack(), 5).await;
    let plan = deploy(&place, &changed(), 50.0).await;
    let work: BTreeSet<String> = work(&plan).into_iter().collect();
    assert!(work.contains("~ release/dev canary") && !work.contains("~ release/dev serves.api"), "{work:?}");
    let answers = answers(&place).await;
    let texts: BTreeSet<&str> = answers.iter().map(|(text, _)| text.as_str()).collect();
    // Of 60 calls at a half each, one kind is missing once in 10^18 times.
    assert_eq!(texts, BTreeSet::from(["one ", "another "]));
    assert!(answers.iter().any(|(_, new)| *new) && answers.iter().any(|(_, new)| !*new));
}

#[tokio::test]
async fn a_promoted_canary_gets_all_calls_and_is_what_a_deploy_wants() {
    let place = Place::new().await;
    place.deploy(&stack(), 5).await;
    deploy(&place, &changed(), 10.0).await;
    let plan = moved(&place, |release| release.promoted(None).unwrap()).await;
    assert_eq!(work(&plan), ["~ release/dev canary", "~ release/dev serves.api"]);
    assert!(answers(&place).await.iter().all(|answer| *answer == ("another ".to_owned(), true)));
    let changes = place.changes(&changed()).await;
    assert!(!changes.iter().any(|change| change.contains("serves") || change.contains("canary")), "{changes:?}");
}

#[tokio::test]
async fn a_canary_that_is_taken_back_gets_no_calls() {
    let place = Place::new().await;
    place.deploy(&stack(), 5).await;
    deploy(&place, &changed(), 90.0).await;
    moved(&place, |release| Release { canary: None, ..release.clone() }).await;
    assert!(answers(&place).await.iter().all(|answer| *answer == ("one ".to_owned(), false)));
}

#[tokio::test]
async fn a_later_deploy_leaves_no_canary_on() {
    let place = Place::new().await;
    place.deploy(&stack(), 5).await;
    deploy(&place, &changed(), 50.0).await;
    let mut third = stack();
    third.functions.insert("a".to_owned(), function("third"));
    place.deploy(&third, 5).await;
    assert!(answers(&place).await.iter().all(|answer| *answer == ("third ".to_owned(), false)));
    assert_eq!(place.changes(&third).await, [] as [&str; 0]);
}
