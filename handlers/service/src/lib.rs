//! What the services share: API Gateway's events, strict reading, problems, the store, keys, logs and the main loop.
//!
//! The map, in the order of a request:
//!
//! - [`run`]: the main loop; [`answer`], one event to one reply; [`log`](mod@log): structured lines, metrics.
//! - [`event`]: API Gateway's proxy event and reply. [`Request`]: the event as handlers see it.
//! - [`caller`]: whose token it is. [`json`], [`fields`], [`query`], [`etag`]: strict reading, each refusal a [`Problem`].
//! - [`store`]: a DynamoDB table: items, conditional writes, pages.
//! - [`keys`]: key sets in SSM, cached. [`functions`]: other functions. [`random`]: ids and bytes.
//! - [`aws`]: the set-up of clients. [`environment`]: the bindings that the deployer sets.
//! - [`Response`], [`Problem`]: the answer.

pub mod aws;
pub mod caller;
pub mod environment;
pub mod etag;
pub mod event;
pub mod fields;
pub mod functions;
mod hmac;
mod http;
pub mod json;
pub mod keys;
pub mod log;
pub mod problem;
pub mod query;
pub mod random;
mod request;
mod response;
mod run;
mod signature;
mod ssm;
pub mod store;

pub use problem::Problem;
pub use request::{Request, is_media_type};
pub use response::Response;
pub use run::{answer, run};
pub use ssm::Ssm;
