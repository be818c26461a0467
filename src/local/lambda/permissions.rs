//! The resource policies of functions: `AddPermission`, `RemovePermission`, `GetPolicy`, and what they permit.

use serde_json::{Map, Value, json};

use super::Shared;
use super::aliases::no_alias;
use super::members::{Members, Violations, invalid};
use super::name::{self, FunctionName};
use super::route::Route;
use super::state::{Function, check_revision, conflict, not_found};
use crate::ACCOUNT;
use crate::call::{Error, Request};
use crate::wire::request_id as uuid;

/// The largest policy of one qualifier, in bytes.
const MAX_POLICY: usize = 20_480;

impl Shared {
    pub(super) fn add_permission(&self, route: &Route, request: &Request) -> Result<Value, Error> {
        let asked = route.function(&self.region)?;
        if asked.qualifier.as_deref() == Some("$LATEST") {
            return Err(invalid("We currently do not support adding policies for $LATEST."));
        }
        let mut members = Members::parse("AddPermission", &request.body)?;
        let revision: Option<String> = members.take("RevisionId")?;
        let statement = statement(&mut members, &asked.arn(&self.region))?;
        members.finish()?;
        self.state.write(|state| {
            let function = state.function_mut(&asked, &self.region)?;
            let current = self.revision(function, &asked)?;
            check_revision(revision.as_deref(), current)?;
            *current = uuid();
            let statements = function.policies.entry(key(&asked).to_owned()).or_default();
            if statements.iter().any(|existing| existing["Sid"] == statement["Sid"]) {
                return Err(conflict(format!(
                    "The statement id ({}) provided already exists. \
                     Please provide a new statement id, or remove the existing statement.",
                    statement["Sid"].as_str().unwrap_or_default()
                )));
            }
            let answer = json!({ "Statement": statement.to_string() });
            statements.push(statement);
            let size = policy(statements).len();
            if size > MAX_POLICY {
                let message = format!("The final policy size ({size}) is bigger than the limit ({MAX_POLICY}).");
                return Err(Error::new(400, "PolicyLengthExceededException", message));
            }
            Ok(answer)
        })
    }

    pub(super) fn remove_permission(&self, route: &Route) -> Result<(), Error> {
        let asked = route.function(&self.region)?;
        let sid = route.label(1);
        self.state.write(|state| {
            let arn = asked.arn(&self.region);
            let function = state.functions.get_mut(&asked.name);
            let function = function.ok_or_else(|| missing(format!("No policy found for: {arn}")))?;
            self.revision(function, &asked)?;
            let Some(statements) = function.policies.get_mut(key(&asked)) else {
                return Err(missing("No policy is associated with the given resource."));
            };
            let before = statements.len();
            statements.retain(|statement| statement["Sid"] != sid);
            if statements.len() == before {
                return Err(missing(format!("Statement {sid} is not found in resource policy.")));
            }
            if statements.is_empty() {
                function.policies.remove(key(&asked));
            }
            let current = self.revision(function, &asked)?;
            check_revision(route.parameter("RevisionId").as_deref(), current)?;
            *current = uuid();
            Ok(())
        })
    }

    pub(super) fn get_policy(&self, route: &Route) -> Result<Value, Error> {
        let asked = route.function(&self.region)?;
        let mut function = self.state.read(|state| state.function(&asked, &self.region).cloned())?;
        let Some(statements) = function.policies.get(key(&asked)) else {
            return Err(missing("The resource you requested does not exist."));
        };
        Ok(json!({ "Policy": policy(statements), "RevisionId": self.revision(&mut function, &asked)?.as_str() }))
    }

    /// Whether the resource policy of exactly `arn`'s qualifier lets `principal` invoke on behalf of `source_arn`.
    pub(super) fn permits(&self, arn: &str, principal: &str, source_arn: &str) -> bool {
        let Ok(asked) = FunctionName::parse(arn, None, &self.region) else {
            return false;
        };
        self.state.read(|state| {
            let statements = state.functions.get(&asked.name).and_then(|function| function.policies.get(key(&asked)));
            statements.into_iter().flatten().any(|statement| allows(statement, principal, source_arn))
        })
    }

    /// The revision that a change of the qualifier's policy changes: the alias's, the version's or `$LATEST`'s.
    fn revision<'a>(&self, function: &'a mut Function, asked: &FunctionName) -> Result<&'a mut String, Error> {
        let arn = || asked.arn(&self.region);
        match asked.qualifier.as_deref() {
            None | Some("$LATEST") => Ok(&mut function.latest.revision_id),
            Some(alias) if name::is_alias(alias) => {
                function.aliases.get_mut(alias).map(|alias| &mut alias.revision_id).ok_or_else(|| no_alias(&arn()))
            }
            Some(version) => version
                .parse()
                .ok()
                .and_then(|number: u64| function.versions.get_mut(&number))
                .map(|version| &mut version.configuration.revision_id)
                .ok_or_else(|| not_found(&arn())),
        }
    }
}

fn missing(message: impl Into<String>) -> Error {
    Error::new(404, "ResourceNotFoundException", message)
}

/// Where the policy of a qualifier is kept: the unqualified function's as `$LATEST`.
fn key(asked: &FunctionName) -> &str {
    asked.qualifier.as_deref().unwrap_or("$LATEST")
}

fn policy(statements: &[Value]) -> String {
    json!({ "Version": "2012-10-17", "Id": "default", "Statement": statements }).to_string()
}

