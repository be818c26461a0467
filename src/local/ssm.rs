//! SSM Parameter Store.

use std::path::Path;

use crate::call::{Error, Operation, Request, Response, Service};

/// SSM Parameter Store.
pub(crate) struct Ssm;

impl Service for Ssm {
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

impl Ssm {
    /// Opens the state in `dir`.
    pub(crate) fn open(_dir: &Path, _region: &str) -> std::io::Result<Self> {
        Ok(Self)
    }
}
