//! `types.rs`: a definition a schema.

use std::collections::{BTreeMap, BTreeSet};

use super::{documented, each, source};
use crate::client::rust::name::{Names, upper};
use crate::client::rust::schema::{Definition, Field, Item, Schemas, Type};

const HEAD: &str = "//! What requests and answers are made of.\n\n\
                    use serde::{Deserialize, Serialize};\n";

/// Tells a member that is null from one that is absent.
const PRESENT: &str = "
/// Reads a member that is there, be it null.
fn present<'de, D: serde::Deserializer<'de>, T: Deserialize<'de>>(reader: D) -> Result<Option<T>, D::Error> {
    T::deserialize(reader).map(Some)
}
";

/// The source of all types of `schemas`.
pub(in crate::client::rust) fn types(schemas: &Schemas<'_>) -> String {
    let writer = Writer { items: &schemas.items, defaults: defaults(&schemas.items) };
    let mut text: String = schemas.items.iter().map(|(name, item)| writer.item(name, item)).collect();
    if text.contains("deserialize_with = \"present\"") {
        text.push_str(PRESENT);
    }
    let head = if text.contains("Serialize") { HEAD } else { HEAD.lines().next().unwrap_or_default() };
    format!("{head}{text}")
}

struct Writer<'a> {
    items: &'a BTreeMap<String, Item>,
    /// The names of what has a default.
    defaults: BTreeSet<&'a str>,
}

impl Writer<'_> {
    fn item(&self, name: &str, item: &Item) -> String {
        let doc = documented(&item.doc);
        let default = if self.defaults.contains(name) { ", Default" } else { "" };
        let derived = format!("#[derive(Clone, Debug, PartialEq{default}, Serialize, Deserialize)]");
        match &item.definition {
            Definition::Alias(of) => format!("\n{doc}pub type {name} = {};\n", source(of, "")),
            Definition::Struct { fields, rest } => {
                let mut fields: String = fields.iter().map(|field| self.field(name, field)).collect();
                if let Some(rest) = rest {
                    fields.push_str("/// All other members.\n#[serde(flatten)]\npub rest: ");
                    fields.push_str(&source(&Type::Map(Box::new(rest.clone())), ""));
                }
                format!("\n{doc}{derived}\npub struct {name} {{ {fields} }}\n")
            }
            Definition::Words { words, open } => words_of(name, &doc, words, *open),
            Definition::OneOf(variants) => {
                let variant = |(variant, of): &(String, Type)| format!("{variant}({}),\n", self.held(of, name));
                let variants: String = variants.iter().map(variant).collect();
                format!("\n{doc}{derived}\n#[serde(untagged)]\npub enum {name} {{ {variants} }}\n")
            }
        }
    }

    fn field(&self, owner: &str, field: &Field) -> String {
        let Field { wire, name, doc, of, required } = field;
        let mut serde = Vec::new();
        if name.trim_start_matches("r#") != wire {
            serde.push(format!("rename = {wire:?}"));
        }
        let mut held = self.held(of, owner);
        if !required {
            held = format!("Option<{held}>");
            serde.extend(["default".to_owned(), "skip_serializing_if = \"Option::is_none\"".to_owned()]);
            if matches!(self.plain(of), Type::Nullable(_) | Type::Any | Type::Null) {
                serde.push("deserialize_with = \"present\"".to_owned());
            }
        }
        let serde = if serde.is_empty() { String::new() } else { format!("#[serde({})]\n", serde.join(", ")) };
        format!("{}{serde}pub {name}: {held},\n", documented(doc))
    }

    /// The source of `of` within `owner`: in a box where it would hold itself.
    fn held(&self, of: &Type, owner: &str) -> String {
        match of {
            Type::Named(name) if self.reaches(name, owner, &mut BTreeSet::new()) => format!("Box<{name}>"),
            Type::Nullable(of) => format!("Option<{}>", self.held(of, owner)),
            Type::Any
            | Type::Null
            | Type::Boolean
            | Type::Integer
            | Type::Integer32
            | Type::Number
            | Type::Text
            | Type::List(_)
            | Type::Map(_)
            | Type::Named(_) => source(of, ""),
        }
    }

    /// Whether a `from` has a `to` within itself, and not behind a pointer.
    fn reaches<'s>(&'s self, from: &'s str, to: &str, seen: &mut BTreeSet<&'s str>) -> bool {
        if from == to {
            return true;
        }
        seen.insert(from)
            && self
                .items
                .get(from)
                .is_some_and(|item| within(&item.definition).into_iter().any(|name| self.reaches(name, to, seen)))
    }

    fn plain<'s>(&'s self, of: &'s Type) -> &'s Type {
        match of {
            Type::Named(name) => match self.items.get(name).map(|item| &item.definition) {
                Some(Definition::Alias(of)) => self.plain(of),
                Some(Definition::Struct { .. } | Definition::Words { .. } | Definition::OneOf(_)) | None => of,
            },
            _ => of,
        }
    }
}

