//! A joined service in plans and releases.

use memoctl::stack::Service;

use super::server::Server;
use super::{Joined, joined, legacy, only, to};
use crate::lifecycle::place::{Place, api, stack, walk, work};
use crate::lifecycle::rollback::{back_to, before};

const URL: &str = "https://internal.example.com/{proxy}";

#[tokio::test]
async fn after_a_deploy_nothing_is_to_be_done_whatever_the_route_says() {
    let place = Place::new().await;
    let mut stack = legacy(URL);
    only(&mut stack).timeout = 1_500;
    let all = Service {
        identity: "X-Remote-User".to_owned(),
        headers: [("X-Tenant".to_owned(), "method.request.header.X-Organisation".to_owned())].into(),
        query: [("source".to_owned(), "'memo'".to_owned())].into(),
        vpc_link: Some("ab1c2d".to_owned()),
        verify_certificate: false,
        ..Service::at("https://internal.example.com:8443/v1/{id}/{proxy}")
    };
    api(&mut stack).routes.extend([to("POST /orders/{id}/{proxy+}", all)]);
    place.deploy(&stack, 5).await;
    assert_eq!(place.changes(&stack).await, [] as [&str; 0]);
}

#[tokio::test]
async fn another_url_is_a_change_of_the_route_and_a_new_release() {
    let (before, after) = (Server::start().await, Server::start().await);
    let mut stack = legacy(&format!("{}/{{proxy}}", before.url));
    let place = Place::new().await;
    place.deploy(&stack, 5).await;
    joined(&mut stack).url = format!("{}/{{proxy}}", after.url);
    assert_eq!(
        place.changes(&stack).await,
        [
            "~ api/memo-dev-api routes.ANY /legacy/{proxy+}.target",
            "~ release/dev deployments",
            "~ release/dev serves.api",
        ]
    );
    place.deploy(&stack, 5).await;
    let (_, aws) = place.plan(&stack, 5).await;
    assert_eq!(place.get(&aws, "/legacy/a").await, "served");
    assert_eq!((before.seen().len(), after.seen().len()), (0, 1));
}

#[tokio::test]
async fn an_edit_of_the_integration_by_hand_is_told_as_the_field_that_it_is() {
    let place = Place::new().await;
    let stack = legacy(URL);
    place.deploy(&stack, 5).await;
    let mut other = stack.clone();
    joined(&mut other).vpc_link = Some("ab1c2d".to_owned());
    joined(&mut other).verify_certificate = false;
    place.deploy(&other, 5).await;
    let changes = place.changes(&stack).await;
    for field in ["vpc_link", "any_authority"] {
        assert!(changes.iter().any(|change| change.ends_with(&format!("{{proxy+}}.{field}"))), "{changes:?}");
    }
}

#[tokio::test]
async fn a_preflight_is_answered_by_the_gateway_and_never_asks_the_service() {
    let cors = stack().api.unwrap().cors;
    let joined = Joined::with(|stack| api(stack).cors = cors).await;
    let sent = [("Origin", "https://page.example"), ("Access-Control-Request-Method", "PUT")];
    let answer = joined.ask("OPTIONS /legacy/a", &sent, "").await;
    assert_eq!((answer.status, answer.all("access-control-allow-methods")), (204, vec!["*"]));
    assert!(joined.server.seen().is_empty());
}

#[tokio::test]
async fn functions_beside_a_service_answer_as_before() {
    let with = Joined::with(|joined| {
        let routes = api(joined).routes.clone();
        *joined = stack();
        api(joined).routes.extend(routes);
    });
    let with = with.await;
    let answer = with.ask("POST /b/c", &[("Content-Type", "application/json"), ("Authorization", "t")], "{}").await;
    assert_eq!((answer.status, &*answer.body), (200, &b"two "[..]));
    assert_eq!(with.get("/legacy/a").await.body, "served");
}

#[tokio::test]
async fn a_rollback_from_services_to_functions_has_all_that_the_functions_need() {
    let place = Place::new().await;
    place.deploy(&stack(), 5).await;
    let only_services = legacy(URL);
    place.deploy(&only_services, 5).await;
    assert_eq!(place.changes(&only_services).await, [] as [&str; 0]);
    let (live, record) = before(&place, 1).await;
    let (_, aws) = place.plan(&only_services, 5).await;
    assert!(walk(&back_to(&record, &live), &aws).await.succeeded());
    assert_eq!(place.get(&aws, "/a").await, "one ");
}

#[tokio::test]
async fn a_stack_that_has_services_alone_has_no_role_of_the_gateway() {
    let place = Place::new().await;
    place.deploy(&stack(), 5).await;
    let only_services = legacy(URL);
    let plan = place.deploy(&only_services, 1).await;
    let work = work(&plan);
    assert!(work.contains(&"- role/memo-dev-gateway".to_owned()), "{work:?}");
    assert_eq!(place.changes(&only_services).await, [] as [&str; 0]);
}
