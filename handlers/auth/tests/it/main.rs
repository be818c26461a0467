//! The JWT service on a DynamoDB and an SSM of the local cloud.

#![expect(clippy::unwrap_used, reason = "a failed test panics")]

mod hostile;
mod keys;
mod login;
mod refresh;
mod registration;
mod world;
