//! Faults: what is to go wrong with which of the developer's calls, and how that is written on a command line.

use std::str::FromStr;
use std::time::Duration;

/// What is to go wrong with the developer's calls, which are counted from 1 in the order in which they arrive. Calls of
/// functions' roles are not among them, and hurt by [`Self::functions`] alone.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Faults {
    /// What goes wrong with calls of a certain number; of two for one number the first counts.
    pub at: Vec<Fault>,
    /// What goes wrong with any other call.
    pub random: Option<RandomFaults>,
    /// How late the answers of all other calls come, by the cloud's time.
    pub slow: Option<Duration>,
    /// What goes wrong with calls of functions' roles.
    pub functions: Vec<FunctionFault>,
}

/// What goes wrong with one call of a function's role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionFault {
    /// `service:Operation`
    pub call: String,
    /// Which of these calls, whosever role makes them, from 1.
    pub at: u64,
    pub kind: FaultKind,
}

/// What goes wrong with one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The call's number, from 1.
    pub at: u64,
    pub kind: FaultKind,
}

/// Faults of the kinds `ErrorBefore`, `ErrorAfter`, `CutBefore` and `CutAfter`, at random.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RandomFaults {
    /// Equal seeds hurt the calls of equal numbers in equal ways.
    pub seed: u64,
    /// The share of calls that is hurt: 0.0 to 1.0.
    pub rate: f64,
}

/// A way in which a call goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// The call has no effect, and is answered by a 500 or 503.
    ErrorBefore,
    /// The call takes effect, and is answered by a 500 or 503.
    ErrorAfter,
    /// The call has no effect, and its connection is closed without an answer.
    CutBefore,
    /// The call takes effect, and its connection is closed without an answer.
    CutAfter,
    /// The call takes effect, and its answer comes late, by a duration of the cloud's time.
    Slow(Duration),
    /// The call has no effect, and is never answered.
    HoldBefore,
    /// The call takes effect, and is never answered.
    HoldAfter,
    /// The process that carries the cloud is killed before the call takes effect.
    KillBefore,
    /// The process that carries the cloud is killed once the call has taken effect.
    KillAfter,
}

/// What is wrong with faults as they were written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{what}; faults are written as seed=7,rate=0.05 or slow=50ms or at=12:error-after or \
     function=lambda:Invoke@1:cut-before, with the kinds {KINDS}"
)]
pub struct UnknownFaults {
    what: String,
}

const KINDS: &str = "error-before, error-after, cut-before, cut-after, hold-before, hold-after, kill-before, \
                     kill-after and slow=500ms";

impl Faults {
    /// None.
    pub fn none() -> Self {
        Self::default()
    }

    /// One, of the call with the number `at`.
    pub fn at(at: u64, kind: FaultKind) -> Self {
        Self { at: vec![Fault { at, kind }], ..Self::default() }
    }

    /// One, of the `at`th call `service:Operation` that functions make.
    pub fn of_function(call: &str, at: u64, kind: FaultKind) -> Self {
        Self { functions: vec![FunctionFault { call: call.to_owned(), at, kind }], ..Self::default() }
    }

    /// A share of `rate` (0.0 to 1.0) of the calls, chosen by `seed`.
    pub fn random(seed: u64, rate: f64) -> Self {
        Self { random: Some(RandomFaults { seed, rate }), ..Self::default() }
    }

    /// What goes wrong with the call of a number.
    pub(super) fn of(&self, number: u64) -> Option<FaultKind> {
        let certain = self.at.iter().find(|fault| fault.at == number).map(|fault| fault.kind);
        let random = || self.random.and_then(|random| random.of(number));
        certain.or_else(random).or_else(|| self.slow.map(FaultKind::Slow))
    }

    /// What goes wrong with the functions' call of a number, which counts calls of one operation.
    pub(super) fn of_functions(&self, call: &str, number: u64) -> Option<FaultKind> {
        let hurt = |fault: &&FunctionFault| fault.at == number && fault.call == call;
        self.functions.iter().find(hurt).map(|fault| fault.kind)
    }
}

