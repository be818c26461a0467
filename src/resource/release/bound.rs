//! The functions that others invoke, and the services that they call: variables of the stage name versions and addresses,
//! so that all that a release serves invokes and calls what it was released with, and no function is another one because
//! one that it invokes is, or because a service has moved.
//!
//! In what is wanted a variable says `memo-prod-memo@<digest>`, and on the stage, where a version has the number that
//! Lambda has made up, `memo-prod-memo:7`. API Gateway takes no `@` in a variable, so nothing there looks symbolic.

use std::collections::BTreeMap;

use super::{Deployment, Release};
use crate::aws::{Aws, Directory, Error};
use crate::digest::Digest;
use crate::openapi::{Functions, Table};
use crate::plan::Id;
use crate::resource::Kind as _;
use crate::resource::function::Function;
use crate::scope::{FUNCTION_VARIABLES, SERVICE_VARIABLES, SYMBOLIC_API, Scope, function_variable, service_variable};
use crate::stack::{FunctionAccess, Stack};

/// The stage's variables, by their names.
pub type Variables = BTreeMap<String, String>;

/// The variables that tell functions of `stack` which versions they invoke; `targets` are those of the release.
pub(super) fn wanted<'a>(stack: &'a Stack, targets: &'a Functions) -> impl Iterator<Item = (String, String)> + 'a {
    let bound = stack.functions.values().flat_map(|function| &function.functions);
    bound.filter_map(|(name, FunctionAccess::Invoke)| {
        let (function, digest) = targets.get(name)?;
        Some((function_variable(name), symbol(function, digest)))
    })
}

/// The variables that tell functions of `stack` where the services answer that they name.
pub(super) fn services<'a>(stack: &'a Stack, scope: &'a Scope) -> impl Iterator<Item = (String, String)> + 'a {
    let bound = stack.functions.values().flat_map(|function| &function.services);
    bound.filter_map(|name| Some((service_variable(name), stack.service(name, scope)?)))
}

fn symbol(function: &str, digest: &Digest) -> String {
    format!("{function}@{digest}")
}

/// The function and the version that the variable `name` names symbolically.
fn parse<'a>(name: &str, value: &'a str) -> Option<(&'a str, Digest)> {
    let (function, digest) = value.split_once('@').filter(|_| name.starts_with(FUNCTION_VARIABLES))?;
    Some((function, Digest::parse(digest)?))
}

/// The functions and the versions that `variables` name.
pub(super) fn versions(variables: &Variables) -> impl Iterator<Item = (&str, Digest)> {
    variables.iter().filter_map(|(name, value)| parse(name, value))
}

/// By what a release is known: the API that it serves, the versions that are invoked beside those, and where the services
/// answer that are called, so that each can be gone back to.
pub fn identity(table: &Table, variables: &Variables) -> Digest {
    let bound: BTreeMap<&str, Digest> = versions(variables).collect();
    // Where the API itself answers is nothing of a release's own: a cloud on another port is none.
    let own = |value: &String| variables.get("base_url") == Some(value);
    let called = variables.iter().filter(|(name, _)| name.starts_with(SERVICE_VARIABLES));
    let called: BTreeMap<&str, &str> =
        called.map(|(name, value)| (&**name, if own(value) { SYMBOLIC_API } else { value })).collect();
    match (bound.is_empty(), called.is_empty()) {
        (true, true) => table.digest(),
        (false, true) => Digest::of(&(table.digest(), bound)),
        (_, false) => Digest::of(&(table.digest(), bound, called)),
    }
}

impl Deployment {
    /// The deployment of a release of `table` by a stage with `variables`.
    pub(super) fn of(table: &Table, variables: &Variables) -> Self {
        Self::Ours { api: identity(table, variables), authorizers: Digest::of(&table.authorizers) }
    }
}

/// `variables` as they were read, with the numbers of versions replaced by what those are, where `directory` knows them.
pub(super) fn resolved(variables: Variables, directory: &Directory) -> Variables {
    let digest = |value: &str| {
        let (function, number) = value.split_once(':')?;
        let digest = directory.versions(function)?.get(&number.parse().ok()?).cloned()?;
        Some(symbol(function, &digest))
    };
    let variables = variables.into_iter().map(|(name, value)| {
        let symbol = if name.starts_with(FUNCTION_VARIABLES) { digest(&value) } else { None };
        (name, symbol.unwrap_or(value))
    });
    variables.collect()
}

