//! Services by name, and routes that a signature opens.

use super::Finding;
use super::authorizer::reaches;
use crate::stack::{Guard, RouteKey, Stack};

pub(super) fn check(stack: &Stack) -> Vec<Finding> {
    let mut findings: Vec<Finding> = two_of_a_name(stack).collect();
    findings.extend(reserved_authorizer(stack));
    for (name, function) in &stack.functions {
        for service in &function.services {
            findings.extend(without_routes(stack, name, service));
        }
        findings.extend(leaks(stack, name));
    }
    findings
}

/// A name would lead to two places.
fn two_of_a_name(stack: &Stack) -> impl Iterator<Item = Finding> {
    let both = stack.services.keys().filter(|name| stack.functions.contains_key(*name));
    both.map(|name| {
        Finding::of_name(
            &["services", name],
            format!("`{name}` is a function of the stack, and a service by that name already"),
            "give one of the two another name",
        )
        .beside(&["functions", name], "the function")
    })
}

fn reserved_authorizer(stack: &Stack) -> Option<Finding> {
    let api = stack.api.as_ref().filter(|api| api.authorizers.contains_key(Guard::IAM))?;
    let guarded = api.routes.iter().find(|(_, route)| route.is_signed()).map(|(key, _)| key.to_string());
    let finding = Finding::of_name(
        &["api", "authorizers", Guard::IAM],
        format!("`{}` on a route means a signed request, whatever is declared here", Guard::IAM),
        "give the authorizer another name",
    );
    Some(match guarded {
        Some(key) => finding.beside(&["api", "routes", &key], "such a route"),
        None => finding,
    })
}

fn without_routes(stack: &Stack, name: &str, service: &str) -> Option<Finding> {
    let is_function = stack.functions.contains_key(service) && !stack.services.contains_key(service);
    (stack.api.is_some() && is_function && !stack.leads_to(service)).then(|| {
        Finding::of_name(
            &["functions", name, "services", service],
            format!("no route leads to the function `{service}`: there is nothing to call at the API"),
            format!("add a route, or bind it by `functions = {{ {service} = \"invoke\" }}`"),
        )
        .needs(&["api", "routes"])
        .needs(&["functions", service])
    })
}

/// A grant of a route has `*` for each variable of its path, and `*` crosses `/`: it must not open a signed route of a
/// service that the function does not name.
fn leaks(stack: &Stack, name: &str) -> Vec<Finding> {
    let Some((function, api)) = stack.functions.get(name).zip(stack.api.as_ref()) else { return Vec::new() };
    let is_granted = |other: &str| function.services.contains(other);
    let others: Vec<&RouteKey> = api
        .routes
        .iter()
        .filter(|(_, route)| route.is_signed() && !route.backend.function().is_some_and(|of| is_granted(of)))
        .map(|(key, _)| key)
        .collect();
    let granted =
        function.services.iter().flat_map(|service| stack.signed_routes(service).map(move |key| (service, key)));
    let leak = |(service, key): (&String, &RouteKey)| {
        let reached = others.iter().find(|other| reaches(key, other))?;
        let finding = Finding::of_name(
            &["functions", name, "services", service],
            format!(
                "the right to call `{key}` is the right to call `{reached}` too: in a policy a variable is `*`, which crosses `/`"
            ),
            "move one of the two routes to a path that the other's `*` does not reach, or name the other service too",
        );
        Some(finding.beside(&["api", "routes", &reached.to_string()], "would be reached").needs(&["api", "routes"]))
    };
    granted.filter_map(leak).collect()
}
