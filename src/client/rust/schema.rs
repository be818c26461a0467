//! JSON Schemas (2020-12, as in OpenAPI 3.1) as types of Rust.
//!
//! A type admits whatever its schema does, and more where Rust has no type that is as narrow: patterns and limits are the
//! API's to check. What would make a type too narrow, or lose a member, is refused by name.

mod alternatives;
mod object;

use std::collections::BTreeMap;

use serde_json::Value;

use super::document::{Document, Part, component};
use super::name::{Names, upper};

/// A type.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Type {
    /// Whatever JSON has: the schema says so.
    Any,
    Null,
    Boolean,
    Integer,
    Integer32,
    Number,
    Text,
    List(Box<Self>),
    Map(Box<Self>),
    Nullable(Box<Self>),
    /// One of [`Schemas::items`].
    Named(String),
}

/// What a name stands for.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Definition {
    Alias(Type),
    Struct {
        fields: Vec<Field>,
        /// Of what the members are that have no field, if there may be such.
        rest: Option<Type>,
    },
    /// Texts. Those of an `enum` may become more with the API's next version; a `const` does not.
    Words {
        words: Vec<String>,
        open: bool,
    },
    /// One of several, told apart by what it is.
    OneOf(Vec<(String, Type)>),
}

/// A member of an object.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Field {
    /// The member's name.
    pub(super) wire: String,
    /// The field's.
    pub(super) name: String,
    pub(super) doc: String,
    pub(super) of: Type,
    pub(super) required: bool,
}

/// A definition with its documentation.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Item {
    pub(super) doc: String,
    pub(super) definition: Definition,
}

/// The types of a document.
#[derive(Debug)]
pub(super) struct Schemas<'a> {
    pub(super) document: Document<'a>,
    /// By name.
    pub(super) items: BTreeMap<String, Item>,
    names: Names,
    /// The names of `#/components/schemas`.
    components: BTreeMap<&'a str, String>,
}

/// What a schema is before it has a name.
enum Shape {
    Type(Type),
    Definition(Definition),
}

impl From<Type> for Shape {
    fn from(of: Type) -> Self {
        Self::Type(of)
    }
}

/// What tells something without changing what is admitted, and what makes that narrower than a type of Rust is.
const NARROWING: &str = "$comment contains contentEncoding contentMediaType default dependentRequired deprecated \
                         description discriminator example examples exclusiveMaximum exclusiveMinimum externalDocs format \
                         maxContains maxItems maxLength maxProperties maximum minContains minItems minLength \
                         minProperties minimum multipleOf not pattern propertyNames readOnly title uniqueItems writeOnly";
/// What decides of a type.
const DECIDING: [&str; 11] = [
    "$ref",
    "additionalProperties",
    "allOf",
    "anyOf",
    "const",
    "enum",
    "items",
    "oneOf",
    "properties",
    "required",
    "type",
];
/// The names that derived code and that of `types.rs` use.
const PRELUDE: &str = "Box Deserialize Err From None Ok Option Result Serialize Some String Vec";

impl<'a> Schemas<'a> {
    /// The types of `#/components/schemas`.
    pub(super) fn of(document: Document<'a>) -> Self {
        let schemas = document.components("schemas");
        // The prelude's, which derived code uses too.
        let mut names = Names::without(&PRELUDE.split(' ').collect::<Vec<_>>());
        let components = schemas.iter().map(|(name, _)| (*name, names.give(upper(name)))).collect();
        let mut these = Self { document, items: BTreeMap::new(), names, components };
        for (component, part) in schemas {
            let name = these.components[component].clone();
            let definition = match these.shape(&part, &name) {
                Shape::Type(of) => Definition::Alias(of),
                Shape::Definition(definition) => definition,
            };
            these.items.insert(name, Item { doc: doc(&part), definition });
        }
        these
    }

    /// The type of `part`; where it needs a definition, that is called `name`.
    pub(super) fn of_part(&mut self, part: &Part<'a>, name: &str) -> Type {
        match self.shape(part, name) {
            Shape::Type(of) => of,
            Shape::Definition(definition) => self.define(name, doc(part), definition),
        }
    }

    fn define(&mut self, name: &str, doc: String, definition: Definition) -> Type {
        let name = self.names.give(name.to_owned());
        self.items.insert(name.clone(), Item { doc, definition });
        Type::Named(name)
    }

    /// What `of` comes to where names of types stand for themselves.
    pub(super) fn unaliased<'t>(&'t self, of: &'t Type) -> &'t Type {
        let mut of = of;
        // Aliases that lead in a circle are refused in the end.
        for _ in 0..=self.items.len() {
            let Type::Named(name) = of else { break };
            let Some(Item { definition: Definition::Alias(target), .. }) = self.items.get(name) else { break };
            of = target;
        }
        of
    }

