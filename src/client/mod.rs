//! Typed clients of the stack's API, made from its OpenAPI description: TypeScript by Hey API, Rust by an emitter of our
//! own. A client is made whole before anything is written ([`Folder`]).

mod folder;
pub mod rust;
pub mod typescript;

use std::collections::BTreeMap;

pub use folder::{Change, Folder};

/// The files of a client: their texts by path, with `/` between folders.
pub type Files = BTreeMap<String, String>;

/// In what a client is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Language {
    /// Sources without a run-time dependency, by Hey API; wants Node and npm
    Typescript,
    /// A crate; wants rustfmt
    Rust,
}

impl Language {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Typescript => "typescript",
            Self::Rust => "rust",
        }
    }
}

/// Why there is no client.
#[derive(Debug, thiserror::Error)]
#[error("{error}")]
pub struct Error {
    pub error: String,
    pub hint: Option<String>,
    /// Whether what was asked for is at fault, and not the machine.
    pub usage: bool,
}

impl Error {
    /// What was asked for cannot be had.
    fn usage(error: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { error: error.into(), hint: Some(hint.into()), usage: true }
    }

    /// What was asked for did not come about.
    fn failed(error: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { error: error.into(), hint: Some(hint.into()), usage: false }
    }

    fn io(act: impl std::fmt::Display, source: &std::io::Error) -> Self {
        Self { error: format!("cannot {act}: {source}"), hint: None, usage: false }
    }
}
