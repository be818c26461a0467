//! The only code that prints. Standard output is data, standard error is talk; every colour is doubled by a sign or a
//! word, and without a terminal, or with `CI` set, nothing is asked and nothing is redrawn.

pub mod amount;
pub mod finding;
pub mod log;
pub mod plan;
pub mod progress;
pub mod receipt;
mod style;
pub mod summary;
mod value;

use std::fmt::Display;
use std::io::{IsTerminal as _, Write as _};

use serde::Serialize;
use serde_json::json;

use crate::cli::{Color, Global, Output};
use crate::session::Failure;

/// Where output goes, and how much of it.
#[derive(Clone, Copy, Debug)]
pub struct Ui {
    pub output: Output,
    quiet: bool,
    pub verbose: bool,
    yes: bool,
}

impl Ui {
    pub fn new(global: &Global) -> Self {
        match global.color {
            Color::Auto => anstream::ColorChoice::Auto,
            Color::Always => anstream::ColorChoice::Always,
            Color::Never => anstream::ColorChoice::Never,
        }
        .write_global();
        Self { output: global.output, quiet: global.quiet, verbose: global.verbose > 0, yes: global.yes }
    }

    /// Whether a person is asked for JSON.
    pub fn is_json(&self) -> bool {
        self.output == Output::Json
    }

    /// Whether what stands on the terminal may be redrawn.
    pub fn is_live(&self) -> bool {
        !self.quiet && !self.is_json() && is_attended()
    }

    /// Writes a line of data.
    pub fn data(&self, line: impl Display) {
        // Whoever reads may have read enough and closed the pipe.
        let _ = writeln!(anstream::stdout(), "{line}");
    }

    /// Writes one JSON document, for `--output json`.
    pub fn document(&self, value: &impl Serialize) {
        if let Ok(json) = serde_json::to_string_pretty(value) {
            self.data(json);
        }
    }

    /// Writes one event as a line of JSON, when `--output json` asks for it.
    pub fn event(&self, value: &impl Serialize) {
        if self.is_json()
            && let Ok(json) = serde_json::to_string(value)
        {
            self.data(json);
        }
    }

    /// Writes a line of talk.
    pub fn talk(&self, line: impl Display) {
        if !self.quiet {
            Self::insist(line);
        }
    }

    /// Writes a line of talk that `--verbose` asks for.
    pub fn detail(&self, line: impl Display) {
        if self.verbose {
            Self::insist(line);
        }
    }

    /// Writes a line of talk though `--quiet` was given.
    fn insist(line: impl Display) {
        let _ = writeln!(anstream::stderr(), "{line}");
    }

    /// Tells how a command failed, and the way out.
    pub fn fail(&self, failure: &Failure) {
        if let Failure::Stack(diagnostics) = failure {
            if self.is_json() {
                self.document(&diagnostics.to_json());
            } else {
                Self::insist(diagnostics.render(true));
            }
            return;
        }
        let hint = failure.hint();
        let mut event = json!({ "event": "error", "error": failure.to_string(), "hint": hint });
        if !failure.stale().is_empty() {
            event["stale"] = json!(failure.stale());
        }
        if !failure.differences().is_empty() {
            event["differences"] = json!(failure.differences());
        }
        self.event(&event);
        self.error(failure, hint.as_deref());
    }

    /// Tells an error, and the way out.
    pub fn error(&self, error: impl Display, hint: Option<&str>) {
        Self::insist(format_args!("{}: {error}", style::bad("error")));
        if let Some(hint) = hint {
            Self::insist(format_args!("{}: {hint}", style::hint("hint")));
        }
    }

    /// Asks a question with yes or no; `None` when nobody is there to answer.
    pub fn confirm(&self, question: impl Display) -> Option<bool> {
        if self.yes {
            return Some(true);
        }
        let answer = self.ask(format_args!("{question} [y/N] "))?;
        Some(matches!(answer.to_lowercase().as_str(), "y" | "yes"))
    }

    /// Asks for a word; `None` when nobody is there to answer, or `--yes` says that nobody is to be asked.
    pub fn ask(&self, question: impl Display) -> Option<String> {
        if !self.asks() {
            return None;
        }
        let _ = write!(anstream::stderr(), "{question}");
        let mut answer = String::new();
        std::io::stdin().read_line(&mut answer).ok()?;
        Some(answer.trim().to_owned())
    }

    /// Whether the answer to every question is yes.
    pub fn agrees(&self) -> bool {
        self.yes
    }

    /// Whether somebody is there to answer, and is to be asked.
    pub fn asks(&self) -> bool {
        !self.yes && !self.is_json() && is_attended() && std::io::stdin().is_terminal()
    }
}

/// Whether a person watches: talk goes to a terminal, and not to that of a CI.
fn is_attended() -> bool {
    std::io::stderr().is_terminal() && std::env::var_os("CI").is_none_or(|value| value.is_empty() || value == "false")
}
