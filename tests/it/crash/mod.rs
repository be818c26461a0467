//! The crash matrix: memoctl is killed at each of its calls in turn, before the call took effect and after it. The next
//! run has to bring the cloud to exactly what was wanted, and callers must not notice.
//!
//! Here a sample of the calls, on a small stack. `scripts/prove crash` goes through all of them, on the shipped one.

pub(crate) mod http;
mod matrix;
pub(crate) mod probe;
mod scenario;
mod subject;
mod witness;

use matrix::{Row, run};
use scenario::Scenario;
use subject::Subject;

/// Of all calls, these are tried: every so-manyth, from one that differs from scenario to scenario.
const SAMPLE: usize = 25;

/// Every so-manyth call, unless `MEMOCTL_CRASH_STEP` says otherwise.
fn step(usual: usize) -> usize {
    std::env::var("MEMOCTL_CRASH_STEP").map_or(usual, |step| step.parse().unwrap())
}

async fn sample(scenario: Scenario, package: &str) {
    let subject = Subject::small(package);
    let row = run(&subject, scenario, step(SAMPLE)).await;
    assert!(row.runs >= 4, "{row:?}");
    assert!(!scenario.serves() || row.served.iter().all(|requests| *requests > 0), "{row:?}");
    assert_eq!(row.failures, [] as [&str; 0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_first_deploy_that_is_killed_is_finished_by_the_next_one() {
    sample(Scenario::Cold, "crash-cold").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_changing_deploy_that_is_killed_is_finished_by_the_next_one() {
    sample(Scenario::Change, "crash-change").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rollback_that_is_killed_is_finished_by_the_next_one() {
    sample(Scenario::Rollback, "crash-rollback").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rotation_that_is_killed_is_finished_by_the_next_one() {
    sample(Scenario::Rotation, "crash-rotation").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_retirement_that_is_killed_is_finished_by_the_next_one() {
    sample(Scenario::Retirement, "crash-retirement").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_emergency_that_is_killed_is_finished_by_the_next_one() {
    sample(Scenario::Emergency, "crash-emergency").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_emergency_of_one_key_that_is_killed_is_finished_by_the_next_one() {
    sample(Scenario::OneKey, "crash-one-key").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_destroy_that_is_killed_is_finished_by_the_next_one() {
    sample(Scenario::Destroy, "crash-destroy").await;
}

/// Takes a long time: `scripts/prove crash`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "the whole matrix: scripts/prove crash"]
async fn the_shipped_stack_survives_a_kill_at_every_call() {
    let subject = Subject::shipped();
    let step = step(1);
    println!("{}", Row::HEAD);
    let mut failures = Vec::new();
    let only = std::env::var("MEMOCTL_CRASH_SCENARIO").unwrap_or_default();
    let is_meant = |scenario: &Scenario| only.is_empty() || scenario.name() == only;
    assert!(Scenario::ALL.iter().any(is_meant), "there is no scenario `{only}`");
    for scenario in Scenario::ALL.into_iter().filter(is_meant) {
        let row = run(&subject, scenario, step).await;
        println!("{row}");
        failures.extend(row.failures);
    }
    assert_eq!(failures, [] as [&str; 0]);
}
