//! Names that lead nowhere.

use std::collections::BTreeSet;

use super::{Finding, keys};
use crate::stack::{Stack, nearest};

pub(super) fn check(stack: &Stack) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (name, function) in &stack.functions {
        let at = |binding: &'static str| move |table: &str| keys(&["functions", name, binding, table]);
        let bound = function.tables.keys().map(|table| (at("tables")(table), table));
        findings.extend(dangling(bound, "table", &["tables"], stack.tables.keys()));
        let bound = function.signing_keys.keys().map(|key| (at("signing_keys")(key), key));
        findings.extend(dangling(bound, "signing key", &["signing_keys"], stack.signing_keys.keys()));
        let bound = function.functions.keys().map(|function| (at("functions")(function), function));
        findings.extend(dangling(bound, "function", &["functions"], stack.functions.keys()));
    }
    findings.extend(services(stack));
    let Some(api) = &stack.api else { return findings };
    let answering = api.routes.iter().filter_map(|(key, route)| {
        Some((keys(&["api", "routes", &key.to_string(), "function"]), route.backend.function()?))
    });
    let asked = api
        .authorizers
        .iter()
        .map(|(name, authorizer)| (keys(&["api", "authorizers", name, "function"]), &authorizer.function));
    let named = api.authorizers.iter().flat_map(|(name, authorizer)| {
        authorizer
            .audiences
            .keys()
            .map(move |function| (keys(&["api", "authorizers", name, "audiences", function]), function))
    });
    findings.extend(dangling(answering.chain(asked).chain(named), "function", &["functions"], stack.functions.keys()));
    let guarded = api.routes.iter().filter_map(|(key, route)| {
        Some((keys(&["api", "routes", &key.to_string(), "authorizer"]), route.authorizer()?))
    });
    findings.extend(dangling(guarded, "authorizer", &["api", "authorizers"], api.authorizers.keys()));
    let leading = api.routes.iter().filter_map(|(key, route)| {
        Some((keys(&["api", "routes", &key.to_string(), "service"]), route.backend.service()?.name.as_ref()?))
    });
    findings.extend(dangling(leading, "service", &["services"], stack.services.keys()));
    findings
}

/// What functions find by name is a service of `[services]`, or a function.
fn services(stack: &Stack) -> Vec<Finding> {
    let known = stack.services.keys().chain(stack.functions.keys());
    let found = stack.functions.iter().flat_map(|(function, of)| {
        of.services.iter().map(move |name| (keys(&["functions", function, "services", name]), name))
    });
    let missing = dangling(found, "service", &["services"], known);
    missing.into_iter().map(|finding| finding.needs(&["functions"])).collect()
}

/// The uses of names that `known` does not have; `section` is where they would be.
fn dangling<'a>(
    uses: impl IntoIterator<Item = (Vec<String>, &'a String)>,
    what: &str,
    section: &[&str],
    known: impl Iterator<Item = &'a String>,
) -> Vec<Finding> {
    let names: BTreeSet<&String> = known.collect();
    let missing = uses.into_iter().filter(|(_, name)| !names.contains(name));
    missing
        .map(|(path, name)| {
            let help = match nearest::nearest(name, names.iter().map(|name| name.as_str())) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("declare it in `[{}.{name}]`", section.join(".")),
            };
            let path: Vec<&str> = path.iter().map(String::as_str).collect();
            // A binding is a key, all other names are values.
            let message = format!("there is no {what} `{name}`");
            let finding = if path.last() == Some(&name.as_str()) {
                Finding::of_name(&path, message, help)
            } else {
                Finding::of_value(&path, message, help)
            };
            finding.needs(section)
        })
        .collect()
}
