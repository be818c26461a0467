//! Alternatives: what is null or something, a word of several, or one of several things that can be told apart.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{Definition, Schemas, Shape, Type, types};
use crate::client::rust::document::Part;
use crate::client::rust::name::{Names, upper};

impl<'a> Schemas<'a> {
    /// `type: [string, integer]`.
    pub(super) fn types(&mut self, part: &Part<'a>, types: &[&str], name: &str) -> Shape {
        let mut variants = Vec::new();
        for kind in types {
            let of = match *kind {
                "string" => Type::Text,
                "boolean" => Type::Boolean,
                "integer" => Type::Integer,
                "number" => Type::Number,
                "array" => Type::List(Box::new(match part.get("items") {
                    Some(items) => self.of_part(&items, &format!("{name}Item")),
                    None => Type::Any,
                })),
                "object"
                    if part.value.get("properties").is_none() && part.value.get("additionalProperties").is_none() =>
                {
                    Type::Map(Box::new(Type::Any))
                }
                _ => return self.refused(&part.place, format_args!("`type: {kind}` beside others is not supported")),
            };
            variants.push((label(kind).to_owned(), of));
        }
        // JSON has one kind of number: whole ones first.
        variants.sort_by_key(|(_, of)| matches!(of, Type::Number));
        Shape::Definition(Definition::OneOf(variants))
    }

    /// `anyOf` or `oneOf`.
    pub(super) fn alternatives(&mut self, part: &Part<'a>, keyword: &str, name: &str) -> Shape {
        let all = part.elements(keyword);
        let is_null = |part: &Part<'_>| {
            part.value.get("const") == Some(&Value::Null)
                || part.value.get("type") == Some(&Value::String("null".into()))
        };
        let nullable = all.iter().any(is_null);
        let some: Vec<Part<'a>> = all.into_iter().filter(|part| !is_null(part)).collect();
        let shape = match &some[..] {
            [] => Type::Null.into(),
            [only] => self.shape(only, name),
            several => match words(several) {
                Some(words) => Shape::Definition(Definition::Words { words, open: true }),
                None => self.several(part, several, name),
            },
        };
        self.maybe(shape, nullable, part, name)
    }

    fn several(&mut self, part: &Part<'a>, several: &[Part<'a>], name: &str) -> Shape {
        let resolved: Option<Vec<_>> =
            several.iter().map(|part| self.document.resolve(part.clone(), "schemas")).collect();
        let Some(resolved) = resolved else { return Type::Any.into() };
        let kinds: Vec<Option<&str>> = resolved.iter().map(|(part, _)| kind(part)).collect();
        let constants: Vec<_> = resolved
            .iter()
            .zip(&kinds)
            .map(|((part, _), kind)| if *kind == Some("object") { self.constants(part) } else { BTreeMap::new() })
            .collect();
        let objects = kinds.iter().filter(|kind| **kind == Some("object")).count();
        let others: Vec<&str> = kinds.iter().flatten().copied().filter(|kind| *kind != "object").collect();
        let distinct = others.iter().collect::<BTreeSet<_>>().len() == others.len();
        let tag = if objects > 1 { tag(&constants, objects) } else { Some("") };
        let (Some(tag), true, true) = (tag, distinct, kinds.iter().all(Option::is_some)) else {
            return self.refused(
                &part.place,
                "the alternatives cannot be told apart: by their JSON types, or by a required member with another \
                 `const` in each of the objects",
            );
        };
        let mut names = Names::default();
        let mut variants = Vec::new();
        for (((part, (_, component)), kind), constants) in several.iter().zip(&resolved).zip(&kinds).zip(&constants) {
            let word = constants.get(tag).copied().or(*component);
            let label = word.map_or_else(|| label(kind.unwrap_or_default()).to_owned(), upper);
            let variant = names.give(label);
            let of = self.of_part(part, &format!("{name}{variant}"));
            variants.push((variant, of));
        }
        Shape::Definition(Definition::OneOf(variants))
    }
}

/// The words of alternatives that are all texts which are listed.
fn words(several: &[Part<'_>]) -> Option<Vec<String>> {
    let listed = several.iter().map(|part| {
        let constant = part.value.get("const").map(std::slice::from_ref);
        let values = constant.or_else(|| Some(&**part.value.get("enum")?.as_array()?))?;
        values.iter().map(|value| value.as_str().map(str::to_owned)).collect::<Option<Vec<_>>>()
    });
    Some(listed.collect::<Option<Vec<_>>>()?.concat())
}

/// The one JSON type that `part` has; whole numbers are numbers.
fn kind<'a>(part: &Part<'a>) -> Option<&'a str> {
    let (types, nullable) = types(part);
    match types[..] {
        _ if nullable => None,
        ["integer" | "number"] => Some("number"),
        [only] => Some(only),
        _ if part.value.get("allOf").is_some() => Some("object"),
        _ => match part.value.get("const")? {
            Value::String(_) => Some("string"),
            Value::Bool(_) => Some("boolean"),
            Value::Number(_) => Some("number"),
            Value::Null | Value::Array(_) | Value::Object(_) => None,
        },
    }
}

/// The member that tells `objects` alternatives apart: each has another text for it.
fn tag<'a>(constants: &[BTreeMap<&'a str, &'a str>], objects: usize) -> Option<&'a str> {
    let names: BTreeSet<&str> = constants.iter().flat_map(BTreeMap::keys).copied().collect();
    names.into_iter().find(|name| {
        let texts: BTreeSet<_> = constants.iter().filter_map(|constants| constants.get(name)).collect();
        texts.len() == objects
    })
}

/// A variant's name after a JSON type.
fn label(kind: &str) -> &'static str {
    match kind {
        "string" => "Text",
        "boolean" => "Boolean",
        "integer" => "Integer",
        "number" => "Number",
        "array" => "List",
        _ => "Object",
    }
}
