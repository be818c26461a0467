//! How far this machine's clock is from the cloud's, by the `Date` of its answers.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use jiff::{SignedDuration, Timestamp};

/// What cannot be told apart from a right clock: a `Date` has whole seconds, and an answer is on its way for some time.
const UNSURE: SignedDuration = SignedDuration::from_secs(2);

/// The cloud's clock, as far as it was seen. Clones are the same.
#[derive(Clone, Debug, Default)]
pub struct Skew(Arc<AtomicI64>);

impl Skew {
    /// Now, by the cloud's clock: two machines agree on it though their own clocks differ.
    pub fn now(&self) -> Timestamp {
        let now = Timestamp::now();
        let ahead = SignedDuration::from_millis(self.0.load(Ordering::Relaxed));
        if ahead.abs() <= UNSURE { now } else { now.checked_add(ahead).unwrap_or(now) }
    }

    /// Notes the time that an answer tells, which came just now.
    pub(super) fn note(&self, answer: &HttpResponse) {
        if let Some(date) = answer.headers().get("date") {
            self.note_date(date, Timestamp::now());
        }
    }

    fn note_date(&self, date: &str, now: Timestamp) {
        let Ok(date) = DateTime::from_str(date, Format::HttpDate) else { return };
        let Ok(date) = Timestamp::from_second(date.secs()) else { return };
        let ahead = i64::try_from(date.duration_since(now).as_millis()).unwrap_or_default();
        self.0.store(ahead, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many seconds the cloud is taken to be ahead of a machine whose clock is wrong by `seconds`.
    fn corrected(seconds: i64) -> i64 {
        let skew = Skew::default();
        let cloud = Timestamp::now();
        let date = DateTime::from_secs(cloud.as_second()).fmt(Format::HttpDate).unwrap();
        skew.note_date(&date, cloud + SignedDuration::from_secs(seconds));
        skew.now().duration_since(Timestamp::now()).as_secs()
    }

    #[test]
    fn a_clock_that_is_wrong_is_corrected_by_the_clouds() {
        for wrong in [-600, 600] {
            assert!((corrected(wrong) + wrong).abs() <= 1, "{wrong}");
        }
    }

    #[test]
    fn a_clock_that_is_right_within_what_can_be_seen_is_left_alone() {
        for wrong in [-1, 0, 1] {
            assert_eq!(corrected(wrong), 0);
        }
    }

    #[test]
    fn an_answer_without_a_right_date_tells_nothing() {
        let skew = Skew::default();
        skew.note_date("yesterday", Timestamp::now());
        assert!(skew.now().duration_since(Timestamp::now()).abs() < UNSURE);
    }
}
