//! A plan as people and programs read it.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde::Serialize;
use serde_json::Value;

use super::{style, value};
use crate::drift::{self, Drift, Drifted};
use crate::finding::Finding;
use crate::plan::{Action, Change, Id, Item, Key, Phase, Plan, Refusal, Step, Why};
use crate::scope::Scope;

impl<T> Action<T> {
    /// The sign that stands before it, in any output.
    pub fn sign(&self) -> &'static str {
        match self {
            Self::Keep { .. } => "=",
            Self::Create { .. } => "+",
            Self::Update { .. } => "~",
            Self::Replace { .. } => "±",
            Self::Delete { .. } => "-",
        }
    }

    /// Its name in JSON.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Keep { .. } => "keep",
            Self::Create { .. } => "create",
            Self::Update { .. } => "update",
            Self::Replace { .. } => "replace",
            Self::Delete { .. } => "delete",
        }
    }
}

/// The sign in its colour.
pub(super) fn sign<T>(action: &Action<T>) -> String {
    let sign = action.sign();
    match action {
        Action::Keep { .. } => style::dim(sign).to_string(),
        Action::Create { .. } => style::good(sign).to_string(),
        Action::Update { .. } => style::changed(sign).to_string(),
        Action::Replace { .. } => style::replaced(sign).to_string(),
        Action::Delete { .. } => style::gone(sign).to_string(),
    }
}

impl Why {
    /// The reason in words.
    pub fn reason(self) -> &'static str {
        match self {
            Self::Unchanged => "as wanted",
            Self::KeptRelease => "no longer wanted, but a kept release needs it",
            Self::HoldsData => "no longer wanted, but it holds data: --delete-data deletes it",
            Self::Needed => "no longer wanted, but something that stays needs it",
        }
    }
}

/// The plan as lines for people, in the order of the phases. What is as wanted is counted, and named where `verbose`.
pub fn human<T: Item>(plan: &Plan<T>, verbose: bool) -> String {
    let mut text = String::new();
    let mut steps: Vec<_> = plan.steps.iter().collect();
    steps.sort_by_key(|((id, phase), _)| (*phase, id));
    for ((id, phase), step) in steps {
        let sign = sign(&step.action);
        let drifted =
            plan.drift.resource(id).map(|drifted| format!("  {}", style::changed(drifted))).unwrap_or_default();
        match &step.action {
            Action::Keep { why: Why::Unchanged, .. } if !verbose && drifted.is_empty() => {}
            Action::Keep { why, .. } => {
                let _ = writeln!(text, "{sign} {id}  {}{drifted}", style::dim(why.reason()));
            }
            Action::Create { new } => {
                let _ = writeln!(text, "{sign} {id}{drifted}");
                if verbose {
                    fields(&mut text, &new.fields());
                }
            }
            Action::Update { changes, .. } => {
                let when = if *phase == Phase::CleanUp { "  after the release" } else { "" };
                let _ = writeln!(text, "{sign} {id}{}", style::dim(when));
                changed(&mut text, changes, |field| plan.drift.field(id, field));
                staying(&mut text, plan, id, *phase);
            }
            Action::Replace { changes, forced_by, .. } => {
                let forced = format!("replaced: {} cannot be changed in place", forced_by.join(", "));
                let _ = writeln!(text, "{sign} {id}  {}", style::dim(forced));
                changed(&mut text, changes, |field| plan.drift.field(id, field));
            }
            Action::Delete { .. } => {
                let _ = writeln!(text, "{sign} {id}{drifted}");
            }
        }
    }
    for refusal in &plan.refusals {
        let _ = writeln!(text, "{}: {refusal}", style::bad("refused"));
    }
    text.extend(plan.drift.unfinished.iter().filter(|_| !plan.is_empty()).map(|run| unfinished(run) + "\n"));
    text + &totals(plan) + &drifting(plan)
}

/// Why nothing is called drift where the last run, `run`, has not ended.
pub fn unfinished(run: &str) -> String {
    format!(
        "{} the last run has not ended: {run}; what it left and what was changed by hand look the same",
        style::bad("!")
    )
}

/// Whether a step does nothing but undo what was changed outside of memoctl.
fn undoes<T>((id, _): &Key, step: &Step<T>, drift: &Drift) -> bool {
    match &step.action {
        Action::Keep { .. } => true,
        Action::Create { .. } | Action::Delete { .. } => {
            matches!(drift.resource(id), Some(Drifted::Gone | Drifted::Made))
        }
        Action::Update { changes, .. } | Action::Replace { changes, .. } => {
            changes.iter().all(|change| drift.field(id, &change.field))
        }
    }
}

/// `drift: 2 resources were changed outside of memoctl since the last run`, on a line of its own; empty without drift.
/// Those count that the plan undoes, and those that it leaves so.
fn drifting<T: Item>(plan: &Plan<T>) -> String {
    let only = !plan.is_empty() && plan.steps.iter().all(|(key, step)| undoes(key, step, &plan.drift));
    let number = plan.steps.keys().filter(|(id, _)| plan.drift.resource(id).is_some()).map(|(id, _)| id);
    let number = number.collect::<BTreeSet<&Id>>().len();
    let what = match number {
        0 => return String::new(),
        1 => "1 resource was".to_owned(),
        _ => format!("{number} resources were"),
    };
    let rest = if only { ", and that is all there is to do" } else { "" };
    format!("\n{} {what} changed outside of memoctl since the last run{rest}", style::strong("drift:"))
}

