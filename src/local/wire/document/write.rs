//! Values as elements.

use serde_json::Value;

use crate::wire::xml::Element;

/// `value` as an element `name`: an object's members are children, and so are the items of a list. `item` tells what
/// the items of a list are called, from the list's name; of `Items` from the name of the element that they are in.
pub(crate) fn element(name: &str, value: &Value, item: fn(&str) -> &'static str) -> Element {
    let list = |name: &str, items: &[Value], called: &str| {
        items.iter().fold(Element::new(name), |list, child| list.with(element(called, child, item)))
    };
    match value {
        Value::Null => Element::new(name),
        Value::String(text) => Element::text(name, text),
        Value::Bool(_) | Value::Number(_) => Element::text(name, value),
        Value::Array(items) => list(name, items, item(name)),
        Value::Object(members) => members.iter().fold(Element::new(name), |parent, (member, value)| {
            parent.with(match value {
                Value::Array(items) if member == "Items" => list(member, items, item(name)),
                _ => element(member, value, item),
            })
        }),
    }
}
