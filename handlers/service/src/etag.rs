//! Entity tags in If-Match and If-None-Match (RFC 9110 sections 8.8.3, 13.1).

use crate::problem::Problem;
use crate::request::Request;

/// 412 with the entity tag that is `current`, unless the request's If-Match is absent or names it.
pub fn if_match(request: &Request, current: &str) -> Result<(), Problem> {
    match request.header("If-Match") {
        Some(value) if !EntityTags::parse(&value).matches_strongly(current) => Err(changed(Some(current))),
        Some(_) | None => Ok(()),
    }
}

/// Whether the request's If-None-Match names the entity tag that is `current`: the client has what it asks for.
pub fn is_known(request: &Request, current: &str) -> bool {
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
        let mut tags = Vec::new();
        let mut rest = value;
        while let Some(open) = rest.find('"') {
            let Some(length) = rest[open + 1..].find('"') else { break };
            let close = open + 1 + length;
            let weak = if rest[..open].trim_start_matches([' ', '\t', ',']) == "W/" { "W/" } else { "" };
            tags.push(format!("{weak}{}", &rest[open..=close]));
            rest = &rest[close + 1..];
        }
        Self::Listed(tags)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_of_a_list_matches_even_when_tags_hold_commas() {
        assert!(EntityTags::parse(r#""a,b" , "v3""#).matches_strongly("\"v3\""));
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
        assert!(!EntityTags::parse("v3").matches_weakly("\"v3\""));
    }
}
