//! A developer's call in the order of arrival, and the fault that it suffers.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rustix::process::{Signal, getpid, kill_process};
use tokio::sync::watch;

use super::faults::{FaultKind, Faults};
use crate::realism::Clock;

/// A call that is held: it arrived, and is never answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// The call's number among the developer's calls, from 1.
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
    /// The number of the last call that arrived.
    arrived: u64,
}

/// One of the developer's calls.
#[derive(Debug)]
pub(super) struct Turn {
    injector: Arc<Injector>,
    number: u64,
    fault: Option<FaultKind>,
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
        Arc::new(Self { clock, plan: Mutex::new(Plan { faults, arrived: 0 }), held: watch::Sender::new(None) })
    }

    /// Has `faults` in place of what was before; calls are counted from 1 again.
    pub(super) fn inject(&self, faults: Faults) {
        *self.plan.lock().unwrap_or_else(PoisonError::into_inner) = Plan { faults, arrived: 0 };
        self.held.send_replace(None);
    }

    /// The number of calls that have arrived.
    pub(super) fn arrived(&self) -> u64 {
        self.plan.lock().unwrap_or_else(PoisonError::into_inner).arrived
    }

    /// Waits until a call is held.
    pub(super) async fn held(&self) -> Held {
        let mut held = self.held.subscribe();
        let held = held.wait_for(Option::is_some).await;
        // The sender is this injector's, so that it lives as long as the wait.
        held.ok().and_then(|held| held.clone()).unwrap_or(Held { number: 0, call: String::new() })
    }

    /// Takes a call in.
    pub(super) fn arrive(self: &Arc<Self>) -> Arc<Turn> {
        let mut plan = self.plan.lock().unwrap_or_else(PoisonError::into_inner);
        plan.arrived += 1;
        let number = plan.arrived;
        Arc::new(Turn {
            injector: Arc::clone(self),
            number,
            fault: plan.faults.of(number),
            call: Mutex::default(),
            is_cut: AtomicBool::new(false),
        })
    }
}

impl Turn {
    /// The call, which is `service:Operation`, is about to take effect.
    pub(super) async fn before(&self, call: String) -> Result<(), Broken> {
        *self.call.lock().unwrap_or_else(PoisonError::into_inner) = call;
        match self.fault {
            Some(FaultKind::ErrorBefore) => Err(Broken::Failed(self.number)),
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
        match self.fault {
            Some(FaultKind::ErrorAfter) => Err(Broken::Failed(self.number)),
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

    async fn hold(&self) -> Result<(), Broken> {
        let call = self.call();
        self.injector.held.send_replace(Some(Held { number: self.number, call }));
        std::future::pending().await
    }
}

/// Ends this process as `kill -9` does.
fn kill() -> Result<(), Broken> {
    // Nothing can keep a process from killing itself, and nothing comes after.
    let _ = kill_process(getpid(), Signal::KILL);
    std::process::abort()
}
