use std::time::Duration;

use serde_json::json;

use super::*;
use crate::apply::Because;
use crate::plan::Rules;

#[derive(Clone, Debug, PartialEq)]
struct Toy(&'static str, Value);

impl Item for Toy {
    fn id(&self) -> Id {
        Id::new("toy", self.0)
    }

    fn needs(&self) -> Vec<Id> {
        Vec::new()
    }

    fn fields(&self) -> Value {
        self.1.clone()
    }

    fn fixed(&self) -> &'static [&'static str] {
        &[]
    }

    fn holds_data(&self) -> bool {
        false
    }

    fn releases(&self) -> bool {
        false
    }

    fn meanwhile(&self, _live: &Self) -> Self {
        self.clone()
    }
}

type Toys = BTreeMap<Id, Toy>;

fn toys<const N: usize>(toys: [(&'static str, Value); N]) -> Toys {
    toys.into_iter().map(|(name, fields)| Toy(name, fields)).map(|toy| (toy.id(), toy)).collect()
}

/// The plan that makes `wanted` of `live`.
fn plan(wanted: &Toys, live: &Toys) -> Plan<Toy> {
    Plan::between(wanted, live, &Rules::default())
}

/// What a run leaves that makes `wanted` of `live`, when its step for `toy` ends with `status` and all others are done.
fn left(before: Option<Left>, (wanted, live): (&Toys, &Toys), step: (&str, Status<()>)) -> Left {
    walked(before, &plan(wanted, live), step)
}

/// What is left by a run that walks `plan`, when its step for `toy` ends with `status` and all others are done.
fn walked(before: Option<Left>, plan: &Plan<Toy>, (toy, status): (&str, Status<()>)) -> Left {
    let mut statuses: BTreeMap<Key, Status<()>> =
        plan.work().map(|(key, _)| (key.clone(), Status::Done(Duration::ZERO))).collect();
    for (key, other) in &mut statuses {
        if key.0.name == toy {
            *other = match &status {
                Status::Done(time) => Status::Done(*time),
                Status::Failed(()) => Status::Failed(()),
                Status::Skipped(because) => Status::Skipped(because.clone()),
            };
        }
    }
    Left::after(before, plan, &Outcome { statuses })
}

/// What a run that made `live` of nothing leaves.
fn made(live: &Toys) -> Left {
    left(None, (live, &Toys::new()), ("", Status::Failed(())))
}

/// The drift of `live`, a line for each resource.
fn drift(left: &Left, live: &Toys, wanted: &Toys) -> Vec<String> {
    let drift = plan(wanted, live).drifted(&Last::Left(left.clone())).drift;
    drift.resources.iter().map(|(id, drifted)| format!("{id} {drifted}")).collect()
}

const CHANGED: &str = "toy/a drift: size changed outside of memoctl";

#[test]
fn what_is_as_it_was_left_is_no_drift_whatever_is_wanted() {
    let live = toys([("a", json!({ "size": 1, "none": null, "tags": { "x.y": "z" } }))]);
    let wanted = toys([("a", json!({ "size": 2 })), ("b", json!({}))]);
    assert_eq!(drift(&made(&live), &live, &wanted), [] as [&str; 0]);
}

#[test]
fn a_field_that_is_otherwise_than_it_was_left_is_drift_by_its_path() {
    let left = made(&toys([("a", json!({ "size": 1, "tags": { "x": "1", "y": "2" }, "ttl": null }))]));
    let live = toys([("a", json!({ "size": 2, "tags": { "y": "3", "z": "4" }, "ttl": { "on": true } }))]);
    let expected = "toy/a drift: size, tags.x, tags.y, tags.z, ttl changed outside of memoctl";
    assert_eq!(drift(&left, &live, &live), [expected]);
}

#[test]
fn what_is_gone_or_was_made_is_drift_of_the_whole_resource() {
    let left = made(&toys([("gone", json!({ "size": 1 })), ("unwanted", json!({ "size": 1 }))]));
    let live = toys([("made", json!({ "size": 1 }))]);
    let wanted = toys([("gone", json!({ "size": 1 }))]);
    let expected = ["toy/gone drift: deleted outside of memoctl", "toy/made drift: made outside of memoctl"];
    assert_eq!(drift(&left, &live, &wanted), expected);
}

#[test]
fn of_a_field_that_drifted_its_parts_and_its_whole_drifted_too() {
    let left = made(&toys([("a", json!({ "limit": { "rate": 1, "burst": 1 } }))]));
    let live = toys([("a", json!({ "limit": { "rate": 2, "burst": 1 } }))]);
    let plan = plan(&live, &live).drifted(&Last::Left(left));
    let drifted = |field| plan.drift.field(&Id::new("toy", "a"), field);
    assert!(drifted("limit.rate") && drifted("limit") && drifted("limit.rate.x"));
    assert!(!drifted("limit.burst") && !drifted("limit.rates") && !drifted("lim"));
}

#[test]
fn a_failed_step_leaves_what_nobody_knows() {
    let [one, two] = [1, 2].map(|size| toys([("a", json!({ "size": size }))]));
    let left = left(Some(made(&one)), (&two, &one), ("a", Status::Failed(())));
    for live in [&one, &two, &Toys::new()] {
        assert_eq!(drift(&left, live, &two), [] as [&str; 0]);
    }
}

#[test]
fn a_skipped_step_leaves_what_was_left_before() {
    let [one, two, three] = [1, 2, 3].map(|size| toys([("a", json!({ "size": size }))]));
    let skipped = || ("a", Status::Skipped(Because::Interrupted));
    let left = left(Some(made(&one)), (&three, &two), skipped());
    assert_eq!(drift(&left, &two, &three), [CHANGED]);
    assert_eq!(drift(&left, &one, &three), [] as [&str; 0]);
}

#[test]
fn where_nobody_tells_what_was_left_before_a_skipped_step_leaves_what_was_live() {
    let [one, two] = [1, 2].map(|size| toys([("a", json!({ "size": size }))]));
    let left = left(None, (&two, &one), ("a", Status::Skipped(Because::Interrupted)));
    assert_eq!(drift(&left, &one, &two), [] as [&str; 0]);
    assert_eq!(drift(&left, &two, &two), [CHANGED]);
}

#[test]
fn a_deleted_resource_is_not_missed() {
    let live = toys([("a", json!({ "size": 1 }))]);
    let left = left(Some(made(&live)), (&Toys::new(), &live), ("", Status::Failed(())));
    assert_eq!(drift(&left, &Toys::new(), &live), [] as [&str; 0]);
}

#[test]
fn what_a_run_finds_as_it_wants_it_is_no_drift_any_more() {
    let [one, two] = [1, 2].map(|size| toys([("a", json!({ "size": size }))]));
    let agreed = left(Some(made(&one)), (&two, &two), ("", Status::Failed(())));
    assert_eq!(drift(&agreed, &two, &one), [] as [&str; 0]);
}

#[test]
fn what_a_partial_run_leaves_alone_stays_the_drift_that_it_is() {
    let toy = |size, by, color| toys([("a", json!({ "size": size, "limits": { "by": by, "color": color } }))]);
    let (was, edited, wanted) = (toy(1, "us", "red"), toy(2, "hand", "red"), toy(2, "hand", "blue"));
    let moved = walked(Some(made(&was)), &plan(&wanted, &edited).of_live(), ("", Status::Failed(())));
    assert_eq!(drift(&moved, &wanted, &was), ["toy/a drift: limits.by, size changed outside of memoctl"]);
    let kept = walked(Some(made(&was)), &plan(&edited, &edited).of_live(), ("", Status::Failed(())));
    assert_eq!(drift(&kept, &edited, &was), ["toy/a drift: limits.by, size changed outside of memoctl"]);
}

#[test]
fn what_a_partial_run_changes_is_no_drift() {
    let toy = |size, color| toys([("a", json!({ "size": size, "color": color }))]);
    let (was, edited, wanted) = (toy(1, "red"), toy(2, "red"), toy(3, "blue"));
    let moved = walked(Some(made(&was)), &plan(&wanted, &edited).of_live(), ("", Status::Failed(())));
    assert_eq!(drift(&moved, &wanted, &was), [] as [&str; 0]);
}

#[test]
fn another_version_and_a_run_that_has_not_ended_tell_nothing() {
    let [one, two] = [1, 2].map(|size| toys([("a", json!({ "size": size }))]));
    let old = Left { memoctl: "0.0.0".to_owned(), ..made(&one) };
    let of = |last: &Last| plan(&one, &two).drifted(last).drift;
    assert_eq!(of(&Last::Left(old)), Drift::default());
    assert_eq!(of(&Last::Untold), Drift::default());
    let unfinished = of(&Last::Unfinished("ada".to_owned()));
    assert_eq!(unfinished, Drift { unfinished: Some("ada".to_owned()), ..Drift::default() });
}

#[test]
fn what_is_taken_in_is_left_as_it_is_and_nothing_else_is_hidden_by_it() {
    let left = made(&toys([("a", json!({ "size": 1 }))]));
    let live = toys([("a", json!({ "size": 2 })), ("b", json!({ "size": 1 }))]);
    let left = left.with(&Id::new("toy", "b"), &live);
    assert_eq!(drift(&left, &live, &live), [CHANGED]);
}

#[test]
fn no_value_is_written() {
    let left = made(&toys([("a", json!({ "environment": { "PASSWORD": "correct horse" } }))]));
    let text = serde_json::to_string(&left).unwrap();
    assert!(text.contains("PASSWORD") && !text.contains("horse"), "{text}");
    assert_eq!(serde_json::from_str::<Left>(&text).unwrap(), left);
}
