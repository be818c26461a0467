//! The cloud's own time, which may pass faster than the time of the world.

use std::time::Duration;

/// Tells how long the cloud's durations are outside of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    /// Seconds of the cloud in one second.
    pub(crate) speed: f64,
}

impl Clock {
    /// Whether `speed` is one that a clock can have.
    pub(crate) fn is_speed(speed: f64) -> bool {
        speed.is_finite() && speed >= 0.001
    }

    /// How long `duration` of the cloud is outside of it.
    pub(crate) fn real(self, duration: Duration) -> Duration {
        duration.div_f64(self.speed)
    }

    /// Waits for `duration` of the cloud.
    pub(crate) async fn sleep(self, duration: Duration) {
        if !duration.is_zero() {
            tokio::time::sleep(self.real(duration)).await;
        }
    }
}
