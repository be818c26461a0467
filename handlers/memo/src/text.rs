//! What a client writes of a memo: its limits, and how it is read from a body or merged from a patch.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::Value;
use service::Problem;
use service::fields::{Fields, text};
use unicode_normalization::UnicodeNormalization;

/// The longest title, in characters.
const TITLE: usize = 200;
/// The longest content, in bytes of UTF-8.
const CONTENT: usize = 64 * 1024;
/// The most tags of a memo.
const TAGS: usize = 20;
/// The longest tag, in characters.
const TAG: usize = 50;

/// What a client writes of a memo.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Text {
    pub title: String,
    pub content: String,
    /// In NFC, trimmed, without duplicates, in the order in which they were sent.
    pub tags: Vec<String>,
    pub pinned: bool,
    pub archived: bool,
}

impl Text {
    /// Reads a whole memo: `title` has to stand, the rest has defaults.
    pub(crate) fn read(body: BTreeMap<String, Value>) -> Result<Self, Problem> {
        let mut fields = Fields::new(body);
        let title = fields.required("title", title);
        let content = fields.optional("content", content);
        let tags = fields.optional("tags", tags);
        let pinned = fields.optional("pinned", flag);
        let archived = fields.optional("archived", flag);
        let text = || {
            Some(Self {
                title: title?,
                content: content?.unwrap_or_default(),
                tags: tags?.unwrap_or_default(),
                pinned: pinned?.unwrap_or_default(),
                archived: archived?.unwrap_or_default(),
            })
        };
        fields.finish(text())
    }

    /// Reads a merge patch (RFC 7396) of `self`: `null` takes a member away, and so brings its default.
    pub(crate) fn patched(&self, body: BTreeMap<String, Value>) -> Result<Self, Problem> {
        let mut fields = Fields::new(body);
        let title = fields.optional("title", title);
        let content = fields.optional("content", |value| or_default(value, content));
        let tags = fields.optional("tags", |value| or_default(value, tags));
        let pinned = fields.optional("pinned", |value| or_default(value, flag));
        let archived = fields.optional("archived", |value| or_default(value, flag));
        let text = || {
            Some(Self {
                title: title?.unwrap_or_else(|| self.title.clone()),
                content: content?.unwrap_or_else(|| self.content.clone()),
                tags: tags?.unwrap_or_else(|| self.tags.clone()),
                pinned: pinned?.unwrap_or(self.pinned),
                archived: archived?.unwrap_or(self.archived),
            })
        };
        fields.finish(text())
    }
}

fn title(value: &Value) -> Result<String, String> {
    let title = text(value)?;
    match title.chars().count() {
        0 => Err("must not be empty".to_owned()),
        length if length > TITLE => Err(format!("may have at most {TITLE} characters")),
        _ => Ok(title.to_owned()),
    }
}

fn content(value: &Value) -> Result<String, String> {
    let content = text(value)?;
    if content.len() > CONTENT {
        return Err(format!("may have at most {CONTENT} bytes"));
    }
    Ok(content.to_owned())
}

fn tags(value: &Value) -> Result<Vec<String>, String> {
    let tags = value.as_array().ok_or("must be an array of strings")?;
    if tags.len() > TAGS {
        return Err(format!("may have at most {TAGS} tags"));
    }
    let tags: Vec<String> = tags.iter().map(tag).collect::<Result<_, _>>()?;
    let distinct: BTreeSet<&String> = tags.iter().collect();
    if distinct.len() < tags.len() {
        return Err("must not name a tag twice".to_owned());
    }
    Ok(tags)
}

fn tag(value: &Value) -> Result<String, String> {
    let tag: String = text(value)?.trim().nfc().collect();
    match tag.chars().count() {
        0 => Err("must not hold an empty tag".to_owned()),
        length if length > TAG => Err(format!("may hold tags of at most {TAG} characters")),
        _ => Ok(tag),
    }
}

fn flag(value: &Value) -> Result<bool, String> {
    value.as_bool().ok_or_else(|| "must be true or false".to_owned())
}

fn or_default<T: Default>(value: &Value, read: impl FnOnce(&Value) -> Result<T, String>) -> Result<T, String> {
    if value.is_null() { Ok(T::default()) } else { read(value) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(text: &str) -> BTreeMap<String, Value> {
        serde_json::from_str(text).unwrap()
    }

    fn read(text: &str) -> Result<Text, Vec<String>> {
        Text::read(body(text)).map_err(|problem| problem.errors.into_iter().map(|error| error.pointer).collect())
    }

    #[test]
    fn a_title_alone_makes_a_memo() {
        let text = read(r#"{"title":"a"}"#).unwrap();
        assert_eq!((text.content.as_str(), text.tags.len(), text.pinned, text.archived), ("", 0, false, false));
    }

    #[test]
    fn every_invalid_member_is_named_at_once() {
        let errors = read(r#"{"title":"","content":1,"tags":["a","a"],"pinned":"yes","id":"x"}"#).unwrap_err();
        assert_eq!(errors, ["#/title", "#/content", "#/tags", "#/pinned", "#/id"]);
    }

    #[test]
    fn tags_that_are_equal_once_normalised_are_duplicates() {
        assert!(read(r#"{"title":"a","tags":["\u00e9"," e\u0301 "]}"#).is_err());
    }

    #[test]
    fn tags_differ_by_case() {
        assert_eq!(read(r#"{"title":"a","tags":["A","a"]}"#).unwrap().tags, ["A", "a"]);
    }

    #[test]
    fn lengths_are_counted_in_characters_for_titles_and_in_bytes_for_content() {
        let title = |length| read(&format!(r#"{{"title":"{}"}}"#, "é".repeat(length)));
        assert!(title(TITLE).is_ok() && title(TITLE + 1).is_err());
        let content = |length| read(&format!(r#"{{"title":"a","content":"{}"}}"#, "é".repeat(length)));
        assert!(content(CONTENT / 2).is_ok() && content(CONTENT / 2 + 1).is_err());
    }

    #[test]
    fn a_patch_changes_what_it_names_and_null_brings_the_default() {
        let text = read(r#"{"title":"a","content":"b","tags":["c"],"pinned":true}"#).unwrap();
        let patched = text.patched(body(r#"{"content":null,"archived":true}"#)).unwrap();
        assert_eq!(patched, Text { content: String::new(), archived: true, ..text });
    }

    #[test]
    fn a_patch_cannot_take_the_title_away_nor_set_what_the_service_sets() {
        let text = read(r#"{"title":"a"}"#).unwrap();
        for patch in [r#"{"title":null}"#, r#"{"version":2}"#, r#"{"created_at":"x"}"#, r#"{"x":1}"#] {
            assert_eq!(text.patched(body(patch)).unwrap_err().status, 422, "{patch}");
        }
    }
}
