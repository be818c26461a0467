//! Walks a plan: every step as soon as what it waits for is done, in parallel. It knows no AWS, and gives an
//! [`Outcome`], never an error: partial failure is an ordinary result.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;

use crate::plan::{Item, Key, Plan, Step};

/// How a step ended.
#[derive(Debug)]
pub enum Status<E> {
    Done(Duration),
    Failed(E),
    Skipped(Because),
}

/// Why a step was not tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Because {
    /// The step that failed or was itself skipped first.
    Failed(Key),
    /// The walk was told to stop.
    Interrupted,
    /// The lease was lost: somebody else may be at work on the same things.
    LeaseLost,
}

/// What a walk tells while it goes.
#[derive(Debug)]
pub enum Event<'a, T, E> {
    Started(&'a Key, &'a Step<T>),
    Ended(&'a Key, &'a Step<T>, &'a Status<E>),
}

/// A status for each step that had something to do.
#[derive(Debug)]
pub struct Outcome<E> {
    pub statuses: BTreeMap<Key, Status<E>>,
}

impl<E> Outcome<E> {
    /// Whether every step is done.
    pub fn succeeded(&self) -> bool {
        self.statuses.values().all(|status| matches!(status, Status::Done(_)))
    }

    /// Whether a step was skipped because the walk was told to stop.
    pub fn interrupted(&self) -> bool {
        self.statuses.values().any(|status| matches!(status, Status::Skipped(Because::Interrupted)))
    }
}

/// Walks `plan`, doing each step with `perform`. When `stop` gives a reason nothing new is started, what runs is finished,
/// and the rest is skipped for that reason. A failed step skips those that wait for it, and only those.
pub async fn apply<T: Item, E>(
    plan: &Plan<T>,
    perform: impl AsyncFn(&Key, &Step<T>) -> Result<(), E>,
    stop: impl Fn() -> Option<Because>,
    mut tell: impl FnMut(Event<'_, T, E>),
) -> Outcome<E> {
    let mut waiting: BTreeMap<&Key, &Step<T>> = plan.work().collect();
    let mut statuses: BTreeMap<Key, Status<E>> = BTreeMap::new();
    let mut running = FuturesUnordered::new();
    loop {
        let stopping = stop();
        // A skipped step may settle others in turn, so this goes on until nothing settles any more.
        loop {
            let settled: Vec<(&Key, &Step<T>, Ready)> = waiting
                .iter()
                .filter_map(|(key, step)| Some((*key, *step, readiness(step, &statuses, stopping.as_ref())?)))
                .collect();
            if settled.is_empty() {
                break;
            }
            for (key, step, ready) in settled {
                waiting.remove(key);
                match ready {
                    Ready::Go => {
                        tell(Event::Started(key, step));
                        let perform = &perform;
                        running.push(async move {
                            let begun = Instant::now();
                            (key, step, perform(key, step).await.map(|()| begun.elapsed()))
                        });
                    }
                    Ready::Skip(because) => {
                        let status = Status::Skipped(because);
                        tell(Event::Ended(key, step, &status));
                        statuses.insert(key.clone(), status);
                    }
                }
            }
        }
        let Some((key, done, result)) = running.next().await else { break };
        let status = result.map_or_else(Status::Failed, Status::Done);
        tell(Event::Ended(key, done, &status));
        statuses.insert(key.clone(), status);
    }
    Outcome { statuses }
}

enum Ready {
    Go,
    Skip(Because),
}

/// Whether a waiting step can be settled now: `None` while something that it waits for is still open.
fn readiness<T, E>(step: &Step<T>, statuses: &BTreeMap<Key, Status<E>>, stopping: Option<&Because>) -> Option<Ready> {
    for key in &step.after {
        match statuses.get(key) {
            Some(Status::Failed(_)) => return Some(Ready::Skip(Because::Failed(key.clone()))),
            Some(Status::Skipped(because)) => return Some(Ready::Skip(because.clone())),
            Some(Status::Done(_)) | None => {}
        }
    }
    if let Some(because) = stopping {
        return Some(Ready::Skip(because.clone()));
    }
    step.after.iter().all(|key| statuses.contains_key(key)).then_some(Ready::Go)
}
