//! Whether a call is let through: it is counted, and its caller's permissions are checked.

use std::sync::Arc;

use super::calls::Counter;
use super::refusal::Protocol;
use crate::call::{Caller, Error, Operation};
use crate::iam::Iam;

/// The gate for one call.
#[derive(Clone)]
pub(crate) struct Admission {
    pub(super) iam: Arc<Iam>,
    pub(super) counter: Arc<Counter>,
    pub(super) protocol: Protocol,
    pub(super) service: &'static str,
    pub(super) caller: Caller,
}

impl Admission {
    /// Counts the call, and checks that its caller may do all that `operation` needs.
    pub(crate) fn admit(&self, operation: &Operation) -> Result<(), Error> {
        self.counter.count(self.service, operation, &self.caller);
        operation.needs.iter().try_for_each(|(action, resource)| self.check(action, resource))
    }

    /// Checks that the caller may do `action` on `resource`; the error is the service's own.
    pub(crate) fn check(&self, action: &str, resource: &str) -> Result<(), Error> {
        let allowed = self.iam.authorize(&self.caller, action, resource);
        allowed.map_err(|denial| self.protocol.denied(&denial, resource))
    }
}
