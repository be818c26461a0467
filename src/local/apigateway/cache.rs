//! What authorizers answered, for as long as it may be reused.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::authorizer::Grant;

/// How many answers make it worth looking for those that have expired.
const CROWDED: usize = 1024;

/// The cache of a stage: it outlives deployments, and is emptied by `FlushStageAuthorizersCache`.
#[derive(Debug, Default)]
pub(super) struct Cache(Mutex<HashMap<String, (Arc<Grant>, Instant)>>);

impl Cache {
    /// The answer under `key`, unless it has expired.
    pub(super) fn get(&self, key: &str, now: Instant) -> Option<Arc<Grant>> {
        let entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        entries.get(key).filter(|(_, expiry)| *expiry > now).map(|(grant, _)| Arc::clone(grant))
    }

    /// Keeps an answer for `ttl`.
    pub(super) fn put(&self, key: String, grant: Arc<Grant>, (now, ttl): (Instant, Duration)) {
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if entries.len() >= CROWDED {
            entries.retain(|_, (_, expiry)| *expiry > now);
        }
        entries.insert(key, (grant, now + ttl));
    }

    /// Forgets everything.
    pub(super) fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}
