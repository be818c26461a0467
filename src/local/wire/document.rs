//! XML requests as typed values, and values as XML: an element's children are a struct's fields or a list's items, its text is a number, a
//! flag or a string. Attributes mean nothing, nor do namespaces.
//! <https://smithy.io/2.0/aws/protocols/aws-restxml-protocol.html>

mod read;
mod write;

use std::fmt;

use quick_xml::Reader;
use quick_xml::events::{BytesRef, Event};
use serde::de::DeserializeOwned;

use crate::call::Error;
pub(crate) use write::element;

/// An element of a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Node {
    name: String,
    text: String,
    children: Vec<Node>,
}

/// Why a request could not be read.
#[derive(Debug)]
struct Unreadable(String);

impl std::error::Error for Unreadable {}

impl fmt::Display for Unreadable {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl serde::de::Error for Unreadable {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self(message.to_string())
    }
}

/// What a type's own checks may begin the text of their error with: the error's code.
pub(crate) const INCONSISTENT: &str = "InconsistentQuantities";

/// Reads a request's body, whose root must be `root`, as `T`. Members that `T` does not know are refused by name: see
/// `deny_unknown_fields`.
pub(crate) fn input<T: DeserializeOwned>(root: &str, body: &[u8]) -> Result<T, Error> {
    if body.is_empty() {
        return Err(Error::new(
            400,
            "MissingBody",
            "This operation requires a body. Ensure that the body is present and the Content-Type header is set.",
        ));
    }
    let node = parse(body).filter(|node| node.name == root).ok_or_else(|| malformed(&format!("no element {root}")))?;
    T::deserialize(&node).map_err(|Unreadable(text)| {
        let named = |prefix: &str| text.strip_prefix(prefix)?.split_once('`').map(|(member, _)| member);
        if let Some(member) = named("unknown field `") {
            return Error::not_implemented(&format!("the member {member}"));
        }
        if let Some(member) = named("missing field `") {
            return malformed(&format!("the element {member} is missing"));
        }
        match text.strip_prefix(INCONSISTENT) {
            Some(_) => Error::new(400, INCONSISTENT, "The value of Quantity and the size of Items don't match."),
            None => malformed(&text),
        }
    })
}

fn malformed(why: &str) -> Error {
    Error::new(400, "MalformedXML", format!("The XML document is malformed: {why}"))
}

/// The root of a document; `None` when it is no XML.
fn parse(xml: &[u8]) -> Option<Node> {
    let mut reader = Reader::from_reader(xml);
    let mut open = vec![Node::default()];
    loop {
        match reader.read_event().ok()? {
            Event::Start(start) => {
                let name = String::from_utf8(start.local_name().as_ref().to_vec()).ok()?;
                open.push(Node { name, ..Node::default() });
            }
            Event::Empty(empty) => {
                let name = String::from_utf8(empty.local_name().as_ref().to_vec()).ok()?;
                open.last_mut()?.children.push(Node { name, ..Node::default() });
            }
            Event::End(_) => {
                let closed = open.pop()?;
                open.last_mut()?.children.push(closed);
            }
            Event::Text(text) => open.last_mut()?.text.push_str(&text.decode().ok()?),
            Event::CData(data) => open.last_mut()?.text.push_str(&data.decode().ok()?),
            Event::GeneralRef(entity) => open.last_mut()?.text.push(character(&entity)?),
            Event::Eof => break,
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
        }
    }
    let document = open.pop().filter(|_| open.is_empty())?;
    document.children.into_iter().next()
}

/// The character that a reference such as `&amp;` or `&#38;` stands for.
pub(crate) fn character(entity: &BytesRef<'_>) -> Option<char> {
    if let Some(letter) = entity.resolve_char_ref().ok()? {
        return Some(letter);
    }
    quick_xml::escape::resolve_predefined_entity(&entity.decode().ok()?)?.chars().next()
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields, rename_all = "PascalCase")]
    struct Thing {
        name: String,
        enabled: bool,
        size: Option<u64>,
        #[serde(default)]
        items: Vec<String>,
    }

    fn read(inner: &str) -> Result<Thing, Error> {
        input("Thing", format!(r#"<?xml version="1.0"?><Thing xmlns="urn:x">{inner}</Thing>"#).as_bytes())
    }

    #[test]
    fn elements_become_fields_and_lists_and_texts_what_the_field_is() {
        let thing =
            read("<Name>a &amp; &#98;</Name>\n<Enabled>true</Enabled><Size>7</Size><Items><X>1</X><X/></Items>");
        let items = vec!["1".to_owned(), String::new()];
        assert_eq!(thing.unwrap(), Thing { name: "a & b".to_owned(), enabled: true, size: Some(7), items });
    }

    #[test]
    fn what_is_not_known_is_refused_by_name_and_what_is_missing_named() {
        let unknown = read("<Name/><Enabled>true</Enabled><Colour>red</Colour>").unwrap_err();
        assert_eq!(unknown.code, "NotImplemented");
        assert!(unknown.message.contains("Colour"), "{unknown}");
        let missing = read("<Name/>").unwrap_err();
        assert!(missing.code == "MalformedXML" && missing.message.contains("Enabled"), "{missing}");
    }

    #[test]
    fn what_is_no_xml_or_no_number_or_another_element_is_malformed() {
        for inner in ["<Name>", "<Name/><Enabled>maybe</Enabled>", "<Name/><Enabled>true</Enabled><Size>x</Size>"] {
            assert_eq!(read(inner).unwrap_err().code, "MalformedXML", "{inner}");
        }
        assert_eq!(input::<Thing>("Other", b"<Thing/>").unwrap_err().code, "MalformedXML");
        assert_eq!(input::<Thing>("Thing", b"").unwrap_err().code, "MissingBody");
    }
}
