//! When the developer's latest calls arrived and were answered, and how long the chain is in which they waited for each
//! other.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The calls that are remembered.
const REMEMBERED: usize = 10_000;

/// One of the developer's calls that was answered.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Traced {
    /// Its number among all calls since the start, from 1, in the order of their answers.
    pub number: u64,
    /// `service:Operation`
    pub call: String,
    /// The answer's HTTP status; `None` where the connection was cut.
    pub status: Option<u16>,
    /// Milliseconds since the start of the cloud.
    pub arrived: f64,
    /// Milliseconds since the start of the cloud.
    pub answered: f64,
}

/// Of `calls`, the longest chain in which each arrived after the one before it was answered. Where every answer takes
/// far longer than its client needs to go on from it, these are the calls that waited for each other.
pub fn chain(calls: &[Traced]) -> Vec<&Traced> {
    let mut by_arrival: Vec<&Traced> = calls.iter().collect();
    by_arrival.sort_by(|one, other| one.arrived.total_cmp(&other.arrived));
    // Of each call, the length of the longest chain that ends with it, and the call before it in that.
    let mut ends: Vec<(usize, Option<usize>)> = Vec::with_capacity(by_arrival.len());
    let mut by_answer: Vec<usize> = (0..by_arrival.len()).collect();
    by_answer.sort_by(|one, other| by_arrival[*one].answered.total_cmp(&by_arrival[*other].answered));
    let mut answered = by_answer.into_iter().peekable();
    let mut longest: Option<usize> = None;
    for call in &by_arrival {
        while let Some(earlier) = answered.next_if(|earlier| by_arrival[*earlier].answered <= call.arrived) {
            // A call is answered after it arrived, so its own entry is there.
            if longest.is_none_or(|longest| ends[earlier].0 > ends[longest].0) {
                longest = Some(earlier);
            }
        }
        ends.push((longest.map_or(1, |longest| ends[longest].0 + 1), longest));
    }
    let mut last = (0..ends.len()).max_by_key(|call| ends[*call].0);
    let mut chain = Vec::new();
    while let Some(call) = last {
        chain.push(by_arrival[call]);
        last = ends[call].1;
    }
    chain.reverse();
    chain
}

/// Remembers the latest calls.
#[derive(Debug)]
pub(super) struct Trace {
    start: Instant,
    latest: Mutex<VecDeque<Traced>>,
}

impl Trace {
    pub(super) fn new() -> Self {
        Self { start: Instant::now(), latest: Mutex::default() }
    }

    /// Now, on this trace.
    pub(super) fn now(&self) -> Duration {
        self.start.elapsed()
    }

    /// Remembers a call that arrived at `arrived` and is answered now, with `status`.
    pub(super) fn answered(&self, (call, status): (String, Option<u16>), arrived: Duration) {
        let [arrived, answered] = [arrived, self.now()].map(|time| time.as_secs_f64() * 1e3);
        let mut latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        let number = latest.back().map_or(1, |last| last.number + 1);
        if latest.len() == REMEMBERED {
            latest.pop_front();
        }
        latest.push_back(Traced { number, call, status, arrived, answered });
    }

    /// The remembered calls with numbers above `after`.
    pub(super) fn since(&self, after: u64) -> Vec<Traced> {
        let latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        latest.iter().filter(|traced| traced.number > after).cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chained(calls: &[(&str, f64, f64)]) -> String {
        let traced = |(call, arrived, answered): &(&str, f64, f64)| Traced {
            number: 0,
            call: (*call).to_owned(),
            status: Some(200),
            arrived: *arrived,
            answered: *answered,
        };
        let calls: Vec<Traced> = calls.iter().map(traced).collect();
        chain(&calls).into_iter().map(|traced| traced.call.as_str()).collect()
    }

    #[test]
    fn calls_that_are_under_way_together_are_one_link() {
        assert_eq!(chained(&[("a", 0.0, 50.0), ("b", 1.0, 51.0), ("c", 2.0, 52.0)]).len(), 1);
    }

    #[test]
    fn a_call_that_comes_after_an_answer_waited_for_it() {
        assert_eq!(chained(&[("a", 0.0, 50.0), ("b", 1.0, 120.0), ("c", 60.0, 110.0), ("d", 130.0, 180.0)]), "acd");
    }

    #[test]
    fn the_order_in_which_calls_are_told_is_of_no_account() {
        assert_eq!(chained(&[("c", 40.0, 50.0), ("a", 0.0, 10.0), ("b", 20.0, 30.0)]), "abc");
    }

    #[test]
    fn no_calls_are_no_chain() {
        assert_eq!(chained(&[]), "");
    }

    #[test]
    fn the_oldest_calls_are_forgotten_and_numbers_go_on() {
        let trace = Trace::new();
        for _ in 0..=REMEMBERED {
            trace.answered(("sts:GetCallerIdentity".to_owned(), Some(200)), trace.now());
        }
        let all = trace.since(0);
        assert_eq!((all.len(), all[0].number), (REMEMBERED, 2));
        assert_eq!(trace.since(REMEMBERED as u64).len(), 1);
    }
}
