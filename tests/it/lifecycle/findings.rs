//! What is otherwise than a deploy left it, where that is more than a field.

use std::collections::BTreeSet;

use memoctl::finding::findings;
use memoctl::history;
use memoctl::resource::live;
use memoctl::stack::Stack;

use super::drift::{document, integration, put};
use super::place::{Place, api, function, route, stack, walk};

/// What there is to say about the stack beside the fields that differ.
async fn found(place: &Place, stack: &Stack) -> String {
    let (_, aws) = place.plan(stack, 5).await;
    let live = live(&BTreeSet::new(), &aws).await.unwrap().ours;
    let records = history::read(&aws).await.unwrap();
    let lines: Vec<String> =
        findings(stack, &aws.scope, &live, &records).iter().map(|it| format!("{}: {it}\n", it.id())).collect();
    lines.concat()
}

/// Edits the API as somebody would at the console: the timeout of `GET /a` is shortened.
async fn edit(place: &Place) {
    let (plan, aws) = place.plan(&stack(), 5).await;
    let mut document = document(&plan, &aws);
    integration(&mut document, "/a")["timeoutInMillis"] = 5000.into();
    put(&document, &aws).await;
}

/// Deploys the API as somebody would at the console, and gives the deployment's id.
async fn deploy_by_hand(place: &Place) -> String {
    let (_, aws) = place.plan(&stack(), 5).await;
    let api = aws.directory.api("memo-dev-api").unwrap();
    aws.apigateway.create_deployment().rest_api_id(&api).stage_name("dev").send().await.unwrap().id.unwrap()
}

#[tokio::test]
async fn after_a_deploy_there_is_nothing_to_find() {
    let place = Place::new().await;
    place.deploy(&stack(), 5).await;
    assert_eq!(found(&place, &stack()).await, "");
}

#[tokio::test]
async fn somebody_elses_deployment_on_the_stage_is_a_finding_until_the_next_deploy() {
    let place = Place::new().await;
    place.deploy(&stack(), 5).await;
    let theirs = deploy_by_hand(&place).await;
    let expected = "release/dev: somebody else's deployment serves: ID, which memoctl did not make\n";
    assert_eq!(found(&place, &stack()).await, expected.replace("ID", &theirs));
    place.deploy(&stack(), 5).await;
    assert_eq!(found(&place, &stack()).await, "");
}

#[tokio::test]
async fn an_edit_of_the_api_that_nobody_deployed_is_a_finding_with_its_fields() {
    let place = Place::new().await;
    place.deploy(&stack(), 5).await;
    edit(&place).await;
    let words = "api/memo-dev-api: edits that are not deployed, made by hand or by a deploy that was cut short";
    assert_eq!(found(&place, &stack()).await, format!("{words}: routes.GET /a.timeout\n"));
    // Code that changes as well hides nothing of the edit; other routes do, and then its fields are in the plan alone.
    let mut changed = stack();
    changed.functions.insert("a".to_owned(), function("another"));
    assert_eq!(found(&place, &changed).await, format!("{words}: routes.GET /a.timeout\n"));
    api(&mut changed).routes.extend([route("GET", "/c", "a")]);
    assert_eq!(found(&place, &changed).await, format!("{words}\n"));
    place.deploy(&changed, 5).await;
    assert_eq!(found(&place, &changed).await, "");
}

#[tokio::test]
async fn an_edit_that_somebody_deployed_is_both_findings() {
    let place = Place::new().await;
    place.deploy(&stack(), 5).await;
    edit(&place).await;
    deploy_by_hand(&place).await;
    let found = found(&place, &stack()).await;
    let subjects: Vec<&str> = found.lines().filter_map(|line| line.split_once(": ")).map(|(id, _)| id).collect();
    assert_eq!(subjects, ["release/dev", "api/memo-dev-api"], "{found}");
}

#[tokio::test]
async fn after_a_rollback_what_the_api_still_holds_is_no_edit() {
    let place = Place::new().await;
    place.deploy(&stack(), 5).await;
    let mut changed = stack();
    changed.functions.insert("a".to_owned(), function("another"));
    place.deploy(&changed, 5).await;
    let (_, aws) = place.plan(&changed, 5).await;
    let live = live(&BTreeSet::new(), &aws).await.unwrap().ours;
    let first = history::read(&aws).await.unwrap().remove(1);
    assert!(walk(&super::rollback::back_to(&first, &live), &aws).await.succeeded());
    assert_eq!(found(&place, &changed).await, "");
}
