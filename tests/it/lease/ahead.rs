//! What is done before the handlers are built.

use std::collections::BTreeSet;

use memoctl::aws::Aws;
use memoctl::aws::lease::Seen;
use memoctl::package::Artifacts;
use memoctl::plan::Plan;
use memoctl::resource::{Resource, live};
use memoctl::session::ahead::plan_beside;
use memoctl::session::{Change, Changed, Exit, Failure, Foresight, KeepArgs, LeaseArgs};
use memoctl::stack::{Guard, Stack};

use super::until;
use crate::cloud::session;
use crate::lifecycle::place::{Place, api, stack};

/// Deploys with a client whose handlers are what `build` gives.
async fn deploy(aws: &Aws, build: impl AsyncFn() -> Result<Artifacts, Failure>) -> Result<Changed, Failure> {
    deploy_of(&stack(), aws, build).await
}

async fn deploy_of(
    stack: &Stack,
    aws: &Aws,
    build: impl AsyncFn() -> Result<Artifacts, Failure>,
) -> Result<Changed, Failure> {
    let (session, permissions) = (session(), KeepArgs::default().permissions(false));
    let plan = async |aws: &Aws, foresight: &Foresight| {
        let building = async {
            aws.artifacts.put(build().await?);
            Ok(())
        };
        let (plan, _, ()) = plan_beside(building, (stack, &session, aws), foresight, &permissions).await?;
        Ok((plan, ()))
    };
    let change = Change { session: &session, aws, verb: "deploy", lease: &LeaseArgs::default() };
    change.make(plan, |_: &Plan<Resource>, (), _| Ok(())).await
}

/// The names of the live roles.
async fn roles(place: &Place) -> BTreeSet<String> {
    let aws = place.aws(&stack()).await;
    let ours = live(&BTreeSet::new(), &aws).await.unwrap().ours;
    ours.into_keys().filter(|id| id.kind == "role").map(|id| id.name).collect()
}

#[tokio::test]
async fn roles_are_made_under_the_lease_while_the_handlers_are_built() {
    let place = Place::new().await;
    let (aws, built) = (place.aws(&stack()).await, place.aws(&stack()).await.artifacts.all());
    aws.artifacts.put(Artifacts::default());
    let compile = async || {
        until(async || (roles(&place).await.len() == 4).then_some(())).await;
        assert!(Seen::reading(&aws).await.unwrap().held().is_some());
        Ok(Artifacts::clone(&built))
    };
    let changed = Box::pin(deploy(&aws, compile)).await.unwrap();
    assert_eq!(changed.exit(), Exit::Done);
    assert_eq!(changed.plan.work().filter(|((id, _), _)| id.kind == "role").count(), 4);
    assert_eq!(place.changes(&stack()).await, [] as [&str; 0]);
}

#[tokio::test]
async fn a_build_that_fails_frees_the_lease_and_the_next_deploy_goes_on_with_the_roles() {
    let place = Place::new().await;
    let aws = place.aws(&stack()).await;
    aws.artifacts.put(Artifacts::default());
    let fail = async || {
        until(async || (roles(&place).await.len() == 4).then_some(())).await;
        Err(Failure::Other { error: "the build failed".to_owned(), hint: None })
    };
    assert_eq!(Box::pin(deploy(&aws, fail)).await.unwrap_err().to_string(), "the build failed");
    assert!(Seen::reading(&aws).await.unwrap().held().is_none());

    let again = place.aws(&stack()).await;
    let built = again.artifacts.all();
    let changed = deploy(&again, async || Ok(Artifacts::clone(&built))).await.unwrap();
    assert_eq!(changed.exit(), Exit::Done);
    assert_eq!(place.changes(&stack()).await, [] as [&str; 0]);
}

#[tokio::test]
async fn a_role_that_grants_routes_of_an_api_to_come_is_made_early_too_and_may_call_them_when_that_is_there() {
    let place = Place::new().await;
    let mut granting = stack();
    granting.functions.get_mut("b").unwrap().services.insert("a".to_owned());
    api(&mut granting).routes.values_mut().for_each(|route| route.guard = Some(Guard::Iam));
    let (aws, built) = (place.aws(&granting).await, place.aws(&granting).await.artifacts.all());
    aws.artifacts.put(Artifacts::default());
    let compile = async || {
        until(async || (roles(&place).await.len() == 4).then_some(())).await;
        Ok(Artifacts::clone(&built))
    };
    let changed = Box::pin(deploy_of(&granting, &aws, compile)).await.unwrap();
    assert_eq!(changed.exit(), Exit::Done);
    let made = place.cloud.calls().mutating;
    assert_eq!(made["iam:CreateRole"], 4, "{made:?}");
    assert_eq!(place.changes(&granting).await, [] as [&str; 0]);
}
