//! What was made so recently that lists do not have it yet.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The things of one service that were made of late, by name.
#[derive(Debug)]
pub(crate) struct Recent {
    delay: Duration,
    made: Mutex<HashMap<String, Instant>>,
}

impl Recent {
    /// What lists lack for `delay`; nothing when that is zero.
    pub(crate) fn new(delay: Duration) -> Self {
        Self { delay, made: Mutex::default() }
    }

    /// Notes that `name` was made just now.
    pub(crate) fn made(&self, name: &str) {
        if !self.delay.is_zero() {
            let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
            made.retain(|_, at| at.elapsed() < self.delay);
            made.insert(name.to_owned(), Instant::now());
        }
    }

    /// Whether a list does not have `name` yet.
    pub(crate) fn hides(&self, name: &str) -> bool {
        if self.delay.is_zero() {
            return false;
        }
        let made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        made.get(name).is_some_and(|at| at.elapsed() < self.delay)
    }
}
