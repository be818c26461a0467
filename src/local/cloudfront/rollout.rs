//! What the edges serve, and what is on its way to them.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use super::edge::Served;
use super::model::State;

/// What the edges serve, by distribution.
#[derive(Default)]
pub(super) struct Rollouts(Mutex<HashMap<String, Rollout>>);

/// One distribution at the edges.
#[derive(Default)]
struct Rollout {
    /// `None`: nothing.
    current: Option<Arc<Served>>,
    /// What comes next, and when.
    next: VecDeque<(Instant, Option<Arc<Served>>)>,
}

impl Rollouts {
    /// Has the edges serve what `state` says from `at` on, or at once.
    pub(super) fn settle(&self, state: &State, at: Option<Instant>) {
        let mut rollouts = self.lock();
        let known: BTreeSet<String> = state.distributions.keys().chain(rollouts.keys()).cloned().collect();
        for id in known {
            let wanted = Served::compile(&id, state).map(Arc::new);
            let rollout = rollouts.entry(id.clone()).or_default();
            rollout.advance();
            let last = rollout.next.back().map_or(&rollout.current, |(_, last)| last);
            if *last == wanted {
                continue;
            }
            match at {
                Some(at) => rollout.next.push_back((at, wanted)),
                None => *rollout = Rollout { current: wanted, next: VecDeque::new() },
            }
        }
        rollouts.retain(|_, rollout| rollout.current.is_some() || !rollout.next.is_empty());
    }

    /// Whether something of the distribution `id` is on its way.
    pub(super) fn has_next(&self, id: &str) -> bool {
        self.lock().get_mut(id).is_some_and(|rollout| {
            rollout.advance();
            !rollout.next.is_empty()
        })
    }

    /// The distribution that answers to the host `name`, which has no port.
    pub(super) fn find(&self, name: &str) -> Option<Arc<Served>> {
        let name = name.to_ascii_lowercase();
        let mut rollouts = self.lock();
        rollouts.values_mut().for_each(Rollout::advance);
        let all = || rollouts.values().filter_map(|rollout| rollout.current.as_ref());
        // A name itself comes before a wildcard that covers it.
        all().find(|served| served.has_name(&name)).or_else(|| all().find(|served| served.covers(&name))).cloned()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Rollout>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Rollout {
    /// Has what is due take effect.
    fn advance(&mut self) {
        let now = Instant::now();
        while let Some((_, due)) = self.next.pop_front_if(|(at, _)| *at <= now) {
            self.current = due;
        }
    }
}
