//! CloudWatch Logs: groups, streams and events.

use std::path::Path;

use crate::call::{Error, Operation, Request, Response, Service};

/// CloudWatch Logs: groups, streams and events.
pub(crate) struct Logs;

impl Service for Logs {
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

/// One log event: milliseconds since the epoch, and the line.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Event {
    pub(crate) timestamp: i64,
    pub(crate) message: String,
}

impl Logs {
    /// Opens the state in `dir`.
    pub(crate) fn open(_dir: &Path, _region: &str) -> std::io::Result<Self> {
        Ok(Self)
    }

    /// Appends `events` to a stream, making the stream (not the group) when absent: what Lambda's own log delivery
    /// does. `Err` when there is no such group.
    pub(crate) fn deliver(&self, _group: &str, _stream: &str, _events: Vec<Event>) -> Result<(), Error> {
        Err(Error::not_implemented("log delivery"))
    }
}
