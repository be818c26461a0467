//! Structured logs on stdout, as `AWS_LAMBDA_LOG_FORMAT` and `AWS_LAMBDA_LOG_LEVEL` ask for, and metrics.
//!
//! A small subscriber of its own: the usual one brings a regular expression engine into every cold start. Other
//! crates' lines are taken from WARN up only, since below it they may hold requests, and so secrets.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt::Debug;
use std::io::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// The crates whose lines are taken at the level asked for.
const OURS: [&str; 5] = ["auth", "authorizer", "jwt", "memo", "service"];

thread_local! {
    /// The spans entered on this thread, outermost first.
    static ENTERED: RefCell<Vec<u64>> = const { RefCell::new(Vec::new()) };
}

/// Sends the program's logs to stdout, one line each, from now on.
pub fn start() {
    let variable = |name| std::env::var(name).unwrap_or_default();
    let log = Log {
        json: variable("AWS_LAMBDA_LOG_FORMAT").eq_ignore_ascii_case("json"),
        level: level(&variable("AWS_LAMBDA_LOG_LEVEL")),
        spans: Mutex::default(),
        next: AtomicU64::new(1),
    };
    // A second start, in tests, keeps the first subscriber.
    let _ = tracing::subscriber::set_global_default(log);
}

/// Writes a line of metrics in CloudWatch's embedded metric format, with `members` beside its `_aws` part.
pub fn metrics(namespace: &str, dimensions: &[&str], metrics: &[(&str, &str)], members: Value) {
    let metrics: Vec<_> = metrics.iter().map(|(name, unit)| json!({"Name": name, "Unit": unit})).collect();
    let mut line = members;
    line["_aws"] = json!({
        "Timestamp": Timestamp::now().as_millisecond(),
        "CloudWatchMetrics": [{"Namespace": namespace, "Dimensions": [dimensions], "Metrics": metrics}],
    });
    print(&line.to_string());
}

/// Lambda's levels; `FATAL` has no counterpart in tracing and means errors here.
fn level(name: &str) -> LevelFilter {
    match name.to_ascii_uppercase().as_str() {
        "TRACE" => LevelFilter::TRACE,
        "DEBUG" => LevelFilter::DEBUG,
        "WARN" => LevelFilter::WARN,
        "ERROR" | "FATAL" => LevelFilter::ERROR,
        _ => LevelFilter::INFO,
    }
}

fn print(line: &str) {
    // There is nowhere to report to when stdout is gone.
    let _ = std::io::stdout().lock().write_all(format!("{line}\n").as_bytes());
}

struct Log {
    json: bool,
    level: LevelFilter,
    spans: Mutex<HashMap<u64, Span>>,
    next: AtomicU64,
}

struct Span {
    fields: Map<String, Value>,
    holders: usize,
}

impl Log {
    fn spans(&self) -> MutexGuard<'_, HashMap<u64, Span>> {
        self.spans.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The fields of the spans entered on this thread, then those of `event`.
    fn fields(&self, event: &Event<'_>) -> Map<String, Value> {
        let mut fields = Map::new();
        let spans = self.spans();
        ENTERED.with_borrow(|entered| {
            for span in entered.iter().filter_map(|id| spans.get(id)) {
                fields.extend(span.fields.clone());
            }
        });
        event.record(&mut Fields(&mut fields));
        fields
    }
}

impl Subscriber for Log {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        let root = metadata.target().split("::").next().unwrap_or_default();
        *metadata.level() <= if OURS.contains(&root) { self.level.max(LevelFilter::INFO) } else { LevelFilter::WARN }
            && (metadata.is_span() || *metadata.level() <= self.level)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(self.level.max(LevelFilter::INFO))
    }

    fn new_span(&self, attributes: &Attributes<'_>) -> Id {
        let mut fields = Map::new();
        attributes.record(&mut Fields(&mut fields));
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        self.spans().insert(id, Span { fields, holders: 1 });
        Id::from_u64(id)
    }

    fn record(&self, id: &Id, values: &Record<'_>) {
        if let Some(span) = self.spans().get_mut(&id.into_u64()) {
            values.record(&mut Fields(&mut span.fields));
        }
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut fields = self.fields(event);
        let level = event.metadata().level();
        let message = fields.remove("message").unwrap_or_default();
        if self.json {
            let mut line = json!({
                "timestamp": Timestamp::now().to_string(),
                "level": level.as_str(),
                "target": event.metadata().target(),
                "message": message,
            });
            if let Value::Object(members) = &mut line {
                members.extend(fields);
            }
            print(&line.to_string());
        } else {
            let message = message.as_str().unwrap_or_default();
            let fields: Vec<_> = fields.iter().map(|(name, value)| format!(" {name}={value}")).collect();
            print(&format!("{level} {message}{}", fields.concat()));
        }
    }

    fn enter(&self, id: &Id) {
        ENTERED.with_borrow_mut(|entered| entered.push(id.into_u64()));
    }

    fn exit(&self, id: &Id) {
        ENTERED.with_borrow_mut(|entered| {
            if let Some(position) = entered.iter().rposition(|entered| *entered == id.into_u64()) {
                entered.remove(position);
            }
        });
    }

    fn clone_span(&self, id: &Id) -> Id {
        if let Some(span) = self.spans().get_mut(&id.into_u64()) {
            span.holders += 1;
        }
        id.clone()
    }

    fn try_close(&self, id: Id) -> bool {
        let mut spans = self.spans();
        let Some(span) = spans.get_mut(&id.into_u64()) else { return false };
        span.holders -= 1;
        let last = span.holders == 0;
        if last {
            spans.remove(&id.into_u64());
        }
        last
    }
}

/// Takes fields into a JSON object.
struct Fields<'a>(&'a mut Map<String, Value>);

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.insert(field.name().to_owned(), format!("{value:?}").into());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.0.insert(field.name().to_owned(), value.into());
    }
}
