//! The last lines of a walk: what was done, and what it took.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;

use super::amount::{count, seconds};
use super::{Ui, style};
use crate::apply::{Outcome, Status};
use crate::aws::CallCount;
use crate::aws::Error;
use crate::command::outputs::Outputs;
use crate::plan::{Action, Item, Plan, Why};

/// What a walk did, and what it took.
#[derive(Debug, Default, Serialize)]
pub struct Summary {
    pub done: BTreeMap<&'static str, u64>,
    pub failed: u64,
    pub skipped: u64,
    /// What stays as it is: wanted so, or kept though nothing wants it.
    pub kept: u64,
    /// Of what stays, what nothing wants any more.
    pub unwanted: u64,
    pub calls: CallCount,
    pub seconds: f64,
    /// What a deployed stack is known by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outputs: Option<Outputs>,
}

#[derive(Serialize)]
struct Event<'a> {
    event: &'static str,
    #[serde(flatten)]
    summary: &'a Summary,
}

impl Summary {
    pub fn new<T: Item>(plan: &Plan<T>, outcome: &Outcome<Error>, calls: CallCount, time: Duration) -> Self {
        let mut summary = Self { calls, seconds: time.as_secs_f64(), ..Self::default() };
        for (key, step) in &plan.steps {
            match outcome.statuses.get(key) {
                Some(Status::Done(_)) => *summary.done.entry(step.action.word()).or_default() += 1,
                Some(Status::Failed(_)) => summary.failed += 1,
                Some(Status::Skipped(_)) => summary.skipped += 1,
                None => {
                    summary.kept += 1;
                    summary.unwanted += u64::from(!matches!(step.action, Action::Keep { why: Why::Unchanged, .. }));
                }
            }
        }
        summary
    }

    /// Tells it as one line, or as one event.
    pub fn tell(&self, ui: &Ui) {
        if ui.is_json() {
            ui.event(&Event { event: "summary", summary: self });
        } else {
            ui.talk(self.line());
        }
    }

    fn line(&self) -> String {
        let took = format!("{} in {}", self.calls, seconds(Duration::from_secs_f64(self.seconds)));
        let as_wanted = self.kept - self.unwanted;
        let kept = (self.unwanted > 0).then(|| format!("{} kept, no longer wanted", self.unwanted));
        if self.done.is_empty() && self.failed + self.skipped == 0 {
            let wanted =
                (as_wanted > 0 || kept.is_none()).then(|| format!("{} as wanted", count(as_wanted, "resource")));
            let parts: Vec<String> = wanted.into_iter().chain(kept).collect();
            return format!("{}: {}; {took}", style::good("nothing to do"), parts.join(", "));
        }
        let mut parts: Vec<String> =
            [("create", "created"), ("update", "updated"), ("replace", "replaced"), ("delete", "deleted")]
                .into_iter()
                .filter_map(|(word, past)| self.done.get(word).map(|number| format!("{number} {past}")))
                .collect();
        for (number, word) in [(self.failed, "failed"), (self.skipped, "skipped"), (as_wanted, "as wanted")] {
            if number > 0 {
                parts.push(format!("{number} {word}"));
            }
        }
        parts.extend(kept);
        let head = if self.failed + self.skipped == 0 {
            style::good("done").to_string()
        } else {
            style::bad("not done").to_string()
        };
        format!("{head}: {}; {took}", parts.join(", "))
    }
}
