//! Strict JSON: what `serde_json` reads, less duplicate members and deep nesting.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserializer;
use serde::de::{DeserializeSeed, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use crate::problem::{Invalid, Problem};

/// The deepest nesting of arrays and objects that a body may have.
const DEPTH: usize = 32;

/// Reads `bytes` as one JSON value in UTF-8: a second member of the same name anywhere, or nesting over 32 levels, is
/// an error like any other.
pub fn value(bytes: &[u8]) -> Result<Value, serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let value = Strict { levels: DEPTH }.deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(value)
}

/// Reads a request's body as an object: 400 when it is not strict JSON, 422 when it is another value.
pub(crate) fn object(bytes: &[u8]) -> Result<BTreeMap<String, Value>, Problem> {
    match value(bytes) {
        Ok(Value::Object(members)) => Ok(members.into_iter().collect()),
        Ok(_) => {
            Err(Problem::invalid(vec![Invalid { pointer: "#".to_owned(), detail: "must be an object".to_owned() }]))
        }
        Err(error) => Err(Problem::new(400, "unreadable-body", format!("The body is not strict JSON: {error}."))),
    }
}

/// Reads a value in which `levels` further levels of nesting are allowed.
#[derive(Clone, Copy)]
struct Strict {
    levels: usize,
}

impl Strict {
    fn deeper<E: Error>(self) -> Result<Self, E> {
        let levels = self.levels.checked_sub(1).ok_or_else(|| E::custom(format!("nested over {DEPTH} levels")))?;
        Ok(Self { levels })
    }
}

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut array = Vec::new();
        while let Some(element) = elements.next_element_seed(inner)? {
            array.push(element);
        }
        Ok(Value::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut object = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            let value = members.next_value_seed(inner)?;
            if object.insert(name, value).is_some() {
                return Err(A::Error::custom("a member stands twice"));
            }
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nested(levels: usize) -> String {
        "[".repeat(levels) + &"]".repeat(levels)
    }

    #[test]
    fn thirty_two_levels_are_read() {
        assert!(value(nested(32).as_bytes()).is_ok());
    }

    #[test]
    fn thirty_three_levels_are_refused() {
        assert!(value(nested(33).as_bytes()).is_err());
    }

    #[test]
    fn a_member_that_stands_twice_is_refused_at_any_depth() {
        assert!(value(br#"{"a":[{"b":1,"b":1}]}"#).is_err());
    }

    #[test]
    fn names_that_are_equal_only_after_unescaping_are_duplicates() {
        assert!(value(br#"{"a":1,"\u0061":2}"#).is_err());
    }

    #[test]
    fn what_follows_the_value_is_refused() {
        assert!(value(b"{} {}").is_err());
    }

    #[test]
    fn bytes_that_are_not_utf_8_are_refused() {
        assert!(value(b"\"\xff\"").is_err());
    }

    #[test]
    fn another_value_than_an_object_is_invalid_rather_than_unreadable() {
        assert_eq!(object(b"[]").unwrap_err().status, 422);
    }
}
