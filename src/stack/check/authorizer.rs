//! What an authorizer's answer opens. It is a policy with `*` for each variable of a path, cached for a token and applied
//! to every route; `*` crosses `/`, so a route could be opened by another's pattern.

use std::collections::{BTreeMap, BTreeSet};

use super::Finding;
use super::glob::{Class, Token, literal, meet};
use crate::scope::Scope;
use crate::stack::declare::{Segment, segments};
use crate::stack::{Api, Route, RouteKey, Stack};

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
        let guarded = api.routes.iter().filter(|(_, route)| route.authorizer() == Some(name));
        asked.entry(&authorizer.function).or_insert((name, Vec::new())).1.extend(guarded);
    }
    let mut findings = audiences_of_nothing(stack, api);
    for (name, guarded) in asked.values() {
        findings.extend(answer_size(name, guarded, scope));
        for route in guarded {
            let reached = guarded
                .iter()
                .filter(|other| opens_by_mistake((*route, api.audience(route.1)), (**other, api.audience(other.1))));
            findings.extend(reached.map(|other| leak(*route, *other)));
        }
    }
    findings
}

/// Audiences that no token would be asked for.
fn audiences_of_nothing(stack: &Stack, api: &Api) -> Vec<Finding> {
    let guards = |name: &str, function: &str| {
        let is_of = |route: &Route| route.backend.function().is_some_and(|its| its == function);
        api.routes.values().any(|route| is_of(route) && route.authorizer().is_some_and(|its| its == name))
    };
    let named =
        api.authorizers.iter().flat_map(|(name, authorizer)| authorizer.audiences.keys().map(move |of| (name, of)));
    named
        .filter(|(name, function)| stack.functions.contains_key(*function) && !guards(name, function))
        .map(|(name, function)| {
            Finding::of_key(
                &["api", "authorizers", name, "audiences", function],
                format!("no route of `{function}` has the authorizer `{name}`: nothing is asked for this audience"),
                format!("add `authorizer = \"{name}\"` to the routes of `{function}`, or take the audience out"),
            )
            .needs(&["api", "routes"])
            .needs(&["functions", function])
        })
        .collect()
}

/// Whether a token may open `route` but not `other`, and the answer's pattern for `route` takes requests of `other`.
fn opens_by_mistake((route, audience): (Routed<'_>, &str), (other, others): (Routed<'_>, &str)) -> bool {
    let opens_both = !route.1.scopes.is_empty() && route.1.scopes.is_subset(&other.1.scopes);
    let is_implied = audience == others && (other.1.scopes.is_empty() || opens_both);
    !is_implied && reaches(route.0, other.0)
}

/// Whether a policy's pattern for `route` takes requests of `other`.
pub(super) fn reaches(route: &RouteKey, other: &RouteKey) -> bool {
    // A path without variables is the route's own, whatever variable stands beside it: the literal wins.
    let with_variables = route.patterns().into_iter().filter(|pattern| pattern.contains('*'));
    let requests = requested(other);
    with_variables.into_iter().any(|pattern| meet(&granted(&pattern), &requests))
}

fn leak((route, opened): Routed<'_>, (other, guarded): Routed<'_>) -> Finding {
    let scopes: Vec<&str> = guarded.scopes.iter().map(String::as_str).collect();
    let opens_both = scopes.is_empty() || !opened.scopes.is_empty() && opened.scopes.is_subset(&guarded.scopes);
    let (lacking, same) = if opens_both {
        ("audience".to_owned(), "audience")
    } else {
        (format!("scopes ({})", scopes.join(", ")), "scopes")
    };
    let message = format!(
        "who may call `{route}` could also call `{other}` without its {lacking}: in a policy a variable is `*`, which crosses `/`"
    );
    Finding::of_key(
        &["api", "routes", &route.to_string()],
        message,
        format!("give both the same {same}, move one of them to a path that the other's `*` does not reach, or guard it with an authorizer of another function"),
    )
    .beside(&["api", "routes", &other.to_string()], "would be reached")
    .needs(&["api", "routes", &other.to_string(), "scopes"])
}

/// What a route's pattern takes.
fn granted(pattern: &str) -> Vec<Token> {
    let token = |c| if c == '*' { Token::Many(Class::Any) } else { Token::One(Class::Exactly(c)) };
    pattern.chars().map(token).collect()
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
        guarded.iter().flat_map(|(key, _)| key.patterns()).map(|route| scope.execute_api_arn(API, &route)).collect();
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
    use crate::stack::{Backend, Guard};

    fn opens(route: (&str, &[&str]), other: (&str, &[&str])) -> bool {
        opens_for(["", ""], route, other)
    }

    fn opens_for(audiences: [&str; 2], route: (&str, &[&str]), other: (&str, &[&str])) -> bool {
        let routed = |(key, scopes): (&str, &[&str])| {
            let (method, path) = key.split_once(' ').unwrap();
            let key = RouteKey { path: path.to_owned(), method: method.to_owned() };
            let scopes = scopes.iter().map(|&scope| scope.to_owned()).collect();
            let backend = Backend::Function("f".to_owned());
            (key, Route { backend, guard: Some(Guard::from("a".to_owned())), scopes, timeout: 29_000 })
        };
        let (route, other) = (routed(route), routed(other));
        opens_by_mistake(((&route.0, &route.1), audiences[0]), ((&other.0, &other.1), audiences[1]))
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
    fn a_route_of_another_audience_must_not_be_reached_even_with_its_scopes() {
        for scopes in [&["read"][..], &[]] {
            let (route, other) = (("GET /memos/{id}", scopes), ("GET /memos/{id}/tags", scopes));
            assert!(opens_for(["", "/tags"], route, other) && !opens_for(["/tags", "/tags"], route, other));
        }
    }

    #[test]
    fn a_route_open_to_any_token_must_not_reach_a_scoped_one() {
        assert!(opens(("GET /memos/{id}", &[]), ("GET /memos/{id}/tags", &["tags"])));
    }
}