    fn shape(&mut self, part: &Part<'a>, name: &str) -> Shape {
        let members = match part.value {
            Value::Bool(true) => return Type::Any.into(),
            Value::Object(members) => members,
            Value::Null | Value::Bool(false) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
                return self.refused(&part.place, "it admits nothing");
            }
        };
        let known = |keyword: &str| {
            NARROWING.split(' ').any(|known| known == keyword)
                || DECIDING.contains(&keyword)
                || keyword.starts_with("x-")
        };
        for keyword in members.keys().filter(|keyword| !known(keyword)) {
            self.document.refuse(&part.place, format_args!("`{keyword}` is not supported"));
        }
        let deciding: Vec<&str> = DECIDING.into_iter().filter(|keyword| members.contains_key(*keyword)).collect();
        match deciding[..] {
            ["$ref"] => self.reference(part).into(),
            ["$ref", other, ..] => self.refused(&part.place, format_args!("`{other}` beside `$ref` is not supported")),
            _ if deciding.contains(&"allOf") => self.all_of(part, name),
            ["anyOf"] => self.alternatives(part, "anyOf", name),
            ["oneOf"] => self.alternatives(part, "oneOf", name),
            _ if deciding.iter().any(|keyword| matches!(*keyword, "anyOf" | "oneOf")) => {
                self.refused(&part.place, "`anyOf` or `oneOf` beside something else is not supported")
            }
            _ => self.plain(part, name),
        }
    }

    fn refused(&mut self, place: &str, what: impl std::fmt::Display) -> Shape {
        self.document.refuse(place, what);
        Type::Any.into()
    }

    fn reference(&mut self, part: &Part<'a>) -> Type {
        let reference = part.text("$ref").unwrap_or_default();
        let name = component(reference, "schemas").and_then(|name| self.components.get(&*name));
        if let Some(name) = name {
            return Type::Named(name.clone());
        }
        self.document.refuse(&part.place, format_args!("`$ref: {reference}` does not lead to #/components/schemas"));
        Type::Any
    }

    /// A schema without references and alternatives.
    fn plain(&mut self, part: &Part<'a>, name: &str) -> Shape {
        let (types, nullable) = types(part);
        let constant = part.value.get("const").map(std::slice::from_ref);
        let values = constant.or_else(|| Some(&**part.value.get("enum")?.as_array()?));
        if let Some(values) = values {
            return self.values(part, values, constant.is_none(), nullable, name);
        }
        let shape = match types[..] {
            [] if nullable => return Type::Null.into(),
            [] => return Type::Any.into(),
            ["string"] => Type::Text.into(),
            ["boolean"] => Type::Boolean.into(),
            ["integer"] if part.text("format") == Some("int32") => Type::Integer32.into(),
            ["integer"] => Type::Integer.into(),
            ["number"] => Type::Number.into(),
            ["array"] => Type::List(Box::new(match part.get("items") {
                Some(items) => self.of_part(&items, &format!("{name}Item")),
                None => Type::Any,
            }))
            .into(),
            ["object"] => self.object(part, name),
            [other] => self.refused(&part.place, format_args!("`type: {other}` is none of JSON Schema's")),
            [..] => self.types(part, &types, name),
        };
        self.maybe(shape, nullable, part, name)
    }

    /// `shape`, or null where `nullable`.
    fn maybe(&mut self, shape: Shape, nullable: bool, part: &Part<'a>, name: &str) -> Shape {
        match shape {
            shape if !nullable => shape,
            Shape::Type(Type::Nullable(_) | Type::Null | Type::Any) => shape,
            Shape::Type(of) => Type::Nullable(Box::new(of)).into(),
            Shape::Definition(definition) => {
                // A component whose own name stands for it or null.
                let name = if self.components.values().any(|known| known == name) {
                    format!("{name}Value")
                } else {
                    name.to_owned()
                };
                let of = self.define(&name, doc(part), definition);
                Type::Nullable(Box::new(of)).into()
            }
        }
    }

    /// A schema that lists its values.
    fn values(&mut self, part: &Part<'a>, values: &[Value], open: bool, nullable: bool, name: &str) -> Shape {
        let null = nullable || values.contains(&Value::Null);
        let values: Vec<&Value> = values.iter().filter(|value| !value.is_null()).collect();
        let words: Option<Vec<String>> = values.iter().map(|value| value.as_str().map(str::to_owned)).collect();
        let shape = match words {
            _ if values.is_empty() => return Type::Null.into(),
            Some(words) => Shape::Definition(Definition::Words { words, open }),
            None if values.iter().all(|value| value.is_boolean()) => Type::Boolean.into(),
            None if values.iter().all(|value| value.is_i64()) => Type::Integer.into(),
            None if values.iter().all(|value| value.is_number()) => Type::Number.into(),
            None => return self.refused(&part.place, "values of several types are not supported"),
        };
        self.maybe(shape, null, part, name)
    }
}

/// The types that `part` has, without null, and whether it may be null. Without `type`, what its keywords are about.
fn types<'a>(part: &Part<'a>) -> (Vec<&'a str>, bool) {
    let types: Vec<&str> = match part.value.get("type") {
        Some(Value::String(name)) => vec![name],
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
        Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_)) | None => {
            let has = |keyword| part.value.get(keyword).is_some();
            let object = has("properties") || has("additionalProperties") || has("required");
            if object { vec!["object"] } else { Vec::from_iter(has("items").then_some("array")) }
        }
    };
    let nullable = types.contains(&"null");
    (types.into_iter().filter(|name| *name != "null").collect(), nullable)
}

/// What is told about `part`.
pub(super) fn doc(part: &Part<'_>) -> String {
    let text = part.text("description").or_else(|| part.text("title")).unwrap_or_default();
    let deprecated = if part.is("deprecated") { "\n\nDeprecated." } else { "" };
    format!("{}{deprecated}", text.trim()).trim().to_owned()
}
