//! What Lambda itself writes into a function's log: as text, or as JSON.

use std::fmt::Write;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::configuration::{LogFormat, Logging, runtime_version_arn};
use super::outcome::Outcome;
use super::platform::{InitStart, Metrics, PlatformEvent, RequestEnd, RequestStart};

/// The levels of applications, from the least to the gravest.
const LEVELS: [&str; 6] = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"];

/// Writes the reports of one environment.
#[derive(Debug)]
pub(super) struct Reporter {
    pub(super) logging: Logging,
    pub(super) version: String,
    pub(super) runtime: String,
    pub(super) region: String,
    /// MB that the function has.
    pub(super) memory: u32,
}

/// The end of one request.
pub(super) struct Report<'a> {
    pub(super) request_id: &'a str,
    pub(super) duration: Duration,
    /// Of the initialization, with the first request.
    pub(super) initialization: Option<Duration>,
    /// MB that the process has used at most.
    pub(super) memory: u64,
    pub(super) outcome: &'a Outcome,
}

impl Reporter {
    /// The environment is being initialized.
    pub(super) fn initializing(&self) -> Vec<String> {
        let version = self.runtime.replacen('.', ":", 1);
        let arn = runtime_version_arn(&self.region);
        match self.logging.format {
            LogFormat::Text => {
                vec![format!("INIT_START Runtime Version: {version}.v1\tRuntime Version ARN: {arn}")]
            }
            LogFormat::Json => {
                let version = format!("{version}.v1");
                let record = InitStart {
                    initialization_type: "on-demand",
                    phase: "init",
                    runtime_version: version,
                    runtime_version_arn: arn,
                };
                self.event("platform.initStart", "INFO", &record)
            }
        }
    }

    /// A request is being served.
    pub(super) fn start(&self, request_id: &str) -> Vec<String> {
        match self.logging.format {
            LogFormat::Text => vec![format!("START RequestId: {request_id} Version: {}", self.version)],
            LogFormat::Json => {
                self.event("platform.start", "INFO", &RequestStart { request_id, version: &self.version })
            }
        }
    }

    /// A request has come to its end. The JSON events of the system level DEBUG alone are not written.
    pub(super) fn report(&self, report: &Report<'_>) -> Vec<String> {
        match self.logging.format {
            LogFormat::Text => self.text(report),
            LogFormat::Json => {
                let level = if matches!(report.outcome, Outcome::Answer(_)) { "INFO" } else { "WARN" };
                self.event("platform.report", level, &self.record(report))
            }
        }
    }

    /// Whether a line of the process goes to the log: with the format JSON, lines that tell their level must have the
    /// application's.
    pub(super) fn takes(&self, line: &[u8]) -> bool {
        #[derive(Deserialize)]
        struct Levelled {
            level: String,
        }
        let rank = |level: &str| LEVELS.iter().position(|known| known.eq_ignore_ascii_case(level));
        match (self.logging.format, &self.logging.application_level) {
            (LogFormat::Json, Some(wanted)) if wanted != LEVELS[0] => {
                let level = serde_json::from_slice(line).ok().and_then(|Levelled { level }| rank(&level));
                level.is_none_or(|level| Some(level) >= rank(wanted))
            }
            (LogFormat::Json | LogFormat::Text, _) => true,
        }
    }

    fn text(&self, report: &Report<'_>) -> Vec<String> {
        let Report { request_id, duration, initialization, memory, outcome } = report;
        let mut lines = Vec::with_capacity(3);
        match (outcome, outcome.failure()) {
            (Outcome::TimedOut(_), Some(failure)) => lines.push(format!("{} {request_id} {failure}\n", now())),
            (_, Some(failure)) => {
                let error_type = outcome.error_type().unwrap_or_default();
                lines.push(format!("RequestId: {request_id} Error: {failure}\n{error_type}"));
            }
            (_, None) => {}
        }
        lines.push(format!("END RequestId: {request_id}"));
        let mut text = format!(
            "REPORT RequestId: {request_id}\tDuration: {:.2} ms\tBilled Duration: {} ms\tMemory Size: {} MB\t\
             Max Memory Used: {memory} MB\t",
            milliseconds(*duration),
            billed(*duration, *initialization),
            self.memory,
        );
        if let Some(initialization) = initialization {
            // Writing to a String cannot fail.
            let _ = write!(text, "Init Duration: {:.2} ms\t", milliseconds(*initialization));
        }
        match outcome {
            Outcome::Answer(_) | Outcome::Error(_) | Outcome::TooLarge => {}
            Outcome::TimedOut(_) => text += "Status: timeout",
            Outcome::Exited(_) | Outcome::NoProcess(_) => {
                let _ = write!(text, "Status: error\tError Type: {}", outcome.error_type().unwrap_or_default());
            }
        }
        lines.push(text);
        lines
    }