impl RandomFaults {
    fn of(&self, number: u64) -> Option<FaultKind> {
        const KINDS: [FaultKind; 4] =
            [FaultKind::ErrorBefore, FaultKind::ErrorAfter, FaultKind::CutBefore, FaultKind::CutAfter];
        let first = mixed(self.seed ^ mixed(number));
        // The upper half of the bits decides whether, the lower half how.
        let share = f64::from(u32::try_from(first >> 32).unwrap_or(u32::MAX)) / (f64::from(u32::MAX) + 1.0);
        let kind = KINDS[usize::try_from(first % 4).unwrap_or_default()];
        (share < self.rate).then_some(kind)
    }
}

/// Sixty-four bits that look random, told from `value` alone: splitmix64.
fn mixed(value: u64) -> u64 {
    let value = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

impl FromStr for Faults {
    type Err = UnknownFaults;

    /// Reads `seed=7,rate=0.05`, `slow=50ms` or `at=12:error-after`, or all of them, and `at` more than once.
    fn from_str(text: &str) -> Result<Self, UnknownFaults> {
        let (mut at, mut seed, mut rate, mut slow) = (Vec::new(), None, None, None);
        let mut functions = Vec::new();
        for part in text.split(',').map(str::trim) {
            match part.split_once('=') {
                Some(("at", fault)) => at.push(fault.parse()?),
                Some(("function", fault)) => functions.push(fault.parse()?),
                Some(("slow", late)) => {
                    slow = Some(duration(late).ok_or_else(|| wrong(format!("{part:?} is no time such as 50ms")))?);
                }
                Some(("seed", number)) => {
                    seed = Some(number.parse().map_err(|_| wrong(format!("{number:?} is no seed, a whole number")))?);
                }
                Some(("rate", share)) => {
                    let share = share.parse().ok().filter(|share| (0.0..=1.0).contains(share));
                    rate = Some(share.ok_or_else(|| wrong(format!("{part:?} is no rate from 0 to 1")))?);
                }
                Some(_) | None => return Err(wrong(format!("{part:?} is not understood"))),
            }
        }
        let random = match (seed, rate) {
            (None, None) => None,
            (seed, Some(rate)) => Some(RandomFaults { seed: seed.unwrap_or_default(), rate }),
            (Some(_), None) => return Err(wrong("a seed needs a rate".to_owned())),
        };
        Ok(Self { at, random, slow, functions })
    }
}

impl FromStr for Fault {
    type Err = UnknownFaults;

    /// Reads `12:error-after`.
    fn from_str(text: &str) -> Result<Self, UnknownFaults> {
        let (at, kind) = text.split_once(':').ok_or_else(|| wrong(format!("at={text:?} names no kind")))?;
        let at = at.parse().ok().filter(|at| *at > 0);
        let at = at.ok_or_else(|| wrong(format!("at={text:?} names no call: the first one is 1")))?;
        Ok(Self { at, kind: kind.parse()? })
    }
}

impl FromStr for FunctionFault {
    type Err = UnknownFaults;

    /// Reads `lambda:Invoke@1:cut-before`.
    fn from_str(text: &str) -> Result<Self, UnknownFaults> {
        let unknown = || wrong(format!("function={text:?} names no call such as lambda:Invoke@1"));
        let (which, kind) = text.rsplit_once(':').ok_or_else(unknown)?;
        let (call, at) = which.split_once('@').filter(|(call, _)| call.contains(':')).ok_or_else(unknown)?;
        let at = at.parse().ok().filter(|at| *at > 0).ok_or_else(unknown)?;
        Ok(Self { call: call.to_owned(), at, kind: kind.parse()? })
    }
}

impl FromStr for FaultKind {
    type Err = UnknownFaults;

    fn from_str(text: &str) -> Result<Self, UnknownFaults> {
        Ok(match text {
            "error-before" => Self::ErrorBefore,
            "error-after" => Self::ErrorAfter,
            "cut-before" => Self::CutBefore,
            "cut-after" => Self::CutAfter,
            "hold-before" => Self::HoldBefore,
            "hold-after" => Self::HoldAfter,
            "kill-before" => Self::KillBefore,
            "kill-after" => Self::KillAfter,
            other => {
                let late = other.strip_prefix("slow=").and_then(duration);
                Self::Slow(late.ok_or_else(|| wrong(format!("{other:?} is no kind of fault")))?)
            }
        })
    }
}

/// Reads `500ms` or `2s`.
fn duration(text: &str) -> Option<Duration> {
    let (number, unit) = match text.strip_suffix("ms") {
        Some(number) => (number, 1),
        None => (text.strip_suffix('s')?, 1000),
    };
    let number: u64 = number.parse().ok()?;
    Some(Duration::from_millis(number.checked_mul(unit)?))
}

fn wrong(what: String) -> UnknownFaults {
    UnknownFaults { what }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_at_a_call_is_read() {
        assert_eq!("at=12:error-after".parse(), Ok(Faults::at(12, FaultKind::ErrorAfter)));
        assert_eq!("at=1:slow=2s".parse(), Ok(Faults::at(1, FaultKind::Slow(Duration::from_secs(2)))));
    }

    #[test]
    fn faults_at_random_and_at_calls_are_read_together() {
        let faults: Faults = "seed=7, rate=0.05, at=3:cut-before, at=4:kill-after".parse().unwrap();
        assert_eq!(faults.random, Some(RandomFaults { seed: 7, rate: 0.05 }));
        let slow: Faults = "slow=50ms, at=3:cut-before".parse().unwrap();
        assert_eq!(slow.of(3), Some(FaultKind::CutBefore));
        assert_eq!(slow.of(4), Some(FaultKind::Slow(Duration::from_millis(50))));
        assert_eq!(faults.of(3), Some(FaultKind::CutBefore));
        assert_eq!(faults.of(4), Some(FaultKind::KillAfter));
    }

    #[test]
    fn a_fault_of_a_function_is_of_one_call_of_one_operation() {
        let faults: Faults = "function=lambda:Invoke@2:cut-before, at=2:error-after".parse().unwrap();
        assert_eq!(faults.functions, Faults::of_function("lambda:Invoke", 2, FaultKind::CutBefore).functions);
        assert_eq!(faults.of_functions("lambda:Invoke", 2), Some(FaultKind::CutBefore));
        assert_eq!(faults.of_functions("lambda:Invoke", 1), None);
        assert_eq!(faults.of_functions("dynamodb:DeleteItem", 2), None);
        assert_eq!(faults.of(2), Some(FaultKind::ErrorAfter));
    }

    #[test]
    fn what_is_not_understood_is_named() {
        for (text, part) in [
            ("", "\"\" is not understood"),
            ("at=12", "names no kind"),
            ("at=0:error-after", "the first one is 1"),
            ("at=1:explode", "\"explode\" is no kind"),
            ("at=1:slow=soon", "\"slow=soon\" is no kind"),
            ("function=lambda:Invoke:cut-before", "names no call such as"),
            ("function=lambda:Invoke@0:cut-before", "names no call such as"),
            ("function=Invoke@1:cut-before", "names no call such as"),
            ("seed=7", "a seed needs a rate"),
            ("seed=x,rate=0.1", "\"x\" is no seed"),
            ("slow=soon", "is no time such as 50ms"),
            ("rate=1.5", "is no rate from 0 to 1"),
            ("rate=NaN", "is no rate from 0 to 1"),
        ] {
            let error = text.parse::<Faults>().unwrap_err().to_string();
            assert!(error.contains(part) && error.contains("kill-after"), "{text}: {error}");
        }
    }

    #[test]
    fn a_seed_hurts_the_same_calls_each_time_and_about_as_many_as_the_rate_says() {
        let hurt = |seed| (1..=10_000).filter_map(|number| Faults::random(seed, 0.05).of(number)).collect::<Vec<_>>();
        assert_eq!(hurt(7), hurt(7));
        assert_ne!(hurt(7), hurt(8));
        assert!((400..600).contains(&hurt(7).len()), "{}", hurt(7).len());
        for kind in [FaultKind::ErrorBefore, FaultKind::ErrorAfter, FaultKind::CutBefore, FaultKind::CutAfter] {
            assert!(hurt(7).iter().filter(|hurt| **hurt == kind).count() > 50, "{kind:?}");
        }
    }
}
