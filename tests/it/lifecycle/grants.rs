//! Functions that invoke functions: each release calls what it was released with, and nobody calls what he is not bound to.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_lambda::types::Environment;
use memoctl::plan::{Id, Phase, Plan, Rules};
use memoctl::resource::function::Variable;
use memoctl::resource::{Resource, Resources, live, release};
use memoctl::stack::{Algorithm, Function, FunctionAccess, KeyAccess, SigningKey, Stack};

use super::place::{CALLER, Place, api, function, route, stack, walk, work};
use super::rollback::back_to;

fn bound_to(name: &str) -> BTreeMap<String, FunctionAccess> {
    [(name.to_owned(), FunctionAccess::Invoke)].into()
}

/// The stack with a function `caller` that invokes `a`, which says `word`.
fn calling(word: &str) -> Stack {
    let mut stack = stack();
    stack.functions.insert("a".to_owned(), function(word));
    stack.functions.insert("caller".to_owned(), Function { functions: bound_to("a"), ..function(CALLER) });
    api(&mut stack).routes.extend([route("GET", "/called", "caller")]);
    stack
}

async fn called(place: &Place) -> String {
    let (_, aws) = place.plan(&calling("one"), 5).await;
    place.get(&aws, "/called").await
}

#[tokio::test]
async fn a_function_invokes_the_one_that_it_is_bound_to_and_that_is_all_there_is_to_do() {
    let place = Place::new().await;
    place.deploy(&calling("one"), 5).await;
    assert_eq!(called(&place).await, "one ");
    assert_eq!(place.changes(&calling("one")).await, [] as [&str; 0]);
}

