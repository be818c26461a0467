//! The calls of one run, counted where they leave for the network: each attempt is a call.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use serde::Serialize;

use super::named_operation;

/// A number of calls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CallCount {
    pub total: u64,
    /// Those of them that can change something.
    pub mutating: u64,
}

impl fmt::Display for CallCount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = if self.total == 1 { "" } else { "s" };
        match self.mutating {
            0 => write!(f, "{} call{plural}, no mutating call,", self.total),
            mutating => write!(f, "{} call{plural}, {mutating} mutating,", self.total),
        }
    }
}

/// Counts the calls through a client.
#[derive(Clone, Debug, Default)]
pub struct Counter(Arc<[AtomicU64; 2]>);

impl Counter {
    /// The calls so far.
    pub fn count(&self) -> CallCount {
        let [total, mutating] = &*self.0;
        CallCount { total: total.load(Ordering::Relaxed), mutating: mutating.load(Ordering::Relaxed) }
    }

    /// Counts `request`.
    pub(super) fn note(&self, request: &HttpRequest) {
        let [total, mutating] = &*self.0;
        total.fetch_add(1, Ordering::Relaxed);
        if mutates(request) {
            mutating.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// Whether a request can change something: by its operation's name where the protocol sends one, else by its method.
pub(super) fn mutates(request: &HttpRequest) -> bool {
    const READING: [&str; 8] = ["Get", "List", "Describe", "Head", "Filter", "BatchGet", "Query", "Scan"];
    match named_operation(request) {
        Some(operation) => !READING.iter().any(|verb| operation.starts_with(verb)),
        None => !matches!(request.method(), "GET" | "HEAD"),
    }
}
