//! Alternatives: what is null or something, a word of several, or one of several things that can be told apart.

use std::collections::BTreeSet;

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
        let objects: Vec<&Part<'a>> = resolved
            .iter()
            .zip(&kinds)
            .filter(|(_, kind)| **kind == Some("object"))
            .map(|((part, _), _)| part)
            .collect();
        let others: Vec<&str> = kinds.iter().flatten().copied().filter(|kind| *kind != "object").collect();
        let distinct = others.iter().collect::<BTreeSet<_>>().len() == others.len();
        let tag = if objects.len() > 1 { tag(&objects) } else { Some("") };
        let (Some(tag), true, true) = (tag, distinct, kinds.iter().all(Option::is_some)) else {
            return self.refused(
                &part.place,
                "the alternatives cannot be told apart: by their JSON types, or by a required member with another \
                 `const` in each of the objects",
            );
        };
        let mut names = Names::default();
        let mut variants = Vec::new();
        for ((part, (target, component)), kind) in several.iter().zip(&resolved).zip(&kinds) {
            let word = constant(target, tag).or(*component);
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

/// The member that tells `objects` apart.
fn tag<'a>(objects: &[&Part<'a>]) -> Option<&'a str> {
    let candidates = objects.first()?.members("properties").into_iter().map(|(name, _)| name);
    candidates.into_iter().find(|name| {
        let values: BTreeSet<&str> = objects.iter().filter_map(|part| constant(part, name)).collect();
        values.len() == objects.len()
    })
}

/// The text that the required member `name` of `part` always is.
fn constant<'a>(part: &Part<'a>, name: &str) -> Option<&'a str> {
    let required = part.value.get("required")?.as_array()?.iter().any(|required| required == name);
    part.value.get("properties")?.get(name)?.get("const")?.as_str().filter(|_| required)
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
