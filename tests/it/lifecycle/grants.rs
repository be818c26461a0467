//! Functions that invoke functions: each release invokes what it was released with, and nobody what he is not bound to.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_apigateway::types::{Op, PatchOperation};
use memoctl::history;
use memoctl::plan::{Id, Phase, Plan, Rules};
use memoctl::resource::release::{self, Release};
use memoctl::resource::{Resource, Resources, live};
use memoctl::session::{Permissions, plan_between, plan_move};
use memoctl::stack::{Algorithm, Function, FunctionAccess, KeyAccess, SigningKey, Stack};

use super::place::{CALLER, Place, api, function, route, stack, walk, work};
use super::rollback::back_to;

fn bound_to(names: &[&str]) -> BTreeMap<String, FunctionAccess> {
    names.iter().map(|name| ((*name).to_owned(), FunctionAccess::Invoke)).collect()
}

/// The stack with a function `caller` that invokes `a`, which says `word`.
pub(super) fn calling(word: &str) -> Stack {
    let mut stack = stack();
    stack.functions.insert("a".to_owned(), function(word));
    stack.functions.insert("caller".to_owned(), Function { functions: bound_to(&["a"]), ..function(CALLER) });
    api(&mut stack).routes.extend([route("GET", "/called", "caller")]);
    stack
}

/// The same, where no route leads to `a`.
fn calling_behind(word: &str) -> Stack {
    let mut stack = calling(word);
    api(&mut stack).routes.retain(|_, route| route.backend.function().is_none_or(|name| name != "a"));
    stack
}

async fn called(place: &Place) -> String {
    let (_, aws) = place.plan(&calling("one"), 5).await;
    place.get(&aws, "/called").await
}

async fn found(place: &Place) -> Resources {
    let (_, aws) = place.plan(&calling("one"), 5).await;
    live(&BTreeSet::new(), &aws).await.unwrap().ours
}

/// Goes back to the release that is the `back`th from the newest.
async fn roll_back(place: &Place, back: usize) {
    let (_, aws) = place.plan(&calling("one"), 5).await;
    let live = live(&BTreeSet::new(), &aws).await.unwrap().ours;
    let record = history::read(&aws).await.unwrap().remove(back);
    assert_eq!(release::missing(&record, &live), [] as [&str; 0]);
    assert!(walk(&back_to(&record, &live), &aws).await.succeeded());
}

/// The numbers of the versions that there are of `function`.
async fn versions(place: &Place, function: &str) -> Vec<u64> {
    let (_, aws) = place.plan(&calling("one"), 5).await;
    aws.directory.versions(function).unwrap().into_keys().collect()
}

/// The stage's variable that names the version of `a`, as API Gateway has it, and as a canary has it instead.
async fn named(place: &Place) -> (Option<String>, Option<String>) {
    let (_, aws) = place.plan(&calling("one"), 5).await;
    let id = aws.directory.api(&aws.scope.api()).unwrap();
    let stage = aws.apigateway.get_stage().rest_api_id(id).stage_name("dev").send().await.unwrap();
    let overrides = stage.canary_settings().and_then(|canary| canary.stage_variable_overrides());
    let of = |variables: Option<&std::collections::HashMap<String, String>>| variables?.get("function_a").cloned();
    (of(stage.variables()), of(overrides))
}

#[tokio::test]
async fn a_function_invokes_the_one_that_it_is_bound_to_and_that_is_all_there_is_to_do() {
    let place = Place::new().await;
    place.deploy(&calling("one"), 5).await;
    assert_eq!(called(&place).await, "one ");
    assert_eq!(place.changes(&calling("one")).await, [] as [&str; 0]);
    assert_eq!(named(&place).await, (Some("memo-dev-a:1".to_owned()), None));
}

