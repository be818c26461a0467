//! `Cargo.toml`, and `lib.rs` with what the crate is about.

use serde_json::Value;

use super::commented;
use crate::client::rust::name::package;

/// The manifest of the crate `name`, or of one that is named after the API.
pub(in crate::client::rust) fn manifest(document: &Value, name: Option<&str>) -> String {
    let info = &document["info"];
    let text = |value: &Value| value.as_str().unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ");
    let title = text(&info["title"]);
    let name = name.map_or_else(|| format!("{}-client", package(&title)), str::to_owned);
    let version = info["version"].as_str().filter(|version| is_version(version)).unwrap_or("0.1.0");
    let license = info["license"]["identifier"].as_str();
    let license = license.map(|license| format!("license = {}\n", quoted(license))).unwrap_or_default();
    let description = quoted(&format!("A client of the API {title}."));
    format!(
        "# Written by `memoctl client rust`.
[package]
name = {}
description = {description}
version = {}
edition = \"2024\"
{license}
[lib]
# The API's descriptions are not written for rustdoc: what looks like code in them is no test.
doctest = false

[features]
default = [\"hyper\"]
# What sends requests, with TLS by rustls. Without it, `Transport` is for you to implement.
hyper = [
    \"dep:bytes\",
    \"dep:http-body-util\",
    \"dep:hyper-rustls\",
    \"dep:hyper-util\",
    \"dep:rustls\",
    \"dep:tokio\",
]

[dependencies]
bytes = {{ version = \"1\", optional = true }}
form_urlencoded = \"1\"
http = \"1\"
http-body-util = {{ version = \"0.1\", optional = true }}
hyper-rustls = {{ version = \"0.27\", default-features = false, features = [\"http1\", \"native-tokio\", \"ring\", \"tls12\"], optional = true }}
hyper-util = {{ version = \"0.1\", default-features = false, features = [\"client-legacy\", \"http1\", \"tokio\"], optional = true }}
percent-encoding = \"2\"
rustls = {{ version = \"0.23\", default-features = false, features = [\"ring\", \"std\", \"tls12\"], optional = true }}
serde = {{ version = \"1\", features = [\"derive\"] }}
serde_json = \"1\"
tokio = {{ version = \"1\", features = [\"time\"], optional = true }}
",
        quoted(&name),
        quoted(version),
    )
}

/// The root of the crate.
pub(in crate::client::rust) fn library(document: &Value) -> String {
    let info = &document["info"];
    let text = |value: &Value| value.as_str().unwrap_or_default().trim().to_owned();
    let about = [
        format!("A client of the API {}, version {}.", text(&info["title"]), text(&info["version"])),
        text(&info["summary"]),
        text(&info["description"]),
        "`Client::new(base, Hyper::new()?).with_token(token)` is a client; each operation is a method of it. Whatever is no \
         success (2xx) is an error, and `Refused` where the API's description has it. Patterns and limits are the API's to \
         check.\n\nWritten by `memoctl client rust` from the API's OpenAPI description, and overwritten by it."
            .to_owned(),
    ];
    let about: Vec<String> = about.into_iter().filter(|text| !text.is_empty()).collect();
    let server = document["servers"][0]["url"].as_str().filter(|url| url.contains("://"));
    let server = server.map(|url| format!("\n/// Where the API answers.\npub const SERVER: &str = {url:?};\n"));
    format!(
        "{}
#![forbid(unsafe_code)]
#![allow(
    clippy::doc_lazy_continuation,
    clippy::doc_overindented_list_items,
    clippy::tabs_in_doc_comments,
    rustdoc::bare_urls,
    rustdoc::broken_intra_doc_links,
    rustdoc::invalid_html_tags,
    reason = \"what is told of the API is not written for rustdoc\"
)]
#![allow(
    clippy::enum_variant_names,
    clippy::large_enum_variant,
    clippy::too_many_arguments,
    reason = \"names and sizes are the API's\"
)]

mod answer;
#[allow(dead_code, reason = \"not every description has forms, texts and parameters\")]
mod client;
#[cfg(feature = \"hyper\")]
mod hyper;
pub mod operations;
mod transport;
pub mod types;

pub use answer::{{Answer, Error}};
pub use client::Client;
#[cfg(feature = \"hyper\")]
pub use hyper::Hyper;
pub use transport::Transport;
{}",
        commented(&about.join("\n\n"), "//!"),
        server.unwrap_or_default(),
    )
}

/// Whether `text` is `1.2.3`, with what may follow (Semantic Versioning 2.0.0).
fn is_version(text: &str) -> bool {
    let (numbers, rest) = text.find(['-', '+']).map_or((text, ""), |index| text.split_at(index));
    let number = |part: &str| part.parse::<u64>().is_ok_and(|number| number.to_string() == part);
    let plain = rest.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '+' | '.'));
    numbers.split('.').count() == 3 && numbers.split('.').all(number) && plain && !rest.ends_with(['-', '+', '.'])
}

/// `text` as a string of TOML.
fn quoted(text: &str) -> String {
    // What JSON escapes, TOML reads.
    Value::from(text).to_string()
}
