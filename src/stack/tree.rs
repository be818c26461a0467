//! `stack.toml` as a tree that remembers where everything stands, and a stage laid over it.

use std::collections::BTreeMap;
use std::ops::Range;

use toml::de::{DeTable, DeValue};

/// Bytes of the file.
pub(super) type Span = Range<usize>;

/// A value, where it stands, and where its key does.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) key: Span,
    pub(super) span: Span,
    pub(super) value: Value,
}

#[derive(Clone, Debug)]
pub(super) enum Value {
    Text(String),
    /// What does not fit is as far out of every range as can be.
    Integer(i128),
    Float(f64),
    Flag(bool),
    Date,
    Array(Vec<Node>),
    Table(BTreeMap<String, Node>),
}

impl Node {
    /// The whole file.
    pub(super) fn root(table: &DeTable<'_>) -> Self {
        Self { key: 0..0, span: 0..0, value: Value::Table(entries(table)) }
    }

    fn new(key: Span, span: Span, value: &DeValue<'_>) -> Self {
        let value = match value {
            DeValue::String(text) => Value::Text(text.clone().into_owned()),
            DeValue::Integer(integer) => {
                let out_of_range = if integer.as_str().starts_with('-') { i128::MIN } else { i128::MAX };
                Value::Integer(i128::from_str_radix(integer.as_str(), integer.radix()).unwrap_or(out_of_range))
            }
            DeValue::Float(float) => Value::Float(float.as_str().parse().unwrap_or(f64::NAN)),
            DeValue::Boolean(flag) => Value::Flag(*flag),
            DeValue::Datetime(_) => Value::Date,
            DeValue::Array(items) => {
                Value::Array(items.iter().map(|item| Self::new(item.span(), item.span(), item.get_ref())).collect())
            }
            DeValue::Table(table) => Value::Table(entries(table)),
        };
        Self { key, span, value }
    }

    /// The entries, where it is a table.
    pub(super) fn table(&self) -> Option<&BTreeMap<String, Self>> {
        match &self.value {
            Value::Table(table) => Some(table),
            Value::Text(_) | Value::Integer(_) | Value::Float(_) | Value::Flag(_) | Value::Date | Value::Array(_) => {
                None
            }
        }
    }

    /// What to underline for a fault of the value: a table stands for its key.
    pub(super) fn place(&self) -> Span {
        if self.table().is_some() { self.key.clone() } else { self.span.clone() }
    }

    /// The node at `path`, or the deepest above it that exists. A string of an array is its own name.
    pub(super) fn at<S: AsRef<str>>(&self, path: &[S]) -> &Self {
        let Some((name, rest)) = path.split_first() else { return self };
        let name = name.as_ref();
        let node = match &self.value {
            Value::Table(table) => table.get(name),
            Value::Array(items) => items.iter().find(|item| matches!(&item.value, Value::Text(text) if text == name)),
            Value::Text(_) | Value::Integer(_) | Value::Float(_) | Value::Flag(_) | Value::Date => None,
        };
        node.map_or(self, |node| node.at(rest))
    }

    /// The tree with the table `stages.<stage>` laid over it, key by key; what is no table is replaced.
    pub(super) fn staged(&self, stage: &str) -> Self {
        let overlay = self.table().and_then(|root| root.get("stages")?.table()?.get(stage));
        overlay.map_or_else(|| self.clone(), |overlay| self.overlaid(overlay))
    }

    fn overlaid(&self, over: &Self) -> Self {
        let (Some(under), Some(entries)) = (self.table(), over.table()) else { return over.clone() };
        let mut merged = under.clone();
        for (name, node) in entries {
            let node = under.get(name).map_or_else(|| node.clone(), |below| below.overlaid(node));
            merged.insert(name.clone(), node);
        }
        Self { key: self.key.clone(), span: self.span.clone(), value: Value::Table(merged) }
    }
}

fn entries(table: &DeTable<'_>) -> BTreeMap<String, Node> {
    table
        .iter()
        .map(|(key, value)| (key.get_ref().clone().into_owned(), Node::new(key.span(), value.span(), value.get_ref())))
        .collect()
}

impl Value {
    /// What it is, in words.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Text(_) => "a string",
            Self::Integer(_) => "an integer",
            Self::Float(_) => "a float",
            Self::Flag(_) => "a boolean",
            Self::Date => "a date",
            Self::Array(_) => "an array",
            Self::Table(_) => "a table",
        }
    }
}
