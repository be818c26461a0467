//! The members of a request's JSON body, taken one by one, so that what is not implemented is refused by name.

use std::fmt::Display;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::call::Error;

/// A request's JSON members. Whoever reads one takes it; [`Members::finish`] refuses what nobody took.
pub(super) struct Members {
    operation: &'static str,
    members: Map<String, Value>,
}

impl Members {
    /// Parses the body of `operation`; an empty body has no members.
    pub(super) fn parse(operation: &'static str, body: &[u8]) -> Result<Self, Error> {
        let members = if body.is_empty() { Ok(Map::new()) } else { serde_json::from_slice(body) }
            .map_err(|error| Error::new(400, "SerializationException", format!("the request is no JSON: {error}")))?;
        Ok(Self { operation, members })
    }

    /// Takes a member; `null` is absent.
    pub(super) fn take<T: DeserializeOwned>(&mut self, name: &str) -> Result<Option<T>, Error> {
        match self.members.remove(name) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => serde_json::from_value(value)
                .map(Some)
                .map_err(|error| Error::new(400, "SerializationException", format!("{name}: {error}"))),
        }
    }

    /// Takes a member that has to be there.
    pub(super) fn require<T: DeserializeOwned>(&mut self, name: &str) -> Result<T, Error> {
        self.take(name)?.ok_or_else(|| {
            let member = name[..1].to_ascii_lowercase() + &name[1..];
            let message = format!(
                "1 validation error detected: Value null at '{member}' failed to satisfy constraint: Member must not be null"
            );
            Error::new(400, "ValidationException", message)
        })
    }

    /// Takes a structure's members.
    pub(super) fn nested(&mut self, name: &str) -> Result<Option<Self>, Error> {
        Ok(self.take(name)?.map(|members| Self { operation: self.operation, members }))
    }

    /// Takes a member whose only value here is none at all: absent, null, false, an empty text, list or structure.
    pub(super) fn refuse(&mut self, name: &str) -> Result<(), Error> {
        match self.members.remove(name) {
            Some(value) if !is_empty(&value) => Err(self.not_implemented(name)),
            Some(_) | None => Ok(()),
        }
    }

    /// Refuses, by name, a member that nobody took.
    pub(super) fn finish(self) -> Result<(), Error> {
        match self.members.iter().find(|(_, value)| !is_empty(value)) {
            Some((name, _)) => Err(self.not_implemented(name)),
            None => Ok(()),
        }
    }

    fn not_implemented(&self, name: &str) -> Error {
        Error::not_implemented(&format!("the member {name} of lambda:{}", self.operation))
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Bool(true) | Value::Number(_) => false,
        Value::String(text) => text.is_empty(),
        Value::Array(values) => values.is_empty(),
        Value::Object(members) => members.values().all(is_empty),
    }
}

/// What is wrong with a request, collected: AWS names all of it in one answer.
#[derive(Debug, Default)]
pub(super) struct Violations(Vec<String>);

impl Violations {
    /// Notes that `member`'s `value` does not satisfy `constraint`, unless it is `ok`.
    pub(super) fn check(&mut self, ok: bool, member: &str, value: impl Display, constraint: &str) {
        if !ok {
            self.0.push(format!("Value '{value}' at '{member}' failed to satisfy constraint: {constraint}"));
        }
    }

    /// `ValidationException` with all that was noted.
    pub(super) fn finish(self) -> Result<(), Error> {
        let count = self.0.len();
        if count == 0 {
            return Ok(());
        }
        let errors = if count == 1 { "error" } else { "errors" };
        let message = format!("{count} validation {errors} detected: {}", self.0.join("; "));
        Err(Error::new(400, "ValidationException", message))
    }
}

/// The commonest refusal: `InvalidParameterValueException`.
pub(super) fn invalid(message: impl Into<String>) -> Error {
    Error::new(400, "InvalidParameterValueException", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_that_nobody_took_is_refused_by_name() {
        let members = Members::parse("CreateFunction", br#"{"TenancyConfig":{"Mode":"PER_TENANT"}}"#).expect("JSON");
        let error = members.finish().expect_err("an unknown member");
        assert_eq!(error.code, "NotImplemented");
        assert!(error.message.contains("TenancyConfig of lambda:CreateFunction"), "{}", error.message);
    }

    #[test]
    fn an_empty_structure_is_no_wish() {
        let body = br#"{"VpcConfig":{"SubnetIds":[],"SecurityGroupIds":[],"Ipv6AllowedForDualStack":false}}"#;
        let mut members = Members::parse("CreateFunction", body).expect("JSON");
        assert_eq!(members.refuse("VpcConfig"), Ok(()));
    }

    #[test]
    fn all_violations_are_in_one_message() {
        let mut violations = Violations::default();
        violations.check(false, "timeout", 0, "Member must have value greater than or equal to 1");
        violations.check(false, "memorySize", 1, "Member must have value greater than or equal to 128");
        let message = violations.finish().expect_err("two violations").message;
        assert!(message.starts_with("2 validation errors detected: Value '0' at 'timeout'"), "{message}");
    }
}
