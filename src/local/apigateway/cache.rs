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

#[cfg(test)]
mod tests {
    use super::*;

    const TTL: Duration = Duration::from_mins(1);

    fn kept(at: Instant) -> Cache {
        let cache = Cache::default();
        cache.put("token".to_owned(), Arc::new(Grant::none()), (at, TTL));
        cache
    }

    #[test]
    fn an_answer_is_kept_until_it_expires() {
        let start = Instant::now();
        let cache = kept(start);
        assert!(cache.get("token", start + TTL / 2).is_some());
        assert!(cache.get("token", start + TTL).is_none());
        assert!(cache.get("other", start).is_none());
    }

    #[test]
    fn a_crowded_cache_forgets_what_has_expired() {
        let start = Instant::now();
        let cache = kept(start);
        for number in 0..CROWDED {
            cache.put(number.to_string(), Arc::new(Grant::none()), (start + TTL, TTL));
        }
        let entries = cache.0.lock().unwrap();
        assert!(!entries.contains_key("token") && entries.contains_key("0"));
    }
}