#[tokio::test]
async fn a_function_that_is_bound_to_none_is_denied_in_the_words_of_aws() {
    let place = Place::new().await;
    let mut unbound = calling("one");
    unbound.functions.insert("caller".to_owned(), function(CALLER));
    place.deploy(&unbound, 5).await;
    insta::assert_snapshot!(called(&place).await, @r#"{"Type":"User","message":"User: arn:aws:sts::000000000000:assumed-role/memo-dev-caller/memo-dev-caller is not authorized to perform: lambda:InvokeFunction on resource: arn:aws:lambda:eu-central-1:000000000000:function:memo-dev-a because no identity-based policy allows the lambda:InvokeFunction action"}"#);
}

#[tokio::test]
async fn a_changed_function_changes_nothing_of_who_invokes_it() {
    let place = Place::new().await;
    place.deploy(&calling("one"), 5).await;
    let plan = place.deploy(&calling("another"), 5).await;
    insta::assert_snapshot!(work(&plan).join("\n"), @r"
    ~ api/memo-dev-api routes.GET /a.target
    ~ function/memo-dev-a code_sha256
    ~ function/memo-dev-a versions
    ~ release/dev deployments
    ~ release/dev serves.api
    ~ release/dev variables.function_a
    ");
    assert_eq!(called(&place).await, "another ");
    assert_eq!(versions(&place, "memo-dev-caller").await, [1]);
    assert_eq!(place.changes(&calling("another")).await, [] as [&str; 0]);
}

#[tokio::test]
async fn until_the_release_callers_get_what_the_old_one_invokes() {
    let place = Place::new().await;
    place.deploy(&calling("one"), 5).await;
    let (mut plan, aws) = place.plan(&calling("another"), 5).await;
    plan.steps.retain(|(_, phase), _| *phase == Phase::Prepare);
    assert!(walk(&plan, &aws).await.succeeded());
    assert_eq!(called(&place).await, "one ");
}

#[tokio::test]
async fn a_release_that_is_gone_back_to_invokes_its_own_version() {
    let place = Place::new().await;
    place.deploy(&calling("one"), 5).await;
    place.deploy(&calling("another"), 5).await;
    roll_back(&place, 1).await;
    assert_eq!(called(&place).await, "one ");
    place.deploy(&calling("another"), 5).await;
    assert_eq!(called(&place).await, "another ");
}

#[tokio::test]
async fn a_release_that_changes_only_what_is_invoked_is_one_of_its_own_and_can_be_gone_back_from() {
    let place = Place::new().await;
    place.deploy(&calling_behind("one"), 5).await;
    let plan = place.deploy(&calling_behind("another"), 5).await;
    insta::assert_snapshot!(work(&plan).join("\n"), @r"
    ~ function/memo-dev-a code_sha256
    ~ function/memo-dev-a versions
    ~ release/dev deployments
    ~ release/dev serves.api
    ~ release/dev variables.function_a
    ");
    assert_eq!(called(&place).await, "another ");
    assert_eq!(place.changes(&calling_behind("another")).await, [] as [&str; 0]);
    roll_back(&place, 1).await;
    assert_eq!(called(&place).await, "one ");
}

#[tokio::test]
async fn a_version_that_a_kept_release_invokes_is_kept_and_goes_with_it() {
    for calling in [calling as fn(&str) -> Stack, calling_behind] {
        let place = Place::new().await;
        for word in ["one", "another", "third"] {
            place.deploy(&calling(word), 2).await;
        }
        assert_eq!(versions(&place, "memo-dev-a").await, [2, 3]);
        assert_eq!(place.changes(&calling("third")).await, [] as [&str; 0]);
        roll_back(&place, 1).await;
        assert_eq!(called(&place).await, "another ");
    }
}

/// Deploys `stack` as a canary that gets half of the calls, with no release kept that need not be.
async fn canary(place: &Place, stack: &Stack) {
    let (_, aws) = place.plan(stack, 1).await;
    let (found, records) = (found(place).await, history::read(&aws).await.unwrap());
    let permissions = Permissions { keep: 1, delete_data: false, allow_downtime: false, canary: Some(50.0) };
    let plan = plan_between(stack, &aws, (&found, records), &permissions).unwrap();
    assert!(walk(&plan, &aws).await.succeeded());
}

/// Moves the live release to what `to` makes of it.
async fn moved(place: &Place, to: impl Fn(&Release) -> Release) -> Plan<Resource> {
    let (_, aws) = place.plan(&calling("another"), 5).await;
    let found = live(&BTreeSet::new(), &aws).await.unwrap().ours;
    let plan = plan_move(to(release::served(&found).unwrap()), &found);
    assert!(walk(&plan, &aws).await.succeeded());
    plan
}

#[tokio::test]
async fn a_canary_invokes_its_own_version_and_what_serves_beside_it_the_old_one() {
    for calling in [calling as fn(&str) -> Stack, calling_behind] {
        let place = Place::new().await;
        place.deploy(&calling("one"), 5).await;
        canary(&place, &calling("another")).await;
        let (old, new) = (Some("memo-dev-a:1".to_owned()), Some("memo-dev-a:2".to_owned()));
        assert_eq!(named(&place).await, (old.clone(), new.clone()));
        let mut answers = BTreeSet::new();
        for _ in 0..60 {
            answers.insert(called(&place).await);
        }
        // Of 60 calls at a half each, one kind is missing once in 10^18 times.
        assert_eq!(answers, BTreeSet::from(["one ".to_owned(), "another ".to_owned()]));

        moved(&place, |release| Release { canary: None, ..release.clone() }).await;
        assert_eq!(named(&place).await, (old, None));
        canary(&place, &calling("another")).await;
        moved(&place, |release| release.promoted(None).unwrap()).await;
        assert_eq!(named(&place).await, (new, None));
        assert_eq!(called(&place).await, "another ");
    }
}

#[tokio::test]
async fn what_starts_afresh_is_invoked_from_then_on_by_who_does_not() {
    let place = Place::new().await;
    let mut keyed = calling("one");
    keyed.signing_keys = [("jwt".to_owned(), SigningKey { algorithm: Algorithm::EdDSA, overlap: 1800 })].into();
    let signer = Function { signing_keys: [("jwt".to_owned(), KeyAccess::Sign)].into(), ..function("one") };
    keyed.functions.insert("a".to_owned(), signer);
    place.deploy(&keyed, 5).await;
    let (_, aws) = place.plan(&keyed, 5).await;
    let mut live = live(&BTreeSet::new(), &aws).await.unwrap().ours;
    for resource in live.values_mut() {
        if let Resource::SigningKey(key) = resource {
            key.generation = 1;
        }
    }
    let afresh = release::afresh(&live, history::read(&aws).await.unwrap().first()).unwrap();
    assert!(!afresh.contains_key(&Id::new("function", "memo-dev-caller")));
    let wanted = live.clone().into_iter().chain(afresh).collect();
    assert!(walk(&Plan::between(&wanted, &live, &Rules::default()), &aws).await.succeeded());
    assert_eq!(named(&place).await, (Some("memo-dev-a:2".to_owned()), None));
    assert_eq!(versions(&place, "memo-dev-caller").await, [1]);
    assert_eq!(called(&place).await, "one ");
    let recorded = history::read(&aws).await.unwrap().remove(0);
    assert_eq!(release::missing(&recorded, &found(&place).await), [] as [&str; 0]);
}

#[tokio::test]
async fn a_promoted_canary_that_binds_nobody_leaves_no_variable_of_what_was_bound() {
    let place = Place::new().await;
    place.deploy(&calling("one"), 5).await;
    let mut unbound = calling("one");
    unbound.functions.insert("caller".to_owned(), function(CALLER));
    canary(&place, &unbound).await;
    let (_, aws) = place.plan(&unbound, 5).await;
    let record = history::read(&aws).await.unwrap().remove(0);
    moved(&place, |release| release.promoted(Some(&record)).unwrap()).await;
    assert_eq!(named(&place).await, (None, None));
    // What serves is what was deployed last, as an emergency wants it.
    assert!(release::afresh(&found(&place).await, Some(&record)).is_ok());
}

#[tokio::test]
async fn another_version_that_was_put_by_hand_shows_as_the_variable_it_is() {
    let place = Place::new().await;
    place.deploy(&calling("one"), 5).await;
    place.deploy(&calling("another"), 5).await;
    for other in ["memo-dev-a:1", "memo-dev-a:99", "memo-dev-a"] {
        let (_, aws) = place.plan(&calling("another"), 5).await;
        let id = aws.directory.api(&aws.scope.api()).unwrap();
        let patch = PatchOperation::builder().op(Op::Replace).path("/variables/function_a").value(other).build();
        let update = aws.apigateway.update_stage().rest_api_id(id).stage_name("dev").patch_operations(patch);
        update.send().await.unwrap();
        assert_eq!(place.changes(&calling("another")).await, ["~ release/dev variables.function_a"], "{other}");
        place.deploy(&calling("another"), 5).await;
        assert_eq!(called(&place).await, "another ");
        assert_eq!(place.changes(&calling("another")).await, [] as [&str; 0]);
    }
}

#[tokio::test]
async fn functions_that_invoke_each_other_and_themselves_are_deployed_changed_and_destroyed() {
    let place = Place::new().await;
    let circle = |word: &str| {
        let mut stack = calling(word);
        stack.functions.insert("a".to_owned(), Function { functions: bound_to(&["a", "caller"]), ..function(word) });
        stack
    };
    for (stack, keep) in [(circle("one"), 5), (circle("another"), 5), (calling("third"), 1), (circle("one"), 1)] {
        place.deploy(&stack, keep).await;
        assert_eq!(work(&place.plan(&stack, keep).await.0), [] as [&str; 0]);
    }
    assert_eq!(called(&place).await, "one ");
    place.destroy(&circle("one")).await;
    let aws = place.aws(&stack()).await;
    assert_eq!(live(&BTreeSet::new(), &aws).await.unwrap().ours.keys().collect::<Vec<_>>(), [] as [&Id; 0]);
}

#[tokio::test]
async fn who_is_no_longer_bound_is_denied_once_no_kept_release_is() {
    let place = Place::new().await;
    place.deploy(&calling("one"), 5).await;
    let mut unbound = calling("one");
    unbound.functions.insert("caller".to_owned(), function(CALLER));
    place.deploy(&unbound, 1).await;
    assert_eq!(named(&place).await, (None, None));
    let answer = called(&place).await;
    assert!(answer.contains("is not authorized to perform: lambda:InvokeFunction"), "{answer}");
}

#[tokio::test]
async fn of_many_functions_too_versions_are_known_by_what_they_are() {
    let place = Place::new().await;
    let many = |word: &str| {
        let mut stack = calling(word);
        stack.functions.extend((0..25).map(|number| (format!("f{number:02}"), function("one"))));
        stack
    };
    place.deploy(&many("one"), 5).await;
    assert_eq!(place.changes(&many("one")).await, [] as [&str; 0]);
    place.deploy(&many("another"), 5).await;
    assert_eq!(called(&place).await, "another ");
}
