//! Conditions of policy statements: the operators and keys that the local cloud can evaluate. Others are refused by
//! name where a policy is put, so that none is silently taken for true or false.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>

use jiff::Timestamp;
use serde_json::Value;

use super::pattern::{matches, matches_arn};
use crate::ACCOUNT;
use crate::call::Error;

/// One operator, key and its values: `"StringEquals": { "aws:PrincipalAccount": ["000000000000"] }`.
#[derive(Clone, Debug)]
pub(super) struct Condition {
    operator: Operator,
    /// Whether `IfExists` follows the operator: true when the key is absent.
    if_exists: bool,
    key: Key,
    values: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    /// The comparison, and whether it is negated.
    Compare(Comparison, bool),
    Null,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comparison {
    Equal,
    EqualIgnoringCase,
    Like,
    Arn,
    Bool,
    Before,
    NotAfter,
    After,
    NotBefore,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Key {
    PrincipalArn,
    PrincipalAccount,
    ResourceAccount,
    SourceAccount,
    PrincipalIsAwsService,
    SourceArn,
    SecureTransport,
    CurrentTime,
}

/// What is known of a call.
#[derive(Clone, Debug)]
pub(super) struct Context {
    principal_arn: Option<String>,
    resource_account: Option<String>,
    by_service: bool,
    /// The resource on whose behalf a service calls.
    source_arn: Option<String>,
}

impl Context {
    /// A call of a role's session on `resource`.
    pub(super) fn of_role(principal_arn: &str, resource: &str) -> Self {
        let account = resource.split(':').nth(4).filter(|account| !account.is_empty()).unwrap_or(ACCOUNT);
        Self {
            principal_arn: Some(principal_arn.to_owned()),
            resource_account: Some(account.to_owned()),
            by_service: false,
            source_arn: None,
        }
    }

    /// A call of an AWS service on behalf of a resource of the account, which it may name.
    pub(super) fn of_service(source_arn: Option<&str>) -> Self {
        Self {
            principal_arn: None,
            resource_account: Some(ACCOUNT.to_owned()),
            by_service: true,
            source_arn: source_arn.map(str::to_owned),
        }
    }

    /// A request that nobody signed.
    pub(super) fn of_nobody() -> Self {
        Self { principal_arn: None, resource_account: Some(ACCOUNT.to_owned()), by_service: false, source_arn: None }
    }

    fn value(&self, key: Key) -> Option<String> {
        match key {
            Key::PrincipalArn => self.principal_arn.clone(),
            Key::PrincipalAccount => self.principal_arn.as_ref().map(|_| ACCOUNT.to_owned()),
            Key::ResourceAccount => self.resource_account.clone(),
            Key::SourceAccount => self.by_service.then(|| ACCOUNT.to_owned()),
            Key::PrincipalIsAwsService => Some(self.by_service.to_string()),
            Key::SourceArn => self.source_arn.clone(),
            // The way to AWS is TLS, for which loopback stands here.
            Key::SecureTransport => Some(true.to_string()),
            Key::CurrentTime => Some(Timestamp::now().to_string()),
        }
    }
}

impl Condition {
    /// Reads a condition; an operator or key that is not known is refused by name.
    pub(super) fn read(operator: &str, key: &str, values: Vec<Value>) -> Result<Self, Error> {
        let (name, if_exists) = operator.strip_suffix("IfExists").map_or((operator, false), |name| (name, true));
        let parsed = Operator::read(name).filter(|parsed| !(if_exists && *parsed == Operator::Null));
        let operator = parsed.ok_or_else(|| Error::not_implemented(&format!("the condition operator {operator}")))?;
        let known = Key::read(key).ok_or_else(|| Error::not_implemented(&format!("the condition key {key}")))?;
        let values: Vec<_> =
            values.into_iter().map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned)).collect();
        if let Some(value) = values.iter().find(|value| value.contains("${")) {
            return Err(Error::not_implemented(&format!("policy variables (in the condition value {value})")));
        }
        Ok(Self { operator, if_exists, key: known, values })
    }

