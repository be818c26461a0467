//! The members of requests on tables that the engine honours. It would pass over others in silence, so they are
//! refused by name.

use serde_json::Value;

use super::invalid;
use crate::call::Error;

const CREATE: &[&str] = &[
    "TableName",
    "AttributeDefinitions",
    "KeySchema",
    "GlobalSecondaryIndexes",
    "LocalSecondaryIndexes",
    "BillingMode",
    "ProvisionedThroughput",
    "OnDemandThroughput",
    "StreamSpecification",
    "SSESpecification",
    "TableClass",
    "Tags",
    "DeletionProtectionEnabled",
];

const UPDATE: &[&str] = &[
    "TableName",
    "AttributeDefinitions",
    "GlobalSecondaryIndexUpdates",
    "BillingMode",
    "ProvisionedThroughput",
    "OnDemandThroughput",
    "StreamSpecification",
    "TableClass",
    "DeletionProtectionEnabled",
];

/// Checks the members of `body`, the request of `operation`.
pub(super) fn check(operation: &str, body: &Value) -> Result<(), Error> {
    let known = match operation {
        "CreateTable" => CREATE,
        "UpdateTable" => UPDATE,
        "ListStreams" => return check_limit(body),
        _ => return Ok(()),
    };
    let stranger =
        body.as_object().into_iter().flat_map(|members| members.keys()).find(|name| !known.contains(&name.as_str()));
    match stranger {
        Some(name) => Err(Error::not_implemented(&format!("the member {name} of dynamodb:{operation}"))),
        None => Ok(()),
    }
}

/// A page of streams has 1 to 100.
fn check_limit(body: &Value) -> Result<(), Error> {
    let limit = &body["Limit"];
    let bound = match limit.as_i64() {
        Some(..1) => "greater than or equal to 1",
        Some(101..) => "less than or equal to 100",
        Some(1..=100) | None => return Ok(()),
    };
    let rule = format!("failed to satisfy constraint: Member must have value {bound}");
    Err(invalid(&format!("1 validation error detected: Value '{limit}' at 'limit' {rule}")))
}
