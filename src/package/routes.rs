//! The map that an authorizer reads: which scopes and audiences open which of the routes under it.

use serde::Serialize;

use crate::stack::Stack;

/// Its name in the zip, beside `bootstrap`.
pub const FILE: &str = "routes.json";

#[derive(Serialize)]
struct Document<'a> {
    routes: Vec<Route<'a>>,
}

#[derive(Serialize)]
struct Route<'a> {
    method: &'a str,
    path: &'a str,
    scopes: Vec<&'a str>,
    /// What follows the issuer.
    #[serde(skip_serializing_if = "str::is_empty")]
    audience: &'a str,
}

/// The document for `function`, when an authorizer of the API is made of it; by path, then method.
pub fn document(stack: &Stack, function: &str) -> Option<String> {
    let api = stack.api.as_ref()?;
    let is_its = |name: &str| api.authorizers.get(name).is_some_and(|authorizer| authorizer.function == function);
    if !api.authorizers.keys().any(|name| is_its(name)) {
        return None;
    }
    let routes = api
        .routes
        .iter()
        .filter(|(_, route)| route.authorizer().is_some_and(|name| is_its(name)))
        .map(|(key, route)| Route {
            method: &key.method,
            path: &key.path,
            scopes: route.scopes.iter().map(String::as_str).collect(),
            audience: api.audience(route),
        })
        .collect();
    serde_json::to_string(&Document { routes }).ok()
}
