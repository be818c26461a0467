//! Items with typed attributes.

use std::collections::{BTreeSet, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;

/// An item of a table.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Item(pub(crate) HashMap<String, AttributeValue>);

/// An item that is not of the shape that the service wrote.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the item has no {expected} attribute `{name}`")]
pub struct Malformed {
    name: String,
    expected: &'static str,
}

impl Malformed {
    /// The attribute `name` is missing, or is no `expected`.
    pub fn new(name: &str, expected: &'static str) -> Self {
        Self { name: name.to_owned(), expected }
    }
}

/// A value that an attribute can have.
pub trait Attribute {
    /// The value in DynamoDB's type.
    fn into_attribute(self) -> AttributeValue;
}

impl Attribute for &str {
    fn into_attribute(self) -> AttributeValue {
        AttributeValue::S(self.to_owned())
    }
}

impl Attribute for String {
    fn into_attribute(self) -> AttributeValue {
        AttributeValue::S(self)
    }
}

impl Attribute for u64 {
    fn into_attribute(self) -> AttributeValue {
        AttributeValue::N(self.to_string())
    }
}

impl Attribute for bool {
    fn into_attribute(self) -> AttributeValue {
        AttributeValue::Bool(self)
    }
}

impl Attribute for &[String] {
    fn into_attribute(self) -> AttributeValue {
        AttributeValue::L(self.iter().cloned().map(AttributeValue::S).collect())
    }
}

/// A set of strings, which has one at least.
impl Attribute for BTreeSet<String> {
    fn into_attribute(self) -> AttributeValue {
        AttributeValue::Ss(self.into_iter().collect())
    }
}

impl Item {
    /// An item with the key (`pk`, `sk`) and nothing else.
    pub fn new(pk: &str, sk: &str) -> Self {
        Self::default().set("pk", pk).set("sk", sk)
    }

    /// Sets the attribute `name`.
    #[must_use]
    pub fn set(mut self, name: &str, value: impl Attribute) -> Self {
        self.0.insert(name.to_owned(), value.into_attribute());
        self
    }

    /// Tells whether there is an attribute `name`.
    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// The string attribute `name`.
    pub fn text(&self, name: &str) -> Result<&str, Malformed> {
        self.read(name, "string", |value| value.as_s().ok().map(String::as_str))
    }

    /// The attribute `name`, a whole number of seconds or things.
    pub fn number(&self, name: &str) -> Result<u64, Malformed> {
        self.read(name, "whole number", |value| value.as_n().ok()?.parse().ok())
    }

    /// The boolean attribute `name`.
    pub fn boolean(&self, name: &str) -> Result<bool, Malformed> {
        self.read(name, "boolean", |value| value.as_bool().ok().copied())
    }

    /// The attribute `name`, a list of strings.
    pub fn texts(&self, name: &str) -> Result<Vec<String>, Malformed> {
        self.read(name, "list of strings", |value| {
            value.as_l().ok()?.iter().map(|value| value.as_s().ok().cloned()).collect()
        })
    }

    /// The attribute `name`, a set of strings; DynamoDB has no empty set, so one that is missing is empty.
    pub fn set_of_texts(&self, name: &str) -> Result<&[String], Malformed> {
        if !self.has(name) {
            return Ok(&[]);
        }
        self.read(name, "set of strings", |value| value.as_ss().ok().map(Vec::as_slice))
    }

    fn read<'a, T>(
        &'a self,
        name: &str,
        expected: &'static str,
        read: impl FnOnce(&'a AttributeValue) -> Option<T>,
    ) -> Result<T, Malformed> {
        self.0.get(name).and_then(read).ok_or_else(|| Malformed::new(name, expected))
    }
}
