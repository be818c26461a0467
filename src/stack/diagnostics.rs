//! What is wrong with a `stack.toml`: all of it, each with its place in the file and the way out.

use std::fmt;
use std::path::PathBuf;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use serde_json::{Value as Json, json};

use super::tree::Span;

/// One fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Bytes of the file; `None` where the fault is not in its text.
    pub span: Option<Span>,
    pub message: String,
    /// What is said at the place itself.
    pub label: Option<String>,
    /// The way out.
    pub help: Option<String>,
    /// Another place that it is about, and what is said there.
    pub related: Option<(Span, String)>,
}

/// All faults of one file, in the order in which they stand in it.
#[derive(Clone, Debug)]
pub struct Diagnostics {
    /// As the user names the file.
    path: PathBuf,
    source: String,
    list: Vec<Diagnostic>,
}

impl Diagnostic {
    pub(super) fn new(span: impl Into<Option<Span>>, message: impl Into<String>) -> Self {
        Self { span: span.into(), message: message.into(), label: None, help: None, related: None }
    }
}

impl Diagnostics {
    pub(super) fn new(path: PathBuf, source: String, mut list: Vec<Diagnostic>) -> Self {
        list.sort_by_cached_key(|one| (one.span.as_ref().map(|span| (span.start, span.end)), one.message.clone()));
        Self { path, source, list }
    }

    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Diagnostic> {
        self.list.iter()
    }

    /// The faults as people read them: each with its line, the place underlined, and a `help:`.
    pub fn render(&self, color: bool) -> String {
        let renderer = if color { Renderer::styled() } else { Renderer::plain() };
        let path = self.path.to_string_lossy();
        let mut texts: Vec<String> = Vec::new();
        for one in &self.list {
            let mut group =
                Level::ERROR.primary_title(&*one.message).elements([] as [annotate_snippets::Element<'_>; 0]);
            if let Some(span) = &one.span {
                let primary = AnnotationKind::Primary.span(span.clone()).label(one.label.as_deref());
                let related = one
                    .related
                    .as_ref()
                    .map(|(span, label)| AnnotationKind::Context.span(span.clone()).label(&**label));
                group =
                    group.element(Snippet::source(&self.source).path(&*path).annotation(primary).annotations(related));
            }
            if let Some(help) = &one.help {
                group = group.element(Level::HELP.message(&**help));
            }
            texts.push(renderer.render(&[group]));
        }
        let inside = self.list.iter().filter(|one| one.span.is_some()).count();
        texts.extend(match inside {
            0 => None,
            1 => Some(format!("1 error in {path}")),
            count => Some(format!("{count} errors in {path}")),
        });
        texts.join("\n\n")
    }

    /// The faults for `--output json`: lines and columns count characters from 1, `span` is in bytes.
    pub fn to_json(&self) -> Json {
        let faults: Vec<Json> = self
            .list
            .iter()
            .map(|one| {
                let start = one.span.as_ref().map(|span| self.position(span.start));
                json!({
                    "file": self.path,
                    "line": start.map(|(line, _)| line),
                    "column": start.map(|(_, column)| column),
                    "span": one.span.as_ref().map(|span| [span.start, span.end]),
                    "message": one.message,
                    "label": one.label,
                    "help": one.help,
                })
            })
            .collect();
        json!({ "errors": faults })
    }

    fn position(&self, at: usize) -> (usize, usize) {
        let before = &self.source[..self.source.floor_char_boundary(at)];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(false))
    }
}

impl std::error::Error for Diagnostics {}
