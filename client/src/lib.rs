//! A client of the API memo, version 1.0.0.
//!
//! Accounts, sessions and memos.
//!
//! Bodies are JSON in UTF-8, below `/oauth` forms as in RFC 6749. What is sent is read strictly: unknown or repeated query
//! parameters and repeated members are 400, unknown and invalid members 422, all of them named in one answer.
//!
//! Errors are problem details (RFC 9457) whose `code` names the case; below `/oauth` they have the form of RFC 6749
//! section 5.2. A path that is not described here, and a method that its path does not have, is 404. A body of over 10 MB
//! is 413 without such details: API Gateway refuses it itself.
//!
//! Every answer has `X-Request-Id`, by which the log knows it, `X-Content-Type-Options: nosniff`,
//! `Strict-Transport-Security`, and `Cache-Control: no-store` unless said otherwise.
//!
//! A write without `If-Match` is done to whatever is there. With it, it is refused with 412 and the current `ETag` when
//! somebody else came first. `If-None-Match` refuses a write of what it names with 412, and a GET with 304; `If-Match`
//! comes first (RFC 9110 section 13.2.2). What is no entity tag, such as `w/"v3"`, names nothing. Lists, sessions, the
//! password, the metadata and the health have no entity tag: `*` names them, as they are there, and nothing else does.
//! Registration, login and what is below `/oauth` are about nothing that is there before, and heed no preconditions.
//!
//! `Client::new(base, Hyper::new()?).with_token(token)` is a client; each operation is a method of it. Whatever is no success (2xx) is an error, and `Refused` where the API's description has it. Patterns and limits are the API's to check.
//!
//! Written by `memoctl client rust` from the API's OpenAPI description, and overwritten by it.

#![forbid(unsafe_code)]
#![allow(
    clippy::doc_lazy_continuation,
    clippy::doc_overindented_list_items,
    clippy::tabs_in_doc_comments,
    rustdoc::bare_urls,
    rustdoc::broken_intra_doc_links,
    rustdoc::invalid_html_tags,
    reason = "what is told of the API is not written for rustdoc"
)]
#![allow(
    clippy::enum_variant_names,
    clippy::large_enum_variant,
    clippy::too_many_arguments,
    reason = "names and sizes are the API's"
)]

mod answer;
#[allow(dead_code, reason = "not every description has forms, texts and parameters")]
mod client;
#[cfg(feature = "hyper")]
mod hyper;
pub mod operations;
mod transport;
pub mod types;

pub use answer::{Answer, Error};
pub use client::Client;
#[cfg(feature = "hyper")]
pub use hyper::Hyper;
pub use transport::Transport;
