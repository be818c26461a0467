//! The same deploys on moto, whose control plane somebody else wrote. What it shows differently is in the list of its
//! known faults, and nowhere else.

use std::collections::{BTreeMap, BTreeSet};

use memoctl::resource::live;
use memoctl::stack::Stack;

use super::place::{Place, api, function, route, stack, work};
use crate::cloud::TestCloud;

/// A difference between what was deployed and what moto tells of it: the kind, and the beginning of the field.
struct Fault {
    kind: &'static str,
    field: &'static str,
    why: &'static str,
}

/// Moto 5.2's.
const FAULTS: [Fault; 7] = [
    Fault { kind: "function", field: "logging.format", why: "moto forgets LoggingConfig" },
    Fault { kind: "function", field: "versions", why: "so a version's content is not what was published" },
    Fault { kind: "api", field: "routes.GET /a.target", why: "and a route that names it names another content" },
    Fault { kind: "api", field: "routes.GET /a.type", why: "moto keeps the document's lower case" },
    Fault { kind: "api", field: "routes.GET /a.passthrough", why: "the same" },
    Fault { kind: "api", field: "responses.", why: "moto drops gateway responses on import" },
    Fault { kind: "api", field: "routes.", why: "moto takes x-amazon-apigateway-any-method for a method's name" },
];

/// The stack without what moto's import drops (authorizers) or breaks on (mock integrations without a URI).
fn plain() -> Stack {
    let mut stack = stack();
    let api = api(&mut stack);
    api.cors = None;
    api.authorizers.clear();
    api.routes = [route("GET", "/a", "a"), route("ANY", "/b/{proxy+}", "b")].into();
    stack
}

/// What `place` shows of `stack` that is not as deployed, by the index of the fault that it is.
async fn differences(place: &Place, stack: &Stack) -> BTreeMap<Option<usize>, Vec<String>> {
    let mut differences: BTreeMap<Option<usize>, Vec<String>> = BTreeMap::new();
    for change in place.changes(stack).await {
        let known = FAULTS.iter().position(|fault| {
            let field = change.strip_prefix("~ ").and_then(|change| change.strip_prefix(fault.kind)?.split_once(' '));
            field.is_some_and(|(_, field)| field.starts_with(fault.field))
        });
        differences.entry(known).or_default().push(change);
    }
    differences
}

#[tokio::test]
async fn moto_takes_a_stack_from_nothing_over_a_change_and_back_to_nothing() {
    let Some(cloud) = TestCloud::moto().await else { return };
    let place = Place { cloud };
    place.deploy(&plain(), 5).await;
    let seen = differences(&place, &plain()).await;
    assert_eq!(seen.get(&None), None, "moto shows what no fault of it explains");
    for (index, Fault { field, why, .. }) in FAULTS.iter().enumerate() {
        assert!(seen.contains_key(&Some(index)), "moto has mended {field}: {why}");
    }

    let mut changed = plain();
    changed.functions.insert("a".to_owned(), function("another"));
    api(&mut changed).routes.extend([route("GET", "/c", "b")]);
    let plan = place.deploy(&changed, 5).await;
    let work: BTreeSet<String> = work(&plan).into_iter().collect();
    for step in ["~ function/memo-dev-a code_sha256", "~ api/memo-dev-api routes.GET /c", "~ release/dev serves.api"] {
        assert!(work.contains(step), "{step}: {work:?}");
    }
    assert_eq!(differences(&place, &changed).await.get(&None), None);

    place.destroy(&changed).await;
    let aws = place.aws(&changed).await;
    assert_eq!(live(&BTreeSet::new(), &aws).await.unwrap().ours.into_keys().collect::<Vec<_>>(), []);
}
