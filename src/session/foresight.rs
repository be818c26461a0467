//! What is known of a plan before it is made: that there will be work. The lease can be taken from then on, while the
//! rest is read.

use std::sync::{Mutex, PoisonError};

use tokio::sync::watch;

use crate::plan::Item as _;
use crate::resource::{Resource, Resources};

/// Shared by who reads for a plan and who takes the lease for it.
#[derive(Debug)]
pub struct Foresight {
    sign: watch::Sender<Sign>,
    /// Whether the lease is held, once that is settled.
    held: watch::Sender<Option<bool>>,
    /// What is live, as far as it was read.
    seen: Mutex<Resources>,
    /// Whether the lease may be taken before somebody has seen the plan.
    early: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sign {
    Nothing,
    Work,
    /// The plan is made.
    Over,
}

impl Foresight {
    /// `early`: the plan is shown to nobody who could say no to it.
    pub fn new(early: bool) -> Self {
        let held = watch::Sender::new((!early).then_some(false));
        Self { sign: watch::Sender::new(Sign::Nothing), held, seen: Mutex::default(), early }
    }

    /// Tells that there will be work, whatever is still to be read.
    pub fn work(&self) {
        if self.early {
            self.sign.send_if_modified(|sign| {
                *sign == Sign::Nothing && {
                    *sign = Sign::Work;
                    true
                }
            });
        }
    }

    /// Tells that there will be work, and waits for the lease; `false` when there is none before the plan is made.
    pub async fn lease(&self) -> bool {
        self.work();
        let mut held = self.held.subscribe();
        // The sender is this one's own, so that it lives as long as the wait.
        held.wait_for(Option::is_some).await.is_ok_and(|held| *held == Some(true))
    }

    /// Tells whether the lease is held.
    pub(super) fn settle(&self, held: bool) {
        self.held.send_replace(Some(held));
    }

    /// Tells that the plan is made.
    pub(super) fn over(&self) {
        self.sign.send_if_modified(|sign| {
            *sign == Sign::Nothing && {
                *sign = Sign::Over;
                true
            }
        });
    }

    /// Waits until it is known whether there will be work; `false` when the plan is made first.
    pub(super) async fn is_work(&self) -> bool {
        let mut sign = self.sign.subscribe();
        // The sender is this one's own, so that it lives as long as the wait.
        sign.wait_for(|sign| *sign != Sign::Nothing).await.is_ok_and(|sign| *sign == Sign::Work)
    }

    /// Looks at one kind's live resources, which are complete, for what a deploy must change: `wanted` gives all that is
    /// wanted, as far as that is known where no more is live than what was seen. What is not there yet is no sign: it may
    /// be there as somebody else's, where nothing is to be touched.
    pub(super) fn compare(&self, live: &Resources, wanted: impl Fn(&Resources) -> Resources) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.extend(live.clone());
        drop(seen);
        self.again(wanted);
    }

    /// Looks once more at what was seen, because more is known of what is wanted.
    pub(super) fn again(&self, wanted: impl Fn(&Resources) -> Resources) {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let wanted = wanted(&seen);
        let differs = |live: &Resource| {
            let wanted = wanted.get(&live.id()).filter(|wanted| !wanted.releases());
            wanted.is_some_and(|wanted| wanted.meanwhile(live) != *live)
        };
        if seen.values().any(differs) {
            self.work();
        }
    }
}
