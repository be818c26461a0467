//! Functions that invoke functions. A version names the versions that it invokes, by numbers which AWS gives when it
//! publishes them: so what is invoked has to be there first, and nothing can name itself, directly or not.

use std::collections::{BTreeMap, VecDeque};

use super::Finding;
use crate::scope::{FUNCTION_VARIABLES, Scope};
use crate::stack::{Function, Stack};

pub(super) fn check(stack: &Stack, scope: &Scope) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (name, function) in &stack.functions {
        findings.extend(itself(name, function));
        findings.extend(circle(stack, name));
        findings.extend(versions_by_hand(stack, scope, name, function));
    }
    findings
}

fn itself(name: &str, function: &Function) -> Option<Finding> {
    function.functions.contains_key(name).then(|| {
        Finding::of_name(
            &["functions", name, "functions", name],
            format!("`{name}` cannot be bound to itself: its version would have to name the version that it is"),
            "put what it calls into a function of its own",
        )
    })
}

/// A circle of functions that `name` is the first of, by name.
fn circle(stack: &Stack, name: &str) -> Option<Finding> {
    let bound = |from: &str| stack.functions.get(from).into_iter().flat_map(|function| function.functions.keys());
    // The shortest way to each function that is reached, by the one before it.
    let mut before: BTreeMap<&str, &str> = BTreeMap::new();
    let mut queue = VecDeque::from([name]);
    while let Some(from) = queue.pop_front() {
        for next in bound(from).map(String::as_str).filter(|next| *next > name) {
            if !before.contains_key(next) {
                before.insert(next, from);
                queue.push_back(next);
            }
        }
    }
    let last = before.keys().find(|last| bound(last).any(|next| next == name))?;
    let mut way = vec![name, *last];
    while let Some(&from) = way.last().and_then(|last| before.get(last)) {
        way.push(from);
    }
    way.reverse();
    let first = way.get(1)?;
    let finding = Finding::of_name(
        &["functions", name, "functions", first],
        format!("functions are bound to each other in a circle: {}", way.join(" -> ")),
        "take one of these bindings out: a version names those that it invokes, so each would have to be published first",
    );
    Some(way.iter().fold(finding, |finding, member| finding.needs(&["functions", member, "functions"])))
}

/// A version that is named by hand would be taken for that of a binding, and be wrong after the next release.
fn versions_by_hand(stack: &Stack, scope: &Scope, name: &str, function: &Function) -> Vec<Finding> {
    let variables = function.environment.iter().filter(|(variable, _)| variable.starts_with(FUNCTION_VARIABLES));
    let named = variables.filter_map(|(variable, value)| {
        let (physical, number) = value.split_once(':')?;
        number.parse::<u64>().ok()?;
        let other = stack.functions.keys().find(|other| scope.function(other) == physical)?;
        Some((variable, other))
    });
    named
        .map(|(variable, other)| {
            Finding::of_value(
                &["functions", name, "environment", variable],
                format!("`{variable}` names a version of `{other}` by its number, which the next release changes"),
                format!("bind it instead: `functions = {{ {other} = \"invoke\" }}`"),
            )
        })
        .collect()
}
