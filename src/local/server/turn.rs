//! A call in the order of arrival, and the fault that it suffers.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use rustix::process::{Signal, getpid, kill_process};
use tokio::sync::watch;

use super::faults::{FaultKind, Faults};
use crate::realism::Clock;

/// A call that is held: it arrived, and is never answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// The call's number among the developer's calls, or among the functions' calls of its operation, from 1.
    pub number: u64,
    /// `service:Operation`
    pub call: String,
}

/// Gives each of the developer's calls its number and its fault.
#[derive(Debug)]
pub(super) struct Injector {
    clock: Clock,
    plan: Mutex<Plan>,
    held: watch::Sender<Option<Held>>,
}

#[derive(Debug)]
struct Plan {
    faults: Faults,
    /// The number of the developer's last call that arrived.
    arrived: u64,
    /// How often functions have made each call, `service:Operation`.
    by_functions: BTreeMap<String, u64>,
}

/// A call that may be hurt.
#[derive(Debug)]
pub(super) struct Turn {
    injector: Arc<Injector>,
    /// The call's number and its fault; of a function's call they are known when it is about to take effect.
    lot: OnceLock<(u64, Option<FaultKind>)>,
    call: Mutex<String>,
    is_cut: AtomicBool,
}

/// How a call is broken off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Broken {
    /// It is answered by an error of the service; the call's number varies which.
    Failed(u64),
    /// Its connection is closed.
    Cut,
}

impl Injector {
    pub(super) fn new(faults: Faults, clock: Clock) -> Arc<Self> {
        Arc::new(Self { clock, plan: Mutex::new(Plan::of(faults)), held: watch::Sender::new(None) })
    }

    /// Has `faults` in place of what was before; calls are counted from 1 again.
    pub(super) fn inject(&self, faults: Faults) {
        *self.plan() = Plan::of(faults);
        self.held.send_replace(None);
    }

    /// The number of calls that have arrived.
    pub(super) fn arrived(&self) -> u64 {
        self.plan().arrived
    }

    /// Waits until a call is held.
    pub(super) async fn held(&self) -> Held {
        let mut held = self.held.subscribe();
        let held = held.wait_for(Option::is_some).await;
        // The sender is this injector's, so that it lives as long as the wait.
        held.ok().and_then(|held| held.clone()).unwrap_or(Held { number: 0, call: String::new() })
    }

    /// Takes one of the developer's calls in.
    pub(super) fn arrive(self: &Arc<Self>) -> Arc<Turn> {
        let mut plan = self.plan();
        plan.arrived += 1;
        let lot = (plan.arrived, plan.faults.of(plan.arrived));
        self.turn(OnceLock::from(lot))
    }

    /// Takes a function's call in; `None` where none of them is to be hurt.
    pub(super) fn arrive_from_function(self: &Arc<Self>) -> Option<Arc<Turn>> {
        let hurts = !self.plan().faults.functions.is_empty();
        hurts.then(|| self.turn(OnceLock::new()))
    }

    fn turn(self: &Arc<Self>, lot: OnceLock<(u64, Option<FaultKind>)>) -> Arc<Turn> {
        Arc::new(Turn { injector: Arc::clone(self), lot, call: Mutex::default(), is_cut: AtomicBool::new(false) })
    }

    /// The number and the fault of a function's `call`, which is about to take effect.
    fn draw(&self, call: &str) -> (u64, Option<FaultKind>) {
        let mut plan = self.plan();
        let count = plan.by_functions.entry(call.to_owned()).or_default();
        *count += 1;
        let number = *count;
        (number, plan.faults.of_functions(call, number))
    }

    fn plan(&self) -> MutexGuard<'_, Plan> {
        // Each change is one assignment, so a panic elsewhere leaves nothing half done.
        self.plan.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Plan {
    fn of(faults: Faults) -> Self {
        Self { faults, arrived: 0, by_functions: BTreeMap::new() }
    }
}

impl Turn {
    /// The call, which is `service:Operation`, is about to take effect.
    pub(super) async fn before(&self, call: String) -> Result<(), Broken> {
        let (number, fault) = *self.lot.get_or_init(|| self.injector.draw(&call));
        *self.call.lock().unwrap_or_else(PoisonError::into_inner) = call;
        match fault {
            Some(FaultKind::ErrorBefore) => Err(Broken::Failed(number)),
            Some(FaultKind::CutBefore) => {
                self.is_cut.store(true, Ordering::Relaxed);
                Err(Broken::Cut)
            }
            Some(FaultKind::HoldBefore) => self.hold().await,
            Some(FaultKind::KillBefore) => kill(),
            Some(
                FaultKind::ErrorAfter
                | FaultKind::CutAfter
                | FaultKind::Slow(_)
                | FaultKind::HoldAfter
                | FaultKind::KillAfter,
            )
            | None => Ok(()),
        }
    }

    /// The call has taken effect, or was broken off.
    pub(super) async fn after(&self) -> Result<(), Broken> {
        // A call that was refused before has no lot.
        let (number, fault) = self.lot();
        match fault {
            Some(FaultKind::ErrorAfter) => Err(Broken::Failed(number)),
            Some(FaultKind::CutAfter) => Err(Broken::Cut),
            Some(FaultKind::CutBefore) if self.is_cut.load(Ordering::Relaxed) => Err(Broken::Cut),
            Some(FaultKind::Slow(late)) => {
                self.injector.clock.sleep(late).await;
                Ok(())
            }
            Some(FaultKind::HoldAfter) => self.hold().await,
            Some(FaultKind::KillAfter) => kill(),
            Some(FaultKind::ErrorBefore | FaultKind::CutBefore | FaultKind::HoldBefore | FaultKind::KillBefore)
            | None => Ok(()),
        }
    }

    /// `service:Operation`; empty before that is known.
    pub(super) fn call(&self) -> String {
        self.call.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn lot(&self) -> (u64, Option<FaultKind>) {
        self.lot.get().copied().unwrap_or_default()
    }

    async fn hold(&self) -> Result<(), Broken> {
        let (call, (number, _)) = (self.call(), self.lot());
        self.injector.held.send_replace(Some(Held { number, call }));
        std::future::pending().await
    }
}

/// Ends this process as `kill -9` does.
fn kill() -> Result<(), Broken> {
    // Nothing can keep a process from killing itself, and nothing comes after.
    let _ = kill_process(getpid(), Signal::KILL);
    std::process::abort()
}
