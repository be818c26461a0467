//! What has been answered and has not taken effect everywhere.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Changes that have not taken effect everywhere, by the ids of what they change.
#[derive(Debug, Default)]
pub(crate) struct Underway(Mutex<HashMap<String, Instant>>);

impl Underway {
    /// A change of `id` takes effect after `delay`.
    pub(crate) fn begin(&self, id: &str, delay: Duration) {
        if !delay.is_zero() {
            self.lock().insert(id.to_owned(), Instant::now() + delay);
        }
    }

    /// Whether a change of `id` is under way.
    pub(crate) fn has(&self, id: &str) -> bool {
        let mut changes = self.lock();
        let now = Instant::now();
        changes.retain(|_, end| *end > now);
        changes.contains_key(id)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Instant>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
