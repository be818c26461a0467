//! The keys of `[api.routes]`: `GET /v1/memos/{id}`.

use crate::stack::form::Pattern;
use crate::stack::nearest;

const METHODS: [&str; 8] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "ANY"];

/// API Gateway's rules for the path of a resource.
pub(super) static ROUTE: Pattern = Pattern {
    what: "a route",
    regex: r"^(GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS|ANY) /(([A-Za-z0-9._:-]+|\{[A-Za-z0-9._-]+\})(/([A-Za-z0-9._:-]+|\{[A-Za-z0-9._-]+\}))*(/\{[A-Za-z0-9._-]+\+\})?|\{[A-Za-z0-9._-]+\+\})?$",
    refuse,
};

/// One part of a route's path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::stack) enum Segment<'a> {
    Literal(&'a str),
    /// `{id}`
    Variable(&'a str),
    /// `{proxy+}`
    Greedy(&'a str),
}

impl<'a> Segment<'a> {
    fn new(text: &'a str) -> Self {
        let Some(inner) = text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) else {
            return Self::Literal(text);
        };
        inner.strip_suffix('+').map_or(Self::Variable(inner), Self::Greedy)
    }
}

/// The parts of a path; none of `/`.
pub(in crate::stack) fn segments(path: &str) -> impl Iterator<Item = Segment<'_>> {
    path.trim_start_matches('/').split('/').filter(|part| !part.is_empty()).map(Segment::new)
}

fn refuse(text: &str) -> Option<String> {
    let Some((method, path)) = text.split_once(' ') else {
        return Some("a route is a method, one space, and a path: `GET /v1/memos`".to_owned());
    };
    if !METHODS.contains(&method) {
        return Some(nearest::help(method, "the methods are", METHODS));
    }
    let Some(rest) = path.strip_prefix('/') else {
        return Some("the path starts with `/`, after one space".to_owned());
    };
    if rest.ends_with('/') || rest.contains("//") {
        return Some("no part of the path is empty, and there is no `/` at its end".to_owned());
    }
    if matches!(path, "/ping" | "/sping") {
        return Some("API Gateway keeps `/ping` and `/sping` for itself; `/healthz` is free".to_owned());
    }
    let parts: Vec<Segment<'_>> = segments(path).collect();
    parts.iter().enumerate().find_map(|(position, part)| {
        let (below, above) = (&parts[position + 1..], &parts[..position]);
        refuse_segment(*part, !below.is_empty()).or_else(|| refuse_repeated(*part, above))
    })
}

fn refuse_segment(part: Segment<'_>, has_more_below: bool) -> Option<String> {
    let is_word = |text: &str, more: &str| {
        !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c) || more.contains(c))
    };
    match part {
        Segment::Literal(text) if text.contains(['{', '}']) => {
            Some(format!("a variable is a whole part of the path: `/{{id}}`, not `/{text}`"))
        }
        Segment::Literal(text) => (!is_word(text, ":"))
            .then(|| format!("a part of the path has letters, digits, `.`, `_`, `-` and `:`; `{text}` has others")),
        Segment::Greedy(name) if has_more_below => {
            Some(format!("nothing can stand below `{{{name}+}}`, which takes all the rest"))
        }
        Segment::Variable(name) | Segment::Greedy(name) => (!is_word(name, ""))
            .then(|| format!("a variable's name has letters, digits, `.`, `_` and `-`; `{name}` has others")),
    }
}

fn refuse_repeated(part: Segment<'_>, above: &[Segment<'_>]) -> Option<String> {
    let name = |part: &Segment<'_>| match part {
        Segment::Literal(_) => None,
        Segment::Variable(name) | Segment::Greedy(name) => Some((*name).to_owned()),
    };
    let repeated = name(&part)?;
    above
        .iter()
        .any(|other| name(other).as_ref() == Some(&repeated))
        .then(|| format!("two variables are called `{repeated}`"))
}
