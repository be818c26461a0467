//! Filter patterns of unstructured events: terms, phrases, `?optional` and `-excluded` ones.
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html>

use super::invalid;
use crate::call::Error;

/// A pattern; the empty one matches everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Pattern {
    all: Vec<String>,
    any: Vec<String>,
    none: Vec<String>,
}

impl Pattern {
    /// Reads a pattern. Those for JSON, for space-delimited events and regular expressions are refused by name.
    pub(super) fn read(text: &str) -> Result<Self, Error> {
        let mut rest = text.trim();
        let refused = match rest.as_bytes().first() {
            Some(b'{') => Some("JSON filter patterns ({ ... })"),
            Some(b'[') => Some("space-delimited filter patterns ([ ... ])"),
            Some(b'%') => Some("regular expressions in filter patterns (%...%)"),
            Some(_) | None => None,
        };
        if let Some(what) = refused {
            return Err(Error::not_implemented(what));
        }
        let mut pattern = Self::default();
        while !rest.is_empty() {
            let (list, after) = match rest.as_bytes()[0] {
                b'?' => (&mut pattern.any, &rest[1..]),
                b'-' => (&mut pattern.none, &rest[1..]),
                _ => (&mut pattern.all, rest),
            };
            let (term, after) = term(after)?;
            list.push(term);
            rest = after.trim_start();
        }
        Ok(pattern)
    }

    /// Whether `message` matches. Beside required or excluded terms, AWS ignores the optional ones.
    pub(super) fn matches(&self, message: &str) -> bool {
        let has = |term: &String| message.contains(term.as_str());
        let any_matters = self.all.is_empty() && self.none.is_empty() && !self.any.is_empty();
        self.all.iter().all(has) && !self.none.iter().any(has) && (!any_matters || self.any.iter().any(has))
    }
}

/// The first term of `text`, and what follows it.
fn term(text: &str) -> Result<(String, &str), Error> {
    let wrong = || invalid("Invalid filter pattern");
    if let Some(quoted) = text.strip_prefix('"') {
        let mut term = String::new();
        let mut letters = quoted.char_indices();
        while let Some((index, letter)) = letters.next() {
            match letter {
                '"' => return Ok((term, &quoted[index + 1..])),
                '\\' => term.push(letters.next().ok_or_else(wrong)?.1),
                other => term.push(other),
            }
        }
        return Err(wrong());
    }
    let end = text.find(char::is_whitespace).unwrap_or(text.len());
    let term = &text[..end];
    // A term with other characters has to be quoted.
    if term.is_empty() || !term.chars().all(|letter| letter.is_alphanumeric() || "_.*".contains(letter)) {
        return Err(wrong());
    }
    Ok((term.to_owned(), &text[end..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, message: &str) -> bool {
        Pattern::read(pattern).unwrap().matches(message)
    }

    #[test]
    fn an_empty_pattern_matches_everything() {
        assert!(matches("", "anything") && matches("  ", ""));
    }

    #[test]
    fn every_term_must_occur_and_case_counts() {
        assert!(matches("ERROR table", "ERROR in the table"));
        assert!(!matches("ERROR table", "ERROR"));
        assert!(!matches("error", "ERROR"));
    }

    #[test]
    fn a_quoted_phrase_is_one_term() {
        assert!(matches(r#""level\":\"ERROR""#, r#"{"level":"ERROR"}"#));
        assert!(!matches(r#""a b""#, "a  b"));
    }

    #[test]
    fn optional_terms_need_one_and_excluded_terms_none() {
        assert!(matches("?WARN ?ERROR", "ERROR x") && !matches("?WARN ?ERROR", "INFO"));
        assert!(matches("ERROR -table", "ERROR") && !matches("ERROR -table", "ERROR table"));
    }

    #[test]
    fn what_is_not_done_is_refused_by_name_and_what_is_wrong_as_invalid() {
        assert_eq!(Pattern::read("{ $.level = \"ERROR\" }").unwrap_err().code, "NotImplemented");
        assert_eq!(Pattern::read("%a+%").unwrap_err().code, "NotImplemented");
        assert_eq!(Pattern::read("a:b").unwrap_err().code, "InvalidParameterException");
        assert_eq!(Pattern::read("\"a").unwrap_err().code, "InvalidParameterException");
    }
}