    fn record<'a>(&self, report: &Report<'a>) -> RequestEnd<'a> {
        RequestEnd {
            request_id: report.request_id,
            metrics: Metrics {
                duration: rounded(report.duration),
                billed_duration: billed(report.duration, report.initialization),
                memory_size: self.memory,
                max_memory_used: report.memory,
                init_duration: report.initialization.map(rounded),
            },
            status: report.outcome.status(),
            error_type: report.outcome.error_type(),
        }
    }

    /// An event of the format JSON, when the system's level lets it through.
    fn event(&self, event_type: &str, level: &str, record: &impl Serialize) -> Vec<String> {
        let quiet = self.logging.system_level.as_deref() == Some("WARN");
        if quiet && level != "WARN" {
            return Vec::new();
        }
        // Texts and numbers always become JSON.
        serde_json::to_string(&PlatformEvent { time: now(), name: event_type, record }).into_iter().collect()
    }
}

fn now() -> String {
    format!("{:.3}", Timestamp::now())
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

/// Milliseconds with three decimals.
fn rounded(duration: Duration) -> f64 {
    (milliseconds(duration) * 1000.0).round() / 1000.0
}

/// Whole milliseconds, begun ones counted; the initialization is billed too (since August 2025).
fn billed(duration: Duration, initialization: Option<Duration>) -> u128 {
    (duration + initialization.unwrap_or_default()).as_micros().div_ceil(1000)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn reporter(format: LogFormat, application: &str, system: &str) -> Reporter {
        Reporter {
            logging: Logging {
                format,
                group: "/aws/lambda/memo".to_owned(),
                application_level: Some(application.to_owned()),
                system_level: Some(system.to_owned()),
            },
            version: "7".to_owned(),
            runtime: "provided.al2023".to_owned(),
            region: "eu-west-1".to_owned(),
            memory: 128,
        }
    }

    fn report(reporter: &Reporter, outcome: &Outcome) -> Vec<String> {
        let duration = Duration::from_micros(1234);
        reporter.report(&Report { request_id: "4711", duration, initialization: None, memory: 9, outcome })
    }

    #[test]
    fn the_text_of_a_report_is_lambdas() {
        let lines = report(&reporter(LogFormat::Text, "INFO", "INFO"), &Outcome::Answer(Bytes::new()));
        let expected = [
            "END RequestId: 4711",
            "REPORT RequestId: 4711\tDuration: 1.23 ms\tBilled Duration: 2 ms\tMemory Size: 128 MB\tMax Memory Used: 9 MB\t",
        ];
        assert_eq!(lines, expected);
    }

    #[test]
    fn the_system_level_warn_keeps_reports_of_failures_only() {
        let reporter = reporter(LogFormat::Json, "INFO", "WARN");
        assert_eq!(report(&reporter, &Outcome::Answer(Bytes::new())), [""; 0]);
        assert_eq!(report(&reporter, &Outcome::Exited(None)).len(), 1);
    }

    #[test]
    fn a_line_below_the_applications_level_is_left_out() {
        let reporter = reporter(LogFormat::Json, "WARN", "INFO");
        assert!(!reporter.takes(br#"{"level":"info","message":"hello"}"#));
        assert!(reporter.takes(br#"{"level":"ERROR","message":"hello"}"#));
        assert!(reporter.takes(b"no JSON"));
    }
}
