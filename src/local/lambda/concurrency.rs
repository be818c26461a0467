//! Reserved concurrency, and the count of invocations that are under way.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};

use super::Shared;
use super::code::{MAX_UNZIPPED, MAX_ZIPPED};
use super::members::{Members, invalid};
use super::route::Route;
use super::state::State;
use crate::call::{Error, Request};
use crate::store::Store;

/// Concurrent executions of an account in a region.
const ACCOUNT_LIMIT: u32 = 1000;
/// What reserving must leave to the functions without a reservation.
const LEAST_UNRESERVED: u32 = 100;
/// Storage of code in a region, in bytes.
const CODE_STORAGE: u64 = 80_530_636_800;

impl Shared {
    pub(super) fn put_concurrency(&self, route: &Route, request: &Request) -> Result<Value, Error> {
        let asked = route.function(&self.region)?;
        let mut members = Members::parse("PutFunctionConcurrency", &request.body)?;
        let wanted: u32 = members.require("ReservedConcurrentExecutions")?;
        members.finish()?;
        self.state.write(|state| {
            let current = state.function(&asked, &self.region)?.reserved_concurrency.unwrap_or(0);
            if (state.reserved() - current).saturating_add(wanted) > ACCOUNT_LIMIT - LEAST_UNRESERVED {
                return Err(invalid(format!(
                    "Specified ReservedConcurrentExecutions for function decreases account's \
                     UnreservedConcurrentExecution below its minimum value of [{LEAST_UNRESERVED}]."
                )));
            }
            state.function_mut(&asked, &self.region)?.reserved_concurrency = Some(wanted);
            Ok(())
        })?;
        self.concurrency.recount(&self.state);
        Ok(json!({ "ReservedConcurrentExecutions": wanted }))
    }

    pub(super) fn get_concurrency(&self, route: &Route) -> Result<Value, Error> {
        let asked = route.function(&self.region)?;
        self.state.read(|state| {
            Ok(match state.function(&asked, &self.region)?.reserved_concurrency {
                Some(reserved) => json!({ "ReservedConcurrentExecutions": reserved }),
                None => json!({}),
            })
        })
    }

    pub(super) fn delete_concurrency(&self, route: &Route) -> Result<(), Error> {
        let asked = route.function(&self.region)?;
        self.state.write(|state| {
            state.function_mut(&asked, &self.region)?.reserved_concurrency = None;
            Ok::<_, Error>(())
        })?;
        self.concurrency.recount(&self.state);
        Ok(())
    }

    pub(super) fn account_settings(&self) -> Value {
        self.state.read(|state| {
            json!({
                "AccountLimit": {
                    "TotalCodeSize": CODE_STORAGE,
                    "CodeSizeUnzipped": MAX_UNZIPPED,
                    "CodeSizeZipped": MAX_ZIPPED,
                    "ConcurrentExecutions": ACCOUNT_LIMIT,
                    "UnreservedConcurrentExecutions": ACCOUNT_LIMIT - state.reserved(),
                },
                "AccountUsage": {
                    "TotalCodeSize": state.configurations().map(|one| one.content.code_size).sum::<u64>(),
                    "FunctionCount": state.functions.len(),
                },
            })
        })
    }
}

/// Counts of invocations under way: one a function, and one of all functions without a reservation.
#[derive(Debug, Default)]
pub(super) struct Concurrency {
    /// The sum of all reservations.
    reserved: AtomicU32,
    unreserved: Arc<AtomicU32>,
    functions: Mutex<HashMap<String, Arc<AtomicU32>>>,
}

/// The right to run one invocation, given back when dropped.
#[derive(Debug)]
pub(super) struct Slot(Arc<AtomicU32>);

impl Concurrency {
    pub(super) fn new(state: &Store<State>) -> Self {
        let concurrency = Self::default();
        concurrency.recount(state);
        concurrency
    }

    /// Takes a slot of the function's reservation, or of what is left to all functions without one; else 429.
    pub(super) fn enter(&self, function: &str, reservation: Option<u32>) -> Result<Slot, Error> {
        let (count, limit, reason) = if let Some(limit) = reservation {
            (self.count(function), limit, "ReservedFunctionConcurrentInvocationLimitExceeded")
        } else {
            let limit = ACCOUNT_LIMIT - self.reserved.load(Ordering::Relaxed);
            (Arc::clone(&self.unreserved), limit, "ConcurrentInvocationLimitExceeded")
        };
        let within = |running| (running < limit).then_some(running + 1);
        if count.fetch_update(Ordering::AcqRel, Ordering::Acquire, within).is_ok() {
            return Ok(Slot(count));
        }
        let mut error = Error::new(429, "TooManyRequestsException", "Rate Exceeded.");
        error.members.push(("Reason", json!(reason)));
        Err(error)
    }

    /// Takes over a change of the reservations.
    fn recount(&self, state: &Store<State>) {
        self.reserved.store(state.read(State::reserved), Ordering::Relaxed);
    }

    /// Takes over that a function is gone.
    pub(super) fn forget(&self, function: &str, state: &Store<State>) {
        self.functions.lock().unwrap_or_else(PoisonError::into_inner).remove(function);
        self.recount(state);
    }

    fn count(&self, function: &str) -> Arc<AtomicU32> {
        let mut functions = self.functions.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = functions.get(function) {
            return Arc::clone(count);
        }
        Arc::clone(functions.entry(function.to_owned()).or_default())
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}
