//! The cloud as a whole: its options, its start, and the services wired to each other.

use std::path::PathBuf;
use std::sync::Arc;

use crate::apigateway::ApiGateway;
use crate::dynamodb::DynamoDb;
use crate::iam::Iam;
use crate::lambda::Lambda;
use crate::logs::Logs;
use crate::s3::S3;
use crate::ssm::Ssm;
use crate::sts::Sts;

/// How to start a local cloud.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where its state lives, such as `.memoctl/local`; made when absent.
    pub dir: PathBuf,
    /// The region it is: part of every ARN. Each region has its own state below `dir`.
    pub region: String,
    /// The port to listen on: `Some(0)` any free one, `None` the one that the state remembers (at first: 4567).
    pub port: Option<u16>,
}

/// Why a local cloud could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Another process has this state open; `endpoint` is where it answers.
    #[error("a local cloud is already running on this state, at {endpoint}")]
    Running { endpoint: String },
    #[error("cannot listen on 127.0.0.1:{port}: {source}")]
    Port { port: u16, source: std::io::Error },
    #[error("cannot open the local cloud's state in {dir}: {source}")]
    State { dir: PathBuf, source: std::io::Error },
}

/// The services, each wired only to those it stands on.
#[derive(Clone)]
pub(crate) struct Services {
    pub(crate) iam: Arc<Iam>,
    pub(crate) sts: Arc<Sts>,
    pub(crate) logs: Arc<Logs>,
    pub(crate) ssm: Arc<Ssm>,
    pub(crate) s3: Arc<S3>,
    pub(crate) dynamodb: Arc<DynamoDb>,
    pub(crate) lambda: Arc<Lambda>,
    pub(crate) apigateway: Arc<ApiGateway>,
}

/// A running local cloud. Dropping it stops it, its functions included.
pub struct Cloud {
    _services: Services,
}
