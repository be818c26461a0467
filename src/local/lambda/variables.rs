//! A function's own environment variables: their names and their size.

use std::collections::BTreeMap;

use super::members::{Violations, invalid};
use crate::call::Error;

/// The environment's limit, as compact JSON, in bytes.
const MAX_ENVIRONMENT: usize = 4096;
/// The variables that Lambda sets itself (Developer Guide, "Defined runtime environment variables").
const RESERVED: &[&str] = &[
    "_HANDLER",
    "_X_AMZN_TRACE_ID",
    "AWS_DEFAULT_REGION",
    "AWS_REGION",
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_LAMBDA_RUNTIME_API",
    "LAMBDA_TASK_ROOT",
    "LAMBDA_RUNTIME_DIR",
];
/// Checks the names' form.
pub(super) fn check_names(variables: &BTreeMap<String, String>, violations: &mut Violations) {
    for name in variables.keys() {
        let mut bytes = name.bytes();
        let valid = bytes.next().is_some_and(|byte| byte.is_ascii_alphabetic())
            && name.len() > 1
            && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        let pattern = "Map keys must satisfy constraint: [Member must satisfy regular expression pattern: [a-zA-Z]([a-zA-Z0-9_])+]";
        let reserved = RESERVED.contains(&name.as_str());
        violations.check(valid || reserved, "environment.variables", format!("{{{name}}}"), pattern);
    }
}

/// Refuses names that are Lambda's own, and more than 4 KB.
pub(super) fn check(variables: &BTreeMap<String, String>) -> Result<(), Error> {
    const UNABLE: &str = "Lambda was unable to configure your environment variables because the environment variables \
                          you have provided";
    let reserved: Vec<&str> = variables.keys().map(String::as_str).filter(|name| RESERVED.contains(name)).collect();
    if !reserved.is_empty() {
        let reserved = reserved.join(", ");
        return Err(invalid(format!(
            "{UNABLE} contains reserved keys that are currently not supported for modification. \
             Reserved keys used in this request: {reserved}"
        )));
    }
    let measured = serde_json::to_string(variables).unwrap_or_default();
    if measured.len() > MAX_ENVIRONMENT {
        return Err(invalid(format!("{UNABLE} exceeded the 4KB limit. String measured: {measured}")));
    }
    Ok(())
}
