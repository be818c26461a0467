//! S3, on the wire layer of the crate s3s.

use std::path::Path;

use crate::call::{Error, Operation, Request, Response, Service};

/// S3, on the wire layer of the crate s3s.
pub(crate) struct S3;

impl Service for S3 {
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

impl S3 {
    /// Opens the state in `dir`.
    pub(crate) fn open(_dir: &Path) -> std::io::Result<Self> {
        Ok(Self)
    }
}
