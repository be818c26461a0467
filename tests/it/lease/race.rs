//! Runs that race and are killed: never two at work, never a mixture of both.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use memoctl::aws::Aws;
use memoctl::aws::lease::{Seen, Taking};
use memoctl::session::{Change, Changed, Exit, Failure, Foresight, KeepArgs, LeaseArgs, plan_deploy};
use memoctl::stack::Stack;

use crate::cloud::{TestCloud, empty_stack, session};
use crate::dice::Dice;
use crate::lifecycle::place::{Place, said, saying};

/// A dead holder's lease is over in some seconds, and a living one's is kept on a busy machine.
const SPEED: f64 = 30.0;

/// Races of two deploys; `MEMOCTL_RACES` asks for more.
const RACES: u64 = 3;

/// Takes the lease as often as it is free, works for a while, and is killed or frees it, until `end`.
async fn contend(id: u64, aws: &Aws, working: &Mutex<BTreeSet<u64>>, end: Instant) -> u32 {
    let (mut dice, mut turns) = (Dice(id), 0);
    while Instant::now() < end {
        let seen = Seen::reading(aws).await.unwrap();
        if seen.held().is_some() {
            tokio::time::sleep(Duration::from_millis(20)).await;
            continue;
        }
        let Taking::Held(held) = seen.take(aws, "deploy").await.unwrap() else { continue };
        turns += 1;
        let until = Instant::now() + Duration::from_millis(dice.below(300));
        while Instant::now() < until && held.lost().is_none() {
            let others = {
                let mut working = working.lock().unwrap();
                working.insert(id);
                working.clone()
            };
            assert_eq!(others, BTreeSet::from([id]), "more than one works");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        working.lock().unwrap().remove(&id);
        if dice.below(3) == 0 {
            drop(held);
        } else {
            held.free().await.unwrap();
        }
    }
    turns
}

#[tokio::test]
async fn of_those_who_work_in_turns_and_are_killed_there_is_never_more_than_one_at_work() {
    let cloud = TestCloud::local().await;
    let working = Mutex::new(BTreeSet::new());
    let end = Instant::now() + Duration::from_secs(8);
    let mut runs = Vec::new();
    for _ in 0..6 {
        runs.push(cloud.connect_at(100.0, &empty_stack()).await);
    }
    let contenders = (0..).zip(&runs).map(|(id, aws)| contend(id, aws, &working, end));
    let turns: u32 = futures_util::future::join_all(contenders).await.into_iter().sum();
    assert!(turns > 2, "{turns}");
}

async fn deploy(stack: &Stack, place: &Place) -> Result<Changed, Failure> {
    let mut aws = place.cloud.connect_at(SPEED, stack).await;
    aws.artifacts = place.aws(stack).await.artifacts;
    let session = session();
    let permissions = KeepArgs::default().permissions(false);
    let plan =
        async |aws: &Aws, foresight: &Foresight| plan_deploy(stack, &session, aws, foresight, &permissions).await;
    let lease = LeaseArgs { wait: Some(3600) };
    let change = Change { session: &session, aws: &aws, verb: "deploy", lease: &lease };
    change.make(plan, |_, _, _| Ok(())).await
}

/// Deploys, unless it is killed before; says whether it was not.
async fn deploy_or_die(stack: &Stack, place: &Place, killed_after: Option<Duration>) -> bool {
    let after = killed_after.unwrap_or(Duration::from_mins(5));
    match tokio::time::timeout(after, deploy(stack, place)).await {
        Ok(changed) => {
            assert_eq!(changed.unwrap().exit(), Exit::Done);
            true
        }
        Err(_) => false,
    }
}

/// What came of one race.
#[derive(Debug, Default)]
struct Race {
    killed: usize,
    asked: u64,
    failures: Vec<String>,
}

/// Red and blue are deployed over green at the same time, each killed at some moment or not, while callers ask.
async fn race(seed: u64) -> Race {
    let [green, red, blue] = ["green", "red", "blue"].map(saying);
    let place = Place::new().await;
    place.deploy(&green, 5).await;
    let (_, aws) = place.plan(&green, 5).await;
    let callers = place.callers(&aws).await;
    let mut dice = Dice(seed);
    let mut killed = || dice.once_in(2).then(|| Duration::from_millis(dice.below(2500)));
    let (of_red, of_blue) = (killed(), killed());
    let ended = tokio::join!(deploy_or_die(&red, &place, of_red), deploy_or_die(&blue, &place, of_blue));
    let mut race = Race { killed: [ended.0, ended.1].iter().filter(|ended| !**ended).count(), ..Race::default() };
    if race.killed == 0 {
        let mixture = [place.changes(&red).await, place.changes(&blue).await];
        if !mixture.iter().any(Vec::is_empty) {
            race.failures.push(format!("race {seed} left a mixture: {mixture:?}"));
        }
    }
    if !deploy_or_die(&red, &place, None).await || !place.changes(&red).await.is_empty() {
        race.failures.push(format!("race {seed}: the next deploy does not converge"));
    }
    let answers = callers.stop().await;
    race.asked = answers.asked;
    let wrong = answers.wrong(&["green", "red", "blue"].map(said));
    race.failures.extend(wrong.into_iter().map(|wrong| format!("race {seed}: {wrong}")));
    race
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_deploys_that_race_and_are_killed_leave_what_one_of_them_wanted_and_callers_do_not_notice() {
    let races = std::env::var("MEMOCTL_RACES").map_or(RACES, |races| races.parse().unwrap());
    let races: Vec<Race> = futures_util::stream::iter(0..races).map(race).buffer_unordered(3).collect().await;
    let killed = |number| races.iter().filter(|race| race.killed == number).count();
    let asked: u64 = races.iter().map(|race| race.asked).sum();
    let failures: Vec<&String> = races.iter().flat_map(|race| &race.failures).collect();
    println!("races   nobody killed   one killed   both killed   callers' requests   failures");
    println!(
        "{:>5}   {:>13}   {:>10}   {:>11}   {asked:>17}   {:>8}",
        races.len(),
        killed(0),
        killed(1),
        killed(2),
        failures.len()
    );
    assert_eq!(failures, [] as [&String; 0]);
}
