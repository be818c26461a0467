//! API Gateway REST APIs: control plane and data plane.

use std::path::Path;
use std::sync::Arc;

use crate::call::{Error, Operation, Request, Response, Service};
use crate::iam::Iam;
use crate::lambda::Lambda;
use crate::logs::Logs;

/// API Gateway REST APIs: control plane and data plane.
pub(crate) struct ApiGateway;

impl Service for ApiGateway {
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

impl ApiGateway {
    /// Opens the state in `dir`.
    pub(crate) fn open(
        _dir: &Path,
        _region: &str,
        _iam: Arc<Iam>,
        _lambda: Arc<Lambda>,
        _logs: Arc<Logs>,
    ) -> std::io::Result<Self> {
        Ok(Self)
    }

    /// The data plane: answers a client's request to `api`'s `stage`; `path` is what follows the stage, with its slash,
    /// percent-encoded as sent.
    pub(crate) async fn execute(&self, _api: &str, _stage: &str, _path: &str, _request: DataRequest) -> Response {
        self.refuse(&Error::not_implemented("execute-api"), "")
    }
}

/// A client's request to a deployed API.
#[derive(Clone, Debug)]
pub(crate) struct DataRequest {
    pub(crate) method: http::Method,
    /// As sent, without `?`.
    pub(crate) query: String,
    pub(crate) headers: http::HeaderMap,
    pub(crate) body: bytes::Bytes,
    pub(crate) source_ip: std::net::IpAddr,
}
