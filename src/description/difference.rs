//! Where a description and `stack.toml` do not say the same.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Serialize, Serializer};

use super::access::Access;
use crate::stack::{Api, Guard, Route, RouteKey};

/// One thing in which a description and `stack.toml` differ.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Difference {
    /// A route that the description lacks.
    Undescribed { route: RouteKey },
    /// An operation that `stack.toml` does not route.
    Unrouted { operation: RouteKey },
    /// Who may call it: what the description has as `security`, and what it would have to be.
    Security { operation: RouteKey, described: String, wanted: String },
    /// An authorizer without a security scheme of its name.
    Scheme { authorizer: String },
    /// A `$ref` that leads nowhere in the document.
    Dangling { reference: String },
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Undescribed { route } => write!(f, "`{route}` is a route of the stack, and not described"),
            Self::Unrouted { operation } => write!(f, "`{operation}` is described, and no route of the stack"),
            Self::Security { operation, described, wanted } => {
                write!(f, "`{operation}` is described with `security: {described}`; by the stack it is {wanted}")
            }
            Self::Scheme { authorizer } => {
                write!(f, "the authorizer `{authorizer}` has no security scheme of its name in `components`")
            }
            Self::Dangling { reference } => write!(f, "`$ref: {reference}` leads to nothing in the document"),
        }
    }
}

impl Serialize for Difference {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The differences between the `described` operations and the routes of `api`.
pub(super) fn routes(described: &BTreeMap<RouteKey, Access>, api: &Api) -> Vec<Difference> {
    let mut differences = Vec::new();
    let mut met = BTreeSet::new();
    for (operation, access) in described {
        let Some((key, route)) = routed(operation, api) else {
            differences.push(Difference::Unrouted { operation: operation.clone() });
            continue;
        };
        met.insert(key);
        let wanted = Access::of(route);
        if *access != wanted {
            let (operation, described) = (operation.clone(), access.to_string());
            differences.push(Difference::Security { operation, described, wanted: wanted.to_string() });
        }
    }
    // What a service answers is the service's own to describe.
    let missing = api.routes.iter().filter(|(key, route)| !met.contains(key) && route.backend.service().is_none());
    differences.extend(missing.map(|(route, _)| Difference::Undescribed { route: route.clone() }));
    differences
}

/// The route that answers `operation`: that of its method, or of any; else that of a service to which all paths below go.
fn routed<'a>(operation: &RouteKey, api: &'a Api) -> Option<(&'a RouteKey, &'a Route)> {
    let of = |method: &str, leads: &dyn Fn(&RouteKey, &Route) -> bool| {
        api.routes.iter().find(|(key, route)| key.method == method && leads(key, route))
    };
    let same = |key: &RouteKey, _: &Route| described_path(&key.path) == operation.path;
    let below = |key: &RouteKey, route: &Route| {
        let above = key.path.strip_suffix("+}").and_then(|path| path.rsplit_once('{')).map(|(above, _)| above);
        route.backend.service().is_some()
            && above.is_some_and(|above| operation.path.len() > above.len() && operation.path.starts_with(above))
    };
    let any = |leads: &dyn Fn(&RouteKey, &Route) -> bool| of(&operation.method, leads).or_else(|| of("ANY", leads));
    any(&same).or_else(|| any(&below))
}

/// A route's path as OpenAPI writes it, which has no variables that take the rest of a path.
fn described_path(path: &str) -> String {
    path.replace("+}", "}")
}

/// The authorizers of `api` that no scheme is named after, `iam` among them where a described route is a signed one.
pub(super) fn schemes<'a>(described: impl Iterator<Item = &'a str>, api: &Api) -> Vec<Difference> {
    let described: BTreeSet<&str> = described.collect();
    let signed = api.routes.values().any(|route| route.is_signed() && route.backend.service().is_none());
    let iam = signed.then_some(Guard::IAM);
    let missing = api.authorizers.keys().map(String::as_str).chain(iam).filter(|name| !described.contains(name));
    missing.map(|name| Difference::Scheme { authorizer: name.to_owned() }).collect()
}