    /// Whether the condition fixes who may call: such a statement is not public.
    /// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html>
    pub(super) fn fixes_the_caller(&self) -> bool {
        let fixed = |value: &String| !value.is_empty() && !value.contains(['*', '?']);
        let is_plain = matches!(self.operator, Operator::Compare(_, false)) && !self.if_exists;
        let names_callers =
            matches!(self.key, Key::PrincipalArn | Key::PrincipalAccount | Key::SourceAccount | Key::SourceArn);
        is_plain && names_callers && self.values.iter().all(fixed)
    }

    /// Whether the condition holds: a plain operator for one of its values, a negated one for all.
    pub(super) fn holds(&self, context: &Context) -> bool {
        let actual = context.value(self.key);
        match (self.operator, actual) {
            (Operator::Null, actual) => self.values.iter().any(|value| (value == "true") == actual.is_none()),
            (Operator::Compare(_, negated), None) => negated || self.if_exists,
            (Operator::Compare(comparison, negated), Some(actual)) => {
                negated != self.values.iter().any(|value| comparison.holds(value, &actual))
            }
        }
    }
}

impl Operator {
    fn read(name: &str) -> Option<Self> {
        use Comparison::{After, Arn, Before, Bool, Equal, EqualIgnoringCase, Like, NotAfter, NotBefore};
        let (comparison, negated) = match name {
            "StringEquals" | "DateEquals" => (Equal, false),
            "StringNotEquals" | "DateNotEquals" => (Equal, true),
            "StringEqualsIgnoreCase" => (EqualIgnoringCase, false),
            "StringNotEqualsIgnoreCase" => (EqualIgnoringCase, true),
            "StringLike" => (Like, false),
            "StringNotLike" => (Like, true),
            "ArnEquals" | "ArnLike" => (Arn, false),
            "ArnNotEquals" | "ArnNotLike" => (Arn, true),
            "Bool" => (Bool, false),
            "DateLessThan" => (Before, false),
            "DateLessThanEquals" => (NotAfter, false),
            "DateGreaterThan" => (After, false),
            "DateGreaterThanEquals" => (NotBefore, false),
            "Null" => return Some(Self::Null),
            _ => return None,
        };
        Some(Self::Compare(comparison, negated))
    }
}

impl Comparison {
    fn holds(self, value: &str, actual: &str) -> bool {
        let times = || Some((actual.parse::<Timestamp>().ok()?, value.parse::<Timestamp>().ok()?));
        match self {
            Self::Equal => value == actual,
            Self::EqualIgnoringCase | Self::Bool => value.eq_ignore_ascii_case(actual),
            Self::Like => matches(value, actual),
            Self::Arn => matches_arn(value, actual),
            Self::Before => times().is_some_and(|(actual, value)| actual < value),
            Self::NotAfter => times().is_some_and(|(actual, value)| actual <= value),
            Self::After => times().is_some_and(|(actual, value)| actual > value),
            Self::NotBefore => times().is_some_and(|(actual, value)| actual >= value),
        }
    }
}

impl Key {
    /// Keys are told apart without regard to case.
    fn read(name: &str) -> Option<Self> {
        Some(match name.to_ascii_lowercase().as_str() {
            "aws:principalarn" => Self::PrincipalArn,
            "aws:principalaccount" => Self::PrincipalAccount,
            "aws:resourceaccount" => Self::ResourceAccount,
            "aws:sourceaccount" => Self::SourceAccount,
            "aws:principalisawsservice" => Self::PrincipalIsAwsService,
            "aws:sourcearn" => Self::SourceArn,
            "aws:securetransport" => Self::SecureTransport,
            "aws:currenttime" => Self::CurrentTime,
            _ => return None,
        })
    }
}
