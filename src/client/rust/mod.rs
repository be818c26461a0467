//! The Rust client: a crate with a type a schema and a method an operation, formatted by rustfmt.
//!
//! No generator of others serves: progenitor reads OpenAPI 3.0 alone; openapi-to-rust loses the headers of what succeeds,
//! and so the entity tags; oas3-gen cannot say null in a merge patch; all of them bring an HTTP stack with a second TLS
//! library. So this emitter is ours, of what descriptions of such APIs have. What it does not know it refuses by name.

mod document;
mod emit;
mod format;
mod name;
mod operation;
mod schema;

use std::path::Path;

use serde_json::Value;

use super::{Error, Files};
use document::Document;
use schema::Schemas;

/// The files that are the same whatever the document.
const FIXED: [(&str, &str); 4] = [
    ("src/answer.rs", include_str!("crate/answer.rs")),
    ("src/client.rs", include_str!("crate/client.rs")),
    ("src/hyper.rs", include_str!("crate/hyper.rs")),
    ("src/transport.rs", include_str!("crate/transport.rs")),
];

/// Makes the crate of `document` for the folder `out`: `name`, or named after the API.
pub fn generate(document: &Value, out: &Path, name: Option<&str>) -> Result<Files, Error> {
    let mut files = sources(document).map_err(|faults| {
        Error::usage(
            format!("cannot make a Rust client of the description:\n  {}", faults.join("\n  ")),
            "describe it otherwise; the TypeScript client has no such limits",
        )
    })?;
    format::format(&mut files, out)?;
    files.insert("Cargo.toml".to_owned(), emit::manifest(document, name));
    Ok(files)
}

/// The sources, not formatted yet; or all that the emitter does not know.
fn sources(document: &Value) -> Result<Files, Vec<String>> {
    let mut schemas = Schemas::of(Document::new(document));
    let operations = schemas.operations();
    schemas.refuse_circles();
    schemas.refuse_namesakes(&operations);
    if !schemas.document.faults.is_empty() {
        return Err(schemas.document.faults);
    }
    let mut files: Files = FIXED.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    files.insert("src/lib.rs".to_owned(), emit::library(document));
    files.insert("src/operations.rs".to_owned(), emit::operations(&operations, &schemas));
    files.insert("src/types.rs".to_owned(), emit::types(&schemas));
    Ok(files)
}

#[cfg(test)]
mod tests;
