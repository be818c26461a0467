//! The local cloud: AWS in one process, on loopback, for `memoctl dev`, `memoctl local` and `--local`.
//!
//! It speaks AWS's own wire protocols, so any AWS client can talk to it, and it runs the real handler binaries. It is
//! written from AWS's documentation alone: this crate imports nothing of the deployer, so that one misunderstanding
//! cannot pass on both sides. What it does not do it refuses by name (`NotImplemented`), never by a silent success.
//!
//! The map:
//!
//! - [`cloud`]: [`Cloud`], its options and start; the services wired to each other, each only to those above it.
//! - [`realism`]: how far it behaves as badly as AWS does, and how fast its time passes.
//! - [`server`]: the listener: Host check, which service a request is for, counting of calls, faults.
//! - [`signature`]: who signed a request, and whether the signature is good.
//! - [`call`]: what every service takes and gives: [`call::Request`], [`call::Response`], [`call::Error`].
//! - [`lock`]: one process at a time has a state open; the port that it remembers.
//! - [`store`]: state on disk that survives a kill.
//! - `wire/`: the protocols awsQuery and awsJson, and XML.
//! - `iam/` (roles, policies, evaluation), `sts`, `logs`, `ssm`, `s3`, `dynamodb`, `lambda/`, `apigateway/`,
//!   `cloudfront/`, `route53/`: one AWS service each.

pub mod call;
mod cloud;
mod lock;
mod realism;
mod server;
mod signature;
mod store;
mod wire;

mod apigateway;
mod cloudfront;
mod dynamodb;
mod iam;
mod lambda;
mod logs;
mod route53;
mod s3;
mod ssm;
mod sts;

pub use cloud::{Cloud, Options, StartError};
pub use realism::{Realism, UnknownRealism};
pub use server::{Calls, Fault, FaultKind, Faults, FunctionFault, Held, RandomFaults, Traced, UnknownFaults, chain};

/// The account that everything in the local cloud belongs to.
pub const ACCOUNT: &str = "000000000000";
