//! Services by name: what runs elsewhere, and what the API itself leads to.

use std::collections::BTreeMap;

use serde::Serialize;

use super::declare::{Segment, segments};
use super::{Api, Backend, Route, RouteKey, Stack};
use crate::scope::{SYMBOLIC_API, Scope};

/// `[services.NAME]`: a service that runs elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Endpoint {
    /// Where its paths start: `https://internal.example.com`.
    pub url: String,
}

impl Endpoint {
    /// The URL without a slash at its end, so that a path can follow.
    pub fn base(&self) -> &str {
        self.url.trim_end_matches('/')
    }
}

impl Stack {
    /// Where the service `name` answers, without a slash at the end, the API's id symbolic: of a function that routes lead
    /// to it is the API's base URL. `None` where there is no service of the name.
    pub fn service(&self, name: &str, scope: &Scope) -> Option<String> {
        match self.services.get(name) {
            Some(endpoint) => Some(endpoint.base().to_owned()),
            None => self.leads_to(name).then(|| scope.base_url(SYMBOLIC_API)),
        }
    }

    /// Whether a route leads to the function `name`.
    pub fn leads_to(&self, name: &str) -> bool {
        self.routes_to(name).next().is_some()
    }

    /// The routes to the function `name` that only a signature opens.
    pub fn signed_routes(&self, name: &str) -> impl Iterator<Item = &RouteKey> {
        self.routes_to(name).filter(|(_, route)| route.is_signed()).map(|(key, _)| key)
    }

    fn routes_to(&self, name: &str) -> impl Iterator<Item = (&RouteKey, &Route)> {
        let routes = self.api.iter().flat_map(|api| &api.routes);
        routes.filter(move |(_, route)| route.backend.function().is_some_and(|function| function == name))
    }
}

/// The methods that `ANY` stands for.
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-method-settings-method-request.html>
const METHODS: [&str; 7] = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"];

impl RouteKey {
    /// How a policy names the route, behind the API's stage: `GET/v1/memos/*`. Of `ANY` it names each method by itself: a
    /// star would take the paths of other routes, whose methods it crosses.
    pub fn patterns(&self) -> Vec<String> {
        let methods = if self.method == "ANY" { METHODS.as_slice() } else { &[self.method.as_str()] };
        let path: String = segments(&self.path)
            .map(|segment| match segment {
                Segment::Literal(text) => format!("/{text}"),
                Segment::Variable(_) | Segment::Greedy(_) => "/*".to_owned(),
            })
            .collect();
        let path = if path.is_empty() { "/" } else { &path };
        methods.iter().map(|method| format!("{method}{path}")).collect()
    }
}

impl Api {
    /// Puts the addresses of `services` into the routes that name one. What names none that is there keeps a path alone,
    /// which the check refuses.
    pub(super) fn address(&mut self, services: &BTreeMap<String, Endpoint>) {
        for (key, route) in &mut self.routes {
            let Backend::Service(service) = &mut route.backend else { continue };
            let Some(endpoint) = service.name.as_ref().map(|name| services.get(name)) else { continue };
            if service.url.is_empty() {
                // A part of the path is passed on under the name that the route has for it.
                service.url = key.path.replace("+}", "}");
            }
            if let Some(endpoint) = endpoint {
                service.url.insert_str(0, endpoint.base());
            }
        }
    }
}
