//! The lease: one holder at a time, whoever comes first, is killed, or loses it.

mod ahead;
mod change;
mod race;

use std::time::{Duration, Instant};

use bytes::Bytes;
use local::{FaultKind, Faults};
use memoctl::aws::lease::{Held, Lost, Seen, Taking};
use memoctl::aws::{Aws, Class};

use crate::cloud::{TestCloud, empty_stack};

/// Longer than anything here takes on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

/// Minutes become some hundred milliseconds.
const FAST: f64 = 1000.0;

async fn seen(aws: &Aws) -> Seen {
    Seen::reading(aws).await.unwrap()
}

async fn take(aws: &Aws) -> Held {
    match seen(aws).await.take(aws, "deploy").await.unwrap() {
        Taking::Held(held) => held,
        Taking::First(seen) => panic!("somebody was first: {seen:?}"),
    }
}

/// Asks until there is an answer, with a bound.
async fn until<T>(mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(begun.elapsed() < PATIENCE, "nothing has come of it");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// A lease whose holder was killed, over since it could be.
async fn abandoned(cloud: &TestCloud) {
    let killed = cloud.connect_at(FAST, &empty_stack()).await;
    drop(take(&killed).await);
    until(async || seen(&killed).await.held().is_none().then_some(())).await;
}

/// Lets twenty tasks read the lease and then take it all at once, with `faults`, and gives what became of each.
async fn race(cloud: &TestCloud, faults: Faults) -> Vec<Taking> {
    let mut runs = Vec::new();
    for _ in 0..20 {
        let aws = cloud.connect(&empty_stack()).await;
        runs.push((seen(&aws).await, aws));
    }
    cloud.inject(faults);
    futures_util::future::join_all(runs.iter().map(async |(seen, aws)| seen.clone().take(aws, "deploy").await.unwrap()))
        .await
}

/// Asserts that one of `takings` has the lease, and that all others were told so.
#[track_caller]
fn assert_one_holder(takings: &[Taking]) {
    let holders = takings.iter().filter(|taking| matches!(taking, Taking::Held(_))).count();
    let told = takings.iter().filter(|taking| matches!(taking, Taking::First(seen) if seen.held().is_some())).count();
    assert_eq!((holders, told), (1, takings.len() - 1));
}

#[tokio::test]
async fn of_twenty_that_take_a_lease_that_nobody_ever_had_one_has_it() {
    assert_one_holder(&race(&TestCloud::local().await, Faults::none()).await);
}

#[tokio::test]
async fn of_twenty_that_take_a_freed_lease_one_has_it() {
    let cloud = TestCloud::local().await;
    take(&cloud.aws).await.free().await.unwrap();
    assert_one_holder(&race(&cloud, Faults::none()).await);
}

#[tokio::test]
async fn of_twenty_that_take_over_an_abandoned_lease_one_has_it() {
    let cloud = TestCloud::local().await;
    abandoned(&cloud).await;
    assert_one_holder(&race(&cloud, Faults::none()).await);
}

#[tokio::test]
async fn a_held_lease_tells_who_has_it_and_what_for() {
    let cloud = TestCloud::local().await;
    let _held = take(&cloud.aws).await;
    let seen = seen(&cloud.connect(&empty_stack()).await).await;
    let claim = seen.held().unwrap();
    assert_eq!((claim.doing.as_str(), &claim.holder.by), ("deploy", &cloud.aws.author().await.unwrap().by));
    assert_eq!(claim.holder.process, std::process::id());
}

#[tokio::test]
async fn a_freed_lease_is_free_and_still_there() {
    let cloud = TestCloud::local().await;
    take(&cloud.aws).await.free().await.unwrap();
    assert!(seen(&cloud.aws).await.held().is_none());
    let kept = cloud.aws.bucket().get(&cloud.aws.scope.lease_key()).await.unwrap();
    assert!(String::from_utf8(kept.unwrap().to_vec()).unwrap().contains("\"freed\""));
}

#[tokio::test]
async fn a_heartbeat_keeps_the_lease_beyond_its_first_expiry() {
    let cloud = TestCloud::local().await;
    let aws = cloud.connect_at(20.0, &empty_stack()).await;
    let held = take(&aws).await;
    let first = seen(&aws).await.held().unwrap().expires;
    until(async || (jiff::Timestamp::now() > first).then_some(())).await;
    assert_eq!(held.lost(), None);
    assert!(seen(&aws).await.held().unwrap().expires > first);
    held.free().await.unwrap();
    assert!(seen(&aws).await.held().is_none());
}

#[tokio::test]
async fn a_holder_that_somebody_took_the_lease_from_knows_whom_and_changes_nothing_more() {
    let cloud = TestCloud::local().await;
    let aws = cloud.connect_at(20.0, &empty_stack()).await;
    let held = take(&aws).await;
    let key = aws.scope.lease_key();
    let text = String::from_utf8(aws.bucket().get(&key).await.unwrap().unwrap().to_vec()).unwrap();
    let theirs = text
        .replace(&aws.author().await.unwrap().by, "arn:aws:iam::1:user/ada")
        .replace("\"token\": \"", "\"token\": \"0");
    cloud.aws.bucket().put(&key, Bytes::from(theirs)).await.unwrap();

    let lost = until(async || held.lost()).await;
    assert!(matches!(&lost, Lost::To(claim) if claim.holder.by == "arn:aws:iam::1:user/ada"), "{lost}");
    let error = aws.bucket().put("x", Bytes::new()).await.unwrap_err();
    assert_eq!(error.class, Class::Refused);
    assert!(error.cause.contains("it is held by arn:aws:iam::1:user/ada"), "{error}");
    assert_eq!(aws.bucket().get("x").await.unwrap(), None);

    held.free().await.unwrap();
    assert_eq!(seen(&aws).await.held().unwrap().holder.by, "arn:aws:iam::1:user/ada");
}

#[tokio::test]
async fn a_holder_whose_lease_was_deleted_changes_nothing_more() {
    let cloud = TestCloud::local().await;
    let aws = cloud.connect_at(20.0, &empty_stack()).await;
    let held = take(&aws).await;
    cloud.aws.bucket().delete(&aws.scope.lease_key()).await.unwrap();
    assert_eq!(until(async || held.lost()).await, Lost::Deleted);
    assert!(aws.bucket().put("x", Bytes::new()).await.is_err());
}

/// Takes a lease that was freed before, with a fault at the first call.
async fn take_with(kind: FaultKind) -> (TestCloud, Held) {
    let cloud = TestCloud::local().await;
    take(&cloud.aws).await.free().await.unwrap();
    let seen = seen(&cloud.aws).await;
    cloud.inject(Faults::at(1, kind));
    let Taking::Held(held) = seen.take(&cloud.aws, "deploy").await.unwrap() else { panic!("somebody was first") };
    (cloud, held)
}

#[tokio::test]
async fn a_lease_that_is_written_without_an_answer_is_known_again() {
    for kind in [FaultKind::CutAfter, FaultKind::ErrorAfter] {
        let (cloud, held) = take_with(kind).await;
        assert!(seen(&cloud.aws).await.held().is_some());
        assert_eq!(held.lost(), None);
    }
}

#[tokio::test]
async fn a_lease_that_was_not_written_is_written_again() {
    for kind in [FaultKind::CutBefore, FaultKind::ErrorBefore] {
        let (cloud, held) = take_with(kind).await;
        assert!(seen(&cloud.aws).await.held().is_some());
        assert_eq!(held.lost(), None);
    }
}

#[tokio::test]
async fn a_lease_is_freed_whatever_happens_to_the_call() {
    for kind in [FaultKind::CutBefore, FaultKind::ErrorBefore, FaultKind::CutAfter, FaultKind::ErrorAfter] {
        let cloud = TestCloud::local().await;
        let held = take(&cloud.aws).await;
        cloud.inject(Faults::at(1, kind));
        held.free().await.unwrap();
        assert!(seen(&cloud.aws).await.held().is_none(), "{kind:?}");
    }
}

#[tokio::test]
async fn a_heartbeat_survives_answers_that_get_lost() {
    let cloud = TestCloud::local().await;
    let aws = cloud.connect_at(20.0, &empty_stack()).await;
    let held = take(&aws).await;
    let first = seen(&aws).await.held().unwrap().expires;
    cloud.inject(Faults::random(7, 0.3));
    until(async || (jiff::Timestamp::now() > first).then_some(())).await;
    assert_eq!(held.lost(), None);
}

#[tokio::test]
async fn where_many_calls_fail_there_still_is_one_holder() {
    for seed in 0..5 {
        let cloud = TestCloud::local().await;
        abandoned(&cloud).await;
        assert_one_holder(&race(&cloud, Faults::random(seed, 0.2)).await);
    }
}

#[tokio::test]
async fn a_lease_in_somebody_elses_bucket_is_told_with_the_cause_and_the_way_out() {
    let mut cloud = TestCloud::local().await;
    cloud.aws.bucket().ensure().await.unwrap();
    cloud.aws.scope.bucket = Some(cloud.aws.bucket().name());
    cloud.aws.scope.account = "111111111111".to_owned();
    let error = Seen::reading(&cloud.aws).await.unwrap_err();
    assert_eq!(error.class, Class::Foreign);
    assert!(error.to_string().starts_with("cannot read the lease memoctl-"), "{error}");
    assert!(error.cause.contains("AccessDenied"), "{error}");
    assert!(error.hint.unwrap().contains("s3:GetObject"));
}

#[tokio::test]
async fn a_lease_that_cannot_be_understood_is_an_error_that_says_what_to_do() {
    let cloud = TestCloud::local().await;
    cloud.aws.bucket().ensure().await.unwrap();
    cloud.aws.bucket().put(&cloud.aws.scope.lease_key(), Bytes::from_static(b"{}")).await.unwrap();
    let error = Seen::reading(&cloud.aws).await.unwrap_err();
    assert!(error.to_string().contains("missing field"), "{error}");
    assert!(error.hint.unwrap().contains("delete it"));
}

#[tokio::test]
async fn the_lease_is_held_by_one_on_moto_too() {
    let Some(cloud) = TestCloud::moto().await else { return };
    let held = take(&cloud.aws).await;
    let other = cloud.connect(&empty_stack()).await;
    assert!(seen(&other).await.held().is_some());
    held.free().await.unwrap();
    assert!(matches!(seen(&other).await.take(&other, "deploy").await.unwrap(), Taking::Held(_)));
}

#[tokio::test]
async fn the_first_call_of_a_run_is_made_again_when_its_answer_gets_lost() {
    let cloud = TestCloud::local().await;
    for kind in [FaultKind::CutBefore, FaultKind::ErrorBefore, FaultKind::CutAfter, FaultKind::ErrorAfter] {
        cloud.inject(Faults::at(1, kind));
        cloud.connect(&empty_stack()).await;
    }
}
