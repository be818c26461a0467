//! What of the store's failures is worth another try, and what a client gets for the rest.

use aws_sdk_dynamodb::Error;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::types::CancellationReason;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

use super::item::{Item, Malformed};
use super::write::Held;
use crate::http::causes;
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
            // A success that cannot be read is told as an error of the service.
            SdkError::ServiceError(service) => {
                let status = service.raw().status();
                let is_passing = |code| THROTTLING.contains(&code);
                status.is_success() || status.is_server_error() || error.code().is_some_and(is_passing)
            }
            _ => false,
        };
        let (table, cause) = (table.to_owned(), cause(error));
        if busy { Self::Busy { act, table, cause } } else { Self::Failed { act, table, cause } }
    }

    /// Whether a write that came to this may be stored all the same.
    pub(super) fn may_have_written(&self) -> bool {
        match self {
            Self::Busy { .. } | Self::Conflict { .. } => true,
            Self::Failed { .. } | Self::Malformed(_) | Self::NoRandomness => false,
        }
    }

    /// The error as one that a later try may not meet.
    fn into_busy(self) -> Self {
        match self {
            Self::Failed { act, table, cause } => Self::Busy { act, table, cause },
            other => other,
        }
    }
}

/// What went wrong, for the log. The SDK's own text of an error holds the answer's body, and so what the table holds.
fn cause<E>(error: &SdkError<E>) -> String
where
    E: std::error::Error + ProvideErrorMetadata + 'static,
{
    match error {
        SdkError::ServiceError(service) => {
            let said = match (service.err().code(), service.err().message()) {
                (Some(code), Some(message)) => format!("{code}: {message}"),
                (Some(only), None) | (None, Some(only)) => only.to_owned(),
                (None, None) => "the answer cannot be read".to_owned(),
            };
            format!("{said} ({})", traced(service.raw()))
        }
        SdkError::ResponseError(response) => format!("the answer cannot be read ({})", traced(response.raw())),
        // It was not sent, or not answered.
        other => causes(other),
    }
}

/// The status of `response`, and the id under which AWS knows the request.
fn traced(response: &HttpResponse) -> String {
    let id = response.headers().get("x-amzn-requestid").unwrap_or("unknown");
    format!("status {}, request {id}", response.status().as_u16())
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

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodb::config::Credentials;
    use tokio::io::{AsyncWriteExt, BufReader};
    use tokio::net::TcpListener;

    use super::*;
    use crate::aws::Aws;
    use crate::peer;
    use crate::store::Table;

    /// Answers each request of one connection with `status` and `body`.
    async fn answer(listener: TcpListener, status: &str, body: &str) {
        let mut stream = BufReader::new(listener.accept().await.unwrap().0);
        loop {
            peer::request(&mut stream).await;
            let length = body.len();
            let answer = format!("HTTP/1.1 {status}\r\nx-amzn-requestid: R1\r\ncontent-length: {length}\r\n\r\n{body}");
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    }

    /// The error of a read that is answered with `status` and `body`.
    async fn error(status: &str, body: &str) -> StoreError {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let aws = Aws::at(&endpoint, "eu-west-1", Credentials::new("test", "test", None, None, "test"));
        let table = Table::new(aws.dynamodb(), "auth".to_owned());
        tokio::select! {
            () = answer(listener, status, body) => unreachable!(),
            read = table.get("EMAIL#ann@example.com", "UNIQ") => read.unwrap_err(),
        }
    }

    const BROKEN: &str = r#"{"Item":{"email":{"S":"ann@example.com"},"password":{"S":"$argon2id$v=19$x"}"#;

    #[tokio::test]
    async fn a_success_that_cannot_be_read_may_pass() {
        assert_eq!(Problem::from(error("200 OK", BROKEN).await).status, 503);
    }

    #[tokio::test]
    async fn an_error_tells_nothing_of_what_the_table_holds() {
        let text = error("200 OK", BROKEN).await.to_string();
        assert!(!text.contains("ann@example.com") && !text.contains("argon2id"), "{text}");
        assert_eq!(text, "cannot read table auth: the answer cannot be read (status 200, request R1)");
    }

    #[tokio::test]
    async fn an_error_tells_the_code_the_message_and_the_request_and_nothing_else_of_the_answer() {
        let body = r#"{"__type":"x#ValidationException","message":"No such index","Item":"ann@example.com"}"#;
        let text = error("400 Bad Request", body).await.to_string();
        let told = "cannot read table auth: ValidationException: No such index (status 400, request R1)";
        assert_eq!(text, told);
    }
}
