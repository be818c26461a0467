//! XML answers, built as a tree.

use std::fmt;

use quick_xml::escape::escape;

use super::{response, status};
use crate::call::{Error, Response};

/// What S3's answers begin with.
pub(crate) const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

/// An element: its name, attributes, and either text or children.
#[derive(Clone, Debug)]
pub(crate) struct Element {
    name: String,
    attributes: Vec<(&'static str, String)>,
    content: Content,
}

#[derive(Clone, Debug)]
enum Content {
    Text(String),
    Children(Vec<Element>),
}

impl Element {
    /// An element without content.
    pub(crate) fn new(name: &str) -> Self {
        Self { name: name.to_owned(), attributes: Vec::new(), content: Content::Children(Vec::new()) }
    }

    /// An element that holds `text`.
    pub(crate) fn text(name: &str, text: impl fmt::Display) -> Self {
        Self { name: name.to_owned(), attributes: Vec::new(), content: Content::Text(text.to_string()) }
    }

    /// A list in the awsQuery form: each item in a `member`.
    pub(crate) fn members(name: &str, items: impl IntoIterator<Item = Element>) -> Self {
        items.into_iter().fold(Self::new(name), |list, mut item| {
            "member".clone_into(&mut item.name);
            list.with(item)
        })
    }

    /// Adds an attribute.
    pub(crate) fn attribute(mut self, name: &'static str, value: &str) -> Self {
        self.attributes.push((name, value.to_owned()));
        self
    }

    /// Adds a child.
    pub(crate) fn with(mut self, child: Element) -> Self {
        match &mut self.content {
            Content::Children(children) => children.push(child),
            Content::Text(_) => self.content = Content::Children(vec![child]),
        }
        self
    }

    /// Adds a child that holds `text`, when there is one.
    pub(crate) fn maybe(self, name: &str, text: Option<impl fmt::Display>) -> Self {
        match text {
            Some(text) => self.with(Element::text(name, text)),
            None => self,
        }
    }
}

impl fmt::Display for Element {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "<{}", self.name)?;
        for (name, value) in &self.attributes {
            write!(out, " {name}=\"{}\"", escape(value.as_str()))?;
        }
        out.write_str(">")?;
        match &self.content {
            Content::Text(text) => write!(out, "{}", escape(text.as_str()))?,
            Content::Children(children) => {
                for child in children {
                    write!(out, "{child}")?;
                }
            }
        }
        write!(out, "</{}>", self.name)
    }
}

/// Renders an error in S3's form: `<Error><Code/><Message/>...<RequestId/></Error>`.
pub(crate) fn refuse(error: &Error, request_id: &str) -> Response {
    let root = Element::new("Error").with(Element::text("Code", &error.code));
    let root = root.with(Element::text("Message", &error.message));
    let root = error.members.iter().fold(root, |root, (name, value)| {
        root.with(Element::text(name, value.as_str().map_or_else(|| value.to_string(), str::to_owned)))
    });
    let root = root.with(Element::text("RequestId", request_id));
    response(status(error.status), "application/xml", format!("{DECLARATION}{root}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_attributes_are_escaped() {
        let element = Element::new("a").attribute("b", "\"&").with(Element::text("c", "<d>"));
        assert_eq!(element.to_string(), "<a b=\"&quot;&amp;\"><c>&lt;d&gt;</c></a>");
    }
}
