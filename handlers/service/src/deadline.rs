//! Until when an invocation has to be answered.

use std::time::{Duration, Instant};

/// What an answer needs to reach Lambda: one hash of a password, which nothing interrupts, and a post on loopback.
const MARGIN: Duration = Duration::from_millis(500);

/// When Lambda stops waiting for an answer, and kills the process: some time before, another answer is to be given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Deadline(Option<Times>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Times {
    begun: Instant,
    /// When to answer at the latest.
    end: Instant,
}

impl Deadline {
    /// The deadline of an invocation that begins now and is killed after `left`: half a second before that, or a quarter of
    /// it where it is short.
    pub fn after(left: Duration) -> Self {
        let begun = Instant::now();
        Self(Some(Times { begun, end: begun + left.saturating_sub(MARGIN.min(left / 4)) }))
    }

    /// Whether two thirds of the time are over. What is written after that might come to pass when nobody waits any more:
    /// for what must not be in doubt, it is too late. In the ten seconds of a function, a call that was begun before has
    /// ended in time, with all its retries.
    pub fn is_near(self) -> bool {
        self.0.is_some_and(|Times { begun, end }| Instant::now() > begun + (end - begun) / 3 * 2)
    }
}

#[cfg(feature = "aws")]
impl Deadline {
    /// What is left until then, if there is an end.
    fn left(self) -> Option<Duration> {
        self.0.map(|Times { end, .. }| end.saturating_duration_since(Instant::now()))
    }

    /// What `work` gives, unless the time is over before: then `work` is dropped where it stands. A call that is under way
    /// may still take effect, as one whose answer is lost.
    pub async fn within<T>(self, work: impl Future<Output = T>) -> Option<T> {
        let given = limited(self.left(), work).await;
        if given.is_none() {
            tracing::error!("the time of the invocation is over before there is an answer");
        }
        given
    }

    /// The same for work that the answer does not rest on: it gets half of what is left.
    pub async fn spare<T>(self, work: impl Future<Output = T>) -> Option<T> {
        limited(self.left().map(|left| left / 2), work).await
    }
}

#[cfg(feature = "aws")]
async fn limited<T>(left: Option<Duration>, work: impl Future<Output = T>) -> Option<T> {
    match left {
        Some(left) => tokio::time::timeout(left, work).await.ok(),
        None => Some(work.await),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How long there is for an answer where Lambda waits for `left` milliseconds.
    fn time(left: u64) -> u128 {
        let Some(Times { begun, end }) = Deadline::after(Duration::from_millis(left)).0 else { return 0 };
        (end - begun).as_millis()
    }

    #[test]
    fn an_answer_is_due_half_a_second_before_the_end_or_after_three_quarters_of_a_short_time() {
        assert_eq!([10_000, 2_000, 1_000, 100, 0].map(time), [9_500, 1_500, 750, 75, 0]);
    }

    #[test]
    fn the_end_is_near_when_two_thirds_of_the_time_are_over() {
        let (now, second) = (Instant::now(), Duration::from_secs(1));
        let after = |passed: u32| {
            let begun = now.checked_sub(second * passed).unwrap();
            Deadline(Some(Times { begun, end: begun + second * 9 }))
        };
        assert_eq!([5, 7].map(|passed| after(passed).is_near()), [false, true]);
        assert!(!Deadline::default().is_near());
    }

    #[cfg(feature = "aws")]
    #[tokio::test]
    async fn what_takes_longer_is_dropped() {
        let deadline = Deadline::after(Duration::from_millis(80));
        assert_eq!(deadline.within(std::future::pending::<()>()).await, None);
        assert_eq!(deadline.within(async { 7 }).await, Some(7));
        assert_eq!(Deadline::default().within(async { 7 }).await, Some(7));
    }
}
