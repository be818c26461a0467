//! Entity tags in If-Match and If-None-Match (RFC 9110 sections 8.8.3, 13.1).

use crate::problem::Problem;
use crate::request::Request;
use crate::response::Response;

/// What a request demands of the state of what it is about, before anything is done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Conditions {
    if_match: Option<EntityTags>,
    if_none_match: Option<EntityTags>,
}

/// Whether a request that changes what has the entity tag `current`, or has none and is there, may go on: 412 with the tag
/// unless its If-Match is absent or names it, then 412 if its If-None-Match does (RFC 9110 section 13.2.2). What has no tag,
/// a list or a session, is named by `*` alone.
pub fn preconditions(request: &Request, current: Option<&str>) -> Result<(), Problem> {
    let conditions = Conditions::of(request);
    conditions.if_match(current)?;
    if conditions.names(current) { Err(changed(current)) } else { Ok(()) }
}

impl Conditions {
    /// Those of `request`.
    pub fn of(request: &Request) -> Self {
        let tags = |name| request.header(name).map(|value| EntityTags::parse(&value));
        Self { if_match: tags("If-Match"), if_none_match: tags("If-None-Match") }
    }

    /// What a GET is answered that would get `found`: 412 unless its If-Match, which comes first, is absent or names what is
    /// there, then 304 if its If-None-Match does: the client has what it asks for. Errors stay as they are (section 13.2.1).
    pub fn select(&self, found: Response) -> Result<Response, Problem> {
        if found.status != 200 {
            return Ok(found);
        }
        let current = found.headers.get("ETag").map(String::as_str);
        self.if_match(current)?;
        if !self.names(current) {
            return Ok(found);
        }
        // What a cache would bring up to date (section 15.4.5).
        let kept = found.headers.into_iter().filter(|(name, _)| ["Cache-Control", "ETag"].contains(&name.as_str()));
        Ok(Response { headers: kept.collect(), ..Response::new(304) })
    }

    fn if_match(&self, current: Option<&str>) -> Result<(), Problem> {
        match &self.if_match {
            Some(tags) if !tags.matches_strongly(current) => Err(changed(current)),
            Some(_) | None => Ok(()),
        }
    }

    /// Whether If-None-Match names `current`.
    fn names(&self, current: Option<&str>) -> bool {
        self.if_none_match.as_ref().is_some_and(|tags| tags.matches_weakly(current))
    }
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

    /// The strong comparison, for If-Match, with the tag of what is there: a weak tag never matches, nor does any where that
    /// has none.
    pub fn matches_strongly(&self, current: Option<&str>) -> bool {
        match (self, current) {
            (Self::Any, _) => true,
            (Self::Listed(tags), Some(current)) => !current.starts_with("W/") && tags.iter().any(|tag| tag == current),
            (Self::Listed(_), None) => false,
        }
    }

    /// The weak comparison, for If-None-Match.
    pub fn matches_weakly(&self, current: Option<&str>) -> bool {
        let opaque = |tag: &str| tag.strip_prefix("W/").unwrap_or(tag).to_owned();
        match (self, current) {
            (Self::Any, _) => true,
            (Self::Listed(tags), Some(current)) => tags.iter().any(|tag| opaque(tag) == opaque(current)),
            (Self::Listed(_), None) => false,
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
        assert!(EntityTags::parse(r#""a,b" , "v3""#).matches_strongly(Some("\"v3\"")));
    }

    #[test]
    fn what_is_no_tag_takes_no_other_of_the_list_along() {
        let tags = EntityTags::parse(r#"x"a,b", W/"v2" ,,"v3"#);
        assert_eq!(tags, EntityTags::Listed(vec!["W/\"v2\"".to_owned()]));
    }

    #[test]
    fn a_weak_tag_matches_weakly_only() {
        let tags = EntityTags::parse("W/\"v3\"");
        assert!(tags.matches_weakly(Some("\"v3\"")) && !tags.matches_strongly(Some("\"v3\"")));
    }

    #[test]
    fn a_star_matches_whatever_is_there() {
        assert!(EntityTags::parse(" * ").matches_strongly(Some("\"v3\"")));
    }

    #[test]
    fn what_is_no_tag_matches_nothing() {
        for value in ["v3", "w/\"v3\"", "W/ \"v3\"", "x\"v3\"", "\"v3\"x", "\"\"\"v3\"", "\"v3", "v3\"", ", ,"] {
            assert_eq!(EntityTags::parse(value), EntityTags::Listed(Vec::new()), "{value}");
        }
    }

    /// The status of a GET with these conditions of what has the tag `"v3"`, and of what has none.
    fn selected(if_match: Option<&str>, if_none_match: Option<&str>) -> [u16; 2] {
        let tags = |value: Option<&str>| value.map(EntityTags::parse);
        let conditions = Conditions { if_match: tags(if_match), if_none_match: tags(if_none_match) };
        let tagged = Response::new(200).header("ETag", "\"v3\"");
        let status =
            |answer: Result<Response, Problem>| answer.map_or_else(|problem| problem.status, |found| found.status);
        [tagged, Response::new(200)].map(|found| status(conditions.select(found)))
    }

    #[test]
    fn what_has_no_tag_is_named_by_a_star_alone() {
        assert_eq!(selected(None, None), [200, 200]);
        assert_eq!(selected(Some("*"), None), [200, 200]);
        assert_eq!(selected(Some("\"v3\""), None), [200, 412]);
        assert_eq!(selected(None, Some("*")), [304, 304]);
        assert_eq!(selected(None, Some("\"v3\"")), [304, 200]);
        assert_eq!(selected(Some("\"v2\""), Some("*")), [412, 412]);
    }

    #[test]
    fn a_304_has_the_tag_and_says_how_long_it_is_fresh_and_an_error_stays_one() {
        let conditions = Conditions { if_match: None, if_none_match: Some(EntityTags::Any) };
        let found =
            Response::new(200).header("ETag", "\"v3\"").header("Cache-Control", "no-cache").body("a/b", "c".to_owned());
        let known = conditions.select(found).unwrap();
        assert_eq!((known.headers.len(), &*known.headers["ETag"], &*known.body), (2, "\"v3\"", ""));
        assert_eq!(conditions.select(Response::new(404)).map(|found| found.status), Ok(404));
    }
}
