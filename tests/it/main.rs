//! The integration tests: one binary, one module a subject.

mod broken_stacks;
mod engine;
mod lifecycle;
