//! What an authorizer's answer opens. It is a policy with `*` for each variable of a path, cached for a token and applied
//! to every route; `*` crosses `/`, so a route could be opened by another's pattern.

use std::collections::{BTreeMap, BTreeSet};

use super::Finding;
use super::glob::{Class, Token, literal, meet};
use crate::scope::Scope;
use crate::stack::declare::{Segment, segments};
use crate::stack::{Route, RouteKey, Stack};

/// Characters of an authorizer's answer (API Gateway quotas).
const ANSWER_LIMIT: usize = 8_192;
/// The length of an API's id.
const API: &str = "0123456789";

type Routed<'a> = (&'a RouteKey, &'a Route);

pub(super) fn check(stack: &Stack, scope: &Scope) -> Vec<Finding> {
    let Some(api) = &stack.api else { return Vec::new() };
    // A function that several authorizers ask gives each of them the same answer, for the routes of all.
    let mut asked: BTreeMap<&str, (&str, Vec<Routed<'_>>)> = BTreeMap::new();
    for (name, authorizer) in &api.authorizers {
        let guarded = api.routes.iter().filter(|(_, route)| route.authorizer.as_ref() == Some(name));
        asked.entry(&authorizer.function).or_insert((name, Vec::new())).1.extend(guarded);
    }
    let mut findings = Vec::new();
    for (name, guarded) in asked.values() {
        findings.extend(answer_size(name, guarded, scope));
        for route in guarded {
            let reached = guarded.iter().filter(|other| opens_by_mistake(*route, **other));
            findings.extend(reached.map(|other| leak(route.0, *other)));
        }
    }
    findings
}

/// Whether a token may open `route` but not `other`, and the answer's pattern for `route` takes requests of `other`.
fn opens_by_mistake(route: Routed<'_>, other: Routed<'_>) -> bool {
    // A path without variables is the route's own, whatever variable stands beside it: the literal wins.
    let is_one_request = !pattern(route.0).contains('*');
    let opens_both = !route.1.scopes.is_empty() && route.1.scopes.is_subset(&other.1.scopes);
    let is_implied = other.1.scopes.is_empty() || opens_both;
    !is_one_request && !is_implied && meet(&granted(route.0), &requested(other.0))
}

fn leak(route: &RouteKey, (other, guarded): Routed<'_>) -> Finding {
    let scopes: Vec<&str> = guarded.scopes.iter().map(String::as_str).collect();
    let message = format!(
        "who may call `{route}` could also call `{other}` without its scopes ({}): in a policy a variable is `*`, which crosses `/`",
        scopes.join(", ")
    );
    Finding::of_key(
        &["api", "routes", &route.to_string()],
        message,
        "give both the same scopes, move one of them to a path that the other's `*` does not reach, or guard it with an authorizer of another function",
    )
    .beside(&["api", "routes", &other.to_string()], "would be reached")
    .needs(&["api", "routes", &other.to_string(), "scopes"])
}

/// The pattern that an answer has for a route: method and path.
fn pattern(key: &RouteKey) -> String {
    let method = if key.method == "ANY" { "*" } else { &key.method };
    let path: String = segments(&key.path)
        .map(|segment| match segment {
            Segment::Literal(text) => format!("/{text}"),
            Segment::Variable(_) | Segment::Greedy(_) => "/*".to_owned(),
        })
        .collect();
    format!("{method}{}", if path.is_empty() { "/" } else { &path })
}

/// What [`pattern`] takes.
fn granted(key: &RouteKey) -> Vec<Token> {
    let token = |c| if c == '*' { Token::Many(Class::Any) } else { Token::One(Class::Exactly(c)) };
    pattern(key).chars().map(token).collect()
}

/// The requests that API Gateway may send to a route.
fn requested(key: &RouteKey) -> Vec<Token> {
    let some = |class| [Token::One(class), Token::Many(class)];
    let mut tokens: Vec<Token> =
        if key.method == "ANY" { some(Class::NotSlash).into() } else { literal(&key.method).collect() };
    let before = tokens.len();
    for segment in segments(&key.path) {
        tokens.extend(literal("/"));
        match segment {
            Segment::Literal(text) => tokens.extend(literal(text)),
            Segment::Variable(_) => tokens.extend(some(Class::NotSlash)),
            Segment::Greedy(_) => tokens.extend(some(Class::Any)),
        }
    }
    if tokens.len() == before {
        tokens.extend(literal("/"));
    }
    tokens
}

/// The largest answer is that for a token with all scopes: one ARN for each route.
fn answer_size(name: &str, guarded: &[Routed<'_>], scope: &Scope) -> Option<Finding> {
    const AROUND: &str =
        r#"{"Version":"2012-10-17","Statement":[{"Action":["execute-api:Invoke"],"Effect":"Allow","Resource":[]}]}"#;
    let resources: BTreeSet<String> =
        guarded.iter().map(|(key, _)| scope.execute_api_arn(API, &pattern(key))).collect();
    let size = AROUND.len() + resources.iter().map(|arn| arn.len() + r#""","#.len()).sum::<usize>();
    (size > ANSWER_LIMIT).then(|| {
        Finding::of_key(
            &["api", "authorizers", name],
            format!(
                "its answer would have {size} characters for the {} routes behind it; API Gateway takes {ANSWER_LIMIT}",
                guarded.len()
            ),
            "guard some of the routes with an authorizer of another function",
        )
        .needs(&["api", "routes"])
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stack::Backend;

    fn opens(route: (&str, &[&str]), other: (&str, &[&str])) -> bool {
        let routed = |(key, scopes): (&str, &[&str])| {
            let (method, path) = key.split_once(' ').unwrap();
            let key = RouteKey { path: path.to_owned(), method: method.to_owned() };
            let scopes = scopes.iter().map(|&scope| scope.to_owned()).collect();
            let backend = Backend::Function("f".to_owned());
            (key, Route { backend, authorizer: Some("a".to_owned()), scopes, timeout: 29_000 })
        };
        let (route, other) = (routed(route), routed(other));
        opens_by_mistake((&route.0, &route.1), (&other.0, &other.1))
    }

    #[test]
    fn a_variable_reaches_what_is_below_it() {
        assert!(opens(("GET /memos/{id}", &["read"]), ("GET /memos/{id}/audit", &["audit"])));
    }

    #[test]
    fn a_variable_reaches_its_literal_sibling() {
        assert!(opens(("GET /memos/{id}", &["read"]), ("GET /memos/export", &["export"])));
    }

    #[test]
    fn a_literal_path_reaches_nothing_else() {
        assert!(!opens(("GET /memos/export", &["export"]), ("GET /memos/{id}", &["read"])));
        assert!(!opens(("GET /memos", &["read"]), ("GET /memos/{id}", &["audit"])));
    }

    #[test]
    fn another_method_is_not_reached() {
        assert!(!opens(("GET /memos/{id}", &["read"]), ("DELETE /memos/{id}", &["write"])));
    }

    #[test]
    fn any_method_reaches_each_of_them() {
        assert!(opens(("ANY /memos/{id}", &["read"]), ("DELETE /memos/{id}", &["write"])));
    }

    #[test]
    fn a_route_that_the_same_token_opens_may_be_reached() {
        assert!(!opens(("GET /memos/{id}", &["read"]), ("GET /memos/{id}/tags", &["read", "tags"])));
        assert!(!opens(("GET /memos/{id}", &["read"]), ("GET /memos/{id}/tags", &[])));
    }

    #[test]
    fn a_route_open_to_any_token_must_not_reach_a_scoped_one() {
        assert!(opens(("GET /memos/{id}", &[]), ("GET /memos/{id}/tags", &["tags"])));
    }
}
