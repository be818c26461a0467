//! A change under the lease, as the verbs make it.

use std::cell::Cell;
use std::time::Duration;

use memoctl::apply::{Because, Status};
use memoctl::aws::Aws;
use memoctl::finding::Finding;
use memoctl::package::Artifacts;
use memoctl::plan::Plan;
use memoctl::resource::Resource;
use memoctl::session::{Change, Changed, Exit, Failure, Foresight, LeaseArgs, plan_deploy, wanted_ids};
use memoctl::stack::Stack;

use super::{seen, take, until};
use crate::cloud::session;
use crate::lifecycle::place::{Place, stack};

/// A stack of functions alone.
fn functions() -> Stack {
    Stack { api: None, ..stack() }
}

async fn plan(aws: &Aws, foresight: &Foresight) -> Result<(Plan<Resource>, Vec<Finding>), Failure> {
    let flags = memoctl::session::KeepArgs::default();
    plan_deploy(&functions(), &session(), aws, foresight, &flags.permissions(false)).await
}

async fn deploy(aws: &Aws, wait: Option<u64>) -> Result<Changed, Failure> {
    let change = Change { session: &session(), aws, verb: "deploy", lease: &LeaseArgs { wait } };
    change.make(plan, |_, _, _| Ok(())).await
}

#[tokio::test]
async fn a_change_takes_the_lease_and_frees_it() {
    let place = Place::new().await;
    let aws = place.aws(&functions()).await;
    assert_eq!(deploy(&aws, None).await.unwrap().exit(), Exit::Done);
    assert!(seen(&aws).await.held().is_none());
    assert!(aws.bucket().get(&aws.scope.lease_key()).await.unwrap().is_some());
}

#[tokio::test]
async fn a_change_of_nothing_reads_the_lease_once_and_makes_no_mutating_call() {
    let place = Place::new().await;
    deploy(&place.aws(&functions()).await, None).await.unwrap();
    let aws = place.aws(&functions()).await;
    let before = place.cloud.calls();
    assert_eq!(deploy(&aws, None).await.unwrap().exit(), Exit::Done);
    let after = place.cloud.calls();
    assert_eq!(after.mutating, before.mutating);
    assert_eq!(after.reading["s3:GetObject"] - before.reading["s3:GetObject"], 1);
}

#[tokio::test]
async fn of_two_changes_at_once_one_is_made_and_the_other_is_told() {
    let place = Place::new().await;
    let (one, other) = (place.aws(&functions()).await, place.aws(&functions()).await);
    let (one, other) = tokio::join!(deploy(&one, None), deploy(&other, None));
    let mut exits = [one, other].map(|changed| changed.map_or_else(|failure| failure.exit(), |changed| changed.exit()));
    exits.sort_by_key(|exit| *exit as u8);
    assert_eq!(exits, [Exit::Done, Exit::Held]);
}

#[tokio::test]
async fn a_change_while_somebody_else_makes_one_is_exit_code_4_and_changes_nothing() {
    let place = Place::new().await;
    let _held = take(&place.aws(&functions()).await).await;
    let before = place.cloud.calls().mutating;
    let failure = deploy(&place.aws(&functions()).await, None).await.unwrap_err();
    assert_eq!(failure.exit(), Exit::Held);
    let line = failure.to_string();
    assert!(line.starts_with("the lease of memo/dev is held by arn:aws:"), "{line}");
    assert!(line.contains(" since 20") && line.contains(", to deploy, until 20") && !line.contains('\n'), "{line}");
    assert!(failure.hint().unwrap().contains("--wait SECONDS"));
    assert_eq!(place.cloud.calls().mutating, before);
}

#[tokio::test]
async fn a_change_that_may_wait_goes_on_when_the_lease_is_free() {
    let place = Place::new().await;
    let held = take(&place.aws(&functions()).await).await;
    let mut aws = place.cloud.connect_at(100.0, &functions()).await;
    aws.artifacts = place.aws(&functions()).await.artifacts;
    let reads = || place.cloud.calls().reading["s3:GetObject"];
    let before = reads();
    let free = async {
        // The change has found it held, and looked again.
        until(async || (reads() > before + 1).then_some(())).await;
        held.free().await.unwrap();
    };
    let (changed, ()) = tokio::join!(deploy(&aws, Some(60_000)), free);
    assert_eq!(changed.unwrap().exit(), Exit::Done);
}

#[tokio::test]
async fn a_change_that_waited_long_enough_is_told_who_holds_the_lease() {
    let place = Place::new().await;
    let _held = take(&place.aws(&functions()).await).await;
    let aws = place.cloud.connect_at(100.0, &functions()).await;
    assert_eq!(deploy(&aws, Some(5)).await.unwrap_err().exit(), Exit::Held);
}

