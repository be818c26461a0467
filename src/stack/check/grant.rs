//! Functions that invoke functions: the API's stage tells them the versions, each in a variable of its own.

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
    // By variable: the function that it is of, and where that is bound.
    let mut first: BTreeMap<String, (&String, [&str; 4])> = BTreeMap::new();
    for (name, function) in &stack.functions {
        if stack.api.is_none() && !function.functions.is_empty() {
            findings.push(untold(name));
        }
        for other in function.functions.keys() {
            let (path, variable) = (["functions", name, "functions", other], scope::function_variable(other));
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

fn untold(name: &str) -> Finding {
    Finding::of_key(
        &["functions", name, "functions"],
        format!("nothing tells `{name}` which versions to invoke: the API's stage does, and there is no API"),
        "declare `[api]` with the routes of the stack",
    )
    .needs(&["api"])
}

fn set_twice(variable: &str, path: &[&str], bound: &[&str]) -> Finding {
    Finding::of_name(
        path,
        format!("the stage's variable `{variable}` would be set twice"),
        "give one of the two functions another name",
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
        format!("give the function a name of at most {} characters", NAME_LIMIT - scope::FUNCTION_VARIABLES.len()),
    )
}

fn too_many(path: &[&str]) -> Finding {
    Finding::of_name(
        path,
        format!("a stage has {VARIABLES_LIMIT} variables at most, and this would be one more"),
        format!("bind functions to at most {} others in all", VARIABLES_LIMIT - OWN),
    )
}
