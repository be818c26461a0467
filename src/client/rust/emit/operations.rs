//! `operations.rs`: a method an operation, what it takes beside its path, and how it may be refused.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{documented, each, source};
use crate::client::rust::operation::{
    Answer, Body, Operation, Parameter, Payload, Place, Reading, Representation, Status,
};
use crate::client::rust::schema::{Schemas, Type};

const HEAD: &str = "//! What the API does: a method of [`Client`] each, what it takes, and how it may be refused.

use http::Method;

#[allow(unused_imports, reason = \"not every description has the like of all of them\")]
use crate::client::{Client, Request, bytes, is_of, joined, json, refused, segment, text};
use crate::transport::Transport;
#[allow(unused_imports, reason = \"not every description has schemas\")]
use crate::types;
use crate::{Answer, Error};
";

/// The source of `operations`.
pub(in crate::client::rust) fn operations(operations: &[Operation], schemas: &Schemas<'_>) -> String {
    let writer = Writer { schemas };
    let methods: String = operations.iter().map(|operation| writer.method(operation)).collect();
    let mut text = format!("{HEAD}\nimpl<T: Transport> Client<T> {{ {methods} }}\n");
    let mut shared: BTreeMap<&str, &[(String, Representation)]> = BTreeMap::new();
    for operation in operations {
        text.push_str(&writer.parameters(operation));
        text.push_str(&success(operation));
        text.push_str(&refusal(operation));
        for answer in &operation.answers {
            if let Payload::Several { name, of } = &answer.payload {
                shared.insert(name, of);
            }
        }
    }
    for (name, of) in shared {
        text.push_str(&several(name, of));
    }
    text
}

struct Writer<'a> {
    schemas: &'a Schemas<'a>,
}

/// The answers that an operation succeeds with: all of 2xx, or where there are none, those that are like all others.
fn successes(operation: &Operation) -> Vec<&Answer> {
    let of = |wanted: fn(&Answer) -> bool| operation.answers.iter().filter(|answer| wanted(answer)).collect::<Vec<_>>();
    let described = of(Answer::is_success);
    if described.is_empty() { of(|answer| answer.status == Status::Default) } else { described }
}

/// All others.
fn refusals(operation: &Operation) -> Vec<&Answer> {
    operation.answers.iter().filter(|answer| !answer.is_success()).collect()
}

/// Whether the successes differ in their bodies.
fn varied(operation: &Operation) -> bool {
    successes(operation).windows(2).any(|pair| pair[0].payload != pair[1].payload)
}

fn held(payload: &Payload) -> String {
    match payload {
        Payload::Nothing => "()".to_owned(),
        Payload::One(Representation { reading, .. }) => match reading {
            Reading::Json(of) | Reading::Form(of) => source(of, "types::"),
            Reading::Text => "String".to_owned(),
            Reading::Bytes => "Vec<u8>".to_owned(),
        },
        Payload::Several { name, .. } => name.clone(),
    }
}

/// An expression of `Result<Answer<_>, _>`: the body of `answer` read.
fn read(payload: &Payload) -> String {
    match payload {
        Payload::Nothing => "Ok(answer.map(|_| ()))".to_owned(),
        Payload::One(one) => read_one(one),
        Payload::Several { name, .. } => format!("{name}::read(answer)"),
    }
}

fn read_one(one: &Representation) -> String {
    let reader = match one.reading {
        Reading::Json(_) | Reading::Form(_) => "json",
        Reading::Text => "text",
        Reading::Bytes => "bytes",
    };
    format!("{reader}(answer, {:?})", one.media_type)
}

fn refusal_name(operation: &Operation) -> String {
    if refusals(operation).is_empty() {
        "std::convert::Infallible".to_owned()
    } else {
        format!("{}Refusal", operation.stem)
    }
}

fn pattern(status: Status) -> String {
    match status {
        Status::Exact(status) => status.to_string(),
        Status::Range(digit) => format!("{digit}00..={digit}99"),
        Status::Default => "_".to_owned(),
    }
}

/// An enumeration of how `operation` may be refused.
fn refusal(operation: &Operation) -> String {
    let refusals = refusals(operation);
    let variant = |answer: &&Answer| {
        let held =
            if answer.payload == Payload::Nothing { String::new() } else { format!("({})", held(&answer.payload)) };
        format!("{}{}{held},\n", documented(&answer.doc), answer.variant)
    };
    let variants: String = refusals.iter().map(variant).collect();
    if variants.is_empty() {
        return String::new();
    }
    let (stem, name) = (&operation.stem, &operation.name);
    format!(
        "\n/// How [`Client::{name}`] may be refused.\n#[derive(Clone, Debug, PartialEq)]\npub enum {stem}Refusal {{ {variants} }}\n"
    )
}

