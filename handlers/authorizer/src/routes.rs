//! Which scopes and audiences open which routes: `routes.json`, which memoctl puts beside the binary.

use std::collections::BTreeSet;

use jwt::Claims;
use serde::Deserialize;

/// The routes under this authorizer.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Routes {
    routes: Vec<Route>,
}

/// One route.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Route {
    pub(crate) method: String,
    /// `/v1/memos/{id}`
    pub(crate) path: String,
    /// Any one of these opens the route; without any, every valid token does.
    scopes: BTreeSet<String>,
    /// The service's own name: what of it follows the issuer (`/v1/memos`); empty for the issuer itself.
    #[serde(default)]
    audience: String,
}

impl Route {
    /// The audience that a token of `issuer` has to name for the route.
    fn audience(&self, issuer: &str) -> String {
        format!("{issuer}{}", self.audience)
    }
}

impl Routes {
    /// Reads `routes.json`.
    pub fn parse(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }

    /// The audiences of all routes, for tokens of `issuer`.
    pub(crate) fn audiences(&self, issuer: &str) -> BTreeSet<String> {
        self.routes.iter().map(|route| route.audience(issuer)).collect()
    }

    /// The routes that the token of `claims` opens: those of an audience that it names and of a scope that it holds.
    pub(crate) fn opened_by(&self, claims: &Claims) -> impl Iterator<Item = &Route> {
        let held: BTreeSet<_> = claims.scopes().collect();
        let is_open = move |scopes: &BTreeSet<String>| {
            scopes.is_empty() || scopes.iter().any(|scope| held.contains(scope.as_str()))
        };
        self.routes
            .iter()
            .filter(move |route| claims.aud.contains(&route.audience(&claims.iss)) && is_open(&route.scopes))
    }
}