#[tokio::test]
async fn a_function_that_is_bound_to_none_is_denied_in_the_words_of_aws() {
    let place = Place::new().await;
    let mut unbound = calling("one");
    let environment = BTreeMap::from([("FUNCTION_A".to_owned(), "memo-dev-a".to_owned())]);
    unbound.functions.insert("caller".to_owned(), Function { environment, ..function(CALLER) });
    place.deploy(&unbound, 5).await;
    insta::assert_snapshot!(called(&place).await, @r#"{"Type":"User","message":"User: arn:aws:sts::000000000000:assumed-role/memo-dev-caller/memo-dev-caller is not authorized to perform: lambda:InvokeFunction on resource: arn:aws:lambda:eu-central-1:000000000000:function:memo-dev-a because no identity-based policy allows the lambda:InvokeFunction action"}"#);
}

#[tokio::test]
async fn a_changed_function_is_a_new_version_of_who_invokes_it_and_shows_as_such() {
    let place = Place::new().await;
    place.deploy(&calling("one"), 5).await;
    let plan = place.deploy(&calling("another"), 5).await;
    insta::assert_snapshot!(work(&plan).join("\n"), @r"
    ~ api/memo-dev-api routes.GET /a.target
    ~ api/memo-dev-api routes.GET /called.target
    ~ function/memo-dev-a code_sha256
    ~ function/memo-dev-a versions
    ~ function/memo-dev-caller environment.FUNCTION_A
    ~ function/memo-dev-caller versions
    ~ release/dev deployments
    ~ release/dev serves.api
    ");
    assert_eq!(called(&place).await, "another ");
    assert_eq!(place.changes(&calling("another")).await, [] as [&str; 0]);
}

#[tokio::test]
async fn until_the_release_callers_get_what_the_old_version_invokes() {
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
    let (_, aws) = place.plan(&calling("another"), 5).await;
    let live = live(&BTreeSet::new(), &aws).await.unwrap().ours;
    let record = memoctl::history::read(&aws).await.unwrap().remove(1);
    assert!(walk(&back_to(&record, &live), &aws).await.succeeded());
    assert_eq!(called(&place).await, "one ");
    place.deploy(&calling("another"), 5).await;
    assert_eq!(called(&place).await, "another ");
}

#[tokio::test]
async fn a_version_that_a_kept_release_invokes_is_kept_and_goes_with_it() {
    let place = Place::new().await;
    for word in ["one", "another", "third"] {
        place.deploy(&calling(word), 2).await;
    }
    let (_, aws) = place.plan(&calling("third"), 2).await;
    for name in ["memo-dev-a", "memo-dev-caller"] {
        let versions = aws.directory.versions(name).unwrap();
        assert_eq!(versions.keys().copied().collect::<Vec<_>>(), [2, 3], "{name}");
    }
    assert_eq!(place.changes(&calling("third")).await, [] as [&str; 0]);
}

#[tokio::test]
async fn a_change_of_who_is_not_bound_makes_no_new_version_of_who_is() {
    let place = Place::new().await;
    place.deploy(&calling("one"), 5).await;
    let mut changed = calling("one");
    changed.functions.insert("b".to_owned(), function("another"));
    let plan = place.deploy(&changed, 5).await;
    assert!(!work(&plan).iter().any(|line| line.contains("function/memo-dev-caller")), "{:?}", work(&plan));
}

#[tokio::test]
async fn another_version_that_was_put_by_hand_shows_as_the_variable_it_is() {
    let place = Place::new().await;
    place.deploy(&calling("one"), 5).await;
    place.deploy(&calling("another"), 5).await;
    by_hand(&place, "memo-dev-caller", ("FUNCTION_A", "memo-dev-a:1")).await;
    assert_eq!(place.changes(&calling("another")).await, ["~ function/memo-dev-caller environment.FUNCTION_A"]);
    place.deploy(&calling("another"), 5).await;
    assert_eq!(place.changes(&calling("another")).await, [] as [&str; 0]);
}

#[tokio::test]
async fn who_invokes_a_function_that_starts_afresh_starts_afresh_too() {
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
    let afresh = release::afresh(&live, None).unwrap();
    let function = |name: &str| match &afresh[&Id::new("function", name)] {
        Resource::Function(function) => function.clone(),
        other => panic!("{other:?}"),
    };
    let expected = Variable::Version { function: "memo-dev-a".to_owned(), digest: function("memo-dev-a").digest() };
    assert_eq!(function("memo-dev-caller").content.environment["FUNCTION_A"], expected);
    assert!(!afresh.contains_key(&Id::new("function", "memo-dev-b")));
}

async fn by_hand(place: &Place, function: &str, (variable, value): (&str, &str)) {
    let aws = place.aws(&stack()).await;
    let environment = Environment::builder().variables(variable, value).build();
    aws.lambda.update_function_configuration().function_name(function).environment(environment).send().await.unwrap();
}

#[tokio::test]
async fn functions_that_were_made_to_name_each_other_by_hand_are_put_right() {
    let place = Place::new().await;
    place.deploy(&calling("one"), 5).await;
    by_hand(&place, "memo-dev-a", ("FUNCTION_CALLER", "memo-dev-caller:1")).await;
    let changes = place.changes(&calling("one")).await;
    assert!(changes.contains(&"~ function/memo-dev-a environment.FUNCTION_CALLER".to_owned()), "{changes:?}");
    place.deploy(&calling("one"), 5).await;
    assert_eq!(place.changes(&calling("one")).await, [] as [&str; 0]);
    by_hand(&place, "memo-dev-a", ("FUNCTION_CALLER", "memo-dev-caller:1")).await;
    place.destroy(&calling("one")).await;
    let aws = place.aws(&stack()).await;
    assert_eq!(live(&BTreeSet::new(), &aws).await.unwrap().ours.keys().collect::<Vec<_>>(), [] as [&Id; 0]);
}

#[tokio::test]
async fn who_invokes_whom_can_be_turned_round() {
    let place = Place::new().await;
    place.deploy(&calling("one"), 5).await;
    let mut turned = calling("one");
    turned.functions.insert("caller".to_owned(), function("two"));
    turned.functions.insert("a".to_owned(), Function { functions: bound_to("caller"), ..function("one") });
    for (stack, keep) in [(&turned, 5), (&calling("one"), 5), (&turned, 1)] {
        place.deploy(stack, keep).await;
        assert_eq!(work(&place.plan(stack, keep).await.0), [] as [&str; 0]);
    }
}

#[tokio::test]
async fn who_invokes_goes_before_whom_it_invokes() {
    let place = Place::new().await;
    place.deploy(&calling("one"), 5).await;
    let aws = place.aws(&calling("one")).await;
    let live = live(&BTreeSet::new(), &aws).await.unwrap().ours;
    let plan = Plan::between(&Resources::new(), &live, &Rules { delete_data: true, ..Rules::default() });
    let key = |name: &str| (Id::new("function", name), Phase::CleanUp);
    assert!(plan.steps[&key("memo-dev-a")].after.contains(&key("memo-dev-caller")));
    assert!(!plan.steps[&key("memo-dev-b")].after.contains(&key("memo-dev-caller")));
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
