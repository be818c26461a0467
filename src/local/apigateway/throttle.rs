//! Throttling by a token bucket, as API Gateway does: `burst` requests at once, refilled at `rate` a second.

use std::sync::{Mutex, PoisonError};
use std::time::Instant;

#[derive(Debug)]
pub(super) struct Bucket {
    /// Requests a second.
    rate: f64,
    burst: f64,
    state: Mutex<(f64, Instant)>,
}

impl Bucket {
    /// A full bucket.
    pub(super) fn new(rate: f64, burst: f64) -> Self {
        Self { rate, burst, state: Mutex::new((burst, Instant::now())) }
    }

    /// Takes one token at `now`; whether there was one.
    pub(super) fn take(&self, now: Instant) -> bool {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let (tokens, filled) = *state;
        let tokens = (tokens + now.saturating_duration_since(filled).as_secs_f64() * self.rate).min(self.burst);
        let enough = tokens >= 1.0;
        *state = (if enough { tokens - 1.0 } else { tokens }, now);
        enough
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn after_the_burst_requests_pass_at_the_rate() {
        let bucket = Bucket::new(2.0, 3.0);
        let start = Instant::now();
        let at = |milliseconds| bucket.take(start + Duration::from_millis(milliseconds));
        assert_eq!([at(0), at(0), at(0), at(0)], [true, true, true, false]);
        assert_eq!([at(500), at(500), at(1000)], [true, false, true]);
    }

    #[test]
    fn a_bucket_that_holds_nothing_lets_nothing_pass() {
        assert!(!Bucket::new(0.0, 0.0).take(Instant::now()));
    }
}
