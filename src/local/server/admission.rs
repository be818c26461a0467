//! Whether a call is let through: it is counted, and its caller's permissions are checked.

use std::sync::Arc;

use super::calls::Counter;
use super::refusal::Protocol;
use super::turn::{Broken, Turn};
use crate::call::{Caller, Error, Operation};
use crate::iam::{Iam, Verdict};
use crate::realism::Quotas;

/// The gate for one call.
#[derive(Clone)]
pub(crate) struct Admission {
    pub(super) iam: Arc<Iam>,
    pub(super) counter: Arc<Counter>,
    pub(super) protocol: Protocol,
    pub(super) service: &'static str,
    pub(crate) caller: Caller,
    /// Of a call that may be hurt: the developer's come one after the other.
    pub(super) turn: Option<Arc<Turn>>,
    /// `None`: nothing is throttled.
    pub(super) quotas: Option<Arc<Quotas>>,
}

impl Admission {
    /// Counts the call, and checks that its caller may do all that `operation` needs; the last step before the call
    /// takes effect.
    pub(crate) async fn admit(&self, operation: &Operation) -> Result<(), Error> {
        let may = || operation.needs.iter().try_for_each(|(action, resource)| self.check(action, resource));
        self.admit_if(operation, may).await
    }

    /// The same for a service whose resources have policies of their own: `may` tells whether the call is allowed.
    pub(crate) async fn admit_if(
        &self,
        operation: &Operation,
        may: impl FnOnce() -> Result<(), Error>,
    ) -> Result<(), Error> {
        self.counter.count(self.service, operation, &self.caller);
        may()?;
        if let Some(quotas) = &self.quotas {
            quotas.draw(self.service, &operation.name)?;
        }
        let Some(turn) = &self.turn else { return Ok(()) };
        turn.before(format!("{}:{}", self.service, operation.name)).await.map_err(|broken| match broken {
            Broken::Failed(number) => self.protocol.failure(number),
            // Nobody sees the answer of a connection that is closed.
            Broken::Cut => self.protocol.failure(0),
        })
    }

    /// Checks that the caller may do `action` on `resource`; the error is the service's own.
    pub(crate) fn check(&self, action: &str, resource: &str) -> Result<(), Error> {
        let allowed = self.iam.authorize(&self.caller, action, resource);
        allowed.map_err(|denial| self.protocol.denied(&denial, resource))
    }

    /// Whether the caller's own policies deny it `action` on `resource`, whatever else may allow it.
    pub(crate) fn is_denied(&self, action: &str, resource: &str) -> bool {
        self.iam.verdict(&self.caller, action, resource) == Verdict::Deny
    }

    /// The error of a call that the resource's policy denies.
    pub(crate) fn denied_by_resource(&self, action: &str, resource: &str) -> Error {
        let (user, why) = (self.caller.arn(), "with an explicit deny in a resource-based policy");
        let text = format!("User: {user} is not authorized to perform: {action} on resource: {resource} {why}");
        self.protocol.denied(&Error::new(403, "AccessDenied", text), resource)
    }
}