#[tokio::test]
async fn a_change_that_somebody_came_before_is_planned_again() {
    let place = Place::new().await;
    let (aws, other) = (place.aws(&functions()).await, place.aws(&functions()).await);
    let plans = Cell::new(0);
    let plan = async |aws: &Aws, foresight: &Foresight| {
        let planned = plan(aws, foresight).await;
        if plans.replace(plans.get() + 1) == 0 {
            take(&other).await.free().await.unwrap();
        }
        planned
    };
    let session = session();
    let change = Change { session: &session, aws: &aws, verb: "deploy", lease: &LeaseArgs::default() };
    assert_eq!(change.make(plan, |_, _, _| Ok(())).await.unwrap().exit(), Exit::Done);
    assert_eq!(plans.get(), 2);
}

#[tokio::test]
async fn a_change_that_fails_frees_the_lease() {
    let place = Place::new().await;
    let aws = place.aws(&functions()).await;
    let change = async |aws: &Aws, foresight: &Foresight| {
        let planned = plan(aws, foresight).await;
        aws.artifacts.put(Artifacts::default());
        planned
    };
    let session = session();
    let run = Change { session: &session, aws: &aws, verb: "deploy", lease: &LeaseArgs::default() };
    assert_eq!(run.make(change, |_, _, _| Ok(())).await.unwrap().exit(), Exit::Failed);
    assert!(seen(&aws).await.held().is_none());
}

#[tokio::test]
async fn what_a_run_that_failed_has_granted_is_waited_for_by_the_next_ones_release() {
    const SPEED: f64 = 3.0;
    let place = Place::new().await;
    let session = session();
    let permissions = memoctl::session::KeepArgs::default().permissions(false);
    let connect = async || {
        let mut aws = place.cloud.connect_at(SPEED, &stack()).await;
        aws.artifacts = place.aws(&stack()).await.artifacts;
        aws.clock.waits = true;
        aws
    };
    let first = connect().await;
    let failing = async |aws: &Aws, foresight: &Foresight| {
        let planned = plan_deploy(&stack(), &session, aws, foresight, &permissions).await;
        aws.artifacts.put(Artifacts::default());
        planned
    };
    let run = Change { session: &session, aws: &first, verb: "deploy", lease: &LeaseArgs::default() };
    assert_eq!(run.make(failing, |_, _, _| Ok(())).await.unwrap().exit(), Exit::Failed);
    let granted = first.directory.granted().unwrap();

    let second = connect().await;
    let plan =
        async |aws: &Aws, foresight: &Foresight| plan_deploy(&stack(), &session, aws, foresight, &permissions).await;
    let run = Change { session: &session, aws: &second, verb: "deploy", lease: &LeaseArgs::default() };
    let changed = run.make(plan, |_, _, _| Ok(())).await.unwrap();
    assert_eq!(changed.exit(), Exit::Done);
    assert!(changed.plan.work().all(|((id, _), _)| id.kind != "role"), "{:?}", changed.plan);
    let since = second.clock.since(granted);
    assert!(since >= Duration::from_secs(12), "{since:?}");
}

#[tokio::test]
async fn a_change_that_is_not_agreed_to_takes_no_lease() {
    let place = Place::new().await;
    let aws = place.aws(&functions()).await;
    let session = session();
    let change = Change { session: &session, aws: &aws, verb: "destroy", lease: &LeaseArgs::default() };
    let no = |_: &Plan<Resource>, _: &Vec<Finding>, _: &Aws| Err(Failure::Other { error: "no".to_owned(), hint: None });
    change.make(plan, no).await.unwrap_err();
    assert_eq!(place.cloud.calls().mutating, std::collections::BTreeMap::new());
}

#[tokio::test]
async fn a_holder_whose_lease_ran_out_starts_nothing() {
    let place = Place::new().await;
    // The lease is over before the walk begins.
    let mut aws = place.cloud.connect_at(1e7, &functions()).await;
    aws.artifacts = place.aws(&functions()).await.artifacts;
    let changed = deploy(&aws, None).await.unwrap();
    assert_eq!(changed.exit(), Exit::Failed);
    assert_eq!(changed.outcome.statuses.len(), wanted_ids(&functions(), &aws).len());
    let skipped = |status: &Status<_>| matches!(status, Status::Skipped(Because::LeaseLost));
    assert!(changed.outcome.statuses.values().all(skipped), "{:?}", changed.outcome);
    assert!(place.cloud.calls().mutating.keys().all(|call| call.starts_with("s3:")));
}
