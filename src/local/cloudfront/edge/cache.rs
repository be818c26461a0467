//! The cache of an edge location. It is as old as the cloud: a restart leaves it empty.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode};

/// Bytes of all objects together; beyond that the oldest go.
const ROOM: usize = 256 << 20;

/// What tells one cached object from another.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key {
    /// As the origin is asked for it, without the origin's own path.
    pub(super) path: String,
    /// Whether it is for viewers that take gzip.
    pub(super) gzip: bool,
    /// Whether it has headers alone: an answer to `HEAD`.
    pub(super) is_head: bool,
}

/// A cached object.
#[derive(Clone, Debug)]
pub(super) struct Stored {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    /// The origin's own `ETag`, which compression makes a weak one of.
    pub(super) etag: Option<HeaderValue>,
    /// Since when it is as it is.
    pub(super) since: Instant,
    pub(super) fresh_until: Instant,
}

/// The objects of a distribution.
#[derive(Debug, Default)]
pub(super) struct Cache(Mutex<Objects>);

#[derive(Debug, Default)]
struct Objects {
    stored: HashMap<Key, Arc<Stored>>,
    bytes: usize,
    /// The number of invalidations: what was asked for before one may be of before it.
    epoch: u64,
}

impl Stored {
    pub(super) fn is_fresh(&self) -> bool {
        Instant::now() < self.fresh_until
    }

    /// Seconds since the origin gave it.
    pub(super) fn age(&self) -> u64 {
        self.since.elapsed().as_secs()
    }
}

impl Cache {
    /// The object for `key`, fresh or not.
    pub(super) fn get(&self, key: &Key) -> Option<Arc<Stored>> {
        self.lock().stored.get(key).cloned()
    }

    /// The moment, for [`Cache::put`].
    pub(super) fn epoch(&self) -> u64 {
        self.lock().epoch
    }

    /// Keeps `stored`, which was asked for at `epoch`, unless something was invalidated since.
    pub(super) fn put(&self, key: Key, stored: Stored, epoch: u64) -> Arc<Stored> {
        let stored = Arc::new(stored);
        let mut objects = self.lock();
        if objects.epoch == epoch {
            objects.put(key, Arc::clone(&stored));
        }
        stored
    }

    /// Has `stored` be fresh for `ttl` more, as the origin gave it again.
    pub(super) fn refresh(&self, key: Key, stored: &Stored, ttl: Duration, epoch: u64) -> Arc<Stored> {
        let now = Instant::now();
        self.put(key, Stored { since: now, fresh_until: now + ttl, ..stored.clone() }, epoch)
    }

    /// Forgets what `paths` name: whole paths, or the beginnings of some, with a `*` after them.
    pub(super) fn invalidate(&self, paths: &[String]) {
        let named = |key: &Key| {
            paths.iter().any(|path| match path.strip_suffix('*') {
                Some(beginning) => key.path.starts_with(beginning),
                None => key.path == *path,
            })
        };
        let mut objects = self.lock();
        objects.epoch += 1;
        objects.stored.retain(|key, _| !named(key));
        objects.bytes = objects.stored.values().map(|stored| stored.body.len()).sum();
    }

    fn lock(&self) -> MutexGuard<'_, Objects> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Objects {
    fn put(&mut self, key: Key, stored: Arc<Stored>) {
        self.bytes += stored.body.len();
        if let Some(replaced) = self.stored.insert(key, stored) {
            self.bytes -= replaced.body.len();
        }
        while self.bytes > ROOM {
            let oldest = self.stored.iter().min_by_key(|(_, stored)| stored.since).map(|(key, _)| key.clone());
            let Some(removed) = oldest.and_then(|key| self.stored.remove(&key)) else { return };
            self.bytes -= removed.body.len();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(path: &str) -> Key {
        Key { path: path.to_owned(), gzip: false, is_head: false }
    }

    fn stored(body: &'static [u8]) -> Stored {
        let now = Instant::now();
        Stored {
            status: StatusCode::OK,
            headers: HeaderMap::new(),
            body: Bytes::from_static(body),
            etag: None,
            since: now,
            fresh_until: now + Duration::from_mins(1),
        }
    }

    #[test]
    fn an_invalidation_takes_whole_paths_and_beginnings_and_leaves_the_rest() {
        let cache = Cache::default();
        for path in ["/index.html", "/assets/a.js", "/assets/b.js", "/index.html.gz"] {
            cache.put(key(path), stored(b"x"), cache.epoch());
        }
        cache.invalidate(&["/index.html".to_owned(), "/assets/*".to_owned()]);
        let left = |path| cache.get(&key(path)).is_some();
        assert!(!left("/index.html") && !left("/assets/a.js") && !left("/assets/b.js") && left("/index.html.gz"));
    }

    #[test]
    fn what_was_asked_for_before_an_invalidation_is_not_kept_after_it() {
        let cache = Cache::default();
        let before = cache.epoch();
        cache.invalidate(&["/*".to_owned()]);
        cache.put(key("/a"), stored(b"old"), before);
        assert!(cache.get(&key("/a")).is_none());
    }

    #[test]
    fn the_oldest_goes_when_there_is_no_room() {
        let cache = Cache::default();
        let half: &'static [u8] = Box::leak(vec![0; ROOM / 2].into_boxed_slice());
        for path in ["/a", "/b", "/c"] {
            cache.put(key(path), stored(half), cache.epoch());
        }
        assert!(cache.get(&key("/a")).is_none() && cache.get(&key("/c")).is_some());
    }
}
