//! Calls that fail at random: a deploy gets there all the same, or ends with a true error and the next one gets there.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::StreamExt as _;
use local::Faults;
use memoctl::apply::Status;
use memoctl::plan::Rules;
use memoctl::stack::Stack;

use super::place::{Place, planned, walk, work};
use super::random;
use crate::dice::Dice;
use crate::inventory::inventory;

/// Runs in CI; `MEMOCTL_FAULT_RUNS` asks for more.
const RUNS: u64 = 8;

/// Runs on one cloud: each changes what the one before left.
const CHAIN: u64 = 4;

/// What came of one run.
#[derive(Debug)]
struct Run {
    /// Of a hundred calls, so many are hurt.
    percent: u64,
    /// Whether it converged without another.
    at_once: bool,
    failures: Vec<String>,
}

/// Deploys `stack` while calls fail; what could not be done, in words.
async fn deploy(place: &Place, stack: &Stack, keep: usize, faults: Faults) -> Vec<String> {
    let aws = place.aws(stack).await;
    place.cloud.inject(faults);
    let rules = Rules { delete_data: true, ..Rules::default() };
    let wrong = match planned(stack, &aws, keep, &rules).await {
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

/// What a deploy of `stack` would still do.
async fn left(place: &Place, stack: &Stack, keep: usize) -> Vec<String> {
    let rules = Rules { delete_data: true, ..Rules::default() };
    work(&place.plan_by(stack, keep, &rules).await.0)
}

/// All that is in the cloud of `place`, but for the records of releases, which stay by design.
async fn things(place: &Place) -> Vec<String> {
    let mut things = inventory(&place.cloud.aws).await;
    things.retain(|thing| !thing.starts_with("object "));
    things
}

/// Deploys a random stack among faults, and looks at what came of it.
async fn run(place: &Place, number: u64) -> Run {
    let mut dice = Dice(number);
    let stack = random::stack(&mut dice);
    let (percent, keep) = (1 + number % 20, 1 + usize::try_from(dice.below(3)).unwrap());
    #[expect(clippy::cast_precision_loss, reason = "a rate from 1 % to 20 %")]
    let rate = percent as f64 / 100.0;
    let mut failures = Vec::new();
    let wrong = deploy(place, &stack, keep, Faults::random(number, rate)).await;
    // A true error names what was tried.
    let untrue = wrong.iter().filter(|error| !error.starts_with("cannot "));
    failures.extend(untrue.map(|error| format!("no true error: {error}")));
    if !wrong.is_empty() {
        let again = deploy(place, &stack, keep, Faults::none()).await;
        failures.extend(again.into_iter().map(|error| format!("the next run failed: {error}")));
    }
    let more = left(place, &stack, keep).await;
    if !more.is_empty() {
        failures.push(format!("it did not converge: {more:?}"));
    }
    // With no release kept but the new one, there is just what a first deploy makes.
    failures.extend(deploy(place, &stack, 1, Faults::none()).await);
    let fresh = Place::new().await;
    failures.extend(deploy(&fresh, &stack, 1, Faults::none()).await);
    let (is, wanted) = (things(place).await, things(&fresh).await);
    if is != wanted {
        let [is, wanted] = [is, wanted].map(BTreeSet::from_iter);
        let (orphans, missing): (Vec<&String>, Vec<&String>) =
            (is.difference(&wanted).collect(), wanted.difference(&is).collect());
        failures.push(format!("orphaned or doubled {orphans:?}, missing {missing:?}"));
    }
    let failures = failures.into_iter().map(|failure| format!("run {number}, {percent} %: {failure}"));
    Run { percent, at_once: wrong.is_empty(), failures: failures.collect() }
}

async fn chain(numbers: Vec<u64>) -> Vec<Run> {
    let place = Place::new().await;
    let mut runs = Vec::new();
    for number in numbers {
        runs.push(run(&place, number).await);
    }
    runs
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deploy_among_faults_converges_or_the_next_one_does_and_nothing_is_orphaned_or_doubled() {
    let runs = std::env::var("MEMOCTL_FAULT_RUNS").map_or(RUNS, |runs| runs.parse().unwrap());
    // Neighbours in a chain differ in their rates too.
    let chains =
        (0..runs.div_ceil(CHAIN)).map(|first| (first..runs).step_by(usize::try_from(runs.div_ceil(CHAIN)).unwrap()));
    let chains = futures_util::stream::iter(chains).map(|numbers| chain(numbers.collect()));
    let runs: Vec<Run> = chains.buffer_unordered(2).collect::<Vec<_>>().await.into_iter().flatten().collect();
    let mut rows: BTreeMap<u64, [usize; 4]> = BTreeMap::new();
    for run in &runs {
        let row = rows.entry((run.percent - 1) / 5).or_default();
        let counts = [1, usize::from(run.at_once), usize::from(!run.at_once), usize::from(!run.failures.is_empty())];
        *row = std::array::from_fn(|index| row[index] + counts[index]);
    }
    println!("calls hurt   runs   converged at once   by the next run   failures");
    for (fives, [runs, at_once, next, failures]) in rows {
        let rates = format!("{} to {} %", fives * 5 + 1, fives * 5 + 5);
        println!("{rates:>10}   {runs:>4}   {at_once:>17}   {next:>15}   {failures:>8}");
    }
    let failures: Vec<&String> = runs.iter().flat_map(|run| &run.failures).collect();
    assert_eq!(failures, [] as [&String; 0]);
}
