//! Lists, maps, and one thing or another.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value as Json, json};

use super::{Diagnostic, Form, Node, Pattern, Problem, Reader, Value};

/// An array, with at least `least` and at most `most` items.
pub(in crate::stack) struct List<F> {
    pub(in crate::stack) of: F,
    pub(in crate::stack) least: usize,
    pub(in crate::stack) most: usize,
}

impl<F: Form> Form for List<F> {
    type Value = Vec<F::Value>;

    fn expected(&self) -> String {
        "an array".to_owned()
    }

    fn takes(&self, value: &Value) -> bool {
        matches!(value, Value::Array(_))
    }

    fn read(&self, node: &Node, reader: &mut Reader) -> Vec<F::Value> {
        let Value::Array(items) = &node.value else { return self.blank() };
        if !(self.least..=self.most).contains(&items.len()) {
            let message = format!("the array has {} items, and may have {} to {}", items.len(), self.least, self.most);
            reader.refuse(Diagnostic::new(node.span.clone(), message));
        }
        items.iter().map(|item| reader.read(&self.of, item)).collect()
    }

    fn blank(&self) -> Vec<F::Value> {
        Vec::new()
    }

    fn schema(&self, partial: bool) -> Json {
        json!({
            "type": "array",
            "items": self.of.schema(partial),
            "minItems": self.least,
            "maxItems": self.most,
            "uniqueItems": true,
        })
    }
}

/// An array in which nothing stands twice.
pub(in crate::stack) struct Set<F>(pub(in crate::stack) List<F>);

impl<F: Form<Value = String>> Form for Set<F> {
    type Value = BTreeSet<String>;

    fn expected(&self) -> String {
        self.0.expected()
    }

    fn takes(&self, value: &Value) -> bool {
        self.0.takes(value)
    }

    fn read(&self, node: &Node, reader: &mut Reader) -> BTreeSet<String> {
        let mut seen: BTreeMap<String, &Node> = BTreeMap::new();
        let Value::Array(items) = &node.value else { return self.blank() };
        for (item, text) in items.iter().zip(self.0.read(node, reader)) {
            let Some(first) = seen.get(&text) else {
                seen.insert(text, item);
                continue;
            };
            let mut fault = Diagnostic::new(item.span.clone(), format!("{text:?} stands here twice"));
            fault.related = Some((first.span.clone(), "first here".to_owned()));
            fault.help = Some("take one of them out".to_owned());
            reader.refuse(fault);
        }
        seen.into_keys().collect()
    }

    fn blank(&self) -> BTreeSet<String> {
        BTreeSet::new()
    }

    fn schema(&self, partial: bool) -> Json {
        self.0.schema(partial)
    }
}

/// A table from names to things of one form.
pub(in crate::stack) struct Map<F> {
    pub(in crate::stack) names: &'static Pattern,
    pub(in crate::stack) of: F,
}

impl<F: Form> Form for Map<F> {
    type Value = BTreeMap<String, F::Value>;

    fn expected(&self) -> String {
        "a table".to_owned()
    }

    fn takes(&self, value: &Value) -> bool {
        matches!(value, Value::Table(_))
    }

    /// What has a faulty name is read as well, for its own faults, and kept, so that nobody misses it.
    fn read(&self, node: &Node, reader: &mut Reader) -> Self::Value {
        let Some(table) = node.table() else { return self.blank() };
        table
            .iter()
            .map(|(name, node)| {
                let value = reader.within(name, |reader| {
                    if let Some((message, help)) = self.names.fault(name) {
                        let diagnostic = Diagnostic { help: Some(help), ..Diagnostic::new(node.key.clone(), message) };
                        reader.problems.push(Problem { path: reader.path.clone(), diagnostic, blank: true });
                    }
                    reader.read(&self.of, node)
                });
                (name.clone(), value)
            })
            .collect()
    }

    fn blank(&self) -> Self::Value {
        BTreeMap::new()
    }

    fn schema(&self, partial: bool) -> Json {
        json!({
            "type": "object",
            "propertyNames": { "pattern": self.names.regex },
            "additionalProperties": self.of.schema(partial),
        })
    }
}

/// A form whose value is turned into another.
pub(in crate::stack) struct Mapped<F: Form, T>(pub(in crate::stack) F, pub(in crate::stack) fn(F::Value) -> T);

impl<F: Form, T> Form for Mapped<F, T> {
    type Value = T;

    fn expected(&self) -> String {
        self.0.expected()
    }

    fn takes(&self, value: &Value) -> bool {
        self.0.takes(value)
    }

    fn read(&self, node: &Node, reader: &mut Reader) -> T {
        (self.1)(self.0.read(node, reader))
    }

    fn blank(&self) -> T {
        (self.1)(self.0.blank())
    }

    fn schema(&self, partial: bool) -> Json {
        self.0.schema(partial)
    }
}

/// The first form, or the second where the value is of its type.
pub(in crate::stack) struct Either<A, B>(pub(in crate::stack) A, pub(in crate::stack) B);

impl<A: Form, B: Form<Value = A::Value>> Form for Either<A, B> {
    type Value = A::Value;

    fn expected(&self) -> String {
        format!("{} or {}", self.0.expected(), self.1.expected())
    }

    fn takes(&self, value: &Value) -> bool {
        self.0.takes(value) || self.1.takes(value)
    }

    fn read(&self, node: &Node, reader: &mut Reader) -> A::Value {
        if self.0.takes(&node.value) { self.0.read(node, reader) } else { self.1.read(node, reader) }
    }

    fn blank(&self) -> A::Value {
        self.0.blank()
    }

    fn schema(&self, partial: bool) -> Json {
        json!({ "anyOf": [self.0.schema(partial), self.1.schema(partial)] })
    }
}

/// What is laid over something else, so that none of its keys is required.
pub(in crate::stack) struct Partial<F>(pub(in crate::stack) F);

impl<F: Form> Form for Partial<F> {
    type Value = F::Value;

    fn expected(&self) -> String {
        self.0.expected()
    }

    fn takes(&self, value: &Value) -> bool {
        self.0.takes(value)
    }

    fn read(&self, node: &Node, reader: &mut Reader) -> F::Value {
        let outer = std::mem::replace(&mut reader.partial, true);
        let value = self.0.read(node, reader);
        reader.partial = outer;
        value
    }

    fn blank(&self) -> F::Value {
        self.0.blank()
    }

    fn schema(&self, _partial: bool) -> Json {
        self.0.schema(true)
    }
}
