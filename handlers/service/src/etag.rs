//! Entity tags in If-Match and If-None-Match (RFC 9110 sections 8.8.3, 13.1).

use crate::problem::Problem;
use crate::request::Request;

/// Whether a request that changes what has the entity tag `current` may go on: 412 with the tag unless its If-Match is
/// absent or names it, then 412 if its If-None-Match does (RFC 9110 section 13.2.2).
pub fn preconditions(request: &Request, current: &str) -> Result<(), Problem> {
    if_match(request, current)?;
    if names(request, current) { Err(changed(Some(current))) } else { Ok(()) }
}

/// Whether a GET of what has the entity tag `current` is answered with 304, as its If-None-Match names it: the client has
/// what it asks for. 412 unless its If-Match, which comes first, is absent or names it.
pub fn is_known(request: &Request, current: &str) -> Result<bool, Problem> {
    if_match(request, current)?;
    Ok(names(request, current))
}

fn if_match(request: &Request, current: &str) -> Result<(), Problem> {
    match request.header("If-Match") {
        Some(value) if !EntityTags::parse(&value).matches_strongly(current) => Err(changed(Some(current))),
        Some(_) | None => Ok(()),
    }
}

/// Whether the request's If-None-Match names `current`.
fn names(request: &Request, current: &str) -> bool {
    request.header("If-None-Match").is_some_and(|value| EntityTags::parse(&value).matches_weakly(current))
}

/// 412: what the request is about is not what the client believes; its entity tag, where there is one.
pub fn changed(current: Option<&str>) -> Problem {
    let problem = Problem::new(412, "precondition-failed", "This is not in the state that the request expects.");
    current.into_iter().fold(problem, |problem, current| problem.with("ETag", current))
}

/// The value of If-Match or If-None-Match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EntityTags {
    /// `*`: any current representation.
    Any,
    /// The tags as sent, quotes and `W/` included. What is no tag is left out, and so never matches.
    Listed(Vec<String>),
}

impl EntityTags {
    /// Reads the header's value, its lines joined.
    pub fn parse(value: &str) -> Self {
        if value.trim() == "*" {
            return Self::Any;
        }
        let mut quoted = false;
        let elements = value.split(|c| {
            quoted ^= c == '"';
            c == ',' && !quoted
        });
        let tags = elements.map(|element| element.trim_matches([' ', '\t'])).filter(|element| is_tag(element));
        Self::Listed(tags.map(str::to_owned).collect())
    }

    /// The strong comparison, for If-Match: a weak tag never matches.
    pub fn matches_strongly(&self, current: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Listed(tags) => !current.starts_with("W/") && tags.iter().any(|tag| tag == current),
        }
    }

    /// The weak comparison, for If-None-Match.
    pub fn matches_weakly(&self, current: &str) -> bool {
        let opaque = |tag: &str| tag.strip_prefix("W/").unwrap_or(tag).to_owned();
        match self {
            Self::Any => true,
            Self::Listed(tags) => tags.iter().any(|tag| opaque(tag) == opaque(current)),
        }
    }
}

/// Whether `element` is an entity tag (RFC 9110 section 8.8.3), `W/` in upper case and nothing around it.
fn is_tag(element: &str) -> bool {
    let opaque = element.strip_prefix("W/").unwrap_or(element);
    let inner = opaque.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    inner.is_some_and(|inner| inner.chars().all(|c| c > ' ' && c != '"' && c != '\x7f'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_of_a_list_matches_even_when_tags_hold_commas() {
        assert!(EntityTags::parse(r#""a,b" , "v3""#).matches_strongly("\"v3\""));
    }

    #[test]
    fn what_is_no_tag_takes_no_other_of_the_list_along() {
        let tags = EntityTags::parse(r#"x"a,b", W/"v2" ,,"v3"#);
        assert_eq!(tags, EntityTags::Listed(vec!["W/\"v2\"".to_owned()]));
    }

    #[test]
    fn a_weak_tag_matches_weakly_only() {
        let tags = EntityTags::parse("W/\"v3\"");
        assert!(tags.matches_weakly("\"v3\"") && !tags.matches_strongly("\"v3\""));
    }

    #[test]
    fn a_star_matches_whatever_is_there() {
        assert!(EntityTags::parse(" * ").matches_strongly("\"v3\""));
    }

    #[test]
    fn what_is_no_tag_matches_nothing() {
        for value in ["v3", "w/\"v3\"", "W/ \"v3\"", "x\"v3\"", "\"v3\"x", "\"\"\"v3\"", "\"v3", "v3\"", ", ,"] {
            assert_eq!(EntityTags::parse(value), EntityTags::Listed(Vec::new()), "{value}");
        }
    }
}
