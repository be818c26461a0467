//! Transitions: what is pending becomes active, what is in progress becomes successful, and old code is swept away.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use super::Shared;

/// How long transitions take. AWS takes seconds (`Duration::ZERO`: as soon as the answer is made).
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Delays {
    /// From `CreateFunction`, `PublishVersion` or an update to `Active` or `Successful`.
    pub(super) transition: Duration,
    /// How long the list of functions lacks a new one.
    pub(super) listing: Duration,
}

/// How long code stays that is not needed any more.
const GRACE: Duration = Duration::from_secs(10);

impl Shared {
    /// Completes the transition of `generation` after the delay; what it replaces stops taking requests then.
    pub(super) fn settle_later(self: &Arc<Self>, function: &str, generation: &str) {
        let (shared, function, generation) = (Arc::clone(self), function.to_owned(), generation.to_owned());
        tokio::spawn(async move {
            tokio::time::sleep(shared.delays.transition).await;
            let replaced = shared.state.write(|state| {
                // Deleted meanwhile: there is nothing to settle.
                let Some(function) = state.functions.get_mut(&function) else {
                    return Ok::<_, std::io::Error>(None);
                };
                let outgoing = function.outgoing.as_ref().map(|outgoing| outgoing.generation.clone());
                let handed_over = function.settle(Some(&generation));
                Ok(outgoing.filter(|_| handed_over))
            });
            if let Ok(Some(replaced)) = replaced {
                shared.fleet.retire(&replaced);
                shared.sweep_later();
            }
        });
    }

    /// Removes the packages that nothing refers to, once invocations that were on their way have started their process.
    pub(super) fn sweep_later(self: &Arc<Self>) {
        let shared = Arc::clone(self);
        tokio::spawn(async move {
            tokio::time::sleep(GRACE).await;
            // What could not be removed stays until the next sweep.
            let _ = tokio::task::spawn_blocking(move || shared.sweep()).await;
        });
    }

    /// Removes the packages that neither a version nor an execution environment refers to.
    pub(super) fn sweep(&self) -> std::io::Result<()> {
        // A call that is storing a package refers to it only when it has changed the state: the next sweep sees it.
        let Ok(_alone) = self.packages_in_use.try_write() else {
            return Ok(());
        };
        let mut sha256s: BTreeSet<String> =
            self.state.read(|state| state.configurations().map(|one| one.content.code_sha256.clone()).collect());
        sha256s.extend(self.fleet.packages());
        self.code.retain(&sha256s)
    }
}
