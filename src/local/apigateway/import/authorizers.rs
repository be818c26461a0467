//! Security schemes that are Lambda authorizers, and request validators.

use std::collections::BTreeMap;

use super::Import;
use super::document::{self, SecurityScheme, Validator};
use crate::apigateway::backend;
use crate::apigateway::definition::{Authorizer, AuthorizerType, RequestValidator};
use crate::apigateway::expression::Expression;
use crate::apigateway::model::new_id;
use crate::call::Error;

impl Import<'_> {
    /// Makes the authorizers. One of a name that the API had keeps its id.
    pub(super) fn authorizers(&mut self, schemes: &BTreeMap<String, SecurityScheme>) -> Result<(), Error> {
        for (name, scheme) in schemes {
            let Some(authorizer) = &scheme.authorizer else { continue };
            let place = format!("the security scheme {name}");
            match serde_json::from_value(authorizer.clone()) {
                Ok(authorizer) => self.authorizer(name, scheme, authorizer)?,
                Err(error) => self.errors.push(format!("Invalid x-amazon-apigateway-authorizer in {place}: {error}")),
            }
        }
        Ok(())
    }

    fn authorizer(&mut self, name: &str, scheme: &SecurityScheme, new: document::Authorizer) -> Result<(), Error> {
        let place = format!("the security scheme {name}");
        let kind = match new.kind.to_lowercase().as_str() {
            "token" => AuthorizerType::Token,
            "request" => AuthorizerType::Request,
            other => {
                self.refuse(&place, &format!("authorizers of type {other}"));
                return Ok(());
            }
        };
        if scheme.kind != "apiKey" {
            self.errors.push(format!("An authorizer needs a scheme of type apiKey, not {}, in {place}", scheme.kind));
        }
        let uri = new.authorizer_uri.unwrap_or_default();
        if let Err(problem) = backend::function_arn(&uri) {
            self.errors.push(format!("Invalid authorizerUri in {place}: {problem}"));
        }
        let ttl = new.authorizer_result_ttl_in_seconds;
        if ttl.is_some_and(|seconds| seconds > 3600) {
            self.errors.push(format!("Authorizer result TTL must be between 0 and 3600 seconds in {place}"));
        }
        let source = match kind {
            AuthorizerType::Token => new
                .identity_source
                .or_else(|| scheme.name.as_ref().map(|header| format!("method.request.header.{header}"))),
            AuthorizerType::Request => new.identity_source,
        };
        self.identity_source(&place, kind, source.as_deref(), ttl);
        if let Some(Err(error)) = new.identity_validation_expression.as_deref().map(regex_lite::Regex::new) {
            self.errors.push(format!("Invalid identityValidationExpression in {place}: {error}"));
        }
        let before = self.before.authorizers.values().find(|authorizer| authorizer.name == name);
        let id = before.map_or_else(|| new_id(6), |authorizer| Ok(authorizer.id.clone()))?;
        self.made.authorizers.insert(
            id.clone(),
            Authorizer {
                id,
                name: name.to_owned(),
                kind,
                auth_type: scheme.authtype.clone(),
                authorizer_uri: uri,
                authorizer_credentials: new.authorizer_credentials,
                identity_source: source,
                identity_validation_expression: new.identity_validation_expression,
                authorizer_result_ttl_in_seconds: ttl,
            },
        );
        Ok(())
    }

    fn identity_source(&mut self, place: &str, kind: AuthorizerType, source: Option<&str>, ttl: Option<u32>) {
        let Some(source) = source.filter(|source| !source.is_empty()) else {
            if kind == AuthorizerType::Token || ttl != Some(0) {
                self.errors.push(format!("Identity source is required when caching is enabled, in {place}"));
            }
            return;
        };
        for part in source.split(',') {
            let known = match Expression::parse(part) {
                Some(Expression::Header(_)) => true,
                Some(Expression::Query(_) | Expression::Context(_) | Expression::StageVariable(_)) => {
                    kind == AuthorizerType::Request
                }
                Some(Expression::Constant(_) | Expression::Path(_)) | None => false,
            };
            if !known {
                self.errors.push(format!("Invalid identity source {} in {place}", part.trim()));
            }
        }
    }

    /// Makes the request validators. One of a name that the API had keeps its id.
    pub(super) fn validators(&mut self, validators: BTreeMap<String, Validator>) -> Result<(), Error> {
        for (name, new) in validators {
            let before = self.before.validators.values().find(|validator| validator.name == name);
            let id = before.map_or_else(|| new_id(6), |validator| Ok(validator.id.clone()))?;
            self.made.validators.insert(
                id.clone(),
                RequestValidator {
                    id,
                    name,
                    validate_request_body: new.validate_request_body,
                    validate_request_parameters: new.validate_request_parameters,
                },
            );
        }
        Ok(())
    }
}
