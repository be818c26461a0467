//! One request on its way through the gateway: what `$context`, mapping expressions and events tell of it.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Instant;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;

use super::DataRequest;
use super::authorizer::Grant;
use super::expression::Expression;
use super::failure::Failure;
use super::media_type::header;
use super::served::{Resource, Served};
use super::signed::Signer;
use crate::ACCOUNT;
use crate::wire;

/// Names and values of a query string.
pub(super) type Pairs<'a> = Vec<(Cow<'a, str>, Cow<'a, str>)>;

/// A request, and what is known of it so far.
pub(super) struct Exchange<'a> {
    pub(super) served: &'a Served,
    pub(super) request: &'a DataRequest,
    /// After the stage, as sent.
    pub(super) path: &'a str,
    /// Decoded.
    pub(super) query: Pairs<'a>,
    /// The resource, and the path's variables as sent.
    pub(super) target: Option<(&'a Resource, Vec<(&'a str, &'a str)>)>,
    pub(super) authorization: Option<Authorization>,
    pub(super) signer: Option<Signer>,
    pub(super) failure: Option<Failure>,
    pub(super) outcome: Outcome,
    pub(super) request_id: String,
    pub(super) extended_request_id: String,
    pub(super) trace_id: String,
    pub(super) time: Timestamp,
    pub(super) start: Instant,
}

/// What an authorizer granted, and how long it took: 0 ms from the cache.
pub(super) struct Authorization {
    pub(super) grant: Arc<Grant>,
    pub(super) latency: u128,
    /// Of its invocation; from the cache there is none.
    pub(super) request_id: Option<String>,
}

/// What access logs tell of the answer.
#[derive(Default)]
pub(super) struct Outcome {
    pub(super) status: u16,
    pub(super) length: usize,
    /// Milliseconds, once an integration was called.
    pub(super) integration_latency: Option<u128>,
    /// Of the invocation, once the integration's function has run.
    pub(super) integration_request_id: Option<String>,
}

impl<'a> Exchange<'a> {
    pub(super) fn new(served: &'a Served, path: &'a str, request: &'a DataRequest) -> Self {
        let mut random = [0; 23];
        // Ids only tell requests apart in logs, so a machine without randomness still answers.
        let _ = getrandom::fill(&mut random);
        let time = Timestamp::now();
        Self {
            served,
            request,
            path,
            query: form_urlencoded::parse(request.query.as_bytes()).collect(),
            target: None,
            authorization: None,
            signer: None,
            failure: None,
            outcome: Outcome::default(),
            request_id: wire::request_id(),
            extended_request_id: STANDARD.encode(&random[..11]),
            trace_id: format!("Root=1-{:08x}-{}", time.as_second(), wire::hex(&random[11..])),
            time,
            start: Instant::now(),
        }
    }

    /// The value of `expression`; of what a request may repeat, the last.
    pub(super) fn value(&self, expression: &'a Expression) -> Option<Cow<'_, str>> {
        match expression {
            Expression::Constant(text) => Some(text.into()),
            Expression::Header(name) => self
                .request
                .headers
                .get_all(name)
                .iter()
                .next_back()
                .and_then(|value| value.to_str().ok())
                .map(Into::into),
            Expression::Query(name) => {
                self.query.iter().rfind(|(key, _)| key == name).map(|(_, value)| (&**value).into())
            }
            Expression::Path(name) => {
                let (_, parameters) = self.target.as_ref()?;
                parameters.iter().find(|(key, _)| key == name).map(|(_, value)| (*value).into())
            }
            Expression::StageVariable(name) => self.served.variables.get(name).map(Into::into),
            Expression::Context(name) => self.context(name),
        }
    }

    /// `$context.<name>`
    /// <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-variables-for-access-logging.html>
    fn context(&self, name: &str) -> Option<Cow<'_, str>> {
        let resource = self.target.as_ref().map(|(resource, _)| resource);
        Some(match name {
            "accountId" => ACCOUNT.into(),
            "apiId" | "domainPrefix" => (&self.served.api).into(),
            "deploymentId" => (&self.served.deployment).into(),
            "domainName" => self.domain_name().into(),
            "extendedRequestId" => (&self.extended_request_id).into(),
            "httpMethod" => self.request.method.as_str().into(),
            "identity.accessKey" => (&self.signer.as_ref()?.access_key).into(),
            "identity.accountId" => self.signer.as_ref().map(|_| ACCOUNT)?.into(),
            "identity.caller" | "identity.user" => (&self.signer.as_ref()?.id).into(),
            "identity.userArn" => (&self.signer.as_ref()?.arn).into(),
            "identity.sourceIp" => self.request.source_ip.to_string().into(),
            "identity.userAgent" => header(&self.request.headers, http::header::USER_AGENT)?.into(),
            "path" => self.stage_path().into(),
            "protocol" => "HTTP/1.1".into(),
            "requestId" => (&self.request_id).into(),
            "requestTime" => self.request_time().into(),
            "requestTimeEpoch" => self.time.as_millisecond().to_string().into(),
            "resourceId" => (&resource?.id).into(),
            "resourcePath" => (&resource?.path).into(),
            "stage" => (&self.served.stage).into(),
            "status" => self.outcome.status.to_string().into(),
            "responseLength" => self.outcome.length.to_string().into(),
            "responseLatency" => self.start.elapsed().as_millis().to_string().into(),
            "integration.requestId" | "awsEndpointRequestId" => {
                (self.outcome.integration_request_id.as_deref()?).into()
            }
            "authorizer.requestId" => self.authorization.as_ref()?.request_id.as_deref()?.into(),
            "integrationLatency" | "integration.latency" => self.outcome.integration_latency?.to_string().into(),
            "xrayTraceId" => (&self.trace_id).into(),
            _ => {
                if let Some(name) = name.strip_prefix("error.") {
                    return self.failure.as_ref()?.variable(name);
                }
                let grant = &self.authorization.as_ref()?.grant;
                grant.variable(name.strip_prefix("authorizer.")?)?.into()
            }
        })
    }

    /// Whether the request is signed, or has to be: its `Authorization` goes no further.
    /// <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html>
    pub(super) fn is_signed(&self) -> bool {
        let authorization = header(&self.request.headers, http::header::AUTHORIZATION);
        self.signer.is_some()
            || authorization.is_some_and(|authorization| authorization.starts_with("AWS4-HMAC-SHA256"))
    }

    /// The host that the client called.
    pub(super) fn domain_name(&self) -> &str {
        header(&self.request.headers, http::header::HOST).unwrap_or_default()
    }

    /// The path with the stage.
    pub(super) fn stage_path(&self) -> String {
        format!("/{}{}", self.served.stage, self.path)
    }

    /// `10/Jul/2024:12:28:36 +0000`
    pub(super) fn request_time(&self) -> String {
        self.time.strftime("%d/%b/%Y:%H:%M:%S +0000").to_string()
    }

    /// `arn:aws:execute-api:region:account:api/stage/GET/path`: what an authorizer's policy speaks of.
    pub(super) fn method_arn(&self) -> String {
        let Served { api, stage, region, .. } = self.served;
        format!("arn:aws:execute-api:{region}:{ACCOUNT}:{api}/{stage}/{}{}", self.request.method, self.path)
    }
}