/// The names that `definition` has within itself, and not behind a pointer.
fn within(definition: &Definition) -> Vec<&str> {
    let types: Vec<&Type> = match definition {
        Definition::Alias(of) => vec![of],
        Definition::Struct { fields, .. } => fields.iter().map(|field| &field.of).collect(),
        Definition::OneOf(variants) => variants.iter().map(|(_, of)| of).collect(),
        Definition::Words { .. } => Vec::new(),
    };
    types.into_iter().filter_map(direct).collect()
}

/// The name that `of` is, or that or null.
fn direct(of: &Type) -> Option<&str> {
    match of {
        Type::Nullable(of) => direct(of),
        Type::Named(name) => Some(name),
        Type::Any
        | Type::Null
        | Type::Boolean
        | Type::Integer
        | Type::Integer32
        | Type::Number
        | Type::Text
        | Type::List(_)
        | Type::Map(_) => None,
    }
}

/// The names of what has a default: a `const`, and objects all of whose members have one.
fn defaults(items: &BTreeMap<String, Item>) -> BTreeSet<&str> {
    let mut without: BTreeSet<&str> = BTreeSet::new();
    loop {
        let has = |of: &Type| !matches!(of, Type::Named(name) if without.contains(&**name));
        let lacks = |item: &Item| match &item.definition {
            Definition::Alias(of) => !has(of),
            Definition::Struct { fields, .. } => !fields.iter().all(|field| !field.required || has(&field.of)),
            Definition::Words { words, open } => *open || words.len() != 1,
            Definition::OneOf(_) => true,
        };
        let next: BTreeSet<&str> = items.iter().filter(|(_, item)| lacks(item)).map(|(name, _)| &**name).collect();
        if next == without {
            return items.keys().map(|name| &**name).filter(|name| !without.contains(name)).collect();
        }
        without = next;
    }
}

/// An enumeration of texts. One that is open has a variant for all others.
fn words_of(name: &str, doc: &str, words: &[String], open: bool) -> String {
    let mut names = Names::default();
    let variants: Vec<(String, &String)> = words.iter().map(|word| (names.give(upper(word)), word)).collect();
    let other = names.give("Other".to_owned());
    let first = if !open && words.len() == 1 { "#[default]\n" } else { "" };
    let listed = each(&variants, |(variant, word)| {
        let rename = if open || variant == *word { String::new() } else { format!("#[serde(rename = {word:?})]\n") };
        format!("{}{first}{rename}{variant},\n", documented(&format!("`{word}`")))
    });
    let texts = each(&variants, |(variant, word)| format!("Self::{variant} => {word:?},\n"));
    let read = each(&variants, |(variant, word)| format!("{word:?} => Self::{variant},\n"));
    let (derived, more, text, reading) = if open {
        (
            "#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]\n#[serde(from = \"String\", into = \"String\")]",
            format!("/// One that the description did not have.\n{other}(String),\n"),
            format!("Self::{other}(text) => text,\n"),
            format!(
                "impl From<String> for {name} {{
                    fn from(text: String) -> Self {{ match &*text {{ {read} _ => Self::{other}(text) }} }}
                }}
                impl From<{name}> for String {{
                    fn from(word: {name}) -> Self {{ word.as_str().to_owned() }}
                }}\n"
            ),
        )
    } else {
        let derived = if first.is_empty() {
            "#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]"
        } else {
            "#[derive(Clone, Debug, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]"
        };
        (derived, String::new(), String::new(), String::new())
    };
    format!(
        "\n{doc}{derived}
        pub enum {name} {{ {listed} {more} }}

        impl {name} {{
            /// The text.
            pub fn as_str(&self) -> &str {{ match self {{ {texts} {text} }} }}
        }}

        impl std::fmt::Display for {name} {{
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {{ f.write_str(self.as_str()) }}
        }}

        {reading}"
    )
}
