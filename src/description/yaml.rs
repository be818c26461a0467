//! YAML 1.2 as JSON: what the two have in common, which is all that an OpenAPI document needs (OpenAPI 3.1, section 4.3).

use saphyr::{LoadableYamlNode as _, Scalar, Yaml};
use serde_json::{Map, Number, Value};

/// Reads one YAML document; JSON is YAML as well. The error is for people, and names the line or the key.
pub(super) fn parse(text: &str) -> Result<Value, String> {
    let documents = Yaml::load_from_str(text).map_err(|error| error.to_string())?;
    match <[Yaml<'_>; 1]>::try_from(documents) {
        Ok([document]) => json(document, ""),
        Err(documents) => Err(format!("it holds {} documents instead of one", documents.len())),
    }
}

/// The value of `node`, at the JSON Pointer `place`.
fn json(node: Yaml<'_>, place: &str) -> Result<Value, String> {
    let here = if place.is_empty() { "the top" } else { place };
    match node {
        Yaml::Value(Scalar::Null) => Ok(Value::Null),
        Yaml::Value(Scalar::Boolean(value)) => Ok(value.into()),
        Yaml::Value(Scalar::Integer(value)) => Ok(value.into()),
        Yaml::Value(Scalar::FloatingPoint(value)) => {
            let number = Number::from_f64(value.into_inner());
            number.map(Value::Number).ok_or_else(|| format!("JSON has no number for what stands at {here}"))
        }
        Yaml::Value(Scalar::String(text)) => Ok(text.into_owned().into()),
        Yaml::Sequence(elements) => {
            let elements =
                elements.into_iter().enumerate().map(|(index, node)| json(node, &format!("{place}/{index}")));
            elements.collect::<Result<Vec<_>, _>>().map(Value::Array)
        }
        Yaml::Mapping(members) => {
            let members = members.into_iter().map(|(key, node)| {
                let key = name(key).ok_or_else(|| format!("a key at {here} is neither text nor a whole number"))?;
                let place = format!("{place}/{key}");
                Ok((key, json(node, &place)?))
            });
            members.collect::<Result<Map<_, _>, String>>().map(Value::Object)
        }
        Yaml::Tagged(tag, _) => Err(format!("JSON has nothing for the tag {tag} at {here}")),
        Yaml::Representation(..) | Yaml::Alias(_) | Yaml::BadValue => {
            Err(format!("what stands at {here} has no value"))
        }
    }
}

/// A key as a member's name: a status may be written without quotes.
fn name(key: Yaml<'_>) -> Option<String> {
    match key {
        Yaml::Value(Scalar::String(text)) => Some(text.into_owned()),
        Yaml::Value(Scalar::Integer(number)) => Some(number.to_string()),
        Yaml::Value(Scalar::Null | Scalar::Boolean(_) | Scalar::FloatingPoint(_))
        | Yaml::Sequence(_)
        | Yaml::Mapping(_)
        | Yaml::Tagged(..)
        | Yaml::Representation(..)
        | Yaml::Alias(_)
        | Yaml::BadValue => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn scalars_are_those_of_yaml_1_2() {
        let text = "{ a: true, b: no, c: 1, d: '1', e: 1.5, f: null, g: 3.1.0, h: 2026-11-20T09:30:00Z }";
        let value = json!({ "a": true, "b": "no", "c": 1, "d": "1", "e": 1.5, "f": null, "g": "3.1.0",
                            "h": "2026-11-20T09:30:00Z" });
        assert_eq!(parse(text), Ok(value));
    }

    #[test]
    fn a_status_without_quotes_is_a_name_as_well() {
        assert_eq!(parse("200: a\n404: b"), Ok(json!({ "200": "a", "404": "b" })));
    }

    #[test]
    fn an_alias_is_what_it_stands_for() {
        assert_eq!(parse("a: &x [1]\nb: *x"), Ok(json!({ "a": [1], "b": [1] })));
    }

    #[test]
    fn what_json_does_not_have_is_refused_with_the_place() {
        for (text, place) in [
            ("a: [1, .nan]", "/a/1"),
            ("a: { true: 1 }", "/a"),
            ("a: !mine { b: 1 }", "/a"),
            ("a: 1\na: 2", "line 2"),
            ("a: 1\n---\nb: 1", "2 documents"),
            ("a: [", "line"),
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.contains(place), "{text}: {error}");
        }
    }
}
