//! What every service takes and gives: a request off the wire, a response, an error in AWS's form.

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};

use crate::ACCOUNT;

/// Who makes a call, told from the access key of the request's signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caller {
    /// The person at the machine: allowed everything, as the account's administrator.
    Developer,
    /// A session of a role, as `sts:AssumeRole` makes it: allowed what the role's policies allow.
    Role {
        /// `arn:aws:iam::000000000000:role/path/name`
        role_arn: String,
        /// The session's name: for a function's credentials the function's name.
        session: String,
    },
}

impl Caller {
    /// The caller's ARN: of a role's session `arn:aws:sts::000000000000:assumed-role/NAME/SESSION`, without the role's
    /// path.
    pub fn arn(&self) -> String {
        match self {
            Self::Developer => format!("arn:aws:iam::{ACCOUNT}:user/developer"),
            Self::Role { role_arn, session } => {
                let name = role_arn.rsplit('/').next().unwrap_or_default();
                format!("arn:aws:sts::{ACCOUNT}:assumed-role/{name}/{session}")
            }
        }
    }
}

/// One HTTP request to an AWS API, read whole.
#[derive(Clone, Debug)]
pub struct Request {
    /// The request's id, which its answer carries as `x-amzn-RequestId`.
    pub id: String,
    pub method: Method,
    /// The path as sent, still percent-encoded.
    pub path: String,
    /// The query string as sent, without `?`; empty when absent.
    pub query: String,
    pub headers: HeaderMap,
    pub body: Bytes,
    /// The region of the request's signature.
    pub region: String,
    pub caller: Caller,
}

/// One HTTP response of an AWS API.
#[derive(Clone, Debug)]
pub struct Response {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

/// An error in AWS's terms; each protocol renders it in its own form.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {message}")]
pub struct Error {
    pub status: u16,
    /// As on the wire: `ResourceNotFoundException`, `NoSuchEntity`.
    pub code: String,
    pub message: String,
    /// `Type` of Lambda's and API Gateway's errors (`User` or `Service`), and other members beside the message.
    pub members: Vec<(&'static str, serde_json::Value)>,
}

impl Error {
    /// An error with `status`, `code` and `message` and no further members.
    pub fn new(status: u16, code: &str, message: impl Into<String>) -> Self {
        Self { status, code: code.to_owned(), message: message.into(), members: Vec::new() }
    }

    /// The refusal of what the local cloud does not do: `what` names the operation or the member.
    pub fn not_implemented(what: &str) -> Self {
        Self::new(501, "NotImplemented", format!("the local cloud does not implement {what}"))
    }
}

/// What a request asks for, told before it is carried out: for the count of calls and for the IAM check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    /// AWS's name: `CreateFunction`.
    pub name: String,
    /// Whether it can change anything.
    pub mutates: bool,
    /// The permissions that a role needs for it, all of them: action (`lambda:GetFunction`) and resource ARN (or `*`).
    pub needs: Vec<(String, String)>,
}

/// An AWS service of the local cloud: one module each.
pub(crate) trait Service: Send + Sync {
    /// Tells what `request` asks for. An operation that is not implemented is refused here, by name.
    fn identify(&self, request: &Request) -> Result<Operation, Error>;

    /// Carries out `operation`, which [`Service::identify`] found in `request`, and the caller may do.
    fn call(&self, operation: &Operation, request: Request) -> impl Future<Output = Result<Response, Error>> + Send;

    /// Renders `error` as the service's protocol does, with `request_id`.
    fn refuse(&self, error: &Error, request_id: &str) -> Response;
}
