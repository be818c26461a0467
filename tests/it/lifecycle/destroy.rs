//! A destroy that is cut short goes on where it ended, and leaves nothing.

use std::cell::Cell;
use std::collections::BTreeSet;

use memoctl::apply::{Because, Event, apply};
use memoctl::history;
use memoctl::plan::{Id, Plan, Rules};
use memoctl::resource::{Doing, Resources, live, log_group};
use memoctl::scope::Scope;
use memoctl::stack::Stack;

use super::place::{Place, function, stack};

/// Destroys, but starts no step any more once `steps` are started.
async fn destroy_some(place: &Place, stack: &Stack, steps: usize) -> usize {
    let aws = place.aws(stack).await;
    let found = live(&BTreeSet::new(), &aws).await.unwrap().ours;
    let rules = Rules { delete_data: true, ..Rules::default() };
    let plan = Plan::between(&Resources::new(), &found, &rules);
    let started = Cell::new(0);
    let stop = || (started.get() >= steps).then_some(Because::Interrupted);
    let outcome = apply(&plan, &Doing::new(&aws), stop, |event| {
        if let Event::Started(..) = event {
            started.set(started.get() + 1);
        }
    })
    .await;
    outcome.statuses.values().filter(|status| matches!(status, memoctl::apply::Status::Skipped(_))).count()
}

#[tokio::test]
async fn a_destroy_that_was_cut_short_anywhere_is_finished_by_the_next() {
    let place = Place::new().await;
    for steps in 0.. {
        place.deploy(&stack(), 5).await;
        let left = destroy_some(&place, &stack(), steps).await;
        place.destroy(&stack()).await;
        let aws = place.aws(&stack()).await;
        assert_eq!(live(&BTreeSet::new(), &aws).await.unwrap().ours.keys().collect::<Vec<_>>(), [] as [&Id; 0]);
        assert_eq!(history::read(&aws).await.unwrap(), []);
        if left == 0 {
            assert!(steps > 3, "{steps}");
            break;
        }
    }
}

#[tokio::test]
async fn what_api_gateway_logged_goes_with_its_api_and_nothing_of_others() {
    let place = Place::new().await;
    place.deploy(&stack(), 5).await;
    let (_, aws) = place.plan(&stack(), 5).await;
    let api = aws.directory.api("memo-dev-api").unwrap();
    let names = [format!("{}dev", Scope::execution_logs(&api)), format!("{}dev", Scope::execution_logs("another"))];
    for name in &names {
        aws.logs.create_log_group().log_group_name(name).send().await.unwrap();
    }
    assert_eq!(place.changes(&stack()).await, [] as [&str; 0]);
    place.destroy(&stack()).await;
    assert_eq!(log_group::execution_logs(&api, &aws).await.unwrap(), [] as [&str; 0]);
    assert_eq!(log_group::execution_logs("another", &aws).await.unwrap(), [names[1].as_str()]);
}

#[tokio::test]
async fn the_zips_of_a_function_go_with_it() {
    let place = Place::new().await;
    let mut alone = stack();
    alone.api = None;
    alone.functions = [("a".to_owned(), function("one"))].into();
    place.deploy(&alone, 5).await;
    let aws = place.aws(&alone).await;
    aws.bucket().ensure().await.unwrap();
    let keys = ["memo-dev-a", "memo-dev-ab"].map(|function| aws.scope.zip_key(function, "0123456789abcdef"));
    for key in &keys {
        aws.bucket().put(key, "zip".into()).await.unwrap();
    }
    place.destroy(&alone).await;
    assert_eq!(aws.bucket().list("memo/dev/").await.unwrap(), [keys[1].as_str()]);
}
