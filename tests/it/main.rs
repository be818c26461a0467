//! The integration tests: one binary, one module a subject.

#![expect(clippy::unwrap_used, reason = "a test's helpers may panic as its body may")]

mod broken_stacks;
mod bucket;
mod cli;
mod cloud;
mod crash;
mod departure;
mod dice;
mod engine;
mod inventory;
mod kinds;
mod lease;
mod lifecycle;
mod openapi;
mod passing;
mod services;
mod shipped;
mod standin;
