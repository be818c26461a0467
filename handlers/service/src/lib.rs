//! What the services share: API Gateway's events, strict reading, problems, the store, keys, logs and the main loop.
//!
//! The map, in the order of a request:
//!
//! - [`serve`]: the main loop, [`run`] that of a service; [`answer`], one event to one reply; [`log`](mod@log): structured lines, metrics.
//! - [`event`]: API Gateway's proxy event and reply. [`Request`]: the event as handlers see it.
//! - [`Deadline`]: until when. [`caller`]: whose token it is. [`json`], [`fields`], [`query`], [`etag`]: strict reading, each refusal a [`Problem`].
//! - [`store`]: a DynamoDB table: items, conditional writes, pages.
//! - [`keys`]: key sets in SSM, cached. [`functions`]: other functions. [`services`]: other services. [`random`]: ids and bytes.
//! - [`aws`]: the set-up of clients. [`environment`]: the bindings that the deployer sets.
//! - [`Response`], [`Problem`]: the answer.
//!
//! What needs the network, [`aws`] and all on top of it, is the feature `aws`, which is on by default.

#[cfg(feature = "aws")]
pub mod aws;
pub mod caller;
mod deadline;
pub mod environment;
pub mod etag;
pub mod event;
pub mod fields;
#[cfg(feature = "aws")]
pub mod functions;
mod hmac;
#[cfg(feature = "aws")]
mod http;
pub mod json;
pub mod keys;
#[cfg(feature = "aws")]
mod lambda;
pub mod log;
#[cfg(feature = "aws")]
#[cfg(test)]
mod peer;
pub mod problem;
pub mod query;
pub mod random;
mod request;
mod response;
#[cfg(feature = "aws")]
mod run;
#[cfg(feature = "aws")]
pub mod services;
#[cfg(feature = "aws")]
mod signature;
#[cfg(feature = "aws")]
mod ssm;
#[cfg(feature = "aws")]
pub mod store;

pub use deadline::Deadline;
#[cfg(feature = "aws")]
pub use lambda::serve;
pub use problem::Problem;
pub use request::{Request, is_media_type};
pub use response::Response;
#[cfg(feature = "aws")]
pub use run::{answer, run};
#[cfg(feature = "aws")]
pub use ssm::Ssm;

/// Any error: of a start, or of the main loop.
pub type Error = Box<dyn std::error::Error + Send + Sync>;