/// What holds data and is no longer wanted, a line each: what a deploy that has nothing to do still tells.
pub fn left<T: Item>(plan: &Plan<T>) -> Option<String> {
    let held = plan.steps.iter().filter_map(|((id, _), step)| match &step.action {
        Action::Keep { why: why @ Why::HoldsData, .. } => {
            Some(format!("{} {id}  {}", sign(&step.action), style::dim(why.reason())))
        }
        Action::Keep { .. }
        | Action::Create { .. }
        | Action::Update { .. }
        | Action::Replace { .. }
        | Action::Delete { .. } => None,
    });
    let lines: Vec<String> = held.collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

/// `plan: 3 to create, 1 to update; 12 as wanted, 1 kept, no longer wanted`
fn totals<T: Item>(plan: &Plan<T>) -> String {
    let number = |word: &str| plan.steps.values().filter(|step| step.action.word() == word).count();
    let as_wanted =
        plan.steps.values().filter(|step| matches!(step.action, Action::Keep { why: Why::Unchanged, .. })).count();
    let kept = number("keep") - as_wanted;
    let mut parts: Vec<String> = ["create", "update", "replace", "delete"]
        .into_iter()
        .map(|word| (number(word), word))
        .filter(|(number, _)| *number > 0)
        .map(|(number, word)| format!("{number} to {word}"))
        .collect();
    if parts.is_empty() {
        parts.push("nothing to do".to_owned());
    }
    let mut rest = vec![format!("{as_wanted} as wanted")];
    if kept > 0 {
        rest.push(format!("{kept} kept, no longer wanted"));
    }
    format!("{} {}; {}", style::strong("plan:"), parts.join(", "), rest.join(", "))
}

/// A resource's fields that differ from what is wanted, as lines for people.
pub fn difference(id: &Id, changes: &[Change]) -> String {
    let mut text = format!("{} {id}", style::changed("~"));
    if changes.is_empty() {
        return text + "  as wanted";
    }
    text.push('\n');
    changed(&mut text, changes, |_| false);
    text.truncate(text.trim_end().len());
    text
}

fn changed(text: &mut String, changes: &[Change], drifted: impl Fn(&str) -> bool) {
    for change in changes {
        let [from, to] = value::difference(&change.from, &change.to);
        let _ = write!(text, "    {}: {from} -> {to}", change.field);
        if drifted(&change.field) {
            let _ = write!(text, "  {}", style::changed("drift: changed outside of memoctl"));
        }
        text.push('\n');
    }
}

/// What was changed outside of memoctl of a resource that is updated, and stays so: beside the first of its steps.
fn staying<T: Item>(text: &mut String, plan: &Plan<T>, id: &Id, phase: Phase) {
    let Some(Drifted::Fields(fields)) = plan.drift.resource(id) else { return };
    let of = plan.steps.range((id.clone(), Phase::Prepare)..=(id.clone(), Phase::CleanUp));
    if of.clone().any(|((_, earlier), _)| *earlier < phase) {
        return;
    }
    let changes: Vec<&Change> = of.flat_map(|(_, step)| step.action.changes()).collect();
    let undone = |field: &str| changes.iter().any(|change| drift::overlap(field, &change.field));
    for field in fields.iter().filter(|field| !undone(field)) {
        let _ = writeln!(text, "    {field}  {}", style::changed("drift: changed outside of memoctl, and stays so"));
    }
}

fn fields(text: &mut String, fields: &Value) {
    for (name, field) in fields.as_object().into_iter().flatten() {
        let _ = writeln!(text, "    {}", style::dim(format!("{name}: {}", value::short(field))));
    }
}

/// The plan as a JSON document.
#[derive(Debug, Serialize)]
pub struct Document<'a> {
    pub stack: &'a str,
    pub stage: &'a str,
    pub account: &'a str,
    pub region: &'a str,
    /// Whether there is something to do.
    pub changes: bool,
    pub findings: &'a [Finding],
    /// What was changed outside of memoctl since the last run.
    pub drift: &'a Drift,
    pub steps: Vec<StepDocument<'a>>,
    pub refusals: Vec<String>,
}

impl<'a> Document<'a> {
    pub fn new<T: Item>(plan: &'a Plan<T>, findings: &'a [Finding], scope: &'a Scope) -> Self {
        Self {
            stack: &scope.stack,
            stage: &scope.stage,
            account: &scope.account,
            region: &scope.region,
            changes: !plan.is_empty(),
            findings,
            drift: &plan.drift,
            steps: plan.steps.iter().map(|(key, step)| StepDocument::new(key, step)).collect(),
            refusals: plan.refusals.iter().map(Refusal::to_string).collect(),
        }
    }
}

/// A step as JSON.
#[derive(Debug, Serialize)]
pub struct StepDocument<'a> {
    pub id: &'a Id,
    pub phase: Phase,
    pub action: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<Why>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub changes: &'a [Change],
    /// The fields that cannot be changed in place, of a replacement.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub forced_by: &'a [String],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub after: Vec<String>,
}

impl<'a> StepDocument<'a> {
    pub fn new<T>((id, phase): &'a Key, step: &'a Step<T>) -> Self {
        let (why, changes, forced_by) = match &step.action {
            Action::Keep { why, .. } => (Some(*why), &[][..], &[][..]),
            Action::Update { changes, .. } => (None, &changes[..], &[][..]),
            Action::Replace { changes, forced_by, .. } => (None, &changes[..], &forced_by[..]),
            Action::Create { .. } | Action::Delete { .. } => (None, &[][..], &[][..]),
        };
        let after = step.after.iter().map(|(id, _)| id.to_string()).collect();
        Self { id, phase: *phase, action: step.action.word(), why, changes, forced_by, after }
    }
}

#[cfg(test)]
mod tests;
