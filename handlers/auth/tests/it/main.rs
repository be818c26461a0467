//! The JWT service on a DynamoDB and an SSM of the local cloud.

#![expect(clippy::unwrap_used, reason = "a failed test panics")]

mod account;
mod audit;
mod crowd;
mod deadline;
mod deletion;
mod hostile;
mod introspection;
mod keys;
mod login;
mod lost_answers;
mod metadata;
mod password;
mod preconditions;
mod refresh;
mod registration;
mod revocation;
mod sessions;
mod throttle;
mod world;
