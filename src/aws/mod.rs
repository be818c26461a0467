//! AWS as the kinds of resource use it: clients, errors in our terms, and what the server made up in this run.

mod directory;

pub use directory::Directory;

use crate::history::Author;
use crate::package::Artifacts;
use crate::scope::Scope;

/// The clients of one run, all on one connection pool, and what the run knows.
#[derive(Debug)]
pub struct Aws {
    pub scope: Scope,
    pub apigateway: aws_sdk_apigateway::Client,
    pub dynamodb: aws_sdk_dynamodb::Client,
    pub iam: aws_sdk_iam::Client,
    pub lambda: aws_sdk_lambda::Client,
    pub logs: aws_sdk_cloudwatchlogs::Client,
    pub s3: aws_sdk_s3::Client,
    pub ssm: aws_sdk_ssm::Client,
    pub sts: aws_sdk_sts::Client,
    /// What the server made up: ids and version numbers.
    pub directory: Directory,
    /// The zips to upload.
    pub artifacts: Artifacts,
    /// Whose run it is, for the record of a release.
    pub author: Author,
}

/// A call that failed: the act, the thing, the cause that AWS gave, and the way out.
#[derive(Clone, Debug, thiserror::Error)]
#[error("cannot {act} {thing}: {cause}")]
pub struct Error {
    /// `create`, `read`, `put the policy of`
    pub act: String,
    /// `role/memo-prod-auth`
    pub thing: String,
    /// AWS's code and message, or what stopped the call before AWS.
    pub cause: String,
    /// AWS's code, for those who match on it.
    pub code: Option<String>,
    /// What to do about it.
    pub hint: Option<String>,
}
