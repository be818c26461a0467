//! The memo service on a DynamoDB and an SSM of the local cloud.

#![expect(clippy::unwrap_used, reason = "a failed test panics")]

mod access;
mod bodies;
mod call;
mod contention;
mod create;
mod deadline;
mod erase;
mod hostile;
mod idempotency;
mod list;
mod lost_answers;
mod pages;
mod preconditions;
mod quota;
mod races;
mod restore;
mod tag_list;
mod tags;
mod world;
mod writes;