/// `variables` with other versions, where `digest` gives one.
pub(super) fn repinned(variables: Variables, digest: impl Fn(&str) -> Option<Digest>) -> Variables {
    let variables = variables.into_iter().map(|(name, value)| {
        let version = parse(&name, &value).and_then(|(function, _)| Some(symbol(function, &digest(function)?)));
        (name, version.unwrap_or(value))
    });
    variables.collect()
}

impl Release {
    /// Its variables as functions see them.
    pub fn variables_on_stage(&self, aws: &Aws) -> Result<Variables, Error> {
        let api = self.api_id(aws)?;
        let variable = |(name, value): (&String, &String)| Ok((name.clone(), self.on_stage(name, value, &api, aws)?));
        self.variables.iter().map(variable).collect()
    }

    /// What the variable `name` is on the stage of the API `api`: with the API's id, or the number of a version, in place
    /// of what stands for it.
    pub(super) fn on_stage(&self, name: &str, value: &str, api: &str, aws: &Aws) -> Result<String, Error> {
        let Some((function, digest)) = parse(name, value) else {
            return self.with_edge(aws.scope.resolved(value, api), aws);
        };
        let number = aws.directory.version(function, &digest).ok_or_else(|| {
            let cause = format!("the version {digest} of function/{function}, which others invoke, is not published");
            Error::refused("release", &self.id(), cause).hint("deploy again, which publishes it")
        })?;
        Ok(format!("{function}:{number}"))
    }

    /// The functions that others invoke by it.
    pub(super) fn invoked(&self) -> impl Iterator<Item = Id> {
        versions(&self.variables).map(|(function, _)| Id::new(Function::KIND, function))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest() -> Digest {
        Digest::of(&"memo")
    }

    fn variables(value: &str) -> Variables {
        [("function_memo", value), ("base_url", "https://x.example:7")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into()
    }

    fn directory() -> Directory {
        let directory = Directory::default();
        directory.put_versions("memo-prod-memo", [(7, digest())].into());
        directory
    }

    #[test]
    fn a_version_that_is_read_is_known_by_what_it_is() {
        let read = resolved(variables("memo-prod-memo:7"), &directory());
        assert_eq!(read, variables(&symbol("memo-prod-memo", &digest())));
        assert_eq!(versions(&read).collect::<Vec<_>>(), [("memo-prod-memo", digest())]);
    }

    fn identity_with(variables: &[(&str, &str)]) -> Digest {
        let table = Table {
            title: String::new(),
            description: String::new(),
            routes: BTreeMap::new(),
            authorizers: BTreeMap::new(),
            responses: BTreeMap::new(),
            validators: BTreeMap::new(),
            binary_media_types: std::collections::BTreeSet::new(),
        };
        let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        identity(&table, &variables.collect())
    }

    #[test]
    fn a_release_is_known_by_the_addresses_that_it_calls_but_for_that_of_its_own_api() {
        let (one, other) = (("service_legacy", "https://one.example"), ("service_legacy", "https://other.example"));
        assert_ne!(identity_with(&[one]), identity_with(&[other]));
        assert_ne!(identity_with(&[one]), identity_with(&[]));
        let at = |base| [("base_url", base), ("service_auth", base)];
        assert_eq!(identity_with(&at("http://127.0.0.1:1")), identity_with(&at("http://127.0.0.1:2")));
        assert_ne!(identity_with(&at("http://127.0.0.1:1")), identity_with(&[("base_url", "http://127.0.0.1:1")]));
        assert_eq!(identity_with(&[("issuer", "https://one.example")]), identity_with(&[]));
    }

    #[test]
    fn what_is_no_version_that_is_there_is_read_as_it_is() {
        for value in ["memo-prod-memo:8", "memo-prod-memo", "memo-prod-memo:live", "another:7", "x"] {
            assert_eq!(resolved(variables(value), &directory()), variables(value));
        }
    }

    #[test]
    fn another_version_of_a_function_takes_the_place_of_the_one_before() {
        let afresh = Digest::of(&"afresh");
        let before = variables(&symbol("memo-prod-memo", &digest()));
        let after = repinned(before.clone(), |name| (name == "memo-prod-memo").then(|| afresh.clone()));
        assert_eq!(after, variables(&symbol("memo-prod-memo", &afresh)));
        assert_eq!(repinned(before.clone(), |_| None), before);
    }
}
