//! The way of a change of a role through IAM: until it has arrived everywhere, the role is what it was before.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::role::Role;

/// The changes that are under way.
#[derive(Debug)]
pub(super) struct Propagation {
    /// The shortest and the longest way.
    delay: (Duration, Duration),
    ways: RandomState,
    /// By the lower-case names of roles, in the order of the changes.
    changes: Mutex<HashMap<String, Vec<Change>>>,
}

#[derive(Debug)]
struct Change {
    arrives: Instant,
    /// What the role was; `None`: it was not there.
    before: Option<Arc<Role>>,
}

/// What a role is in force as.
#[derive(Debug)]
pub(super) enum InForce {
    /// As it is.
    Current,
    /// As it was.
    Earlier(Option<Arc<Role>>),
}

/// The operations that change what a role may do, or who may assume it.
const CHANGES: [&str; 7] = [
    "CreateRole",
    "UpdateAssumeRolePolicy",
    "DeleteRole",
    "PutRolePolicy",
    "DeleteRolePolicy",
    "AttachRolePolicy",
    "DetachRolePolicy",
];

impl Propagation {
    /// `None` when every change is in force at once.
    pub(super) fn new(delay: (Duration, Duration)) -> Option<Self> {
        (!delay.1.is_zero()).then(|| Self { delay, ways: RandomState::new(), changes: Mutex::default() })
    }

    /// Whether `operation` is one whose effect comes late.
    pub(super) fn concerns(operation: &str) -> bool {
        CHANGES.contains(&operation)
    }

    /// Notes that the role `name` was `before` until now.
    pub(super) fn note(&self, name: &str, before: Option<Role>) {
        let before = before.map(Arc::new);
        let name = name.to_lowercase();
        let arrives = Instant::now() + self.delay_of(&name);
        let mut changes = self.changes.lock().unwrap_or_else(PoisonError::into_inner);
        changes.entry(name).or_default().push(Change { arrives, before });
    }

    /// What the role with `arn` is in force as.
    pub(super) fn in_force(&self, arn: &str) -> InForce {
        let name = arn.rsplit('/').next().unwrap_or_default().to_lowercase();
        let now = Instant::now();
        let mut all = self.changes.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(changes) = all.get_mut(&name) else { return InForce::Current };
        changes.retain(|change| change.arrives > now);
        if let Some(change) = changes.first() {
            return InForce::Earlier(change.before.clone().filter(|role| role.arn == arn));
        }
        all.remove(&name);
        InForce::Current
    }

    /// How long changes of a role are under way: the same for all of one role, so that they arrive in their order.
    fn delay_of(&self, name: &str) -> Duration {
        let (shortest, longest) = self.delay;
        let share = f64::from(u32::try_from(self.ways.hash_one(name) >> 32).unwrap_or_default()) / 4_294_967_296.0;
        shortest + longest.saturating_sub(shortest).mul_f64(share)
    }
}
