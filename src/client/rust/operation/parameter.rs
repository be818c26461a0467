//! What an operation takes in its path, its query and its headers.

use super::super::document::Part;
use super::super::name::{self, Names, lower};
use super::super::schema::{Schemas, Type, doc};
use super::is_nothing;

/// Where a parameter stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::client::rust) enum Place {
    Path,
    Query,
    Header,
}

/// One parameter.
#[derive(Debug)]
pub(in crate::client::rust) struct Parameter {
    pub(in crate::client::rust) place: Place,
    pub(in crate::client::rust) wire: String,
    pub(in crate::client::rust) name: String,
    pub(in crate::client::rust) doc: String,
    pub(in crate::client::rust) required: bool,
    pub(in crate::client::rust) of: Type,
    /// Whether a list is a pair an element, and not one value with commas.
    pub(in crate::client::rust) exploded: bool,
}

/// The headers that are no parameters (OpenAPI 3.1, section 4.8.12.1).
const NOT_PARAMETERS: [&str; 3] = ["accept", "content-type", "authorization"];

impl<'a> Schemas<'a> {
    /// The parameters of the operation and of its path, of which the former come before the latter.
    pub(super) fn parameters(&mut self, path: &str, parts: (&Part<'a>, &Part<'a>), stem: &str) -> Vec<Parameter> {
        let (operation, item) = parts;
        let mut names = Names::without(&["parameters", "body", "request", "answer", "path"]);
        let mut found: Vec<Parameter> = Vec::new();
        for part in operation.elements("parameters").into_iter().chain(item.elements("parameters")) {
            let Some((part, _)) = self.document.resolve(part, "parameters") else { continue };
            let Some(parameter) = self.parameter(&part, stem) else { continue };
            let same = |known: &Parameter| (known.place, &known.wire) == (parameter.place, &parameter.wire);
            if !found.iter().any(same) {
                found.push(Parameter { name: names.give(parameter.name.clone()), ..parameter });
            }
        }
        let variables: Vec<&str> = path.split('{').skip(1).filter_map(|rest| Some(rest.split_once('}')?.0)).collect();
        let (mut of_path, rest): (Vec<_>, Vec<_>) = found.into_iter().partition(|known| known.place == Place::Path);
        of_path.sort_by_key(|known| variables.iter().position(|variable| *variable == known.wire));
        let described: Vec<&str> = of_path.iter().map(|known| &*known.wire).collect();
        if described != variables {
            let (described, variables) = (described.join(", "), variables.join(", "));
            let what = format!("the path's variables are `{variables}`, and its parameters `{described}`");
            self.document.refuse(&operation.place, what);
        }
        of_path.into_iter().chain(rest).collect()
    }

    fn parameter(&mut self, part: &Part<'a>, stem: &str) -> Option<Parameter> {
        let wire = part.text("name").unwrap_or_default();
        let place = match part.text("in") {
            Some("path") => Place::Path,
            Some("query") => Place::Query,
            Some("header") if NOT_PARAMETERS.contains(&&*wire.to_ascii_lowercase()) => return None,
            Some("header") => Place::Header,
            other => {
                self.document.refuse(&part.place, format_args!("`in: {}` is not supported", other.unwrap_or_default()));
                return None;
            }
        };
        let style = if place == Place::Query { "form" } else { "simple" };
        if let Some(other) = part.text("style").filter(|given| *given != style) {
            self.document.refuse(&part.place, format_args!("`style: {other}` is not supported"));
        }
        if part.is("allowReserved") || !is_nothing(part.value.get("content")) {
            self.document.refuse(&part.place, "`allowReserved` and `content` of a parameter are not supported");
        }
        let of = match part.get("schema") {
            Some(schema) => self.of_part(&schema, &format!("{stem}{}", name::stem(wire))),
            None => Type::Text,
        };
        let of = match of {
            // What is null has no text: it is left out.
            Type::Nullable(of) => *of,
            of => of,
        };
        let element = match self.unaliased(&of) {
            Type::List(element) => &**element,
            of => of,
        };
        if !self.is_scalar(element) {
            self.document
                .refuse(&part.place, "a parameter is supported that is text, a number, a boolean or a list of them");
        }
        let exploded =
            part.value.get("explode").map_or(place == Place::Query, |_| part.is("explode")) && place == Place::Query;
        let required = part.is("required") || place == Place::Path;
        Some(Parameter { place, wire: wire.to_owned(), name: lower(wire), doc: doc(part), required, of, exploded })
    }
}