/// The statement that `AddPermission` asks for; `SourceArn` becomes `ArnLike`, whatever it contains.
fn statement(members: &mut Members, arn: &str) -> Result<Value, Error> {
    let sid: String = members.require("StatementId")?;
    let action: String = members.require("Action")?;
    let principal: String = members.require("Principal")?;
    let mut violations = Violations::default();
    let pattern = "Member must satisfy regular expression pattern: ([a-zA-Z0-9-_]+)";
    violations.check(name::is_word(&sid), "statementId", &sid, pattern);
    violations.check(sid.len() <= 100, "statementId", &sid, "Member must have length less than or equal to 100");
    let named = action.strip_prefix("lambda:").is_some_and(|name| name.bytes().all(|byte| byte.is_ascii_alphabetic()));
    let pattern = "Member must satisfy regular expression pattern: (lambda:[*]|lambda:[a-zA-Z]+|[*])";
    violations.check(named || action == "*" || action == "lambda:*", "action", &action, pattern);
    violations.finish()?;
    let mut conditions = Map::new();
    let mut condition = |operator: &str, key: &str, value: Option<String>| {
        if let Some(value) = value {
            conditions.entry(operator).or_insert_with(|| json!({}))[key] = json!(value);
        }
    };
    condition("StringEquals", "lambda:FunctionUrlAuthType", members.take("FunctionUrlAuthType")?);
    condition("StringEquals", "aws:PrincipalOrgID", members.take("PrincipalOrgID")?);
    condition("StringEquals", "AWS:SourceAccount", members.take("SourceAccount")?);
    condition("StringEquals", "lambda:EventSourceToken", members.take("EventSourceToken")?);
    condition("ArnLike", "AWS:SourceArn", members.take("SourceArn")?);
    let principal = principal_of(&principal)?;
    let mut statement =
        json!({ "Sid": sid, "Effect": "Allow", "Principal": principal, "Action": action, "Resource": arn });
    if !conditions.is_empty() {
        statement["Condition"] = Value::Object(conditions);
    }
    Ok(statement)
}

fn principal_of(principal: &str) -> Result<Value, Error> {
    if principal == "*" {
        Ok(json!("*"))
    } else if principal.ends_with(".amazonaws.com") {
        Ok(json!({ "Service": principal }))
    } else if principal.len() == 12 && principal.bytes().all(|byte| byte.is_ascii_digit()) {
        Ok(json!({ "AWS": format!("arn:aws:iam::{principal}:root") }))
    } else if principal.starts_with("arn:aws:iam::") {
        Ok(json!({ "AWS": principal }))
    } else {
        Err(invalid("The provided principal was invalid. Please check the principal and try again."))
    }
}

/// Whether a statement lets a service principal invoke on behalf of `source_arn`.
fn allows(statement: &Value, principal: &str, source_arn: &str) -> bool {
    let principals = &statement["Principal"];
    let account = source_arn.split(':').nth(4).filter(|account| !account.is_empty()).unwrap_or(ACCOUNT);
    let holds = |operator: &str, key: &str, value: &Value| match (operator, key, value.as_str()) {
        ("ArnLike", "AWS:SourceArn", Some(pattern)) => arn_like(pattern, source_arn),
        ("StringEquals", "AWS:SourceAccount", Some(wanted)) => wanted == account,
        // A service's call carries none of the other keys, so a condition on them is not met.
        (_, _, _) => false,
    };
    let conditions = statement["Condition"].as_object().into_iter().flatten();
    (principals == "*" || principals["Service"] == principal)
        && matches!(statement["Action"].as_str(), Some("lambda:InvokeFunction" | "lambda:*" | "*"))
        && conditions
            .flat_map(|(operator, keys)| {
                keys.as_object().into_iter().flatten().map(move |(key, value)| (operator, key, value))
            })
            .all(|(operator, key, value)| holds(operator, key, value))
}

/// `ArnLike`: each of the six parts of an ARN matches by itself, with `*` and `?`.
fn arn_like(pattern: &str, arn: &str) -> bool {
    let (patterns, parts) = (pattern.splitn(6, ':'), arn.splitn(6, ':'));
    patterns.clone().count() == parts.clone().count()
        && patterns.zip(parts).all(|(pattern, part)| like(pattern.as_bytes(), part.as_bytes()))
}

fn like(pattern: &[u8], text: &[u8]) -> bool {
    match (pattern, text) {
        ([], []) => true,
        ([b'*', rest @ ..], _) => (0..=text.len()).any(|skipped| like(rest, &text[skipped..])),
        ([b'?', rest @ ..], [_, text @ ..]) => like(rest, text),
        ([wanted, rest @ ..], [byte, text @ ..]) => wanted == byte && like(rest, text),
        ([], [_, ..]) | ([_, ..], []) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STAGE: &str = "arn:aws:execute-api:eu-west-1:000000000000:a1/v1/GET/memos";

    fn allowed(source: &str) -> bool {
        let body = json!({
            "StatementId": "gateway", "Action": "lambda:InvokeFunction", "Principal": "apigateway.amazonaws.com",
            "SourceArn": source,
        });
        let mut members = Members::parse("AddPermission", body.to_string().as_bytes()).expect("JSON");
        let statement = statement(&mut members, "arn:aws:lambda:eu-west-1:000000000000:function:memo").expect("valid");
        allows(&statement, "apigateway.amazonaws.com", STAGE)
    }

    #[test]
    fn a_source_arn_may_have_wildcards() {
        assert!(allowed("arn:aws:execute-api:eu-west-1:000000000000:a1/*/GET/memos"));
        assert!(allowed("arn:aws:execute-api:*:*:a1/*"));
    }

    #[test]
    fn another_apis_source_arn_permits_nothing() {
        assert!(!allowed("arn:aws:execute-api:eu-west-1:000000000000:b2/*"));
    }

    #[test]
    fn a_wildcard_does_not_reach_into_the_next_part() {
        assert!(!allowed("arn:aws:execute-api:*:a1/*"));
    }
}
