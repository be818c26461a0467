//! ARNs: the engine knows one region, `dynoxide`; callers see the cloud's own.

use serde_json::Value;

use crate::ACCOUNT;
use crate::call::Error;

const ENGINE: &str = "arn:aws:dynamodb:dynoxide:000000000000:";
const ENGINE_KEYS: &str = "arn:aws:kms:dynoxide:000000000000:";

/// The ARNs of one region.
#[derive(Clone, Debug)]
pub(super) struct Arns {
    region: String,
    /// `arn:aws:dynamodb:eu-west-1:000000000000:`
    prefix: String,
}

impl Arns {
    pub(super) fn of(region: &str) -> Self {
        Self { region: region.to_owned(), prefix: format!("arn:aws:dynamodb:{region}:{ACCOUNT}:") }
    }

    /// The ARN of a table.
    pub(super) fn table(&self, name: &str) -> String {
        format!("{}table/{name}", self.prefix)
    }

    /// An ARN of the engine as callers see it.
    pub(super) fn visible(&self, arn: &str) -> String {
        arn.strip_prefix(ENGINE).map_or_else(|| arn.to_owned(), |rest| format!("{}{rest}", self.prefix))
    }

    /// `TableName` may be the table's ARN.
    pub(super) fn table_by_name(&self, body: &mut Value) {
        let name = body.get("TableName").and_then(Value::as_str);
        let name = name.and_then(|arn| arn.strip_prefix(&self.prefix)?.strip_prefix("table/")).map(str::to_owned);
        if let Some(name) = name {
            body["TableName"] = name.into();
        }
    }

    /// Puts the engine's region into a request's ARNs.
    pub(super) fn hide(&self, body: &mut Value) {
        replace(body, &self.prefix, ENGINE);
    }

    /// Puts the cloud's region into an answer's ARNs.
    pub(super) fn show(&self, operation: &str, body: &mut Value) {
        if operation != "GetRecords" {
            replace(body, ENGINE_KEYS, &self.prefix.replace("dynamodb", "kms"));
            return replace(body, ENGINE, &self.prefix);
        }
        // A record's images hold items, which may have any text.
        for record in body["Records"].as_array_mut().into_iter().flatten() {
            record["awsRegion"] = self.region.as_str().into();
        }
    }

    /// Puts the cloud's region into an error's text.
    pub(super) fn in_error(&self, error: Error) -> Error {
        Error { message: error.message.replace(ENGINE, &self.prefix), ..error }
    }
}

fn replace(value: &mut Value, from: &str, to: &str) {
    match value {
        Value::String(text) => {
            if let Some(rest) = text.strip_prefix(from) {
                *text = format!("{to}{rest}");
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| replace(item, from, to)),
        Value::Object(members) => members.values_mut().for_each(|member| replace(member, from, to)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
