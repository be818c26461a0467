//! When to ask Lambda for a function whose role was made in this very run: IAM lets Lambda assume a new role only some
//! seconds later, nothing tells when, and each try draws on the 15 calls a second that all of Lambda's control plane shares.

use std::time::{Duration, Instant};

use crate::aws::{Aws, Clock, Directory, Error};

/// How soon a new role may be assumable, and by when it is: measured as 7 to 12 s.
const SOONEST: Duration = Duration::from_secs(6);
const SURE: Duration = Duration::from_secs(12);

/// So many functions at a time may try before their roles are sure to be assumable.
const FEW: usize = 15;

/// Tries a second that these make together.
const TRIES: u32 = 10;

/// The shortest and the longest pause between two tries of one function.
const PAUSES: (Duration, Duration) = (Duration::from_millis(200), Duration::from_secs(2));

/// How a function waits for its new role.
pub(super) struct Assuming<'a> {
    clock: Clock,
    directory: &'a Directory,
    /// When the role was made.
    made: Option<Instant>,
}

impl<'a> Assuming<'a> {
    /// The wait for the role with `arn`.
    pub(super) fn of(arn: &str, aws: &'a Aws) -> Self {
        let name = arn.rsplit('/').next().unwrap_or_default();
        let made = aws.directory.role_made(name).filter(|_| aws.clock.waits);
        Self { clock: aws.clock, directory: &aws.directory, made }
    }

    /// Waits until a first try is worth a call: at once where few functions wait, else until the role is sure to work.
    pub(super) async fn first(&self) {
        if let Some(made) = self.made
            && self.directory.in_the_making() > FEW
        {
            self.clock.sleep(SURE.saturating_sub(self.clock.since(made))).await;
        }
    }

    /// The pause after a refused try; `None` when the role is not the reason, or was not made in this run.
    pub(super) fn pause(&self, error: &Error) -> Option<Duration> {
        let unassumable = error.cause.contains("cannot be assumed by Lambda");
        let age = self.clock.since(self.made.filter(|_| unassumable)?);
        Some(self.clock.real(after(age, self.directory.in_the_making())))
    }
}

/// The pause of one of `waiting` functions whose role has an `age`, by the cloud's time.
fn after(age: Duration, waiting: usize) -> Duration {
    let share = Duration::from_secs(1) / TRIES * u32::try_from(waiting).unwrap_or(u32::MAX);
    SOONEST.saturating_sub(age).max(share.clamp(PAUSES.0, PAUSES.1))
}

#[cfg(test)]
mod tests {
    use super::*;

    const AGE: Duration = Duration::from_secs(1);

    #[test]
    fn a_role_that_no_role_was_ever_as_quick_as_is_not_asked_for() {
        assert_eq!(after(AGE, 3), Duration::from_secs(5));
    }

    #[test]
    fn the_more_functions_wait_the_more_seldom_each_of_them_asks() {
        let pause = |waiting| after(SOONEST, waiting).as_millis();
        assert_eq!([1, 3, 10, 300].map(pause), [200, 300, 1000, 2000]);
    }
}
