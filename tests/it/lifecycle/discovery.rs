//! Services by name: functions find those that run elsewhere and those of their own stack, may call what a signature
//! opens where they name its service, and nothing else; each release with the addresses that it was made with.

use std::collections::BTreeSet;

use memoctl::history;
use memoctl::plan::Id;
use memoctl::resource::{Resource, Resources, live, release};
use memoctl::session::{Permissions, plan_between, plan_move};
use memoctl::stack::{Endpoint, Function, Guard, Stack};
use serde_json::{Value, json};

use super::place::{NEIGHBOUR, Place, api, function, route, stack, walk, work};
use super::rollback::{back_to, before};
use crate::standin::server::Server;

/// The stack with a service `auth`, whose `GET /who/{id}` a signature opens, and with `memo`, which finds it and what
/// answers at `legacy`. `idler` finds `legacy` alone.
pub(super) fn finding(legacy: &str) -> Stack {
    let mut stack = stack();
    let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
    for (name, services) in [("auth", names(&[])), ("memo", names(&["auth", "legacy"])), ("idler", names(&["legacy"]))]
    {
        stack.functions.insert(name.to_owned(), Function { services, ..function(NEIGHBOUR) });
    }
    stack.services.insert("legacy".to_owned(), Endpoint { url: legacy.to_owned() });
    let routes = &mut api(&mut stack).routes;
    let (key, who) = route("GET", "/who/{id}", "auth");
    routes.insert(key, memoctl::stack::Route { guard: Some(Guard::Iam), ..who });
    routes.extend([
        route("GET", "/open", "auth"),
        route("GET", "/call/{service}/{path+}", "memo"),
        route("GET", "/ask/{service}/{path+}", "memo"),
    ]);
    let (key, idle) = route("GET", "/call/{service}/idle/{path+}", "idler");
    routes.insert(key, idle);
    stack
}

/// No service: for tests that call none.
pub(super) const NOWHERE: &str = "http://127.0.0.1:9";

async fn get(place: &Place, stack: &Stack, path: &str) -> Value {
    let (_, aws) = place.plan(stack, 5).await;
    let body = place.get(&aws, path).await;
    serde_json::from_str(&body).unwrap_or_else(|error| panic!("{error}: {body}"))
}

/// What a service answered that a function has called, and how.
fn answered(called: &Value) -> (u64, &str) {
    let status = called["status"].as_u64().unwrap_or_else(|| panic!("{called}"));
    (status, called["body"].as_str().unwrap())
}

async fn found(place: &Place, stack: &Stack) -> Resources {
    let (_, aws) = place.plan(stack, 5).await;
    live(&BTreeSet::new(), &aws).await.unwrap().ours
}

#[tokio::test]
async fn a_function_finds_a_service_elsewhere_by_its_name() {
    let (place, server) = (Place::new().await, Server::start().await);
    let stack = finding(&format!("{}/", server.url));
    place.deploy(&stack, 5).await;
    let called = get(&place, &stack, "/ask/legacy/a/b").await;
    assert_eq!(answered(&called), (200, "served"));
    assert_eq!(server.last().target, "/a/b");
    assert!(!server.last().headers.contains_key("authorization"), "{:?}", server.last());
}

#[tokio::test]
async fn a_function_that_names_a_service_calls_what_only_a_signature_opens_and_is_known_there() {
    let place = Place::new().await;
    place.deploy(&finding(NOWHERE), 5).await;
    let called = get(&place, &finding(NOWHERE), "/call/auth/who/1").await;
    let (status, body) = answered(&called);
    assert_eq!(status, 200, "{body}");
    let identity: Value = serde_json::from_str(body).unwrap();
    assert_eq!(identity["userArn"], "arn:aws:sts::000000000000:assumed-role/memo-dev-memo/memo-dev-memo");
    let open = get(&place, &finding(NOWHERE), "/ask/auth/open").await;
    assert_eq!(answered(&open).0, 200);
}

#[tokio::test]
async fn without_a_signature_or_without_the_right_nobody_is_let_in() {
    let place = Place::new().await;
    let stack = finding(NOWHERE);
    place.deploy(&stack, 5).await;
    let code = |body: &str| serde_json::from_str::<Value>(body).unwrap()["code"].clone();
    let unsigned = get(&place, &stack, "/ask/auth/who/1").await;
    assert_eq!((answered(&unsigned).0, code(answered(&unsigned).1)), (404, json!("not-found")));
    assert_eq!(get(&place, &stack, "/who/1").await["code"], "not-found");
    // The gateway's stage tells all functions the address; the right to call is one's own.
    let ungranted = get(&place, &stack, "/call/auth/idle/who/1").await;
    assert_eq!((answered(&ungranted).0, code(answered(&ungranted).1)), (403, json!("insufficient-scope")));
}

#[tokio::test]
async fn after_a_deploy_nothing_is_to_be_done_and_nothing_is_called_that_changes_anything() {
    let place = Place::new().await;
    place.deploy(&finding(NOWHERE), 5).await;
    assert_eq!(place.changes(&finding(NOWHERE)).await, [] as [&str; 0]);
    let before = place.cloud.calls().mutating;
    place.deploy(&finding(NOWHERE), 5).await;
    assert_eq!(place.cloud.calls().mutating, before);
}

