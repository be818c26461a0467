//! The count of calls, taken at the socket.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use crate::call::{Caller, Operation};

/// The calls that reached the socket, by `service:Operation`, whatever came of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Calls {
    /// The developer's calls that can change nothing.
    pub reading: BTreeMap<String, u64>,
    /// The developer's calls that can.
    pub mutating: BTreeMap<String, u64>,
    /// All calls by sessions of roles: those of functions.
    pub by_roles: BTreeMap<String, u64>,
}

/// The running count.
#[derive(Debug, Default)]
pub(super) struct Counter(Mutex<Calls>);

impl Counter {
    /// Counts one call of `operation` of `service` by `caller`.
    pub(super) fn count(&self, service: &str, operation: &Operation, caller: &Caller) {
        let mut calls = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let counts = match (caller, operation.mutates) {
            (Caller::Role { .. }, _) => &mut calls.by_roles,
            (Caller::Developer, true) => &mut calls.mutating,
            (Caller::Developer, false) => &mut calls.reading,
        };
        *counts.entry(format!("{service}:{}", operation.name)).or_default() += 1;
    }

    /// The count so far.
    pub(super) fn so_far(&self) -> Calls {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
