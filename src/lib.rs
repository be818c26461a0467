//! memoctl: from `stack.toml` to a running stack on AWS, or on the local cloud that it carries, and back to nothing.
//!
//! The map, in the order in which data flows; dependencies point down this list, never up:
//!
//! - [`cli`]: the command line's shape. [`command`]: one verb a file. [`session`]: what verbs share.
//! - [`stack`]: `stack.toml` to [`stack::Stack`], with diagnostics.
//! - [`scope`]: the only place where names, ARNs and tags are made.
//! - [`package`]: handlers to reproducible zips.
//! - [`openapi`], [`policy`]: routes to an API document, bindings to least-privilege policies. Pure.
//! - [`description`]: the API's OpenAPI description for those who call it, compared with the stack. Pure.
//! - [`client`]: clients in TypeScript and Rust, made from that description.
//! - [`resource`]: one kind a file: what is wanted, what is live, create, update, delete.
//! - [`plan`]: the difference of the two, as a graph of steps. Pure. [`apply`]: the walk over it.
//! - [`finding`]: what is live otherwise than a deploy left it, where that is more than a field. Pure.
//! - [`drift`]: what was changed since the last run, and not by it. Pure.
//! - [`history`]: the records of releases.
//! - [`aws`]: clients, errors, the in-run directory.
//! - [`ui`]: the only code that prints.
//!
//! The local cloud is a crate of its own, in `src/local`.

pub mod apply;
pub mod aws;
pub mod cli;
pub mod client;
pub mod command;
pub mod description;
pub mod digest;
pub mod drift;
pub mod finding;
pub mod history;
pub mod openapi;
pub mod package;
pub mod plan;
pub mod policy;
pub mod resource;
pub mod scope;
pub mod session;
pub mod stack;
pub mod ui;
