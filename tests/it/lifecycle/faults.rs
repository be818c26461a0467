//! Calls that fail at random: a deploy gets there all the same, or ends with a true error and the next one gets there.

use std::collections::BTreeMap;

use local::Faults;
use memoctl::apply::Status;
use memoctl::plan::Rules;
use memoctl::stack::{Function, Stack};

use super::place::{Place, api, function, planned, route, stack, walk};

/// Stacks that go wrong in CI. `MEMOCTL_FAULT_RUNS=500` tries more of them.
const RUNS: u64 = 8;

/// One of many stacks, told by the bits of `number`: code, configuration, routes, authorizers and limits differ.
fn variant(number: u64) -> Stack {
    let mut stack = stack();
    let bit = |index: u64| number >> index & 1 == 1;
    if bit(0) {
        stack.functions.insert("a".to_owned(), function("another"));
    }
    if bit(1) {
        let environment = BTreeMap::from([("WORD".to_owned(), "word".to_owned())]);
        stack.functions.insert("b".to_owned(), Function { environment, memory: 512, tracing: true, ..function("two") });
    }
    if bit(2) {
        api(&mut stack).routes.extend([route("GET", "/c", "a"), route("POST", "/c", "b")]);
    }
    if bit(3) {
        stack.functions.remove("b");
        api(&mut stack).routes.retain(|_, route| route.function != "b");
    }
    if bit(4) {
        api(&mut stack).cors = None;
    }
    if bit(5) {
        stack.functions.insert("c".to_owned(), Function { reserved_concurrency: Some(2), ..function("three") });
        api(&mut stack).routes.extend([route("ANY", "/d/{proxy+}", "c")]);
    }
    stack
}

/// Deploys `stack` while calls fail; what could not be done, in words.
async fn deploy(place: &Place, stack: &Stack, faults: Faults) -> Vec<String> {
    let aws = place.aws(stack).await;
    place.cloud.inject(faults);
    let wrong = match planned(stack, &aws, 2, &Rules::default()).await {
        Err(error) => vec![error.to_string()],
        Ok(plan) => {
            let outcome = walk(&plan, &aws).await;
            let failed = outcome.statuses.into_values().filter_map(|status| match status {
                Status::Failed(error) => Some(error.to_string()),
                Status::Done(_) | Status::Skipped(_) => None,
            });
            failed.collect()
        }
    };
    place.cloud.inject(Faults::none());
    wrong
}

#[tokio::test]
async fn a_deploy_among_faults_converges_or_the_next_one_does() {
    let runs = std::env::var("MEMOCTL_FAULT_RUNS").map_or(RUNS, |runs| runs.parse().unwrap());
    let seed_of = |number: u64| number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let place = Place::new().await;
    for run in 0..runs {
        let stack = variant(seed_of(run) >> 20);
        #[expect(clippy::cast_precision_loss, reason = "a rate from 1 % to 20 %")]
        let rate = 0.01 + (run % 20) as f64 / 100.0;
        let wrong = deploy(&place, &stack, Faults::random(run, rate)).await;
        // A true error names what was tried, and AWS's cause.
        assert!(wrong.iter().all(|error| error.starts_with("cannot ")), "run {run}: {wrong:?}");
        let again = deploy(&place, &stack, Faults::none()).await;
        assert_eq!(again, [] as [&str; 0], "run {run}");
        let aws = place.aws(&stack).await;
        let plan = planned(&stack, &aws, 2, &Rules::default()).await.unwrap();
        assert!(plan.is_empty(), "run {run}: {:?}", super::place::work(&plan));
    }
}
