//! Lambda: functions, versions and aliases, and their execution environments.

use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;

use crate::call::{Error, Operation, Request, Response, Service};
use crate::iam::Iam;
use crate::logs::Logs;

/// Lambda: functions, versions and aliases, and their execution environments.
pub(crate) struct Lambda;

impl Service for Lambda {
    fn identify(&self, request: &Request) -> Result<Operation, Error> {
        Err(Error::not_implemented(&request.path))
    }

    async fn call(&self, operation: &Operation, _request: Request) -> Result<Response, Error> {
        Err(Error::not_implemented(&operation.name))
    }

    fn refuse(&self, _error: &Error, _request_id: &str) -> Response {
        Response {
            status: http::StatusCode::NOT_IMPLEMENTED,
            headers: http::HeaderMap::new(),
            body: bytes::Bytes::new(),
        }
    }
}

/// What came of an invocation.
#[derive(Clone, Debug)]
pub(crate) struct Invocation {
    /// The function's answer, or its error document.
    pub(crate) payload: Bytes,
    /// `Unhandled` or `Handled` when the function failed.
    pub(crate) function_error: Option<String>,
    /// The version that ran: a number, or `$LATEST`.
    pub(crate) executed_version: String,
}

impl Lambda {
    /// Opens the state in `dir`. Functions get `endpoint` (`http://127.0.0.1:4567`) as `AWS_ENDPOINT_URL`.
    pub(crate) fn open(
        _dir: &Path,
        _region: &str,
        _endpoint: &str,
        _iam: Arc<Iam>,
        _logs: Arc<Logs>,
    ) -> std::io::Result<Self> {
        Ok(Self)
    }

    /// Invokes a function by ARN, with or without a qualifier, and waits for its answer. Permission is the caller's
    /// business, see [`Lambda::permits`].
    pub(crate) async fn invoke(&self, _arn: &str, _payload: Bytes) -> Result<Invocation, Error> {
        Err(Error::not_implemented("Invoke"))
    }

    /// Whether the function's resource policy lets a service principal (`apigateway.amazonaws.com`) invoke `arn` on
    /// behalf of `source_arn`: for invocations without a role.
    pub(crate) fn permits(&self, _arn: &str, _principal: &str, _source_arn: &str) -> bool {
        false
    }

    /// Stops all execution environments.
    pub(crate) async fn stop(&self) {}
}
