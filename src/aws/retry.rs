//! The one retry layer: the SDK's own retries are off, since they know neither which of our calls may be repeated nor
//! AWS's texts for "not yet". Every loop is bounded and ends with the last real error.

use std::fmt::Display;
use std::time::Duration;

use aws_sdk_sts::error::{ProvideErrorMetadata, SdkError};
use tokio::time::{Instant, sleep};

use super::error::{Class, Error, failed};

/// How long a call is repeated that AWS refuses for now: twice what IAM was ever seen to need, and four times API
/// Gateway's slowest bucket (one `DeleteRestApi` in 30 s).
const LATER: Duration = Duration::from_mins(2);

/// How long a call is repeated whose answers get lost.
const UNKNOWN: Duration = Duration::from_secs(20);

/// How long a read with its own loop is repeated.
pub(super) const READ: Duration = UNKNOWN;

/// Makes a call that may be repeated, since it only reads, or doing it twice is doing it once: throttling, "not yet",
/// server errors and lost answers are all retried.
pub async fn idempotent<T, E, F>(act: &str, thing: &impl Display, mut call: impl FnMut() -> F) -> Result<T, Error>
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
    F: Future<Output = Result<T, SdkError<E>>>,
{
    let begun = Instant::now();
    let worth = |error: &Error| match error.class {
        Class::Later => true,
        Class::Unknown => begun.elapsed() < UNKNOWN,
        Class::Refused | Class::Foreign => false,
    };
    retry_while(worth, LATER, || {
        // An SDK call's future takes some 15 kB, which would add up in all that wait for it.
        let answer = Box::pin(call());
        async { answer.await.map_err(failed(act, thing)) }
    })
    .await
}

/// Makes a call that must not be done twice: only what certainly changed nothing is retried. After [`Class::Unknown`]
/// the caller reads before it asks again.
pub async fn once<T, E, F>(act: &str, thing: &impl Display, call: impl FnMut() -> F) -> Result<T, Error>
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
    F: Future<Output = Result<T, SdkError<E>>>,
{
    once_pausing(act, thing, |_| None, call).await
}

/// As [`once`], with the pause that `pause` says after an error; where it says none, the usual one.
pub async fn once_pausing<T, E, F>(
    act: &str,
    thing: &impl Display,
    pause: impl Fn(&Error) -> Option<Duration>,
    mut call: impl FnMut() -> F,
) -> Result<T, Error>
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
    F: Future<Output = Result<T, SdkError<E>>>,
{
    let worth = |error: &Error| error.class == Class::Later;
    repeat((worth, pause), LATER, || {
        // An SDK call's future takes some 15 kB, which would add up in all that wait for it.
        let answer = Box::pin(call());
        async { answer.await.map_err(failed(act, thing)) }
    })
    .await
}

/// Repeats `operation` while its error is `worth` it, for at most `limit`, and gives its last answer.
pub async fn retry_while<T, F>(
    worth: impl Fn(&Error) -> bool,
    limit: Duration,
    operation: impl FnMut() -> F,
) -> Result<T, Error>
where
    F: Future<Output = Result<T, Error>>,
{
    repeat((worth, |_: &Error| None), limit, operation).await
}

/// The loop of all repeated calls: repeats `operation` while its error is `worth` it.
async fn repeat<T, F>(
    (worth, pause): (impl Fn(&Error) -> bool, impl Fn(&Error) -> Option<Duration>),
    limit: Duration,
    mut operation: impl FnMut() -> F,
) -> Result<T, Error>
where
    F: Future<Output = Result<T, Error>>,
{
    let deadline = Instant::now() + limit;
    let mut pauses = Pauses::new();
    loop {
        let error = match operation().await {
            Err(error) if worth(&error) => error,
            answer => return answer,
        };
        let pause = pause(&error).unwrap_or_else(|| pauses.next());
        if Instant::now() + pause >= deadline {
            return Err(error);
        }
        sleep(pause).await;
    }
}

/// Asks `probe` until it gives a value, for at most `limit`: the SDK's waiters back off to 300 s, this one to 2 s, and
/// before that it is late by no more than an eighth of what it has waited.
/// `state` is what is waited for, as in `wait until table/memo-dev-memos is ACTIVE`.
pub async fn wait_until<T, F>(
    thing: &impl Display,
    state: &str,
    limit: Duration,
    mut probe: impl FnMut() -> F,
) -> Result<T, Error>
where
    F: Future<Output = Result<Option<T>, Error>>,
{
    let begun = Instant::now();
    let deadline = begun + limit;
    loop {
        if let Some(value) = probe().await? {
            return Ok(value);
        }
        let pause = spread((begun.elapsed() / 8).clamp(Pauses::FIRST, Pauses::LONGEST));
        if Instant::now() + pause >= deadline {
            let thing = format!("{thing} is {state}");
            return Err(Error::refused("wait until", &thing, format!("it is not so after {} s", limit.as_secs()))
                .hint("AWS is slower than usual: run the same command again, it goes on where this one stopped"));
        }
        sleep(pause).await;
    }
}

/// Pauses from 0.1 s that double up to 2 s, each [`spread`].
struct Pauses {
    next: Duration,
}

impl Pauses {
    const FIRST: Duration = Duration::from_millis(100);
    const LONGEST: Duration = Duration::from_secs(2);

    fn new() -> Self {
        Self { next: Self::FIRST }
    }

    fn next(&mut self) -> Duration {
        let pause = self.next;
        self.next = (pause * 2).min(Self::LONGEST);
        spread(pause)
    }
}

/// `pause` with up to a half taken off at random, so that parallel steps spread.
fn spread(pause: Duration) -> Duration {
    // Without randomness the pauses are only less spread.
    let random = f64::from(getrandom::u32().unwrap_or(0)) / f64::from(u32::MAX);
    pause.mul_f64(1.0 - random / 2.0)
}

