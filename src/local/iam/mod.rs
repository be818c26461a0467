//! IAM: roles and their policies, and the evaluation of a call against them.

use std::path::Path;

use crate::call::{Caller, Error, Operation, Request, Response, Service};

/// IAM: roles and their policies, and the evaluation of a call against them.
pub(crate) struct Iam;

impl Service for Iam {
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

/// Temporary credentials of a role's session, as a function finds them in its environment.
#[derive(Clone, Debug)]
pub(crate) struct Credentials {
    pub(crate) access_key_id: String,
    pub(crate) secret_access_key: String,
    pub(crate) session_token: String,
}

impl Iam {
    /// Opens the state in `dir`.
    pub(crate) fn open(_dir: &Path) -> std::io::Result<Self> {
        Ok(Self)
    }

    /// Makes a session of a role for a service principal (`lambda.amazonaws.com`), if the role's trust policy allows it.
    ///
    /// `None` when there is no such role, or it does not trust the principal.
    pub(crate) fn assume(&self, _role_arn: &str, _principal: &str, _session: &str) -> Option<Credentials> {
        None
    }

    /// Who signed a call, told from its access key: a role's session when [`Iam::assume`] gave that key out.
    ///
    /// `Err` when the key looks like a session's (`ASIA...`) and is not known.
    pub(crate) fn caller(&self, _access_key_id: &str) -> Result<Caller, Error> {
        Ok(Caller::Developer)
    }

    /// Checks that `caller` may do `action` on `resource`; the error has AWS's words, which name all three.
    pub(crate) fn authorize(&self, _caller: &Caller, action: &str, _resource: &str) -> Result<(), Error> {
        Err(Error::not_implemented(action))
    }
}
