//! The fence between a run and the cloud: a call that can change something passes only while the lease holds.

use std::fmt::{self, Display};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use super::Claim;

/// Whether the run may change things. Clones are the same fence.
#[derive(Clone, Debug, Default)]
pub struct Fence(Arc<Mutex<State>>);

#[derive(Debug, Default)]
enum State {
    /// Nothing is leased, so nothing is checked.
    #[default]
    Open,
    /// Until the lease expires; with what stood against renewing it, if something did.
    Until(Deadline, Option<String>),
    /// For good.
    Lost(Lost),
}

/// How a lease was lost.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Lost {
    #[error("the lease was lost: it is held by {0}")]
    To(Box<Claim>),
    #[error("the lease was lost: somebody deleted it")]
    Deleted,
    #[error("the lease was lost: it ran out before it was renewed{}", because(.0.as_deref()))]
    Expired(Option<String>),
}

fn because(cause: Option<&str>) -> impl Display {
    fmt::from_fn(move |f| cause.map_or(Ok(()), |cause| write!(f, " ({cause})")))
}

impl Fence {
    /// Whether the lease holds now. Once it was seen to be lost, it stays so.
    pub fn check(&self) -> Result<(), Lost> {
        let mut state = self.state();
        let lost = match &*state {
            State::Open => return Ok(()),
            State::Until(deadline, _) if !deadline.is_over() => return Ok(()),
            State::Until(_, cause) => Lost::Expired(cause.clone()),
            State::Lost(lost) => return Err(lost.clone()),
        };
        *state = State::Lost(lost.clone());
        Err(lost)
    }

    /// Lets calls through until `deadline`; says whether the lease was not lost before.
    pub(super) fn hold(&self, deadline: Deadline) -> bool {
        let mut state = self.state();
        let held = !matches!(*state, State::Lost(_));
        if held {
            *state = State::Until(deadline, None);
        }
        held
    }

    /// Notes what stands against renewing the lease.
    pub(super) fn complain(&self, cause: &impl Display) {
        if let State::Until(_, known) = &mut *self.state() {
            *known = Some(cause.to_string());
        }
    }

    /// Lets no call through any more.
    pub(super) fn close(&self, lost: Lost) {
        let mut state = self.state();
        // That it expired is a guess at what is now known.
        if !matches!(*state, State::Lost(Lost::To(_) | Lost::Deleted)) {
            *state = State::Lost(lost);
        }
    }

    /// Lets all calls through: nothing is leased any more.
    pub(super) fn open(&self) {
        *self.state() = State::Open;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Each change is one assignment, so a panic elsewhere leaves nothing half done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A moment, on all of the machine's clocks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment {
    wall: SystemTime,
    monotonic: Instant,
    /// Since the machine's start, with the time that it slept.
    boot: Option<Duration>,
}

/// The end of a lease, as its holder measures it. Each clock has its weakness: the wall clock may be set back, the
/// monotonic one may stand still while the machine sleeps. The earliest decides.
#[derive(Clone, Copy, Debug)]
pub(super) struct Deadline {
    from: Moment,
    lasts: Duration,
}

impl Moment {
    pub(super) fn now() -> Self {
        Self { wall: SystemTime::now(), monotonic: Instant::now(), boot: since_boot() }
    }

    /// The moment that is `lasts` later.
    pub(super) fn after(self, lasts: Duration) -> Deadline {
        Deadline { from: self, lasts }
    }
}

impl Deadline {
    fn is_over(&self) -> bool {
        self.is_over_at(Moment::now())
    }

    fn is_over_at(&self, now: Moment) -> bool {
        let wall = now.wall.duration_since(self.from.wall).unwrap_or_default();
        let monotonic = now.monotonic.duration_since(self.from.monotonic);
        let boot = now.boot.zip(self.from.boot).map(|(now, then)| now.saturating_sub(then));
        wall.max(monotonic).max(boot.unwrap_or_default()) >= self.lasts
    }
}

/// Linux tells its boot clock in hundredths of a second; elsewhere the other two have to do.
fn since_boot() -> Option<Duration> {
    let uptime = std::fs::read_to_string("/proc/uptime").ok()?;
    Duration::try_from_secs_f64(uptime.split(' ').next()?.parse().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_mins(1);

    /// A moment at which each clock, wall, monotonic and boot, has gone on by so many seconds.
    fn later(from: Moment, [wall, monotonic, boot]: [u64; 3]) -> Moment {
        let seconds = Duration::from_secs;
        Moment {
            wall: from.wall + seconds(wall),
            monotonic: from.monotonic + seconds(monotonic),
            boot: from.boot.map(|then| then + seconds(boot)),
        }
    }

    #[test]
    fn a_lease_is_over_when_any_of_the_clocks_says_so() {
        let from = Moment { boot: Some(Duration::ZERO), ..Moment::now() };
        let over = |clocks| from.after(MINUTE).is_over_at(later(from, clocks));
        assert!(!over([59, 59, 59]));
        assert!(over([60, 0, 0]) && over([0, 60, 0]) && over([0, 0, 60]));
    }

    #[test]
    fn a_wall_clock_that_is_set_back_prolongs_nothing() {
        let from = Moment { boot: None, ..Moment::now() };
        let now = Moment { wall: from.wall - MINUTE, ..later(from, [0, 60, 0]) };
        assert!(from.after(MINUTE).is_over_at(now));
    }

    #[test]
    fn a_fence_that_was_seen_to_be_closed_stays_closed() {
        let fence = Fence::default();
        assert!(fence.check().is_ok());
        assert!(fence.hold(Moment::now().after(Duration::ZERO)));
        fence.complain(&"no answer");
        let lost = Lost::Expired(Some("no answer".to_owned()));
        assert_eq!(fence.check(), Err(lost.clone()));
        assert!(!fence.hold(Moment::now().after(MINUTE)));
        assert_eq!(fence.check(), Err(lost));
    }

    #[test]
    fn who_has_the_lease_now_is_told_though_it_had_expired_before() {
        let fence = Fence::default();
        fence.hold(Moment::now().after(Duration::ZERO));
        assert!(fence.check().is_err());
        fence.close(Lost::Deleted);
        assert_eq!(fence.check(), Err(Lost::Deleted));
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn linux_tells_its_boot_clock() {
        assert!(since_boot() > Some(Duration::ZERO));
    }
}
