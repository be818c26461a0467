//! What an operation answers: by status, and by media type.

use super::super::document::Part;
use super::super::name::{self, Names, upper};
use super::super::schema::{Schemas, Type};

pub(super) const FORM: &str = "application/x-www-form-urlencoded";

/// Whom an answer is for, as `responses` has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::client::rust) enum Status {
    Exact(u16),
    /// `5XX` is 5.
    Range(u16),
    Default,
}

/// A described answer.
#[derive(Debug)]
pub(in crate::client::rust) struct Answer {
    pub(in crate::client::rust) status: Status,
    /// The variant that it is.
    pub(in crate::client::rust) variant: String,
    pub(in crate::client::rust) doc: String,
    pub(in crate::client::rust) payload: Payload,
}

/// An answer's body.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::client::rust) enum Payload {
    Nothing,
    One(Representation),
    /// Several, told apart by their media types. The name is that of the type that has a variant for each.
    Several {
        name: String,
        of: Vec<(String, Representation)>,
    },
}

/// A media type, and what comes with it.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::client::rust) struct Representation {
    pub(in crate::client::rust) media_type: String,
    pub(in crate::client::rust) reading: Reading,
}

/// How a body is read or written.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::client::rust) enum Reading {
    Json(Type),
    Form(Type),
    Text,
    Bytes,
}

impl Answer {
    /// Whether it says that the request has succeeded.
    pub(in crate::client::rust) fn is_success(&self) -> bool {
        matches!(self.status, Status::Exact(200..=299) | Status::Range(2))
    }
}

pub(super) fn is_json(media_type: &str) -> bool {
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    essence == "application/json" || essence.ends_with("+json")
}

impl<'a> Schemas<'a> {
    /// The answers of an operation, the exact ones first. Those to HEAD have no bodies (RFC 9110 section 9.3.2).
    pub(super) fn answers(&mut self, operation: &Part<'a>, stem: &str, bodiless: bool) -> Vec<Answer> {
        let mut variants = Names::default();
        let mut found = Vec::new();
        for (key, part) in operation.members("responses") {
            let Some(status) = status(key) else {
                self.document.refuse(&part.place, "no status has this name");
                continue;
            };
            let Some((part, component)) = self.document.resolve(part, "responses") else { continue };
            let name = label(status);
            let stem = component.map_or_else(|| format!("{stem}{name}"), name::stem);
            let payload = if bodiless { Payload::Nothing } else { self.payload(&part, &stem) };
            let doc = part.text("description").unwrap_or_default().trim().to_owned();
            found.push(Answer { status, variant: variants.give(name), doc, payload });
        }
        found.sort_by_key(|answer| answer.status);
        found
    }

    fn payload(&mut self, part: &Part<'a>, stem: &str) -> Payload {
        let mut of: Vec<(String, Representation)> = Vec::new();
        let mut variants = Names::default();
        for (media_type, content) in part.members("content") {
            let Some(reading) = self.reading(media_type, &content, &format!("{stem}Body"), false) else { continue };
            // `application/problem+json` is `ProblemJson`.
            let essence = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
            let variant = upper(essence.trim_start_matches("application/").trim_end_matches("/*"));
            of.push((variants.give(variant), Representation { media_type: essence, reading }));
        }
        match &of[..] {
            [] => Payload::Nothing,
            [(_, only)] => Payload::One(only.clone()),
            _ => Payload::Several { name: format!("{stem}Body"), of },
        }
    }

    /// How a body of `media_type` is read, or written.
    pub(super) fn reading(&mut self, media_type: &str, part: &Part<'a>, name: &str, written: bool) -> Option<Reading> {
        let schema = part.get("schema");
        if is_json(media_type) || (written && media_type == FORM) {
            let of = schema.map_or(Type::Any, |schema| self.of_part(&schema, name));
            return Some(if is_json(media_type) { Reading::Json(of) } else { Reading::Form(of) });
        }
        let known = !media_type.starts_with("multipart/") && media_type != "text/event-stream";
        let of = schema.map(|schema| self.of_part(&schema, name));
        let opaque = of.is_none_or(|of| matches!(self.unaliased(&of), Type::Text | Type::Any));
        if !known || !opaque {
            self.document.refuse(&part.place, format_args!("`{media_type}` is not supported, or not with this schema"));
            return None;
        }
        Some(if media_type.starts_with("text/") { Reading::Text } else { Reading::Bytes })
    }
}

/// What a key of `responses` stands for.
fn status(key: &str) -> Option<Status> {
    if key == "default" {
        return Some(Status::Default);
    }
    let range = key.strip_suffix("XX").and_then(|digit| digit.parse().ok()).filter(|digit| (1..=5).contains(digit));
    let exact = || key.parse().ok().filter(|status| (100..=599).contains(status)).map(Status::Exact);
    range.map(Status::Range).or_else(exact)
}

/// A variant's name.
fn label(status: Status) -> String {
    let range = |digit| match digit {
        1 => "Informational",
        2 => "Successful",
        3 => "Redirection",
        4 => "ClientError",
        _ => "ServerError",
    };
    match status {
        Status::Exact(status) => {
            let reason = http::StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
            reason.map_or_else(|| format!("Status{status}"), upper)
        }
        Status::Range(digit) => range(digit).to_owned(),
        Status::Default => "Default".to_owned(),
    }
}
