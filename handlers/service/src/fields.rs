//! The members of a body, read one by one, with all their errors in one answer.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::problem::{Invalid, Problem};

/// The members of a body that have not been read yet, and the errors of those that have.
///
/// ```
/// # use service::fields::{Fields, text};
/// # fn read(body: std::collections::BTreeMap<String, serde_json::Value>) -> Result<(), service::Problem> {
/// let mut fields = Fields::new(body);
/// let title = fields.required("title", |value| text(value).map(str::to_owned));
/// let note = fields.optional("note", |value| text(value).map(str::to_owned));
/// let (title, note) = fields.finish(title.zip(note))?;
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct Fields {
    members: BTreeMap<String, Value>,
    errors: Vec<Invalid>,
}

impl Fields {
    /// The members of `body`.
    pub fn new(body: BTreeMap<String, Value>) -> Self {
        Self { members: body, errors: Vec::new() }
    }

    /// Reads the member `name`, which has to stand; an error is kept for [`Fields::finish`] and gives `None`.
    pub fn required<T>(&mut self, name: &str, read: impl FnOnce(&Value) -> Result<T, String>) -> Option<T> {
        match self.optional(name, read)? {
            Some(value) => Some(value),
            None => self.refuse(name, "is required".to_owned()),
        }
    }

    /// Reads the member `name`: `Some(None)` when it does not stand, `None` on an error, as [`Fields::required`].
    pub fn optional<T>(&mut self, name: &str, read: impl FnOnce(&Value) -> Result<T, String>) -> Option<Option<T>> {
        let Some(value) = self.members.remove(name) else { return Some(None) };
        match read(&value) {
            Ok(value) => Some(Some(value)),
            Err(detail) => self.refuse(name, detail),
        }
    }

    /// Keeps an error about the member `name` that shows only beside others.
    pub fn refuse<T>(&mut self, name: &str, detail: String) -> Option<T> {
        self.errors.push(Invalid { pointer: pointer(name), detail });
        None
    }

    /// Gives what was read, or 422 with every error; members that nobody read are errors too.
    pub fn finish<T>(mut self, value: Option<T>) -> Result<T, Problem> {
        for name in self.members.keys() {
            self.errors.push(Invalid { pointer: pointer(name), detail: "is not known".to_owned() });
        }
        match value {
            Some(value) if self.errors.is_empty() => Ok(value),
            _ => Err(Problem::invalid(self.errors)),
        }
    }
}

/// A value that has to be a string.
pub fn text(value: &Value) -> Result<&str, String> {
    value.as_str().ok_or_else(|| "must be a string".to_owned())
}

/// The JSON Pointer of the member `name`, as a URI fragment (RFC 6901 section 6).
fn pointer(name: &str) -> String {
    let mut pointer = "#/".to_owned();
    for byte in name.replace('~', "~0").replace('/', "~1").bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            pointer.push(byte as char);
        } else {
            pointer.extend(['%', hex(byte >> 4), hex(byte & 15)]);
        }
    }
    pointer
}

fn hex(digit: u8) -> char {
    char::from(b"0123456789ABCDEF"[usize::from(digit)])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(text: &str) -> BTreeMap<String, Value> {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn all_errors_come_in_one_answer_unknown_members_among_them() {
        let mut fields = Fields::new(body(r#"{"a":1,"c":2}"#));
        let a = fields.required("a", |value| text(value).map(str::to_owned));
        let b = fields.required("b", |value| text(value).map(str::to_owned));
        let problem = fields.finish(a.zip(b)).unwrap_err();
        let pointers: Vec<_> = problem.errors.iter().map(|error| error.pointer.as_str()).collect();
        assert_eq!(pointers, ["#/a", "#/b", "#/c"]);
    }

    #[test]
    fn an_absent_optional_member_is_no_error() {
        let mut fields = Fields::new(body("{}"));
        let a = fields.optional("a", |value| text(value).map(str::to_owned));
        assert_eq!(fields.finish(a), Ok(None));
    }

    #[test]
    fn a_pointer_is_a_valid_uri_fragment() {
        assert_eq!(pointer("a/b~ü"), "#/a~1b~0%C3%BC");
    }
}
