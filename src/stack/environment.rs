//! What a function finds in its environment, and what the API asks.

use std::collections::{BTreeMap, BTreeSet};

use super::{Api, Function, Stack};
use crate::scope::{self, Scope};

impl Stack {
    /// The environment of `function` as deployed: the stack's, its own over that, and where its tables and signing keys
    /// are.
    pub fn environment(&self, function: &Function, scope: &Scope) -> BTreeMap<String, String> {
        let tables = function.tables.keys().map(|name| (scope::table_variable(name), scope.table(name)));
        let keys =
            function.signing_keys.keys().map(|name| (scope::signing_key_variable(name), scope.signing_key(name)));
        let given = self.environment.clone().into_iter().chain(function.environment.clone());
        given.chain(tables).chain(keys).collect()
    }
}

impl Api {
    /// The functions that routes and authorizers name.
    pub fn functions(&self) -> BTreeSet<&str> {
        let routes = self.routes.values().filter_map(|route| route.backend.function()).map(String::as_str);
        routes.chain(self.authorizers.values().map(|authorizer| authorizer.function.as_str())).collect()
    }
}
