//! The OpenAPI description of the stack's API for those who call it: written by hand, compared with `stack.toml`, and
//! given the address at which the API answers. Pure. (What API Gateway imports is another document: [`crate::openapi`].)

mod access;
mod difference;
mod yaml;

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use access::Access;
pub use difference::Difference;

use crate::stack::{Api, RouteKey};

/// An OpenAPI 3.1 document.
#[derive(Clone, Debug, PartialEq)]
pub struct Description(Map<String, Value>);

/// The methods that a path item may have (OpenAPI 3.1, section 4.8.9.1).
const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

impl Description {
    /// Reads YAML, and so JSON as well; the error is for people, with the place in `text`.
    pub fn parse(text: &str) -> Result<Self, String> {
        let Value::Object(document) = yaml::parse(text)? else {
            return Err("it is no OpenAPI document: it is no object".to_owned());
        };
        match document.get("openapi").and_then(Value::as_str) {
            Some(version) if version.starts_with("3.1.") => Ok(Self(document)),
            Some(version) => Err(format!("it is an OpenAPI {version} document; memoctl reads 3.1")),
            None => Err("it is no OpenAPI document: `openapi: 3.1.0` is missing".to_owned()),
        }
    }

    /// How the document and `api` differ, and where it refers to what is not in it; nothing where it describes `api`.
    pub fn differences(&self, api: &Api) -> Vec<Difference> {
        let mut differences = difference::routes(&self.operations(), api);
        differences.extend(difference::schemes(self.schemes(), api));
        differences.extend(self.dangling());
        differences
    }

    /// The document for an API that answers at `url`; relative to where the document is found, if that is not known.
    #[must_use]
    pub fn served_at(mut self, url: Option<&str>) -> Value {
        self.0.insert("servers".to_owned(), json!([{ "url": url.unwrap_or("/") }]));
        Value::Object(self.0)
    }

    /// What the document describes, and who may call it.
    fn operations(&self) -> BTreeMap<RouteKey, Access> {
        let everywhere = self.0.get("security");
        let paths = self.0.get("paths").and_then(Value::as_object).into_iter().flatten();
        paths
            .filter(|(path, _)| path.starts_with('/'))
            .flat_map(|(path, item)| METHODS.iter().map(move |method| (path, *method, item.get(method))))
            .filter_map(|(path, method, operation)| {
                let key = RouteKey { path: path.clone(), method: method.to_uppercase() };
                Some((key, Access::described(operation?.get("security").or(everywhere))))
            })
            .collect()
    }

    /// The names of the security schemes.
    fn schemes(&self) -> impl Iterator<Item = &str> {
        let schemes = self.0.get("components").and_then(|components| components.get("securitySchemes"));
        schemes.and_then(Value::as_object).into_iter().flatten().map(|(name, _)| name.as_str())
    }

    /// The references that lead out of the document or nowhere: an export has to stand alone.
    fn dangling(&self) -> Vec<Difference> {
        let mut found = Vec::new();
        let mut rest: Vec<&Value> = self.0.values().collect();
        while let Some(value) = rest.pop() {
            match value {
                Value::Object(members) => {
                    if let Some(Value::String(reference)) = members.get("$ref")
                        && !self.has(reference)
                    {
                        found.push(Difference::Dangling { reference: reference.clone() });
                    }
                    rest.extend(members.values());
                }
                Value::Array(elements) => rest.extend(elements),
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
            }
        }
        found.sort();
        found.dedup();
        found
    }

    /// Whether `reference` leads to something in the document: a JSON Pointer as a URI fragment (RFC 6901 section 6).
    fn has(&self, reference: &str) -> bool {
        let Some(pointer) = reference.strip_prefix("#/") else { return false };
        let pointer = percent_encoding::percent_decode_str(pointer).decode_utf8_lossy();
        let mut tokens = pointer.split('/').map(|token| token.replace("~1", "/").replace("~0", "~"));
        let first = tokens.next().and_then(|token| self.0.get(&token));
        tokens.try_fold(first, |value, token| value.map(|value| value.get(&token))).flatten().is_some()
    }
}

#[cfg(test)]
mod tests;
