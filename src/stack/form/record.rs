//! Tables with keys of their own.
//!
//! A record is one function that asks [`Fields`] for each key in turn. Run on a table it reads it; run on nothing it
//! gives the defaults; run to describe it gives the schema. Keys that it did not ask for are unknown.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map as JsonMap, Value as Json, json};

use super::{Diagnostic, Form, Node, Problem, Reader, Value, section};
use crate::stack::nearest;

/// A key's name, and what it means, for the schema and for the help of a fault.
pub(in crate::stack) type Key = (&'static str, &'static str);

/// A table that `0` reads.
pub(in crate::stack) struct Record<T>(pub(in crate::stack) fn(&mut Fields<'_>) -> T);

/// The keys of a record, asked for one by one.
pub(in crate::stack) struct Fields<'a> {
    mode: Mode<'a>,
    known: Vec<&'static str>,
}

enum Mode<'a> {
    Read { table: &'a BTreeMap<String, Node>, place: &'a Node, reader: &'a mut Reader },
    Blank,
    Describe { partial: bool, properties: JsonMap<String, Json>, required: Vec<&'static str> },
}

impl Fields<'_> {
    /// The record's own key: `auth` of `[functions.auth]`.
    pub(in crate::stack) fn name(&self) -> String {
        match &self.mode {
            Mode::Read { reader, .. } => reader.path.last().cloned().unwrap_or_default(),
            Mode::Blank | Mode::Describe { .. } => String::new(),
        }
    }

    /// A key that may be absent.
    pub(in crate::stack) fn optional<F: Form>(&mut self, key: Key, form: &F) -> Option<F::Value> {
        self.ask(key, form, None)
    }

    /// A key with a default.
    pub(in crate::stack) fn or<F: Form<Value: Serialize>>(
        &mut self,
        key: Key,
        form: &F,
        default: F::Value,
    ) -> F::Value {
        self.ask(key, form, Some(json!(default))).unwrap_or(default)
    }

    /// A key that must be there.
    pub(in crate::stack) fn required<F: Form>(&mut self, key: Key, form: &F) -> F::Value {
        let value = self.ask(key, form, None);
        match (&mut self.mode, &value) {
            (Mode::Read { place, reader, .. }, None) if !reader.partial => {
                let message = format!("the key `{}` is missing", key.0);
                let mut fault = Diagnostic::new(place.key.clone(), message);
                fault.label = Some(section(&reader.path));
                fault.help = Some(format!("`{}`: {}", key.0, key.1));
                reader.refuse(fault);
            }
            (Mode::Describe { required, .. }, _) => required.push(key.0),
            (Mode::Read { .. } | Mode::Blank, _) => {}
        }
        value.unwrap_or_else(|| form.blank())
    }

    /// Tells a fault of the record as a whole, unless it is laid over something else, which may have what it lacks.
    pub(in crate::stack) fn refuse(&mut self, message: String, help: &str) {
        if let Mode::Read { place, reader, .. } = &mut self.mode
            && !reader.partial
        {
            let mut fault = Diagnostic::new(place.key.clone(), message);
            fault.label = Some(section(&reader.path));
            fault.help = Some(help.to_owned());
            reader.refuse(fault);
        }
    }

    fn ask<F: Form>(&mut self, (name, meaning): Key, form: &F, default: Option<Json>) -> Option<F::Value> {
        self.known.push(name);
        match &mut self.mode {
            Mode::Read { table, reader, .. } => {
                let node = table.get(name)?;
                let before = reader.problems.len();
                let value = reader.within(name, |reader| reader.read(form, node));
                for problem in &mut reader.problems[before..] {
                    problem.diagnostic.help.get_or_insert_with(|| format!("`{name}`: {meaning}"));
                }
                Some(value)
            }
            Mode::Blank => None,
            Mode::Describe { partial, properties, .. } => {
                let mut schema = form.schema(*partial);
                schema["description"] = json!(meaning);
                if let Some(default) = default {
                    schema["default"] = default;
                }
                properties.insert(name.to_owned(), schema);
                None
            }
        }
    }

    /// Refuses the keys that were not asked for.
    fn close(self) {
        let Mode::Read { table, reader, .. } = self.mode else { return };
        for (name, node) in table.iter().filter(|(name, _)| !self.known.contains(&name.as_str())) {
            let mut fault = Diagnostic::new(node.key.clone(), format!("unknown key `{name}`"));
            fault.label = Some(section(&reader.path));
            fault.help = Some(nearest::help(name, "the keys here are", self.known.iter().copied()));
            let path = reader.path.iter().chain([name]).cloned().collect();
            reader.problems.push(Problem { path, diagnostic: fault, blank: false });
        }
    }
}

impl<T> Form for Record<T> {
    type Value = T;

    fn expected(&self) -> String {
        "a table".to_owned()
    }

    fn takes(&self, value: &Value) -> bool {
        matches!(value, Value::Table(_))
    }

    fn read(&self, node: &Node, reader: &mut Reader) -> T {
        let Some(table) = node.table() else { return self.blank() };
        let mut fields = Fields { mode: Mode::Read { table, place: node, reader }, known: Vec::new() };
        let value = (self.0)(&mut fields);
        fields.close();
        value
    }

    fn blank(&self) -> T {
        (self.0)(&mut Fields { mode: Mode::Blank, known: Vec::new() })
    }

    fn schema(&self, partial: bool) -> Json {
        let mode = Mode::Describe { partial, properties: JsonMap::new(), required: Vec::new() };
        let mut fields = Fields { mode, known: Vec::new() };
        (self.0)(&mut fields);
        let Mode::Describe { properties, required, .. } = fields.mode else { return Json::Null };
        let mut schema = json!({ "type": "object", "properties": properties, "additionalProperties": false });
        if !partial && !required.is_empty() {
            schema["required"] = json!(required);
        }
        schema
    }
}
