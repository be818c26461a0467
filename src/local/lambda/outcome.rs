//! What came of an invocation, and the error documents that Lambda itself writes.

use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::time::Duration;

use bytes::Bytes;
use serde_json::json;

/// Largest answer of a function, in bytes: 6 MB and what Lambda allows on top.
pub(super) const MAX_ANSWER: usize = 6_291_556;

/// What came of one request to a function.
#[derive(Debug)]
pub(super) enum Outcome {
    Answer(Bytes),
    /// The error document that the runtime reported, for a request or for its initialization.
    Error(Bytes),
    /// The answer was larger than [`MAX_ANSWER`].
    TooLarge,
    /// The process ended.
    Exited(Option<ExitStatus>),
    /// The process did not end in time and was killed.
    TimedOut(Duration),
    /// There is no process: `bootstrap` is missing or cannot be executed.
    NoProcess(String),
}

impl Outcome {
    /// The payload for the caller, and whether it is an error.
    pub(super) fn payload(&self, request_id: &str) -> (Bytes, bool) {
        let failed = |error_type: &str, message: &str| {
            let message = format!("RequestId: {request_id} Error: {message}");
            (Bytes::from(json!({ "errorType": error_type, "errorMessage": message }).to_string()), true)
        };
        match self {
            Self::Answer(payload) => (payload.clone(), false),
            Self::Error(payload) => (payload.clone(), true),
            Self::TooLarge => {
                let message =
                    format!("Response payload size exceeded maximum allowed payload size ({MAX_ANSWER} bytes).");
                let error = json!({ "errorType": "Function.ResponseSizeTooLarge", "errorMessage": message });
                (Bytes::from(error.to_string()), true)
            }
            Self::Exited(_) | Self::TimedOut(_) | Self::NoProcess(_) => {
                failed(self.error_type().unwrap_or_default(), &self.failure().unwrap_or_default())
            }
        }
    }

    /// AWS's name of a failure that Lambda itself found.
    pub(super) fn error_type(&self) -> Option<&'static str> {
        match self {
            Self::Answer(_) | Self::Error(_) => None,
            Self::TooLarge => Some("Function.ResponseSizeTooLarge"),
            Self::Exited(_) => Some("Runtime.ExitError"),
            Self::TimedOut(_) => Some("Sandbox.Timedout"),
            Self::NoProcess(_) => Some("Runtime.InvalidEntrypoint"),
        }
    }

    /// AWS's words for a process that did not survive.
    pub(super) fn failure(&self) -> Option<String> {
        match self {
            Self::Answer(_) | Self::Error(_) | Self::TooLarge => None,
            Self::Exited(status) => Some(exit(*status)),
            Self::TimedOut(after) => Some(format!("Task timed out after {:.2} seconds", after.as_secs_f64())),
            Self::NoProcess(why) => Some(why.clone()),
        }
    }

    /// `status` of `platform.report`.
    pub(super) fn status(&self) -> &'static str {
        match self {
            Self::Answer(_) => "success",
            Self::Error(_) | Self::TooLarge => "error",
            Self::Exited(_) | Self::NoProcess(_) => "failure",
            Self::TimedOut(_) => "timeout",
        }
    }
}

/// An exit in the words of Lambda, which are those of Go.
fn exit(status: Option<ExitStatus>) -> String {
    let cause = match status.map(|status| (status.code(), status.signal())) {
        Some((Some(code), _)) if code != 0 => format!("exit status {code}"),
        Some((None, Some(signal))) => format!("signal: {}", signal_name(signal)),
        Some(_) | None => return "Runtime exited without providing a reason".to_owned(),
    };
    format!("Runtime exited with error: {cause}")
}

fn signal_name(signal: i32) -> String {
    let name = match signal {
        1 => "hangup",
        2 => "interrupt",
        3 => "quit",
        4 => "illegal instruction",
        5 => "trace/breakpoint trap",
        6 => "aborted",
        7 => "bus error",
        8 => "floating point exception",
        9 => "killed",
        11 => "segmentation fault",
        13 => "broken pipe",
        14 => "alarm clock",
        15 => "terminated",
        other => return format!("signal {other}"),
    };
    name.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(outcome: &Outcome) -> String {
        String::from_utf8(outcome.payload("4711").0.to_vec()).expect("UTF-8")
    }

    #[test]
    fn a_timeout_has_aws_words() {
        assert_eq!(
            message(&Outcome::TimedOut(Duration::from_secs(3))),
            r#"{"errorMessage":"RequestId: 4711 Error: Task timed out after 3.00 seconds","errorType":"Sandbox.Timedout"}"#
        );
    }

    #[test]
    fn an_exit_tells_its_status_or_signal() {
        let exited = |raw| message(&Outcome::Exited(Some(ExitStatus::from_raw(raw))));
        assert!(exited(7 << 8).contains("Runtime exited with error: exit status 7"));
        assert!(exited(9).contains("Runtime exited with error: signal: killed"));
        assert!(exited(0).contains("Runtime exited without providing a reason"));
    }
}
