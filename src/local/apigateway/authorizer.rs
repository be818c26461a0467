//! Lambda authorizers: `TOKEN` and `REQUEST`.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use regex_lite::Regex;
use serde::Deserialize;
use serde_json::Value;

use super::ApiGateway;
use super::authorization::{Policy, Verdict};
use super::backend::Backend;
use super::definition::{self, AuthorizerType};
use super::event;
use super::exchange::{Authorization, Exchange};
use super::expression::Expression;
use super::failure::Failure;
use super::gateway_response::{ACCESS_DENIED, AUTHORIZER_CONFIGURATION_ERROR, AUTHORIZER_FAILURE, Type, UNAUTHORIZED};
use super::model::Strings;
use crate::ACCOUNT;
use crate::lambda::Invocation;

/// The integration's default limit; AWS does not document another for authorizers.
const TIMEOUT: Duration = Duration::from_secs(29);

/// How long answers are cached when the authorizer does not say.
const DEFAULT_TTL: u32 = 300;

/// An authorizer of a deployment, compiled.
#[derive(Debug)]
pub(super) struct Authorizer {
    id: String,
    kind: AuthorizerType,
    sources: Vec<Expression>,
    validation: Option<Regex>,
    ttl: Duration,
    backend: Backend,
}

/// What an authorizer answered.
#[derive(Debug)]
pub(super) struct Grant {
    pub(super) principal: String,
    /// In the order of the names.
    pub(super) context: Strings,
    policy: Policy,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Answer {
    principal_id: Value,
    policy_document: Value,
    #[serde(default)]
    context: Option<std::collections::BTreeMap<String, Value>>,
    #[serde(rename = "usageIdentifierKey")]
    _usage_identifier_key: Option<String>,
}

impl Grant {
    /// `$context.authorizer.<name>`
    pub(super) fn variable(&self, name: &str) -> Option<&str> {
        if name == "principalId" { Some(&self.principal) } else { self.context.get(name).map(String::as_str) }
    }

    /// One that grants nothing.
    #[cfg(test)]
    pub(super) fn none() -> Self {
        Self { principal: String::new(), context: Strings::new(), policy: Policy::default() }
    }
}

impl Authorizer {
    pub(super) fn compile(authorizer: &definition::Authorizer, variables: &Strings) -> Self {
        let sources = authorizer.identity_source.as_deref().unwrap_or_default().split(',');
        let validation = authorizer.identity_validation_expression.as_deref();
        let ttl = authorizer.authorizer_result_ttl_in_seconds.unwrap_or(DEFAULT_TTL);
        Self {
            id: authorizer.id.clone(),
            kind: authorizer.kind,
            sources: sources.filter_map(Expression::parse).collect(),
            validation: validation.and_then(|expression| Regex::new(expression).ok()),
            ttl: Duration::from_secs(ttl.into()),
            backend: Backend::new(&authorizer.authorizer_uri, authorizer.authorizer_credentials.as_deref(), variables),
        }
    }

    /// Whether `exchange`'s caller may go on, asking the cache first. A missing identity source is told without a call.
    pub(super) async fn authorize(
        &self,
        gateway: &ApiGateway,
        exchange: &Exchange<'_>,
    ) -> Result<Authorization, Failure> {
        let sources = self.sources.iter().map(|source| exchange.value(source).filter(|value| !value.is_empty()));
        let identity: Vec<Cow<'_, str>> = sources.collect::<Option<_>>().ok_or_else(unauthorized)?;
        if let (Some(expression), Some(token)) = (&self.validation, identity.first())
            && !is_whole_match(expression, token)
        {
            return Err(unauthorized());
        }
        let method_arn = exchange.method_arn();
        let key = format!("{}\u{1f}{}", self.id, identity.join("\u{1f}"));
        let cached = if self.ttl.is_zero() { None } else { exchange.served.cache.get(&key, exchange.start) };
        let authorization = if let Some(grant) = cached {
            Authorization { grant, latency: 0, request_id: None }
        } else {
            let token = identity.first().map(|token| &**token).unwrap_or_default();
            let (grant, request_id) = self.ask(gateway, exchange, (token, &method_arn)).await?;
            let grant = Arc::new(grant);
            if !self.ttl.is_zero() {
                exchange.served.cache.put(key, Arc::clone(&grant), (Instant::now(), self.ttl));
            }
            Authorization { grant, latency: exchange.start.elapsed().as_millis(), request_id: Some(request_id) }
        };
        match authorization.grant.policy.verdict(&method_arn) {
            Verdict::Allow => Ok(authorization),
            Verdict::Deny => Err(denied("User is not authorized to access this resource with an explicit deny")),
            Verdict::Silent => Err(denied("User is not authorized to access this resource")),
        }
    }

    /// What the authorizer answers, and the request id of its invocation.
    async fn ask(
        &self,
        gateway: &ApiGateway,
        exchange: &Exchange<'_>,
        (token, method_arn): (&str, &str),
    ) -> Result<(Grant, String), Failure> {
        let event = match self.kind {
            AuthorizerType::Token => event::token(token, method_arn),
            AuthorizerType::Request => event::request(exchange, method_arn),
        };
        let source_arn = || {
            let (region, api) = (&exchange.served.region, &exchange.served.api);
            format!("arn:aws:execute-api:{region}:{ACCOUNT}:{api}/authorizers/{}", self.id)
        };
        match tokio::time::timeout(TIMEOUT, self.backend.invoke(gateway, event, source_arn)).await {
            Err(_) => Err(failed(AUTHORIZER_FAILURE)),
            Ok(Err(_)) => Err(failed(AUTHORIZER_CONFIGURATION_ERROR)),
            Ok(Ok(invocation)) => Ok((read(&invocation)?, invocation.request_id)),
        }
    }
}

fn read(invocation: &Invocation) -> Result<Grant, Failure> {
    if invocation.function_error.is_some() {
        let error: Value = serde_json::from_slice(&invocation.payload).unwrap_or_default();
        // The one text that means the caller and not the authorizer.
        let refused = error.get("errorMessage").and_then(Value::as_str) == Some("Unauthorized");
        return Err(if refused { unauthorized() } else { failed(AUTHORIZER_FAILURE) });
    }
    grant(&invocation.payload).ok_or_else(|| failed(AUTHORIZER_CONFIGURATION_ERROR))
}

fn grant(payload: &[u8]) -> Option<Grant> {
    let answer: Answer = serde_json::from_slice(payload).ok()?;
    let principal = scalar(&answer.principal_id)?;
    let context = answer.context.unwrap_or_default().into_iter().filter(|(_, value)| !value.is_null());
    let context = context.map(|(name, value)| Some((name, scalar(&value)?))).collect::<Option<_>>()?;
    Some(Grant { principal, context, policy: Policy::parse(&answer.policy_document)? })
}

/// Text, a number or a truth value as text; objects and arrays are not allowed.
fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

fn is_whole_match(expression: &Regex, token: &str) -> bool {
    expression.find(token).is_some_and(|found| found.range() == (0..token.len()))
}

fn unauthorized() -> Failure {
    Failure::new(UNAUTHORIZED, "Unauthorized")
}

fn denied(message: &'static str) -> Failure {
    Failure::new(ACCESS_DENIED, message)
}

/// The authorizer's own trouble, of which clients are told nothing.
fn failed(kind: Type) -> Failure {
    Failure { kind, status: None, message: None, validation: None, by_iam: false }
}
