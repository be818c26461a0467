//! Callers while a release is prepared, made and taken back, on a cloud with AWS's delays: none of them fails.

use std::collections::{BTreeMap, BTreeSet};

use memoctl::aws::Aws;
use memoctl::history;
use memoctl::resource::live;
use memoctl::stack::{Function, Stack, TableAccess};

use super::place::{Place, api, function, route, stack, table, walk};
use super::rollback::back_to;
use crate::cloud::TestCloud;
use crate::crash::probe::Probe;

/// Seconds of the cloud's time in one second: a propagation of 10 s takes a third of one.
const SPEED: f64 = 30.0;

/// Other code, configuration, permissions, routes and an authorizer that caches for another time.
fn changed() -> Stack {
    let mut stack = stack();
    stack.tables.insert("memos".to_owned(), table());
    let tables = BTreeMap::from([("memos".to_owned(), TableAccess::Read)]);
    stack.functions.insert("a".to_owned(), Function { memory: 256, tables, ..function("another") });
    stack.functions.insert("door".to_owned(), function("other door"));
    api(&mut stack).authorizers.values_mut().for_each(|authorizer| authorizer.ttl = 30);
    api(&mut stack).routes.extend([route("GET", "/c", "b")]);
    stack
}

async fn callers(place: &Place, aws: &Aws) -> Probe {
    let url = aws.scope.base_url(&aws.directory.api(&aws.scope.api()).unwrap());
    // The first call starts the functions.
    while !place.get(aws, "/a").await.starts_with("one") || !place.get(aws, "/b/c").await.starts_with("two") {}
    Probe::start(aws.scope.local.as_deref().unwrap(), &url, &["/a", "/b/c"])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_call_fails_while_a_release_is_made_and_taken_back() {
    let place = Place { cloud: TestCloud::rehearsal(SPEED).await };
    place.deploy(&stack(), 5).await;
    let (_, aws) = place.plan(&stack(), 5).await;
    let callers = callers(&place, &aws).await;
    place.deploy(&changed(), 5).await;

    let (_, aws) = place.plan(&changed(), 5).await;
    let found = live(&BTreeSet::new(), &aws).await.unwrap().ours;
    let first = history::read(&aws).await.unwrap().pop().unwrap();
    let plan = back_to(&first, &found);
    assert!(walk(&plan, &aws).await.succeeded());

    let (asked, wrong) = callers.stop().await;
    assert!(asked > 50, "{asked} calls prove nothing");
    assert_eq!(wrong, [] as [&str; 0], "of {asked} calls");
}
