//! A walk as it goes: a live list on a terminal, else one line for each step that ended, or one JSON event.

use std::collections::BTreeMap;
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use serde::Serialize;

use super::plan::{StepDocument, sign};
use super::{Ui, amount, style};
use crate::apply::{Because, Event, Status};
use crate::aws::Error;
use crate::plan::{Key, Step};

/// Shows a walk.
pub struct Progress {
    ui: Ui,
    live: Option<Live>,
}

struct Live {
    list: MultiProgress,
    running: BTreeMap<Key, ProgressBar>,
}

/// The JSON events of a walk.
#[derive(Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
enum Line<'a> {
    Started {
        #[serde(flatten)]
        step: StepDocument<'a>,
    },
    Ended {
        #[serde(flatten)]
        step: StepDocument<'a>,
        #[serde(flatten)]
        status: Ending,
    },
}

#[derive(Serialize)]
#[serde(tag = "status", rename_all = "kebab-case")]
enum Ending {
    Done { seconds: f64 },
    Failed { error: String, hint: Option<String> },
    Skipped { because: String },
}

impl Progress {
    pub fn new(ui: Ui) -> Self {
        let live = ui.is_live().then(|| Live { list: MultiProgress::new(), running: BTreeMap::new() });
        Self { ui, live }
    }

    /// Shows what a walk tells.
    pub fn show<T>(&mut self, event: &Event<'_, T, Error>) {
        if self.ui.is_json() {
            self.ui.event(&line(event));
            return;
        }
        match event {
            Event::Started(key, step) => {
                if let Some(live) = &mut self.live {
                    live.start(key, step);
                }
            }
            Event::Ended(key, step, status) => self.end(key, step, status),
        }
    }

    fn end<T>(&mut self, key: &Key, step: &Step<T>, status: &Status<Error>) {
        if let Some(bar) = self.live.as_mut().and_then(|live| live.running.remove(key)) {
            bar.finish_and_clear();
        }
        let step = format!("{} {}", sign(&step.action), key.0);
        match status {
            Status::Done(time) => {
                self.tell(&format!("{} {step}  {}", style::good("done   "), style::dim(amount::seconds(*time))));
            }
            Status::Failed(error) => {
                self.tell(&format!("{} {step}", style::bad("failed ")));
                self.error(error);
            }
            Status::Skipped(reason) => {
                self.tell(&format!("{} {step}  {}", style::dim("skipped"), style::dim(because(reason))));
            }
        }
    }

    fn tell(&self, text: &str) {
        match &self.live {
            Some(live) => live.list.suspend(|| self.ui.talk(text)),
            None => self.ui.talk(text),
        }
    }

    fn error(&self, error: &Error) {
        let tell = || self.ui.error(error, error.hint.as_deref());
        match &self.live {
            Some(live) => live.list.suspend(tell),
            None => tell(),
        }
    }
}

impl Live {
    fn start<T>(&mut self, key: &Key, step: &Step<T>) {
        let bar = self.list.add(ProgressBar::new_spinner());
        if let Ok(style) = ProgressStyle::with_template("{spinner}       {msg}  {elapsed}") {
            bar.set_style(style);
        }
        bar.set_message(format!("{} {}", sign(&step.action), key.0));
        bar.enable_steady_tick(Duration::from_millis(100));
        self.running.insert(key.clone(), bar);
    }
}

/// Why a step was skipped, by its root cause.
pub fn because(because: &Because) -> String {
    match because {
        Because::Failed((id, _)) => format!("because {id} failed"),
        Because::Interrupted => "because of the interruption".to_owned(),
        Because::LeaseLost => "because the lease was lost".to_owned(),
    }
}

fn line<'a, T>(event: &Event<'a, T, Error>) -> Line<'a> {
    match event {
        Event::Started(key, step) => Line::Started { step: StepDocument::new(key, step) },
        Event::Ended(key, step, status) => Line::Ended {
            step: StepDocument::new(key, step),
            status: match status {
                Status::Done(time) => Ending::Done { seconds: time.as_secs_f64() },
                Status::Failed(error) => Ending::Failed { error: error.to_string(), hint: error.hint.clone() },
                Status::Skipped(reason) => Ending::Skipped { because: because(reason) },
            },
        },
    }
}
