//! Functions that invoke functions, and that call services: the API's stage tells them versions and addresses, each in a
//! variable of its own.

use std::collections::BTreeMap;

use super::Finding;
use crate::scope;
use crate::stack::Stack;

/// Characters of the name of a stage's variable, and variables of a stage (API Gateway's quotas).
const NAME_LIMIT: usize = 64;
const VARIABLES_LIMIT: usize = 100;
/// Variables that the stage has beside those: the base URL, the issuer, and CORS's two.
const OWN: usize = 4;

pub(super) fn check(stack: &Stack) -> Vec<Finding> {
    let mut findings = Vec::new();
    // By variable: the function or service that it is of, and where that is bound.
    let mut first: BTreeMap<String, (&String, [&str; 4])> = BTreeMap::new();
    for (name, function) in &stack.functions {
        for (section, bound) in
            [("functions", !function.functions.is_empty()), ("services", !function.services.is_empty())]
        {
            if stack.api.is_none() && bound {
                findings.push(untold(name, section));
            }
        }
        let functions = function.functions.keys().map(|other| ("functions", other, scope::function_variable(other)));
        let services = function.services.iter().map(|other| ("services", other, scope::service_variable(other)));
        for (section, other, variable) in functions.chain(services) {
            let path = ["functions", name, section, other];
            if let Some((same, bound)) = first.get(&variable) {
                if *same != other {
                    findings.push(set_twice(&variable, &path, bound));
                }
                continue;
            }
            if variable.len() > NAME_LIMIT {
                findings.push(too_long(other, &variable, &path));
            }
            first.insert(variable, (other, path));
            if first.len() == VARIABLES_LIMIT - OWN + 1 {
                findings.push(too_many(&path));
            }
        }
    }
    findings
}

fn untold(name: &str, section: &str) -> Finding {
    let (what, help) = if section == "services" {
        ("where services are", "declare `[api]` with the routes of the stack, or put the address into `environment`")
    } else {
        ("which versions to invoke", "declare `[api]` with the routes of the stack")
    };
    Finding::of_key(
        &["functions", name, section],
        format!("nothing tells `{name}` {what}: the API's stage does, and there is no API"),
        help,
    )
    .needs(&["api"])
}

fn set_twice(variable: &str, path: &[&str], bound: &[&str]) -> Finding {
    let what = if path.get(2) == Some(&"services") { "services" } else { "functions" };
    Finding::of_name(
        path,
        format!("the stage's variable `{variable}` would be set twice"),
        format!("give one of the two {what} another name"),
    )
    .beside(bound, "bound here first")
}

fn too_long(other: &str, variable: &str, path: &[&str]) -> Finding {
    Finding::of_name(
        path,
        format!(
            "the stage's variable for `{other}` would have a name of {} characters, and API Gateway takes {NAME_LIMIT}",
            variable.len()
        ),
        format!("give it a name of at most {} characters", NAME_LIMIT - (variable.len() - other.len())),
    )
}

fn too_many(path: &[&str]) -> Finding {
    Finding::of_name(
        path,
        format!("a stage has {VARIABLES_LIMIT} variables at most, and this would be one more"),
        format!("bind functions and services, {} at most in all", VARIABLES_LIMIT - OWN),
    )
}