#[tokio::test]
async fn another_address_is_a_release_and_no_new_version_and_can_be_gone_back_from() {
    let (one, other) = (Server::start().await, Server::start().await);
    let place = Place::new().await;
    place.deploy(&finding(&one.url), 5).await;
    let plan = place.deploy(&finding(&other.url), 5).await;
    insta::assert_snapshot!(work(&plan).join("\n"), @r"
    ~ release/dev deployments
    ~ release/dev serves.api
    ~ release/dev variables.service_legacy
    ");
    get(&place, &finding(&other.url), "/ask/legacy/a").await;
    assert_eq!((one.seen().len(), other.seen().len()), (0, 1));

    let (live, record) = before(&place, 1).await;
    assert_eq!(release::missing(&record, &live), [] as [&str; 0]);
    let (_, aws) = place.plan(&finding(&other.url), 5).await;
    assert!(walk(&back_to(&record, &live), &aws).await.succeeded());
    get(&place, &finding(&other.url), "/ask/legacy/a").await;
    assert_eq!((one.seen().len(), other.seen().len()), (1, 1));
    assert_eq!(aws.directory.versions("memo-dev-memo").unwrap().into_keys().collect::<Vec<_>>(), [1]);
}

#[tokio::test]
async fn a_canary_has_its_own_address_and_promoting_it_has_all_call_there() {
    let (one, other) = (Server::start().await, Server::start().await);
    let place = Place::new().await;
    place.deploy(&finding(&one.url), 5).await;
    let moved = finding(&other.url);
    let (_, aws) = place.plan(&moved, 5).await;
    let permissions = Permissions { keep: 5, delete_data: false, allow_downtime: false, canary: Some(100.0) };
    let records = history::read(&aws).await.unwrap();
    let plan = plan_between(&moved, &aws, (&found(&place, &moved).await, records), &permissions).unwrap();
    assert!(walk(&plan, &aws).await.succeeded());
    get(&place, &moved, "/ask/legacy/a").await;
    assert_eq!((one.seen().len(), other.seen().len()), (0, 1));

    let live = found(&place, &moved).await;
    let record = history::read(&aws).await.unwrap().remove(0);
    let promoted = release::served(&live).unwrap().promoted(Some(&record)).unwrap();
    assert!(walk(&plan_move(promoted, &live), &aws).await.succeeded());
    get(&place, &moved, "/ask/legacy/a").await;
    assert_eq!((one.seen().len(), other.seen().len()), (0, 2));
    assert_eq!(place.changes(&moved).await, [] as [&str; 0]);
}

#[tokio::test]
async fn a_route_that_is_signed_no_more_takes_the_right_with_it_and_a_rollback_brings_it_back() {
    let place = Place::new().await;
    let signed = finding(NOWHERE);
    place.deploy(&signed, 5).await;
    let mut open = signed.clone();
    api(&mut open).routes.values_mut().for_each(|route| route.guard = None);
    place.deploy(&open, 5).await;
    assert_eq!(place.changes(&open).await, [] as [&str; 0]);
    let asked = get(&place, &open, "/ask/auth/who/1").await;
    assert_eq!(answered(&asked).0, 200);
    let (live, record) = before(&place, 1).await;
    let (_, aws) = place.plan(&signed, 5).await;
    assert!(walk(&back_to(&record, &live), &aws).await.succeeded());
    assert_eq!(answered(&get(&place, &signed, "/call/auth/who/1").await).0, 200);
    assert_eq!(answered(&get(&place, &signed, "/ask/auth/who/1").await).0, 404);
}

#[tokio::test]
async fn iam_is_told_the_apis_own_id_and_an_api_made_anew_is_granted_anew() {
    let place = Place::new().await;
    let stack = finding(NOWHERE);
    place.deploy(&stack, 5).await;
    let granted = async || {
        let (_, aws) = place.plan(&stack, 5).await;
        let id = aws.directory.api(&aws.scope.api()).unwrap_or_default();
        let names = aws.iam.list_role_policies().role_name("memo-dev-memo").send().await.unwrap().policy_names;
        let policy = aws.iam.get_role_policy().role_name("memo-dev-memo").policy_name(&names[0]).send().await.unwrap();
        (id, percent_encoding::percent_decode_str(&policy.policy_document).decode_utf8().unwrap().into_owned(), aws)
    };
    let (first, policy, aws) = granted().await;
    assert!(policy.contains(&format!(":execute-api:eu-central-1:000000000000:{first}/dev/GET/who/*")), "{policy}");

    aws.apigateway.delete_rest_api().rest_api_id(&first).send().await.unwrap();
    place.deploy(&stack, 5).await;
    let (second, policy, _) = granted().await;
    assert_ne!(first, second);
    assert!(policy.contains(&format!(":{second}/dev/GET/who/*")) && !policy.contains(&first), "{policy}");
    assert_eq!(answered(&get(&place, &stack, "/call/auth/who/1").await).0, 200);
    assert_eq!(place.changes(&stack).await, [] as [&str; 0]);
}

#[tokio::test]
async fn an_edit_of_a_grant_or_of_a_signed_route_by_hand_shows_as_the_field_that_it_is() {
    let place = Place::new().await;
    let stack = finding(NOWHERE);
    place.deploy(&stack, 5).await;
    let (_, aws) = place.plan(&stack, 5).await;
    let Some(Resource::Role(role)) = found(&place, &stack).await.remove(&Id::new("role", "memo-dev-memo")) else {
        panic!("a role");
    };
    let name = role.policies.keys().next().unwrap().clone();
    let everything =
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"execute-api:*","Resource":"*"}]}"#;
    let put = aws.iam.put_role_policy().role_name("memo-dev-memo").policy_name(&name).policy_document(everything);
    put.send().await.unwrap();
    let changes = place.changes(&stack).await;
    assert!(changes[0].starts_with(&format!("~ role/memo-dev-memo policies.{name}")), "{changes:?}");
    let mut open = stack.clone();
    api(&mut open).routes.values_mut().for_each(|route| route.guard = None);
    let changes = place.changes(&open).await;
    assert!(changes.contains(&"~ api/memo-dev-api routes.GET /who/{id}.authorization".to_owned()), "{changes:?}");
}
