//! Callers while a release is prepared, made and taken back, on a cloud with AWS's delays: none of them fails, and none of
//! them gets an answer of two releases. `scripts/bench downtime` asks 200 times a second.

use std::collections::{BTreeMap, BTreeSet};

use memoctl::history;
use memoctl::resource::live;
use memoctl::stack::{Function, Stack, TableAccess};

use super::place::{Place, api, route, said, saying, table, walk};
use super::rollback::back_to;
use crate::cloud::TestCloud;

/// Seconds of the cloud's time in one second: a propagation of 10 s takes a third of one.
const SPEED: f64 = 30.0;

/// Other code, configuration, permissions, routes and authorizer.
fn changed() -> Stack {
    let mut stack = saying("new");
    stack.tables.insert("memos".to_owned(), table());
    let tables = BTreeMap::from([("memos".to_owned(), TableAccess::Read)]);
    let a = stack.functions.remove("a").unwrap();
    stack.functions.insert("a".to_owned(), Function { memory: 256, tables, ..a });
    api(&mut stack).routes.extend([route("GET", "/c", "b")]);
    stack
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_call_fails_or_mixes_releases_while_a_release_is_made_and_taken_back() {
    let place = Place { cloud: TestCloud::rehearsal(SPEED).await };
    place.deploy(&saying("old"), 5).await;
    let (_, aws) = place.plan(&saying("old"), 5).await;
    let callers = place.callers(&aws).await;
    place.deploy(&changed(), 5).await;

    let (_, aws) = place.plan(&changed(), 5).await;
    let found = live(&BTreeSet::new(), &aws).await.unwrap().ours;
    let first = history::read(&aws).await.unwrap().pop().unwrap();
    let plan = back_to(&first, &found);
    assert!(walk(&plan, &aws).await.succeeded());

    let seen = callers.stop().await;
    let whole = ["old", "new"].map(said);
    let released: BTreeSet<&String> = seen.answers.keys().map(|(_, body)| body).collect();
    assert_eq!(released, whole.iter().collect(), "of {} answers", seen.asked);
    assert_eq!(seen.wrong(&whole), [] as [&str; 0]);
}
