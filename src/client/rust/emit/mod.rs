//! Rust source of what the document comes to. It is formatted by rustfmt afterwards.

mod manifest;
mod operations;
mod types;

pub(super) use manifest::{library, manifest};
pub(super) use operations::operations;
pub(super) use types::types;

use super::schema::Type;

/// The source of `of`; definitions stand behind `prefix`.
fn source(of: &Type, prefix: &str) -> String {
    match of {
        Type::Any => "serde_json::Value".to_owned(),
        Type::Null => "()".to_owned(),
        Type::Boolean => "bool".to_owned(),
        Type::Integer => "i64".to_owned(),
        Type::Integer32 => "i32".to_owned(),
        Type::Number => "f64".to_owned(),
        Type::Text => "String".to_owned(),
        Type::List(of) => format!("Vec<{}>", source(of, prefix)),
        Type::Map(of) => format!("std::collections::BTreeMap<String, {}>", source(of, prefix)),
        Type::Nullable(of) => format!("Option<{}>", source(of, prefix)),
        Type::Named(name) => format!("{prefix}{name}"),
    }
}

/// What `write` makes of all `items`, one after the other.
fn each<T>(items: impl IntoIterator<Item = T>, write: impl Fn(T) -> String) -> String {
    items.into_iter().map(write).collect()
}

/// `text` as the lines of a documentation comment, each behind `mark`.
fn commented(text: &str, mark: &str) -> String {
    let lines = text.trim().lines().map(str::trim_end);
    lines
        .filter(|_| !text.trim().is_empty())
        .map(|line| format!("{mark} {line}").trim_end().to_owned() + "\n")
        .collect()
}

/// `text` as a documentation comment.
fn documented(text: &str) -> String {
    commented(text, "///")
}
