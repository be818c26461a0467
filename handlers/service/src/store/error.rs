//! What of the store's failures is worth another try, and what a client gets for the rest.

use aws_sdk_dynamodb::Error;
use aws_sdk_dynamodb::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::types::CancellationReason;

use super::item::{Item, Malformed};
use super::write::Held;
use crate::problem::Problem;

/// Why the store gave no answer. Its text is for the log.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Throttled, timed out or away, after all retries.
    #[error("cannot {act} table {table}: {cause}")]
    Busy { act: &'static str, table: String, cause: String },
    /// Other transactions held the items through all attempts.
    #[error("cannot write to table {table}: other transactions held its items through all attempts")]
    Conflict { table: String },
    /// Refused for good: a missing grant, a missing table, an invalid request.
    #[error("cannot {act} table {table}: {cause}")]
    Failed { act: &'static str, table: String, cause: String },
    #[error(transparent)]
    Malformed(#[from] Malformed),
    #[error("the operating system gives no randomness")]
    NoRandomness,
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "the store gave no answer");
        match error {
            StoreError::Busy { .. } | StoreError::Conflict { .. } => Self::unavailable(),
            StoreError::Failed { .. } | StoreError::Malformed(_) | StoreError::NoRandomness => Self::internal(),
        }
    }
}

impl From<Malformed> for Problem {
    fn from(error: Malformed) -> Self {
        StoreError::Malformed(error).into()
    }
}

impl StoreError {
    /// The error of a call to `act` on `table` that the SDK's retries did not cure.
    pub(super) fn of<E>(act: &'static str, table: &str, error: &SdkError<E>) -> Self
    where
        E: std::error::Error + ProvideErrorMetadata + Send + Sync + 'static,
    {
        let busy = match error {
            SdkError::TimeoutError(_) | SdkError::DispatchFailure(_) | SdkError::ResponseError(_) => true,
            SdkError::ServiceError(service) => {
                service.raw().status().is_server_error() || error.code().is_some_and(|code| THROTTLING.contains(&code))
            }
            _ => false,
        };
        let (table, cause) = (table.to_owned(), DisplayErrorContext(error).to_string());
        if busy { Self::Busy { act, table, cause } } else { Self::Failed { act, table, cause } }
    }

    /// The error as one that a later try may not meet.
    fn into_busy(self) -> Self {
        match self {
            Self::Failed { act, table, cause } => Self::Busy { act, table, cause },
            other => other,
        }
    }
}

/// Codes of a service error that a later try may not meet.
const THROTTLING: [&str; 5] = [
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ThrottlingException",
    "TransactionInProgressException",
    "InternalServerError",
];

/// Codes of a cancelled transaction's parts: for a part without fault, for an item that another transaction holds, and for
/// a table that takes no more for now.
const FAULTLESS: &str = "None";
const CONFLICT: &str = "TransactionConflict";
const THROTTLED: [&str; 2] = ["ThrottlingError", "ProvisionedThroughputExceeded"];

/// Why an attempt to write did not store anything.
pub(super) enum Trouble {
    /// A condition did not hold.
    Refused(Vec<Held>),
    /// Another transaction holds an item, or the table takes no more, which the SDK does not retry within a transaction:
    /// what it comes to when it outlasts the retries.
    Passing(StoreError),
    Fatal(StoreError),
}

impl Trouble {
    /// Tells the trouble of a write to `table` from the SDK's error.
    pub(super) fn of<E>(table: &str, error: SdkError<E>) -> Self
    where
        E: std::error::Error + ProvideErrorMetadata + Send + Sync + 'static,
        Error: From<SdkError<E>>,
    {
        let fatal = StoreError::of("write to", table, &error);
        let conflict = || Self::Passing(StoreError::Conflict { table: table.to_owned() });
        match Error::from(error) {
            Error::ConditionalCheckFailedException(refusal) => Self::Refused(vec![Held::No(refusal.item.map(Item))]),
            Error::TransactionConflictException(_) => conflict(),
            Error::TransactionCanceledException(cancelled) => {
                let reasons = cancelled.cancellation_reasons.unwrap_or_default();
                let codes: Vec<_> = reasons.iter().filter_map(CancellationReason::code).collect();
                if codes.contains(&CONDITION) {
                    Self::Refused(reasons.into_iter().map(held).collect())
                } else if !codes.iter().all(|code| [FAULTLESS, CONFLICT].contains(code) || THROTTLED.contains(code)) {
                    Self::Fatal(fatal)
                } else if codes.iter().any(|code| THROTTLED.contains(code)) {
                    Self::Passing(fatal.into_busy())
                } else {
                    conflict()
                }
            }
            _ => Self::Fatal(fatal),
        }
    }
}

const CONDITION: &str = "ConditionalCheckFailed";

fn held(reason: CancellationReason) -> Held {
    if reason.code() == Some(CONDITION) { Held::No(reason.item.map(Item)) } else { Held::Yes }
}
