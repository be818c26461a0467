//! Routes: API Gateway's rules for the tree of paths, and its limits.

use std::collections::{BTreeMap, BTreeSet};

use super::Finding;
use crate::stack::declare::{Segment, segments};
use crate::stack::{Api, RouteKey, Stack};

/// Resources of an API, the root included, and its authorizers (API Gateway quotas).
const RESOURCES: usize = 300;
const AUTHORIZERS: usize = 10;

pub(super) fn check(stack: &Stack) -> Vec<Finding> {
    let Some(api) = &stack.api else { return Vec::new() };
    let mut findings = twice(api);
    findings.extend(none(api));
    findings.extend(variables_that_differ(api));
    findings.extend(options_beside_cors(api));
    findings.extend(scopes_without_authorizer(api));
    findings.extend(origins(api));
    findings.extend(too_many(api));
    findings
}

/// API Gateway makes no deployment of an API without methods.
fn none(api: &Api) -> Option<Finding> {
    let help = "add a route such as `\"GET /healthz\" = \"FUNCTION\"`, or take `[api]` out";
    api.routes.is_empty().then(|| Finding::of_key(&["api", "routes"], "the API has no routes".to_owned(), help))
}

/// A path with the names of its variables taken out.
fn shape(path: &str) -> Vec<Segment<'_>> {
    segments(path)
        .map(|segment| match segment {
            Segment::Literal(text) => Segment::Literal(text),
            Segment::Variable(_) => Segment::Variable(""),
            Segment::Greedy(_) => Segment::Greedy(""),
        })
        .collect()
}

/// TOML itself refuses what is written alike; these differ in the names of variables.
fn twice(api: &Api) -> Vec<Finding> {
    let mut first: BTreeMap<(&str, Vec<Segment<'_>>), &RouteKey> = BTreeMap::new();
    let mut findings = Vec::new();
    for key in api.routes.keys() {
        let other = *first.entry((&key.method, shape(&key.path))).or_insert(key);
        if other == key {
            continue;
        }
        findings.push(
            Finding::of_key(
                &["api", "routes", &key.to_string()],
                format!("`{key}` is the same route as `{other}`"),
                "keep one of the two: the name of a variable makes no difference",
            )
            .beside(&["api", "routes", &other.to_string()], "the same route"),
        );
    }
    findings
}

/// Below one path there can be one variable, of one name.
fn variables_that_differ(api: &Api) -> Vec<Finding> {
    let mut first: BTreeMap<String, (Segment<'_>, &RouteKey)> = BTreeMap::new();
    let mut told = BTreeSet::new();
    let mut findings = Vec::new();
    for key in api.routes.keys() {
        let mut above = String::new();
        for segment in segments(&key.path) {
            if !matches!(segment, Segment::Literal(_)) {
                let (other, place) = *first.entry(above.clone()).or_insert((segment, key));
                let is_same_route = key.method == place.method && shape(&key.path) == shape(&place.path);
                if other != segment && !is_same_route && told.insert((above.clone(), segment)) {
                    findings.push(second_variable(&above, (segment, key), (other, place)));
                }
            }
            above = format!("{above}/{}", written(segment));
        }
    }
    findings
}

fn second_variable(
    above: &str,
    (segment, key): (Segment<'_>, &RouteKey),
    (other, place): (Segment<'_>, &RouteKey),
) -> Finding {
    let (name, first) = (written(segment), written(other));
    let message = format!("`{name}` stands where `{first}` does: API Gateway takes one variable below `{above}/`");
    let help = match (segment, other) {
        (Segment::Variable(_), Segment::Variable(_)) => format!("write `{first}` in both"),
        _ => "move one of the two below another path".to_owned(),
    };
    Finding::of_key(&["api", "routes", &key.to_string()], message, help)
        .beside(&["api", "routes", &place.to_string()], &format!("`{first}` here"))
}

fn written(segment: Segment<'_>) -> String {
    match segment {
        Segment::Literal(text) => text.to_owned(),
        Segment::Variable(name) => format!("{{{name}}}"),
        Segment::Greedy(name) => format!("{{{name}+}}"),
    }
}

fn options_beside_cors(api: &Api) -> Vec<Finding> {
    let answered = api.cors.is_some();
    let options = api.routes.keys().filter(|key| answered && key.method == "OPTIONS");
    options
        .map(|key| {
            Finding::of_key(
                &["api", "routes", &key.to_string()],
                format!("`{key}` is answered by `[api.cors]` already"),
                "take the route out, or answer all OPTIONS yourself without `[api.cors]`",
            )
            .beside(&["api", "cors"], "answers OPTIONS of every path")
        })
        .collect()
}

fn scopes_without_authorizer(api: &Api) -> Vec<Finding> {
    let unguarded = api.routes.iter().filter(|(_, route)| !route.scopes.is_empty() && route.authorizer().is_none());
    unguarded
        .map(|(key, route)| {
            let path = ["api", "routes", &key.to_string(), "scopes"];
            if route.is_signed() {
                let help = "take the scopes out, or name an authorizer that reads tokens";
                return Finding::of_key(&path, "a signature has no scopes: policies say who may call".to_owned(), help);
            }
            let help = match api.authorizers.keys().next() {
                Some(name) => format!("add `authorizer = \"{name}\"`"),
                None => "declare an authorizer in `[api.authorizers.NAME]`, and name it here".to_owned(),
            };
            Finding::of_key(&path, "scopes without an authorizer protect nothing".to_owned(), help)
        })
        .collect()
}

/// A preflight is answered by a mock, and errors by gateway responses: both are fixed text, which can name one origin.
fn origins(api: &Api) -> Option<Finding> {
    (api.cors.as_ref()?.origins.len() > 1).then(|| {
        let message = "a REST API can answer preflights for one origin, or for all".to_owned();
        Finding::of_value(&["api", "cors", "origins"], message, "keep one of them, or write `[\"*\"]`")
    })
}

fn too_many(api: &Api) -> Vec<Finding> {
    let resources: BTreeSet<Vec<Segment<'_>>> = api
        .routes
        .keys()
        .flat_map(|key| {
            let shape = shape(&key.path);
            (0..=shape.len()).map(move |depth| shape[..depth].to_vec())
        })
        .collect();
    [
        (
            resources.len(),
            RESOURCES,
            "routes",
            "resources, the root and one for each part of a path",
            "split the API into two stacks, or route with `{proxy+}`",
        ),
        (api.authorizers.len(), AUTHORIZERS, "authorizers", "authorizers", "let one authorizer serve more routes"),
    ]
    .into_iter()
    .filter(|(count, limit, ..)| count > limit)
    .map(|(count, limit, section, what, help)| {
        Finding::of_key(&["api", section], format!("{count} {what}, and API Gateway takes {limit}"), help)
    })
    .collect()
}
