//! Errors of calls in our terms: the act, the thing, AWS's own words, and the way out.

use std::fmt::Display;

use aws_sdk_sts::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sts::operation::RequestId;
use aws_smithy_types::error::operation::BuildError;

use super::lease::Lost;
use super::retry::classify;

/// A call that failed: the act, the thing, the cause that AWS gave, and the way out.
#[derive(Clone, Debug, thiserror::Error)]
#[error("cannot {act} {thing}: {cause}")]
pub struct Error {
    /// `create`, `read`, `put the policy of`
    pub act: String,
    /// `role/memo-prod-auth`
    pub thing: String,
    /// AWS's code, message and request id, or what stopped the call before AWS.
    pub cause: String,
    /// AWS's code as on the wire (`NoSuchEntity`), for those who match on it.
    pub code: Option<String>,
    /// What to do about it.
    pub hint: Option<String>,
    /// What the failure says about the state of the thing.
    pub class: Class,
}

/// What a failure says about the state of the thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// It was refused: nothing has changed, and asking again gives the same answer.
    Refused,
    /// It was refused for now (throttling, another change going on, a role not known everywhere yet): nothing has
    /// changed, and asking again will do.
    Later,
    /// The answer got lost or is a server error: the change may have happened or not.
    Unknown,
    /// The thing is somebody else's: exit code 5.
    Foreign,
}

impl Error {
    /// A refusal of our own, in the same form as AWS's.
    pub fn refused(act: impl Into<String>, thing: &impl Display, cause: impl Into<String>) -> Self {
        Self {
            act: act.into(),
            thing: thing.to_string(),
            cause: cause.into(),
            code: None,
            hint: None,
            class: Class::Refused,
        }
    }

    /// The refusal to touch a thing that does not carry our tags.
    pub fn foreign(act: impl Into<String>, thing: &impl Display) -> Self {
        Self {
            class: Class::Foreign,
            ..Self::refused(act, thing, "it exists without this stack's owner tags, so it is somebody else's")
        }
        .hint(format!(
            "if it is this stack's, take it in: `memoctl adopt {thing}`; else rename the stack or the resource in \
                 stack.toml"
        ))
    }

    /// The error with its way out.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Whether a call that may be repeated can do better the next time.
    pub fn passes(&self) -> bool {
        match self.class {
            Class::Later | Class::Unknown => true,
            Class::Refused | Class::Foreign => false,
        }
    }

    /// Whether AWS's code is `code`, as on the wire.
    pub fn is(&self, code: &str) -> bool {
        self.code.as_deref() == Some(code)
    }
}

/// Turns an SDK error into ours: `call.send().await.map_err(failed("create", &id))`.
pub fn failed<E>(act: &str, thing: &impl Display) -> impl FnOnce(SdkError<E>) -> Error
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    move |error| {
        let status = error.raw_response().map(|response| response.status().as_u16());
        // Matching is by string: not all of AWS's codes are modelled, and a HEAD has its code only in the status.
        let code = error.code().map(bare).or_else(|| status.map(|status| status.to_string()));
        let message = error.message().unwrap_or_default();
        let lost = lost(&error);
        let cause = match (&error, &code, lost) {
            (_, _, Some(lost)) => lost.to_string(),
            (SdkError::ServiceError(_), Some(code), None) => {
                let request = error.request_id().map(|id| format!(" (request {id})")).unwrap_or_default();
                let colon = if message.is_empty() { "" } else { ": " };
                format!("{code}{colon}{message}{request}")
            }
            _ => chain(&error),
        };
        let class = match error {
            SdkError::ConstructionFailure(_) => Class::Refused,
            // It did not even leave.
            _ if lost.is_some() => Class::Refused,
            // The enum is open; no answer at all has neither code nor status.
            _ => classify(code.as_deref(), message, status),
        };
        let hint =
            expired(code.as_deref()).then(|| "sign in again (for SSO: `aws sso login`), then repeat it".to_owned());
        Error { act: act.to_owned(), thing: thing.to_string(), cause, code, hint, class }
    }
}

/// Turns the SDK's complaint that a request lacks a member into ours.
pub fn incomplete(thing: &impl Display) -> impl Fn(BuildError) -> Error {
    move |error| Error::refused("make a request for", thing, error.to_string())
}

/// The loss of the lease that kept a call from being sent.
fn lost<'a>(error: &'a (dyn std::error::Error + 'static)) -> Option<&'a Lost> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(lost) = error.downcast_ref::<Lost>() {
            return Some(lost);
        }
        next = error.source();
    }
    None
}

/// An error with its causes on one line. The SDK's own names for where a request failed say nothing to its user.
pub(super) fn chain(error: &dyn std::error::Error) -> String {
    let mut causes: Vec<String> = Vec::new();
    let mut next = Some(error);
    while let Some(error) = next {
        let text = error.to_string().replace('\n', " ");
        // Many layers repeat the cause that they wrap.
        causes.retain(|outer| !outer.contains(&text) && !text.contains(outer.as_str()));
        causes.push(text);
        next = error.source();
    }
    causes.retain(|cause| cause != "dispatch failure");
    causes.join(": ")
}

/// The code alone: some answers carry it as `namespace#Code` or `Code:http://…`.
fn bare(code: &str) -> String {
    let code = code.rsplit('#').next().unwrap_or(code);
    code.split(':').next().unwrap_or(code).to_owned()
}

/// Whether `code` says that temporary credentials have run out: STS, Query and JSON services name it differently.
pub(super) fn expired(code: Option<&str>) -> bool {
    matches!(code, Some("ExpiredToken" | "ExpiredTokenException" | "RequestExpired"))
}

/// Turns an expected refusal into an absent value: `read.await.unless("NoSuchEntity")?`.
pub trait Unless<T> {
    /// `None` when AWS's code is `code`.
    fn unless(self, code: &str) -> Result<Option<T>, Error>;
}

impl<T> Unless<T> for Result<T, Error> {
    fn unless(self, code: &str) -> Result<Option<T>, Error> {
        match self {
            Ok(value) => Ok(Some(value)),
            Err(error) if error.is(code) => Ok(None),
            Err(error) => Err(error),
        }
    }
}
