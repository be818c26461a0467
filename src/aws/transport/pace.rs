//! Token buckets, so that throttling is the exception: a call waits for its tokens before it is sent.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::quota::Quota;
use crate::aws::Clock;

/// The buckets of one run. Each starts full: what others in the account have drawn is not known, and shows as throttling.
#[derive(Debug)]
pub(in crate::aws) struct Pace {
    clock: Clock,
    /// When each bucket, by its quota's name, will be full again.
    full_at: Mutex<HashMap<&'static str, Instant>>,
}

impl Pace {
    pub(in crate::aws) fn new(clock: Clock) -> Self {
        Self { clock, full_at: Mutex::default() }
    }

    /// Draws a token of each of `quotas`, and waits until the last of them is there. Tokens are given in the order of
    /// asking.
    pub(super) async fn wait(&self, quotas: &[Quota]) {
        let pause = self.draw(quotas, Instant::now());
        if !pause.is_zero() {
            tokio::time::sleep(pause).await;
        }
    }

    /// How long to wait at `now` for a token of each of `quotas`, which are drawn.
    fn draw(&self, quotas: &[Quota], now: Instant) -> Duration {
        if quotas.is_empty() {
            return Duration::ZERO;
        }
        let mut full_at = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        let mut longest = Duration::ZERO;
        for quota in quotas {
            let token = self.clock.real(Duration::from_secs_f64(1.0 / quota.rate));
            let full = full_at.entry(quota.name).or_insert(now);
            *full = (*full).max(now) + token;
            // It may be drawn on while no more than `burst` tokens are missing. One of several stays in it, for calls
            // that are on their way for a shorter time than those before them, and so arrive early.
            let usable = (quota.burst - 1.0).max(1.0);
            longest = longest.max((*full - now).saturating_sub(token.mul_f64(usable)));
        }
        longest
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const QUOTA: Quota = Quota { name: "test", rate: 2.0, burst: 4.0 };

    #[test]
    fn a_full_bucket_gives_its_burst_but_for_one_token_at_once_and_then_its_rate() {
        let pace = Pace::new(Clock::AWS);
        let now = Instant::now();
        let waits: Vec<u128> = (0..6).map(|_| pace.draw(&[QUOTA], now).as_millis()).collect();
        assert_eq!(waits, [0, 0, 0, 500, 1000, 1500]);
    }

    #[test]
    fn a_faster_clock_shortens_the_waits() {
        let pace = Pace::new(Clock { speed: 10.0, waits: true });
        let now = Instant::now();
        let waits: Vec<u128> = (0..5).map(|_| pace.draw(&[QUOTA], now).as_millis()).collect();
        assert_eq!(waits, [0, 0, 0, 50, 100]);
    }

    #[test]
    fn of_several_quotas_the_slowest_decides() {
        let pace = Pace::new(Clock::AWS);
        let slow = Quota { name: "slow", rate: 0.2, burst: 1.0 };
        let now = Instant::now();
        assert_eq!(pace.draw(&[slow, QUOTA], now), Duration::ZERO);
        assert_eq!(pace.draw(&[slow, QUOTA], now), Duration::from_secs(5));
    }

    proptest! {
        #[test]
        fn no_window_of_time_sees_more_than_its_tokens(gaps in proptest::collection::vec(0_u64..2000, 1..60)) {
            let pace = Pace::new(Clock::AWS);
            let begun = Instant::now();
            let mut now = begun;
            let mut sent: Vec<f64> = Vec::new();
            for gap in gaps {
                now += Duration::from_millis(gap);
                sent.push((now + pace.draw(&[QUOTA], now) - begun).as_secs_f64());
            }
            for (first, from) in sent.iter().enumerate() {
                for (last, to) in sent.iter().enumerate().skip(first) {
                    let allowed = QUOTA.burst - 1.0 + (to - from) * QUOTA.rate;
                    #[expect(clippy::cast_precision_loss, reason = "some tens of calls")]
                    let calls = (last - first + 1) as f64;
                    prop_assert!(calls <= allowed + 1e-6, "{calls} calls in {} s", to - from);
                }
            }
        }
    }
}
