//! Events of functions.

use serde_json::{Map as JsonMap, Value as Json, json};

use super::{Diagnostic, Form, Node, Reader, Value};

/// A table of anything that JSON can say.
pub(in crate::stack) struct Event;

impl Form for Event {
    type Value = Json;

    fn expected(&self) -> String {
        "a table".to_owned()
    }

    fn takes(&self, value: &Value) -> bool {
        matches!(value, Value::Table(_))
    }

    fn read(&self, node: &Node, reader: &mut Reader) -> Json {
        json_of(node, reader)
    }

    fn blank(&self) -> Json {
        json!({})
    }

    fn schema(&self, _partial: bool) -> Json {
        json!({ "type": "object" })
    }
}

fn json_of(node: &Node, reader: &mut Reader) -> Json {
    let refused = match &node.value {
        Value::Text(text) => return json!(text),
        Value::Flag(flag) => return json!(flag),
        Value::Array(items) => return items.iter().map(|item| json_of(item, reader)).collect(),
        Value::Table(table) => {
            let member =
                |(name, node): (&String, &Node)| (name.clone(), reader.within(name, |reader| json_of(node, reader)));
            return Json::Object(table.iter().map(member).collect::<JsonMap<String, Json>>());
        }
        Value::Integer(integer) => match i64::try_from(*integer) {
            Ok(integer) => return json!(integer),
            Err(_) => "an integer of more than 64 bits",
        },
        Value::Float(float) if float.is_finite() => return json!(float),
        Value::Float(_) => "a float that is no number",
        Value::Date => "a date",
    };
    let mut fault = Diagnostic::new(node.span.clone(), format!("{refused} is nothing that an event can hold"));
    fault.help = Some("an event is JSON: write it as a string".to_owned());
    reader.refuse(fault);
    Json::Null
}
