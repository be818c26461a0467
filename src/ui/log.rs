//! Log events as people read them: a JSON line becomes its time, level, message and the rest as `key=value`.

use std::fmt::Write as _;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};

use super::style;

/// One event of a function's log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Event {
    /// The function's name in the stack file.
    pub function: String,
    /// Milliseconds since the epoch.
    pub timestamp: i64,
    pub stream: String,
    pub message: String,
}

/// Members that say what the line shows anyway, and `_aws`, the form of the metrics that are embedded in it.
const KNOWN: [&str; 8] = ["timestamp", "time", "level", "message", "fields", "target", "span", "_aws"];

/// The event as a line; `None` for what Lambda itself notes at each invocation, unless `verbose`.
pub fn human(event: &Event, verbose: bool) -> Option<String> {
    let time = Timestamp::from_millisecond(event.timestamp).unwrap_or_default();
    let head = format!("{} {}", style::dim(time.strftime("%H:%M:%S%.3f")), style::strong(&event.function));
    let message = event.message.trim_end();
    let Ok(Value::Object(line)) = serde_json::from_str(message) else {
        let noted = ["START ", "END ", "REPORT ", "INIT_START "].iter().any(|start| message.starts_with(start));
        return (verbose || !noted).then(|| format!("{head} {message}"));
    };
    let text = |line: &Map<String, Value>, name| line.get(name).and_then(Value::as_str).map(str::to_owned);
    if let Some(kind) = text(&line, "type").filter(|kind| kind.starts_with("platform.")) {
        let record = line.get("record").map(Value::to_string).unwrap_or_default();
        return verbose.then(|| format!("{head} {kind} {record}"));
    }
    let empty = Map::new();
    let fields = line.get("fields").and_then(Value::as_object).unwrap_or(&empty);
    let level = text(&line, "level").unwrap_or_default();
    let said = text(&line, "message").or_else(|| text(fields, "message")).unwrap_or_default();
    let mut shown = head;
    for part in [leveled(&level), said].iter().filter(|part| !part.is_empty()) {
        let _ = write!(shown, " {part}");
    }
    for (name, value) in line.iter().chain(fields).filter(|(name, _)| !KNOWN.contains(&name.as_str())) {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let _ = write!(shown, " {}{value}", style::dim(format!("{name}=")));
    }
    Some(shown)
}

fn leveled(level: &str) -> String {
    match level {
        "ERROR" | "FATAL" => style::bad(level).to_string(),
        "WARN" => style::changed(level).to_string(),
        "" => String::new(),
        other => style::dim(other).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(message: &str) -> Option<String> {
        let event = Event {
            function: "memo".into(),
            timestamp: 1_763_600_000_123,
            stream: "s".into(),
            message: message.into(),
        };
        human(&event, false).map(|line| anstream::adapter::strip_str(&line).to_string())
    }

    #[test]
    fn a_json_line_is_shown_as_level_message_and_members() {
        let line =
            r#"{"timestamp":"2026-11-20T00:00:00Z","level":"INFO","fields":{"message":"answered","status":200}}"#;
        assert_eq!(shown(line).unwrap(), "00:53:20.123 memo INFO answered status=200");
    }

    #[test]
    fn embedded_metrics_are_shown_as_the_members_they_are() {
        let line = r#"{"_aws":{"Timestamp":1},"latency":0.5,"route":"GET /healthz"}"#;
        assert_eq!(shown(line).unwrap(), "00:53:20.123 memo latency=0.5 route=GET /healthz");
    }

    #[test]
    fn a_plain_line_is_shown_as_it_is() {
        assert_eq!(shown("hello there\n").unwrap(), "00:53:20.123 memo hello there");
    }

    #[test]
    fn what_lambda_notes_at_each_invocation_is_left_out() {
        assert_eq!(shown(r#"{"type":"platform.report","record":{}}"#), None);
    }
}
