//! Objects, and objects that are put together from several schemas.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Definition, Field, Schemas, Shape, Type, doc, types};
use crate::client::rust::document::Part;
use crate::client::rust::name::{Names, lower, stem};

/// What the schemas of an object say, taken together.
#[derive(Default)]
struct Object<'a> {
    properties: Vec<(&'a str, Part<'a>)>,
    required: Vec<&'a str>,
    /// `additionalProperties`, where a schema has it.
    rest: Option<Part<'a>>,
}

impl<'a> Object<'a> {
    fn add(&mut self, part: &Part<'a>) {
        self.properties.extend(part.members("properties"));
        let required = part.value.get("required").and_then(Value::as_array);
        self.required.extend(required.into_iter().flatten().filter_map(Value::as_str));
        self.rest = part.get("additionalProperties").or(self.rest.take());
    }
}

impl<'a> Schemas<'a> {
    pub(super) fn object(&mut self, part: &Part<'a>, name: &str) -> Shape {
        let mut object = Object::default();
        object.add(part);
        self.written(object, name)
    }

    fn written(&mut self, object: Object<'a>, name: &str) -> Shape {
        let Object { properties, required, rest } = object;
        let closed = rest.as_ref().is_some_and(|rest| *rest.value == Value::Bool(false));
        let rest = match rest {
            None => None,
            Some(_) if closed => None,
            Some(rest) => Some(self.of_part(&rest, &format!("{name}Rest"))),
        };
        if properties.is_empty() && required.is_empty() && !closed {
            return Type::Map(Box::new(rest.unwrap_or(Type::Any))).into();
        }
        let mut names = Names::without(if rest.is_some() { &["rest"] } else { &[] });
        let mut fields: Vec<Field> = Vec::new();
        let undeclared = required.iter().filter(|wire| !properties.iter().any(|(known, _)| known == *wire));
        // What has to be there and is not described may be anything.
        let undeclared = undeclared.map(|wire| (*wire, None));
        for (wire, part) in properties.iter().map(|(wire, part)| (*wire, Some(part))).chain(undeclared) {
            let of = part.map_or(Type::Any, |part| self.of_part(part, &format!("{name}{}", stem(wire))));
            let required = required.contains(&wire);
            if let Some(same) = fields.iter_mut().find(|field| field.wire == wire) {
                if same.of != of {
                    let place = part.map(|part| part.place.clone()).unwrap_or_default();
                    self.document.refuse(&place, "the member is described twice, as two types");
                }
                continue;
            }
            let (name, doc) = (names.give(lower(wire)), part.map(doc).unwrap_or_default());
            fields.push(Field { wire: wire.to_owned(), name, doc, of, required });
        }
        Shape::Definition(Definition::Struct { fields, rest })
    }

    /// `allOf`: one schema with something told about it, or objects whose members are put together.
    pub(super) fn all_of(&mut self, part: &Part<'a>, name: &str) -> Shape {
        let beside = part.object().into_iter().flatten().map(|(keyword, _)| &**keyword);
        let beside: Vec<&str> =
            beside.filter(|keyword| super::DECIDING.contains(keyword) && *keyword != "allOf").collect();
        if let ([only], []) = (&part.elements("allOf")[..], &beside[..]) {
            return self.shape(only, name);
        }
        let mut object = Object::default();
        if self.gather(part, &mut object, 0) { self.written(object, name) } else { Type::Any.into() }
    }

    /// Adds what `part` says to `object`; `false` where it was refused.
    fn gather(&mut self, part: &Part<'a>, object: &mut Object<'a>, depth: usize) -> bool {
        let Some((part, _)) = self.document.resolve(part.clone(), "schemas") else { return false };
        let alternatives = ["anyOf", "oneOf", "const", "enum"].into_iter().find(|name| part.value.get(name).is_some());
        let (types, nullable) = types(&part);
        if alternatives.is_some() || nullable || !matches!(types[..], [] | ["object"]) || depth > 32 {
            self.document.refuse(&part.place, "`allOf` is supported of objects alone");
            return false;
        }
        object.add(&part);
        part.elements("allOf").iter().all(|part| self.gather(part, object, depth + 1))
    }

    /// The required members of `part` that are always the same text.
    pub(super) fn constants(&mut self, part: &Part<'a>) -> BTreeMap<&'a str, &'a str> {
        let mut object = Object::default();
        self.gather(part, &mut object, 0);
        let Object { properties, required, .. } = object;
        let of_required = properties.into_iter().filter(|(name, _)| required.contains(name));
        of_required.filter_map(|(name, part)| Some((name, part.text("const")?))).collect()
    }
}