/// An enumeration of what `operation` succeeds with, where that differs.
fn success(operation: &Operation) -> String {
    if !varied(operation) {
        return String::new();
    }
    let variant = |answer: &&Answer| {
        let held =
            if answer.payload == Payload::Nothing { String::new() } else { format!("({})", held(&answer.payload)) };
        format!("{}{}{held},\n", documented(&answer.doc), answer.variant)
    };
    let variants: String = successes(operation).iter().map(variant).collect();
    let (stem, name) = (&operation.stem, &operation.name);
    format!(
        "\n/// What [`Client::{name}`] succeeds with.\n#[derive(Clone, Debug, PartialEq)]\npub enum {stem}Success {{ {variants} }}\n"
    )
}

/// An enumeration of bodies by their media types.
fn several(name: &str, of: &[(String, Representation)]) -> String {
    let variants = each(of, |(variant, one)| {
        let (doc, held) = (documented(&format!("`{}`", one.media_type)), held(&Payload::One(one.clone())));
        format!("{doc}{variant}({held}),\n")
    });
    let arms = each(of, |(variant, one)| {
        let (media_type, read) = (&one.media_type, read_one(one));
        format!("if is_of(&answer, {media_type:?}) {{ return Ok({read}?.map(Self::{variant})); }}\n")
    });
    format!(
        "\n/// An answer's body, by its media type.\n#[derive(Clone, Debug, PartialEq)]\npub enum {name} {{ {variants} }}

        impl {name} {{
            fn read<E>(answer: Answer<Vec<u8>>) -> Result<Answer<Self>, Error<E>> {{
                {arms}
                Err(Error::Undescribed(Box::new(answer)))
            }}
        }}\n"
    )
}

impl Writer<'_> {
    fn method(&self, operation: &Operation) -> String {
        let Operation { method, path, name, stem, doc, deprecated, parameters, body, secured, answers } = operation;
        let mut arguments = String::new();
        let of_path: Vec<&Parameter> = parameters.iter().filter(|known| known.place == Place::Path).collect();
        for known in &of_path {
            let _ = write!(arguments, ", {}: {}", known.name, self.argument(&known.of));
        }
        let sent = parameters.len() > of_path.len();
        if sent {
            let _ = write!(arguments, ", parameters: &{stem}Parameters");
        }
        if let Some(body) = body {
            let _ = write!(arguments, ", body: {}", self.body_argument(body));
        }
        let success = match &successes(operation)[..] {
            [] => "()".to_owned(),
            [..] if varied(operation) => format!("{stem}Success"),
            [first, ..] => held(&first.payload),
        };
        let mut request = format!("Request::new(Method::{method}, {})", self.path(path, &of_path));
        if *secured {
            request.push_str(".secured()");
        }
        let accepted = accepted(answers);
        if !accepted.is_empty() {
            let _ = write!(request, ".accept({accepted:?})");
        }
        if let Some(Body { required: true, .. }) = body {
            request.push_str(&body.iter().map(written).collect::<String>());
        }
        let lines: String =
            parameters.iter().filter(|known| known.place != Place::Path).map(|known| self.sent(known)).collect();
        let optional = match body {
            Some(body) if !body.required => {
                format!("if let Some(body) = body {{ request = request{}; }}\n", written(body))
            }
            Some(_) | None => String::new(),
        };
        let mutable = if lines.is_empty() && optional.is_empty() { "" } else { "mut " };
        let deprecated = if *deprecated { "#[deprecated]\n" } else { "" };
        format!(
            "
            {}///
            /// # Errors
            ///
            /// Where the API refuses, or no answer comes that its description has.
            {deprecated}pub async fn {name}(&self{arguments}) -> Result<Answer<{success}>, Error<{}>> {{
                let {mutable}request = {request};
                {lines}{optional}
                let answer = self.send(request).await?;
                match answer.status.as_u16() {{ {} }}
            }}\n",
            documented(doc),
            refusal_name(operation),
            arms(operation),
        )
    }

    /// An expression of the path.
    fn path(&self, path: &str, variables: &[&Parameter]) -> String {
        if variables.is_empty() {
            return format!("{path:?}");
        }
        let mut template = path.to_owned();
        for known in variables {
            template = template.replace(&format!("{{{}}}", known.wire), "\0");
        }
        // What is no variable is itself.
        let template = template.replace('{', "{{").replace('}', "}}").replace('\0', "{}");
        let values: Vec<String> = variables
            .iter()
            .map(|known| match self.schemas.unaliased(&known.of) {
                Type::List(_) => format!("segment(joined({}))", known.name),
                _ => format!("segment({})", known.name),
            })
            .collect();
        format!("format!({template:?}, {})", values.join(", "))
    }

    /// The statement that adds a parameter of the query or a header.
    fn sent(&self, known: &Parameter) -> String {
        let Parameter { place, wire, name, required, of, exploded, .. } = known;
        let add = if *place == Place::Query { "query" } else { "header" };
        let list = matches!(self.schemas.unaliased(of), Type::List(_));
        let one = |value: &str| match (list, exploded) {
            (true, true) => format!("for value in {value} {{ request = request.{add}({wire:?}, value); }}\n"),
            (true, false) => format!("request = request.{add}({wire:?}, joined({value}));\n"),
            (false, _) => format!("request = request.{add}({wire:?}, {value});\n"),
        };
        let field = format!("&parameters.{name}");
        if *required { one(&field) } else { format!("if let Some(value) = {field} {{ {} }}\n", one("value")) }
    }

    /// How a variable of the path is handed over.
    fn argument(&self, of: &Type) -> String {
        match self.schemas.unaliased(of) {
            Type::Text => "&str".to_owned(),
            Type::List(of) => format!("&[{}]", source(of, "types::")),
            plain @ (Type::Boolean | Type::Integer | Type::Integer32 | Type::Number) => source(plain, "types::"),
            Type::Any | Type::Null | Type::Map(_) | Type::Nullable(_) | Type::Named(_) => {
                format!("&{}", source(of, "types::"))
            }
        }
    }

    fn body_argument(&self, body: &Body) -> String {
        let of = match &body.reading {
            Reading::Json(of) | Reading::Form(of) => match self.schemas.unaliased(of) {
                Type::Text => "&str".to_owned(),
                Type::List(of) => format!("&[{}]", source(of, "types::")),
                _ => format!("&{}", source(of, "types::")),
            },
            Reading::Text => "&str".to_owned(),
            Reading::Bytes => "Vec<u8>".to_owned(),
        };
        if body.required { of } else { format!("Option<{of}>") }
    }

    /// What an operation takes beside its path and its body.
    fn parameters(&self, operation: &Operation) -> String {
        let rest: Vec<&Parameter> = operation.parameters.iter().filter(|known| known.place != Place::Path).collect();
        if rest.is_empty() {
            return String::new();
        }
        let field = |known: &&Parameter| {
            let of = source(&known.of, "types::");
            let of = if known.required { of } else { format!("Option<{of}>") };
            format!("{}pub {}: {of},\n", documented(&known.doc), known.name)
        };
        let fields: String = rest.iter().map(field).collect();
        let default =
            |known: &&Parameter| !known.required || !matches!(self.schemas.unaliased(&known.of), Type::Named(_));
        let default = if rest.iter().all(default) { ", Default" } else { "" };
        let (stem, name) = (&operation.stem, &operation.name);
        format!(
            "\n/// What [`Client::{name}`] takes besides.\n#[derive(Clone, Debug{default}, PartialEq)]\npub struct {stem}Parameters {{ {fields} }}\n"
        )
    }
}

