//! Names of the description as names of Rust.

use std::collections::BTreeSet;

use heck::{ToKebabCase as _, ToSnakeCase as _, ToUpperCamelCase as _};

/// The words that no identifier may be (Rust Reference, "Keywords"), of all editions, the reserved ones among them.
const KEYWORDS: &str = "Self abstract as async await become box break const continue crate do dyn else enum extern false \
                        final fn for gen if impl in let loop macro match mod move mut override priv pub ref return self \
                        static struct super trait true try type typeof unsafe unsized use virtual where while yield";
/// Those that not even `r#` makes identifiers.
const NEVER: [&str; 4] = ["Self", "crate", "self", "super"];

/// A type's or a variant's name: `created_desc` is `CreatedDesc`.
pub(super) fn upper(text: &str) -> String {
    identifier(&text.to_upper_camel_case(), "N", "Empty")
}

/// What the name of a type begins with, and goes on.
pub(super) fn stem(text: &str) -> String {
    let name: String = text.to_upper_camel_case().chars().filter(char::is_ascii_alphanumeric).collect();
    if name.starts_with(|c: char| c.is_ascii_digit()) { format!("N{name}") } else { name }
}

/// A field's, a method's or a variable's name: `If-Match` is `if_match`, `type` is `r#type`.
pub(super) fn lower(text: &str) -> String {
    identifier(&text.to_snake_case(), "n", "empty")
}

/// A crate's name.
pub(super) fn package(text: &str) -> String {
    let name: String = text.to_kebab_case().chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
    let name = name.trim_matches('-');
    if name.starts_with(|c: char| c.is_ascii_alphabetic()) { name.to_owned() } else { format!("api-{name}") }
}

/// `cased` with nothing in it that an identifier cannot have; `prefix` stands before a digit.
fn identifier(cased: &str, prefix: &str, empty: &str) -> String {
    let name: String = cased.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
    match name.chars().next() {
        None => empty.to_owned(),
        Some(first) if first.is_ascii_digit() => format!("{prefix}{name}"),
        Some(_) if NEVER.contains(&&*name) => format!("{name}_"),
        Some(_) if KEYWORDS.split(' ').any(|keyword| keyword == name) => format!("r#{name}"),
        Some(_) => name,
    }
}

/// The names of one namespace, each of which is given once.
#[derive(Debug, Default)]
pub(super) struct Names(BTreeSet<String>);

impl Names {
    /// A namespace in which `taken` cannot be had.
    pub(super) fn without(taken: &[&str]) -> Self {
        Self(taken.iter().map(|name| (*name).to_owned()).collect())
    }

    /// `name`, with a number behind it where it is taken.
    pub(super) fn give(&mut self, name: String) -> String {
        let numbered = (2..).map(|number| format!("{}{number}", name.trim_start_matches("r#")));
        let free = std::iter::once(name.clone()).chain(numbered).find(|name| !self.0.contains(name));
        let given = free.unwrap_or(name);
        self.0.insert(given.clone());
        given
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keywords_are_raw_and_those_that_cannot_be_get_an_underscore() {
        assert_eq!(
            ["type", "Self", "self", "crate", "gen"].map(lower),
            ["r#type", "self_", "self_", "crate_", "r#gen"]
        );
        assert_eq!((upper("self"), upper("type"), stem("self")), ("Self_".into(), "Type".into(), "Self".into()));
    }

    #[test]
    fn what_no_identifier_can_have_is_left_out() {
        assert_eq!(["If-Match", "2fa", "", "größe", "@id"].map(lower), ["if_match", "n2fa", "empty", "gre", "id"]);
        assert_eq!(["created_desc", "+1", "memos:read"].map(upper), ["CreatedDesc", "N1", "MemosRead"]);
    }

    #[test]
    fn a_name_that_is_taken_is_numbered() {
        let mut names = Names::without(&["Client"]);
        let given = ["Memo", "Memo", "Client", "Memo"].map(|name| names.give(name.to_owned()));
        assert_eq!(given, ["Memo", "Memo2", "Client2", "Memo3"]);
        assert_eq!(["r#type", "r#type"].map(|name| names.give(name.to_owned())), ["r#type", "type2"]);
    }

    #[test]
    fn a_package_begins_with_a_letter() {
        assert_eq!(["Memo API", "2nd try", "memo"].map(package), ["memo-api", "api-2nd-try", "memo"]);
    }
}
