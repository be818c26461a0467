//! Forms: what a value of `stack.toml` may be. One declaration reads the value and describes it for the JSON Schema,
//! so that neither can know a key that the other does not.

mod compound;
mod event;
mod number;
mod record;
mod text;

use serde_json::Value as Json;

use super::diagnostics::Diagnostic;
use super::tree::{Node, Value};

pub(super) use compound::{Either, List, Map, Mapped, Partial, Set};
pub(super) use event::Event;
pub(super) use number::{Integer, OneOf, Positive, Seconds};
pub(super) use record::{Fields, Record};
pub(super) use text::{Choice, Flag, Pattern, Text};

/// What a value may be.
pub(super) trait Form {
    type Value;

    /// In words: `an integer`.
    fn expected(&self) -> String;

    /// Whether `value` is of the right type, whatever it holds.
    fn takes(&self, value: &Value) -> bool;

    /// Reads a node of the right type. A fault goes to `reader`, and [`Form::blank`] stands in for the value.
    fn read(&self, node: &Node, reader: &mut Reader) -> Self::Value;

    /// Stands in for what could not be read.
    fn blank(&self) -> Self::Value;

    /// The JSON Schema. Of what is laid over something else, no key is required.
    fn schema(&self, partial: bool) -> Json;
}

/// A fault found while reading.
#[derive(Debug)]
pub(super) struct Problem {
    /// The keys from the top.
    pub(super) path: Vec<String>,
    pub(super) diagnostic: Diagnostic,
    /// Whether a blank now stands in for a value, so that nothing can be said about it.
    pub(super) blank: bool,
}

/// Collects all faults of one reading.
#[derive(Debug, Default)]
pub(super) struct Reader {
    pub(super) problems: Vec<Problem>,
    path: Vec<String>,
    /// Whether this is laid over something else, so that keys may be absent.
    partial: bool,
}

impl Reader {
    /// A reader of what may be incomplete.
    pub(super) fn partial() -> Self {
        Self { partial: true, ..Self::default() }
    }

    /// Reads `node` as `form`.
    pub(super) fn read<F: Form>(&mut self, form: &F, node: &Node) -> F::Value {
        if form.takes(&node.value) {
            return form.read(node, self);
        }
        let message = format!("expected {}, found {}", form.expected(), node.value.kind());
        self.refuse(Diagnostic::new(node.span.clone(), message));
        form.blank()
    }

    fn within<T>(&mut self, name: &str, read: impl FnOnce(&mut Self) -> T) -> T {
        self.path.push(name.to_owned());
        let value = read(self);
        self.path.pop();
        value
    }

    /// A fault of the value itself.
    fn refuse(&mut self, diagnostic: Diagnostic) {
        self.problems.push(Problem { path: self.path.clone(), diagnostic, blank: true });
    }
}

/// Where the table at `path` is: `in [functions.auth]`.
fn section(path: &[String]) -> String {
    if path.is_empty() {
        return "at the top of the file".to_owned();
    }
    let is_bare = |key: &String| key.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    let keys: Vec<String> =
        path.iter().map(|key| if is_bare(key) { key.clone() } else { format!("{key:?}") }).collect();
    format!("in [{}]", keys.join("."))
}