/// The arms of the match over an answer's status.
fn arms(operation: &Operation) -> String {
    let (varied, stem) = (varied(operation), &operation.stem);
    let succeed = |answer: &Answer| {
        let (read, variant) = (read(&answer.payload), &answer.variant);
        match (varied, &answer.payload) {
            (false, _) => read,
            (true, Payload::Nothing) => format!("Ok(answer.map(|_| {stem}Success::{variant}))"),
            (true, _) => format!("Ok({read}?.map({stem}Success::{variant}))"),
        }
    };
    let refuse = |answer: &Answer| {
        let (read, variant) = (read(&answer.payload), &answer.variant);
        match &answer.payload {
            Payload::Nothing => format!("Err(refused(answer.map(|_| {stem}Refusal::{variant})))"),
            _ => format!("Err(refused({read}?.map({stem}Refusal::{variant})))"),
        }
    };
    let mut arms = String::new();
    let mut arm = |pattern: &str, then: &str| {
        let _ = writeln!(arms, "{pattern} => {then},");
    };
    let successes = successes(operation);
    // Statuses with the same body are one arm.
    match &successes[..] {
        [first, .., _] if !varied && successes.iter().all(|answer| matches!(answer.status, Status::Exact(_))) => {
            let patterns: Vec<String> = successes.iter().map(|answer| pattern(answer.status)).collect();
            arm(&patterns.join(" | "), &succeed(first));
        }
        _ => {
            for answer in &successes {
                let pattern =
                    if answer.status == Status::Default { "200..=299".to_owned() } else { pattern(answer.status) };
                arm(&pattern, &succeed(answer));
            }
        }
    }
    for answer in refusals(operation) {
        arm(&pattern(answer.status), &refuse(answer));
    }
    if !operation.answers.iter().any(|answer| answer.status == Status::Default) {
        arm("_", "Err(Error::Undescribed(Box::new(answer)))");
    }
    arms
}

/// The media types of all bodies.
fn accepted(answers: &[Answer]) -> String {
    let mut all: Vec<&str> = Vec::new();
    for answer in answers {
        match &answer.payload {
            Payload::Nothing => {}
            Payload::One(one) => all.push(&one.media_type),
            Payload::Several { of, .. } => all.extend(of.iter().map(|(_, one)| &*one.media_type)),
        }
    }
    let mut seen = std::collections::BTreeSet::new();
    all.retain(|media_type| seen.insert(*media_type));
    all.join(", ")
}

/// The call that adds a request's body.
fn written(body: &Body) -> String {
    let media_type = &body.media_type;
    match body.reading {
        Reading::Json(_) => format!(".json({media_type:?}, body)"),
        Reading::Form(_) => ".form(body)".to_owned(),
        Reading::Text | Reading::Bytes => format!(".bytes({media_type:?}, body)"),
    }
}
