//! Booleans and strings.

use serde::Serialize;
use serde_json::{Value as Json, json};

use super::{Diagnostic, Form, Node, Reader, Value};
use crate::stack::nearest;

pub(in crate::stack) struct Flag;

impl Form for Flag {
    type Value = bool;

    fn expected(&self) -> String {
        "a boolean".to_owned()
    }

    fn takes(&self, value: &Value) -> bool {
        matches!(value, Value::Flag(_))
    }

    fn read(&self, node: &Node, _reader: &mut Reader) -> bool {
        matches!(node.value, Value::Flag(true))
    }

    fn blank(&self) -> bool {
        false
    }

    fn schema(&self, _partial: bool) -> Json {
        json!({ "type": "boolean" })
    }
}

/// What a string may be.
pub(in crate::stack) struct Pattern {
    /// `a function's name`
    pub(in crate::stack) what: &'static str,
    /// For the JSON Schema, in the syntax of ECMA 262; it takes all that `refuse` does not refuse.
    pub(in crate::stack) regex: &'static str,
    /// Why a string is none, as the help says it.
    pub(in crate::stack) refuse: fn(&str) -> Option<String>,
}

impl Pattern {
    pub(super) fn fault(&self, text: &str) -> Option<(String, String)> {
        let help = (self.refuse)(text)?;
        Some((format!("{text:?} cannot be {}", self.what), help))
    }
}

/// A string of a pattern.
pub(in crate::stack) struct Text(pub(in crate::stack) &'static Pattern);

impl Form for Text {
    type Value = String;

    fn expected(&self) -> String {
        "a string".to_owned()
    }

    fn takes(&self, value: &Value) -> bool {
        matches!(value, Value::Text(_))
    }

    fn read(&self, node: &Node, reader: &mut Reader) -> String {
        let Value::Text(text) = &node.value else { return self.blank() };
        if let Some((message, help)) = self.0.fault(text) {
            reader.refuse(Diagnostic { help: Some(help), ..Diagnostic::new(node.span.clone(), message) });
        }
        text.clone()
    }

    fn blank(&self) -> String {
        String::new()
    }

    fn schema(&self, _partial: bool) -> Json {
        json!({ "type": "string", "pattern": self.0.regex })
    }
}

/// One of a few words, each written as its value serialises.
pub(in crate::stack) struct Choice<T: 'static>(pub(in crate::stack) &'static [T]);

impl<T: Serialize> Choice<T> {
    fn words(&self) -> Vec<String> {
        self.0.iter().map(|value| json!(value).as_str().unwrap_or_default().to_owned()).collect()
    }
}

impl<T: Serialize + Clone> Form for Choice<T> {
    type Value = T;

    fn expected(&self) -> String {
        "a string".to_owned()
    }

    fn takes(&self, value: &Value) -> bool {
        matches!(value, Value::Text(_))
    }

    fn read(&self, node: &Node, reader: &mut Reader) -> T {
        let Value::Text(text) = &node.value else { return self.blank() };
        let words = self.words();
        if let Some((value, _)) = self.0.iter().zip(&words).find(|(_, word)| *word == text) {
            return value.clone();
        }
        let mut fault = Diagnostic::new(node.span.clone(), format!("unknown value {text:?}"));
        let all = format!("alues are `{}`", words.join("`, `"));
        fault.help = Some(match nearest::nearest(text, words.iter().map(String::as_str)) {
            Some(word) => format!("did you mean `{word}`? The v{all}"),
            None => format!("the v{all}"),
        });
        reader.refuse(fault);
        self.blank()
    }

    fn blank(&self) -> T {
        self.0[0].clone()
    }

    fn schema(&self, _partial: bool) -> Json {
        json!({ "type": "string", "enum": self.words() })
    }
}