/// What a failure with `code`, `message` and HTTP `status` says. `LimitExceededException` and its like are real limits
/// for the services in use, so they are no throttling here, though the SDK takes them for it.
pub(super) fn classify(code: Option<&str>, message: &str, status: Option<u16>) -> Class {
    let Some(code) = code else { return Class::Unknown };
    if THROTTLED.contains(&code) || status == Some(429) && code == "429" {
        return Class::Later;
    }
    if NOT_YET.iter().any(|(of, text)| code == *of && message.contains(text)) {
        return Class::Later;
    }
    match status {
        // No answer at all, or one that could not be read. A 501 is a clear answer: that of the local cloud.
        None | Some(200..=299 | 500 | 502..=504) => Class::Unknown,
        Some(_) => Class::Refused,
    }
}

/// The codes of throttling, from the SDK's own list without the `LimitExceeded` family.
const THROTTLED: [&str; 12] = [
    "BandwidthLimitExceeded",
    "PriorRequestNotComplete",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "SlowDown",
    "ThrottledException",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
    "TransactionInProgressException",
];

/// Refusals that end by themselves, by code and a part of the message (empty: any message). The SDK retries none of
/// them.
const NOT_YET: [(&str, &str); 21] = [
    // IAM is eventually consistent: a role just made is usable some 10 s later, and no waiter tells when.
    ("InvalidParameterValueException", "cannot be assumed by Lambda"),
    ("InvalidParameterValueException", "execution role does not have permissions"),
    ("InvalidParameterValueException", "ensure the role can perform"),
    ("InvalidParameterValueException", "KMS key is invalid for CreateGrant"),
    ("InvalidParameterValueException", "The provided principal was invalid"),
    ("MalformedPolicyDocument", "Invalid principal in policy"),
    ("BadRequestException", "The role ARN does not have required permissions"),
    ("BadRequestException", "could not successfully write to CloudWatch Logs using the ARN specified"),
    // Another change of the same thing is going on.
    ("ConcurrentModification", ""),
    ("ConcurrentModificationException", ""),
    ("ConflictException", "concurrent modification"),
    ("ResourceConflictException", "An update is in progress"),
    ("ResourceConflictException", "concurrent update operation"),
    ("ResourceConflictException", "in the following state: Pending"),
    ("OperationAbortedException", ""),
    ("OperationAborted", ""),
    ("ConditionalRequestConflict", ""),
    ("TooManyUpdates", ""),
    ("ResourceInUseException", "is being"),
    ("ValidationException", "Cannot delete table while indexes are being"),
    // DynamoDB's quota of tables that change at the same time.
    ("LimitExceededException", "simultaneously"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_that_lambda_cannot_assume_yet_is_asked_for_again() {
        let message = "The role defined for the function cannot be assumed by Lambda.";
        assert_eq!(classify(Some("InvalidParameterValueException"), message, Some(400)), Class::Later);
    }

    #[test]
    fn another_invalid_parameter_is_final() {
        let message = "Unzipped size must be smaller than 262144000 bytes";
        assert_eq!(classify(Some("InvalidParameterValueException"), message, Some(400)), Class::Refused);
    }

    #[test]
    fn a_function_that_exists_is_no_passing_conflict() {
        let message = "Function already exist: memo";
        assert_eq!(classify(Some("ResourceConflictException"), message, Some(409)), Class::Refused);
    }

    #[test]
    fn a_real_limit_is_no_throttling() {
        assert_eq!(classify(Some("LimitExceededException"), "Too many log groups", Some(400)), Class::Refused);
        assert_eq!(classify(Some("LimitExceeded"), "Maximum policy size exceeded", Some(409)), Class::Refused);
    }

    #[test]
    fn throttling_with_status_400_is_throttling() {
        assert_eq!(classify(Some("ThrottlingException"), "Rate exceeded", Some(400)), Class::Later);
    }

    #[test]
    fn a_server_error_and_a_lost_answer_leave_the_outcome_unknown() {
        assert_eq!(classify(Some("InternalFailure"), "", Some(500)), Class::Unknown);
        assert_eq!(classify(None, "", None), Class::Unknown);
    }

    fn error(class: Class, cause: usize) -> Error {
        Error { class, ..Error::refused("create", &"role/x", cause.to_string()) }
    }

    #[tokio::test]
    async fn a_retry_that_runs_out_gives_the_last_error() {
        let mut tries = 0;
        let answer: Result<(), Error> = retry_while(
            |error| error.class == Class::Later,
            Duration::from_millis(400),
            || {
                tries += 1;
                std::future::ready(Err(error(Class::Later, tries)))
            },
        )
        .await;
        assert_eq!(answer.unwrap_err().cause, tries.to_string());
        assert!(tries > 1, "{tries}");
    }

    #[tokio::test]
    async fn a_final_error_is_not_repeated() {
        let mut tries = 0;
        let answer: Result<(), Error> = retry_while(
            |error| error.class == Class::Later,
            Duration::from_secs(10),
            || {
                tries += 1;
                std::future::ready(Err(error(Class::Refused, tries)))
            },
        )
        .await;
        assert_eq!((answer.unwrap_err().cause.as_str(), tries), ("1", 1));
    }

    #[tokio::test]
    async fn a_wait_that_runs_out_says_for_what() {
        let probe = || std::future::ready(Ok(None::<()>));
        let error = wait_until(&"table/x", "ACTIVE", Duration::ZERO, probe).await.unwrap_err();
        assert_eq!(error.to_string(), "cannot wait until table/x is ACTIVE: it is not so after 0 s");
    }
}
