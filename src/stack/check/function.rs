//! Functions: bindings that cannot be, environments and policies that AWS would refuse.

use std::collections::BTreeMap;

use super::Finding;
use crate::policy::{self, INLINE_LIMIT};
use crate::scope::{self, GATEWAY, KEYS_GENERATION, Scope};
use crate::stack::{Algorithm, Function, KeyAccess, Stack};

/// Bytes of all variables together, as the JSON object that Lambda measures.
const ENVIRONMENT_LIMIT: usize = 4_096;
/// Prefixes that Lambda keeps for itself.
const RESERVED: [&str; 2] = ["AWS_", "LAMBDA_"];
/// As often as keys may be dropped at once before the variable that tells it is longer than was counted.
const DROPS: u32 = 99_999;

pub(super) fn check(stack: &Stack, scope: &Scope) -> Vec<Finding> {
    let mut findings = reserved_variables(&["environment"], &stack.environment);
    for (name, function) in &stack.functions {
        findings.extend(role_of_the_gateway(name));
        findings.extend(verification_with_a_secret(stack, name, function));
        findings.extend(reserved_variables(&["functions", name, "environment"], &function.environment));
        findings.extend(variables_set_twice(stack, name, function));
        findings.extend(environment_size(stack, scope, (name, function)));
        findings.extend(policy_size(stack, scope, name));
    }
    findings
}

fn role_of_the_gateway(name: &str) -> Option<Finding> {
    (name == GATEWAY).then(|| {
        let message = format!(
            "the function's role would be the one that API Gateway invokes through, which is called `{GATEWAY}`"
        );
        Finding::of_key(
            &["functions", name],
            message,
            "give the function another name, and keep its package with `package`",
        )
    })
}

fn verification_with_a_secret(stack: &Stack, name: &str, function: &Function) -> Vec<Finding> {
    let has_no_public_key =
        |key: &str| stack.signing_keys.get(key).is_some_and(|key| key.algorithm == Algorithm::HS256);
    let verifying = function.signing_keys.iter().filter(|(_, access)| **access == KeyAccess::Verify);
    verifying
        .filter(|(key, _)| has_no_public_key(key))
        .map(|(key, _)| {
            Finding::of_value(
                &["functions", name, "signing_keys", key],
                format!("`{key}` is an HS256 key, which has no public part to verify with"),
                "take `sign`, which gives the function the secret, or make the key an `EdDSA` key",
            )
            .needs(&["signing_keys", key])
        })
        .collect()
}

/// Those of the `environment` at `place`.
fn reserved_variables(place: &[&str], environment: &BTreeMap<String, String>) -> Vec<Finding> {
    let reserved = environment.keys().filter(|variable| RESERVED.iter().any(|prefix| variable.starts_with(prefix)));
    let own = environment.keys().filter(|variable| *variable == KEYS_GENERATION);
    let own =
        own.map(|variable| (variable, format!("memoctl keeps the variable `{variable}` for dropped signing keys")));
    let lambdas = reserved.map(|variable| {
        (variable, format!("Lambda keeps the names of variables that start with `AWS_` or `LAMBDA_`: `{variable}`"))
    });
    let findings = lambdas.chain(own).map(|(variable, message)| {
        let path: Vec<&str> = place.iter().copied().chain([variable.as_str()]).collect();
        Finding::of_key(&path, message, "give the variable another name")
    });
    findings.collect()
}

/// `a-b` and `a_b` are different names, but one variable. A function's own takes the place of the stack's, and is none
/// twice.
fn variables_set_twice(stack: &Stack, name: &str, function: &Function) -> Vec<Finding> {
    let at = |section, key| vec!["functions", name, section, key];
    let own = function.environment.keys().map(|variable| (variable.clone(), at("environment", variable)));
    let shared = stack.environment.keys().filter(|variable| !function.environment.contains_key(*variable));
    let shared = shared.map(|variable| (variable.clone(), vec!["environment", variable]));
    let tables = function.tables.keys().map(|table| (scope::table_variable(table), at("tables", table)));
    let keys = function.signing_keys.keys().map(|key| (scope::signing_key_variable(key), at("signing_keys", key)));
    let mut first: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    let mut findings = Vec::new();
    for (variable, path) in tables.chain(keys).chain(own).chain(shared) {
        if let Some(other) = first.get(&variable) {
            let message = format!("the environment variable `{variable}` would be set twice");
            findings.push(
                Finding::of_key(&path, message, "give one of the two another name").beside(other, "set here first"),
            );
        } else {
            first.insert(variable, path);
        }
    }
    findings
}

fn environment_size(stack: &Stack, scope: &Scope, (name, function): (&str, &Function)) -> Option<Finding> {
    let mut environment = stack.environment(function, scope);
    if !function.signing_keys.is_empty() {
        // What it is to say one day: see `resource::function`.
        let dropped: Vec<String> = function.signing_keys.keys().map(|key| format!("{key}={DROPS}")).collect();
        environment.insert(KEYS_GENERATION.to_owned(), dropped.join(","));
    }
    let size = serde_json::to_string(&environment).unwrap_or_default().len();
    (size > ENVIRONMENT_LIMIT).then(|| {
        Finding::of_key(
            &["functions", name, "environment"],
            format!(
                "the environment is {size} bytes, and Lambda takes {ENVIRONMENT_LIMIT}, those for all functions and of the \
                 bindings included"
            ),
            "move what is large into a table, or into the function's package",
        )
    })
}

fn policy_size(stack: &Stack, scope: &Scope, name: &str) -> Option<Finding> {
    // An API's id has ten characters.
    let size = scope.resolved_methods(&policy::function_policy(stack, scope, name).render(), "0123456789").len();
    (size > INLINE_LIMIT).then(|| {
        Finding::of_key(
            &["functions", name],
            format!("its policy would have {size} characters, and IAM takes {INLINE_LIMIT} for a role"),
            "bind fewer tables, signing keys and functions to one function",
        )
    })
}
