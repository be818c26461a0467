use std::collections::BTreeMap;

use serde_json::json;

use super::*;
use crate::apply::Outcome;
use crate::drift::{Last, Left};
use crate::plan::Rules;

#[derive(Clone, PartialEq)]
struct Toy {
    name: &'static str,
    fields: Value,
    data: bool,
}

impl Item for Toy {
    fn id(&self) -> Id {
        Id::new("toy", self.name)
    }

    fn needs(&self) -> Vec<Id> {
        Vec::new()
    }

    fn fields(&self) -> Value {
        self.fields.clone()
    }

    fn fixed(&self) -> &'static [&'static str] {
        &["key"]
    }

    fn holds_data(&self) -> bool {
        self.data
    }

    fn releases(&self) -> bool {
        false
    }

    fn meanwhile(&self, _live: &Self) -> Self {
        self.clone()
    }
}

fn toys(toys: &[(&'static str, Value, bool)]) -> BTreeMap<Id, Toy> {
    let toy = |(name, fields, data): &(&'static str, Value, bool)| Toy { name, fields: fields.clone(), data: *data };
    toys.iter().map(toy).map(|toy| (toy.id(), toy)).collect()
}

fn shown(wanted: &BTreeMap<Id, Toy>, live: &BTreeMap<Id, Toy>) -> String {
    let plan = Plan::between(wanted, live, &Rules::default());
    anstream::adapter::strip_str(&human(&plan, false)).to_string()
}

#[test]
fn a_plan_shows_signs_changed_fields_and_reasons() {
    let wanted = toys(&[
        ("made", json!({ "size": 1 }), false),
        ("changed", json!({ "size": 2, "color": "red" }), false),
        ("same", json!({}), false),
    ]);
    let live = toys(&[
        ("changed", json!({ "size": 1 }), false),
        ("same", json!({}), false),
        ("old", json!({}), false),
        ("full", json!({}), true),
    ]);
    let expected = "\
~ toy/changed
    color: (none) -> \"red\"
    size: 1 -> 2
= toy/full  no longer wanted, but it holds data: --delete-data deletes it
+ toy/made
- toy/old
plan: 1 to create, 1 to update, 1 to delete; 1 as wanted, 1 kept, no longer wanted";
    assert_eq!(shown(&wanted, &live), expected);
}

#[test]
fn what_holds_data_is_told_though_there_is_nothing_to_do() {
    let live = toys(&[("full", json!({}), true), ("same", json!({}), false)]);
    let wanted = toys(&[("same", json!({}), false)]);
    let told = |live| left(&Plan::between(&wanted, live, &Rules::default()));
    let text = anstream::adapter::strip_str(&told(&live).unwrap()).to_string();
    assert_eq!(text, "= toy/full  no longer wanted, but it holds data: --delete-data deletes it");
    assert_eq!(told(&wanted), None);
}

#[test]
fn a_refused_replacement_shows_the_field_that_forces_it() {
    let [wanted, live] = [2, 1].map(|key| toys(&[("fixed", json!({ "key": key }), false)]));
    let expected = "\
± toy/fixed  replaced: key cannot be changed in place
    key: 1 -> 2
refused: toy/fixed would be replaced, because key cannot be changed in place, and its callers would fail meanwhile
plan: 1 to replace; 0 as wanted";
    assert_eq!(shown(&wanted, &live), expected);
}

/// The plan where `left` was left by the run before.
fn shown_after(left: &BTreeMap<Id, Toy>, wanted: &BTreeMap<Id, Toy>, live: &BTreeMap<Id, Toy>) -> String {
    let left = Left::after::<_, ()>(
        None,
        &Plan::between(left, left, &Rules::default()),
        &Outcome { statuses: BTreeMap::new() },
    );
    let plan = Plan::between(wanted, live, &Rules::default()).drifted(&Last::Left(left));
    anstream::adapter::strip_str(&human(&plan, false)).to_string()
}

#[test]
fn drift_is_told_apart_from_what_the_stack_file_changes() {
    let left = toys(&[("a", json!({ "size": 1, "color": "red" }), false), ("b", json!({}), false)]);
    let live = toys(&[("a", json!({ "size": 7, "color": "red" }), false)]);
    let wanted = toys(&[("a", json!({ "size": 1, "color": "blue" }), false), ("b", json!({}), false)]);
    let expected = "\
~ toy/a
    color: \"red\" -> \"blue\"
    size: 7 -> 1  drift: changed outside of memoctl
+ toy/b  drift: deleted outside of memoctl
plan: 1 to create, 1 to update; 0 as wanted
drift: 2 resources were changed outside of memoctl since the last run";
    assert_eq!(shown_after(&left, &wanted, &live), expected);
}

#[test]
fn a_plan_that_finds_nothing_but_drift_says_so() {
    let left = toys(&[("a", json!({ "size": 1 }), false)]);
    let live = toys(&[("a", json!({ "size": 7 }), false), ("b", json!({}), false)]);
    let expected = "\
~ toy/a
    size: 7 -> 1  drift: changed outside of memoctl
- toy/b  drift: made outside of memoctl
plan: 1 to update, 1 to delete; 0 as wanted
drift: 2 resources were changed outside of memoctl since the last run, and that is all there is to do";
    assert_eq!(shown_after(&left, &left, &live), expected);
}

#[test]
fn what_was_changed_outside_and_stays_so_is_told_as_well() {
    let toy = |size, color, by| toys(&[("a", json!({ "size": size, "color": color, "by": by }), false)]);
    let (left, live) = (toy(1, "red", "us"), toy(2, "red", "hand"));
    let expected = "\
= toy/a  as wanted  drift: by, size changed outside of memoctl
plan: nothing to do; 1 as wanted
drift: 1 resource was changed outside of memoctl since the last run";
    assert_eq!(shown_after(&left, &live, &live), expected);
    let expected = "\
~ toy/a
    size: 2 -> 3  drift: changed outside of memoctl
    by  drift: changed outside of memoctl, and stays so
plan: 1 to update; 0 as wanted
drift: 1 resource was changed outside of memoctl since the last run, and that is all there is to do";
    assert_eq!(shown_after(&left, &toy(3, "red", "hand"), &live), expected);
}

#[test]
fn a_run_that_has_not_ended_is_told_where_there_is_something_to_do() {
    let [live, wanted] = [1, 2].map(|size| toys(&[("a", json!({ "size": size }), false)]));
    let last = Last::Unfinished("ada since yesterday, to deploy".to_owned());
    let shown = |wanted: &BTreeMap<Id, Toy>| {
        let plan = Plan::between(wanted, &live, &Rules::default()).drifted(&last);
        anstream::adapter::strip_str(&human(&plan, false)).to_string()
    };
    let told = "! the last run has not ended: ada since yesterday, to deploy; what it left and what was changed by hand look \
                the same\n";
    assert_eq!(shown(&wanted), format!("~ toy/a\n    size: 1 -> 2\n{told}plan: 1 to update; 0 as wanted"));
    assert_eq!(shown(&live), "plan: nothing to do; 1 as wanted");
}

#[test]
fn a_plan_without_work_says_so() {
    let same = toys(&[("same", json!({}), false)]);
    assert_eq!(shown(&same, &same), "plan: nothing to do; 1 as wanted");
}
