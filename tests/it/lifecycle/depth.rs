//! How many calls of a run wait for each other: the time that a deploy takes is that many times the way to AWS.

use std::time::Duration;

use local::{Faults, chain};
use memoctl::aws::Aws;
use memoctl::plan::Plan;
use memoctl::resource::Resource;
use memoctl::session::{Change, Exit, Foresight, LeaseArgs, Permissions, plan_deploy, plan_destroy, wanted_ids};
use memoctl::stack::{Guard, Stack};

use super::grants::calling;
use super::place::{Place, api, function, stack, table};
use super::site::Page;
use crate::cloud::session;

/// The way to the cloud and back: far longer than this process needs between two calls, even where others work beside it.
const WAY: Duration = Duration::from_millis(400);

/// Where this process was kept from going on for as long as that, the chain looks longer than it is.
const TRIES: usize = 5;

const PERMISSIONS: Permissions = Permissions { keep: 5, delete_data: true, allow_downtime: false, canary: None };

fn with_table() -> Stack {
    let mut memos = table();
    memos.ttl = Some("expires".to_owned());
    Stack { tables: [("memos".to_owned(), memos)].into(), ..stack() }
}

/// Does what `plan` says, and gives the longest chain of its calls.
async fn run(place: &Place, stack: &Stack, plan: impl AsyncFn(&Aws, &Foresight) -> Plan<Resource>) -> Vec<String> {
    let last = place.cloud.trace(0).last().map_or(0, |traced| traced.number);
    place.cloud.inject(Faults { slow: Some(WAY), ..Faults::none() });
    let (session, aws) = (session(), place.aws(stack).await);
    let change = Change { session: &session, aws: &aws, verb: "deploy", lease: &LeaseArgs::default() };
    let plan = async |aws: &Aws, foresight: &Foresight| Ok((plan(aws, foresight).await, ()));
    assert_eq!(change.make(plan, |_, (), _| Ok(())).await.unwrap().exit(), Exit::Done);
    place.cloud.inject(Faults::none());
    let calls = place.cloud.trace(last);
    chain(&calls).into_iter().map(|traced| traced.call.clone()).collect()
}

async fn deploy(place: &Place, stack: &Stack) -> Vec<String> {
    let session = session();
    let plan = async |aws: &Aws, foresight: &Foresight| {
        plan_deploy(stack, &session, aws, foresight, &PERMISSIONS).await.unwrap().0
    };
    run(place, stack, plan).await
}

async fn destroy(place: &Place, stack: &Stack) -> Vec<String> {
    let (session, names) = (session(), wanted_ids(stack, &place.aws(stack).await));
    let plan = async |aws: &Aws, foresight: &Foresight| {
        plan_destroy(&session, &names, aws, foresight, &PERMISSIONS).await.unwrap()
    };
    run(place, stack, plan).await
}

/// Asserts that `run` makes at most `most` calls that wait for each other.
async fn at_most(most: usize, run: impl AsyncFn() -> Vec<String>) {
    let mut chains = Vec::new();
    for _ in 0..TRIES {
        let chain = run().await;
        if chain.len() <= most {
            return;
        }
        chains.push(chain);
    }
    panic!("{chains:#?}");
}

#[tokio::test]
async fn a_first_deploy_is_eleven_calls_deep() {
    at_most(11, async || deploy(&Place::new().await, &with_table()).await).await;
}

#[tokio::test]
async fn a_deploy_that_changes_nothing_is_four_calls_deep() {
    let place = Place::new().await;
    deploy(&place, &with_table()).await;
    at_most(4, async || deploy(&place, &with_table()).await).await;
}

#[tokio::test]
async fn a_deploy_of_one_functions_code_is_eight_calls_deep() {
    let place = Place::new().await;
    deploy(&place, &with_table()).await;
    let codes = std::cell::Cell::new(0);
    at_most(8, async || {
        let mut changed = with_table();
        changed.functions.insert("a".to_owned(), function(&format!("code {}", codes.replace(codes.get() + 1))));
        deploy(&place, &changed).await
    })
    .await;
}

#[tokio::test]
async fn functions_that_invoke_others_make_no_deploy_deeper() {
    at_most(11, async || deploy(&Place::new().await, &calling("one")).await).await;
    let place = Place::new().await;
    deploy(&place, &calling("one")).await;
    at_most(4, async || deploy(&place, &calling("one")).await).await;
    let codes = std::cell::Cell::new(0);
    let other = async || deploy(&place, &calling(&format!("code {}", codes.replace(codes.get() + 1)))).await;
    at_most(8, other).await;
}

#[tokio::test]
async fn grants_of_the_apis_own_routes_make_no_deploy_deeper() {
    let granted = |word: &str| {
        let mut stack = with_table();
        stack.functions.insert("a".to_owned(), function(word));
        stack.functions.get_mut("b").unwrap().services.insert("a".to_owned());
        api(&mut stack).routes.values_mut().for_each(|route| route.guard = Some(Guard::Iam));
        stack
    };
    at_most(11, async || deploy(&Place::new().await, &granted("one")).await).await;
    let place = Place::new().await;
    deploy(&place, &granted("one")).await;
    at_most(4, async || deploy(&place, &granted("one")).await).await;
    let codes = std::cell::Cell::new(0);
    let other = async || deploy(&place, &granted(&format!("code {}", codes.replace(codes.get() + 1)))).await;
    at_most(8, other).await;
}

#[tokio::test]
async fn a_first_deploy_with_a_page_is_thirteen_calls_deep() {
    at_most(13, async || {
        let page = Page::new().await;
        deploy(&page.place, &page.stack).await
    })
    .await;
}

#[tokio::test]
async fn a_page_makes_no_deploy_that_changes_nothing_deeper() {
    let page = Page::new().await;
    deploy(&page.place, &page.stack).await;
    at_most(4, async || deploy(&page.place, &page.stack).await).await;
}

#[tokio::test]
async fn a_page_makes_no_deploy_of_one_functions_code_deeper() {
    let page = Page::new().await;
    deploy(&page.place, &page.stack).await;
    let codes = std::cell::Cell::new(0);
    at_most(8, async || {
        let mut changed = page.stack.clone();
        changed.functions.insert("a".to_owned(), function(&format!("code {}", codes.replace(codes.get() + 1))));
        deploy(&page.place, &changed).await
    })
    .await;
}

#[tokio::test]
async fn a_deploy_of_a_page_alone_is_nine_calls_deep() {
    let page = Page::new().await;
    deploy(&page.place, &page.stack).await;
    let codes = std::cell::Cell::new(0);
    at_most(9, async || {
        page.write("index.html", &format!("<script src=/assets/app-1.js></script> {}", codes.replace(codes.get() + 1)));
        deploy(&page.place, &page.stack).await
    })
    .await;
}

#[tokio::test]
async fn a_destroy_with_a_page_is_fourteen_calls_deep() {
    at_most(14, async || {
        let page = Page::new().await;
        deploy(&page.place, &page.stack).await;
        destroy(&page.place, &page.stack).await
    })
    .await;
}

#[tokio::test]
async fn a_destroy_is_nine_calls_deep() {
    at_most(9, async || {
        let place = Place::new().await;
        deploy(&place, &with_table()).await;
        destroy(&place, &with_table()).await
    })
    .await;
}
