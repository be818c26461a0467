//! The document that a client is made of, what its references lead to, and what in it has no place in a client.

use serde_json::{Map, Value};

/// The document, and what was found in it that the emitter does not know.
#[derive(Debug)]
pub(super) struct Document<'a> {
    pub(super) root: &'a Value,
    /// A line each: where, and what.
    pub(super) faults: Vec<String>,
}

/// A part of the document: where it is, as a JSON Pointer (RFC 6901), and what.
#[derive(Clone, Debug)]
pub(super) struct Part<'a> {
    pub(super) place: String,
    pub(super) value: &'a Value,
}

impl<'a> Part<'a> {
    /// The member `name`, if it is there.
    pub(super) fn get(&self, name: &str) -> Option<Self> {
        let value = self.value.get(name)?;
        Some(Self { place: format!("{}/{}", self.place, name.replace('~', "~0").replace('/', "~1")), value })
    }

    /// The members of the object that the member `name` is.
    pub(super) fn members(&self, name: &str) -> Vec<(&'a str, Self)> {
        let Some(part) = self.get(name) else { return Vec::new() };
        let members = part.value.as_object().into_iter().flatten();
        members.filter_map(|(name, _)| Some((&**name, part.get(name)?))).collect()
    }

    /// The elements of the array that the member `name` is.
    pub(super) fn elements(&self, name: &str) -> Vec<Self> {
        let Some(part) = self.get(name) else { return Vec::new() };
        let elements = part.value.as_array().into_iter().flatten().enumerate();
        elements.map(|(index, value)| Self { place: format!("{}/{index}", part.place), value }).collect()
    }

    /// The text that the member `name` is.
    pub(super) fn text(&self, name: &str) -> Option<&'a str> {
        self.value.get(name)?.as_str()
    }

    /// Whether the member `name` is `true`.
    pub(super) fn is(&self, name: &str) -> bool {
        self.value.get(name) == Some(&Value::Bool(true))
    }

    pub(super) fn object(&self) -> Option<&'a Map<String, Value>> {
        self.value.as_object()
    }
}

impl<'a> Document<'a> {
    pub(super) fn new(root: &'a Value) -> Self {
        Self { root, faults: Vec::new() }
    }

    /// The whole of it.
    pub(super) fn part(&self) -> Part<'a> {
        Part { place: "#".to_owned(), value: self.root }
    }

    /// What `#/components/KIND` holds, by name.
    pub(super) fn components(&self, kind: &str) -> Vec<(&'a str, Part<'a>)> {
        self.part().get("components").map(|components| components.members(kind)).unwrap_or_default()
    }

    /// Notes that `what` at `place` cannot be written as a client.
    pub(super) fn refuse(&mut self, place: &str, what: impl std::fmt::Display) {
        let fault = format!("{place}: {what}");
        if !self.faults.contains(&fault) {
            self.faults.push(fault);
        }
    }

    /// What `part` is: itself, or what it refers to, which has to be in `#/components/KIND`; the name that it has there.
    pub(super) fn resolve(&mut self, part: Part<'a>, kind: &str) -> Option<(Part<'a>, Option<&'a str>)> {
        let (mut part, mut name) = (part, None);
        // Each step leads to another component, unless they lead in a circle.
        for _ in 0..=self.components(kind).len() {
            let Some(reference) = part.text("$ref") else { return Some((part, name)) };
            let found = component(reference, kind)
                .and_then(|wanted| self.components(kind).into_iter().find(|(name, _)| *name == wanted));
            let Some((known, target)) = found else {
                self.refuse(&part.place, format_args!("`$ref: {reference}` does not lead to #/components/{kind}"));
                return None;
            };
            (part, name) = (target, Some(known));
        }
        self.refuse(&part.place, "`$ref` leads in a circle");
        None
    }
}

/// The name that `reference` has in `#/components/KIND`, if it leads there.
pub(super) fn component(reference: &str, kind: &str) -> Option<String> {
    let name = reference.strip_prefix("#/components/")?.strip_prefix(kind)?.strip_prefix('/')?;
    let name = percent_encoding::percent_decode_str(name).decode_utf8_lossy();
    (!name.contains('/')).then(|| name.replace("~1", "/").replace("~0", "~"))
}
