//! The cloud's time: AWS's is ours, a rehearsal's may run faster.

use std::time::{Duration, Instant};

use tokio::time::sleep;

/// How the time of the cloud passes, and whether it has AWS's delays at all.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Clock {
    /// Seconds of the cloud's time in one of ours.
    pub speed: f64,
    /// Whether grants, releases and calls take effect as slowly as on AWS, so that they have to be waited for.
    pub waits: bool,
}

impl Clock {
    /// AWS's.
    pub const AWS: Self = Self { speed: 1.0, waits: true };
    /// That of a cloud where all is done at once.
    pub const PROMPT: Self = Self { speed: 1.0, waits: false };

    /// What `time` of the cloud's is in ours.
    pub fn real(self, time: Duration) -> Duration {
        time.div_f64(self.speed)
    }

    /// The cloud's time since `begun`.
    pub fn since(self, begun: Instant) -> Duration {
        begun.elapsed().mul_f64(self.speed)
    }

    /// Waits for `time` of the cloud's.
    pub async fn sleep(self, time: Duration) {
        sleep(self.real(time)).await;
    }
}
