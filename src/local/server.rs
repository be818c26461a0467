//! The listener: Host check, which service a request is for, the IAM check, counting of calls.

use std::collections::BTreeMap;

/// The calls that reached the socket, by `service:Operation`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Calls {
    /// Calls that can change nothing.
    pub reading: BTreeMap<String, u64>,
    /// Calls that can.
    pub mutating: BTreeMap<String, u64>,
}
