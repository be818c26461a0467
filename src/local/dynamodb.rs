//! DynamoDB, on the crate dynoxide-rs.

use std::path::Path;

use crate::call::{Error, Operation, Request, Response, Service};

/// DynamoDB, on the crate dynoxide-rs.
pub(crate) struct DynamoDb;

impl Service for DynamoDb {
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

impl DynamoDb {
    /// Opens the state in `dir`.
    pub(crate) fn open(_dir: &Path) -> std::io::Result<Self> {
        Ok(Self)
    }
}
