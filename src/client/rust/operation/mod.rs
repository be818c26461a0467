//! The operations of a document, with what they take and what they answer.

mod answer;
mod parameter;

pub(super) use answer::{Answer, Payload, Reading, Representation, Status};
pub(super) use parameter::{Parameter, Place};

use serde_json::Value;

use super::document::Part;
use super::name::{Names, lower, stem};
use super::schema::{Definition, Schemas, Type};

/// The methods that a path item may have (OpenAPI 3.1, section 4.8.9.1).
const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];
/// Those of requests with a merge patch first (RFC 7396), of which JSON is no more than another name.
const PREFERRED: [&str; 2] = ["application/merge-patch+json", "application/json"];

/// One operation.
#[derive(Debug)]
pub(super) struct Operation {
    pub(super) method: String,
    pub(super) path: String,
    /// The method of the client.
    pub(super) name: String,
    /// What the names of its types begin with.
    pub(super) stem: String,
    pub(super) doc: String,
    pub(super) deprecated: bool,
    /// Those of the path in their order in it, then the others.
    pub(super) parameters: Vec<Parameter>,
    pub(super) body: Option<Body>,
    /// Whether it wants a bearer token.
    pub(super) secured: bool,
    pub(super) answers: Vec<Answer>,
}

/// A request's body.
#[derive(Debug)]
pub(super) struct Body {
    pub(super) media_type: String,
    pub(super) reading: Reading,
    pub(super) required: bool,
}

impl<'a> Schemas<'a> {
    /// All operations, in the order of their paths.
    pub(super) fn operations(&mut self) -> Vec<Operation> {
        let mut names = Names::without(&["new", "with_token", "send"]);
        let mut stems = Names::default();
        let mut operations = Vec::new();
        for (path, item) in self.document.part().members("paths") {
            let Some((item, _)) = self.document.resolve(item, "pathItems") else { continue };
            self.without_servers(&item);
            for method in METHODS {
                let Some(part) = item.get(method) else { continue };
                operations.push(self.operation(method, path, (&part, &item), (&mut names, &mut stems)));
            }
        }
        operations
    }

    fn without_servers(&mut self, part: &Part<'_>) {
        if part.value.get("servers").is_some() {
            self.document.refuse(&part.place, "`servers` of one operation or path is not supported");
        }
    }

    fn operation(
        &mut self,
        method: &str,
        path: &str,
        parts: (&Part<'a>, &Part<'a>),
        (names, stems): (&mut Names, &mut Names),
    ) -> Operation {
        let (part, item) = parts;
        self.without_servers(part);
        // Without a name of its own: `GET /v1/memos/{id}` is `get_v1_memos_by_id`.
        let own = part.text("operationId").map(str::to_owned);
        let id = own.unwrap_or_else(|| format!("{method} {}", path.replace('{', "by ")));
        let name = names.give(lower(&id));
        let stem = stems.give(stem(&id));
        let told = [part.text("summary"), part.text("description")];
        let told: Vec<&str> = told.into_iter().flatten().map(str::trim).filter(|text| !text.is_empty()).collect();
        let doc = format!("{}\n\n`{} {path}`", told.join("\n\n"), method.to_uppercase());
        let parameters = self.parameters(path, (part, item), &stem);
        let body = part.get("requestBody").and_then(|body| self.body(body, &stem));
        let secured = self.secured(part);
        let answers = self.answers(part, &stem, method == "head");
        let deprecated = part.is("deprecated");
        let (method, path) = (method.to_uppercase(), path.to_owned());
        Operation { method, path, name, stem, doc, deprecated, parameters, body, secured, answers }
    }

    /// Whether the operation wants a bearer token. Any other scheme is refused, unless one with a token will do as well.
    fn secured(&mut self, part: &Part<'a>) -> bool {
        let own = part.get("security").is_some().then_some(part.clone());
        let requirements = own.unwrap_or_else(|| self.document.part()).elements("security");
        let schemes = self.document.components("securitySchemes");
        let bears = |name: &str| {
            let scheme = schemes.iter().find(|(known, _)| *known == name).map(|(_, scheme)| scheme.value);
            match scheme.and_then(|scheme| scheme["type"].as_str()) {
                Some("http") => scheme
                    .and_then(|scheme| scheme["scheme"].as_str())
                    .is_some_and(|scheme| scheme.eq_ignore_ascii_case("bearer")),
                kind => matches!(kind, Some("oauth2" | "openIdConnect")),
            }
        };
        let names = |requirement: &Part<'a>| -> Vec<&'a str> {
            requirement.object().into_iter().flatten().map(|(name, _)| &**name).collect()
        };
        let of_tokens = |requirement: &Part<'a>| names(requirement).into_iter().all(&bears);
        if let Some(other) = requirements.first()
            && !requirements.iter().any(of_tokens)
        {
            let what = format!("security by `{}` is not supported; bearer tokens are", names(other).join("`, `"));
            self.document.refuse(&part.place, what);
        }
        requirements.iter().any(|requirement| !names(requirement).is_empty() && of_tokens(requirement))
    }

    fn body(&mut self, part: Part<'a>, stem: &str) -> Option<Body> {
        let (part, _) = self.document.resolve(part, "requestBodies")?;
        let media_types = part.members("content");
        let preferred = PREFERRED.iter().find_map(|wanted| media_types.iter().find(|(name, _)| name == wanted));
        let json = || media_types.iter().find(|(name, _)| answer::is_json(name));
        let form = || media_types.iter().find(|(name, _)| *name == answer::FORM);
        let Some((media_type, content)) = preferred.or_else(json).or_else(form).or(media_types.first()) else {
            self.document.refuse(&part.place, "the body has no `content`");
            return None;
        };
        let reading = self.reading(media_type, content, &format!("{stem}Body"), true)?;
        if let Reading::Form(of) = &reading {
            self.flat(of, &content.place);
        }
        if media_type.contains('*') {
            self.document.refuse(&content.place, "a range of media types is not supported for a request's body");
        }
        Some(Body { media_type: (*media_type).to_owned(), reading, required: part.is("required") })
    }

    /// Refuses forms of what has no text: RFC 1866 knows pairs alone.
    fn flat(&mut self, of: &Type, place: &str) {
        let scalar = |schemas: &Self, of: &Type| match schemas.unaliased(of) {
            Type::List(of) | Type::Nullable(of) => schemas.is_scalar(of),
            of => schemas.is_scalar(of),
        };
        let members = match self.unaliased(of) {
            Type::Map(of) => vec![("any", (**of).clone())],
            Type::Named(name) => match self.items.get(name).map(|item| &item.definition) {
                Some(Definition::Struct { fields, rest }) => {
                    let fields = fields.iter().map(|field| (&*field.wire, field.of.clone()));
                    fields.chain(rest.iter().map(|of| ("any", of.clone()))).collect()
                }
                _ => vec![("", Type::Any)],
            },
            _ => vec![("", Type::Any)],
        };
        let fault = members.iter().find(|(_, of)| !scalar(self, of)).map(|(name, _)| (*name).to_owned());
        if let Some(name) = fault {
            self.document.refuse(place, format_args!("a form has no text for its member `{name}`"));
        }
    }

    /// Whether `of` is text, a number, or true or false.
    fn is_scalar(&self, of: &Type) -> bool {
        match self.unaliased(of) {
            Type::Boolean | Type::Integer | Type::Integer32 | Type::Number | Type::Text => true,
            Type::Named(name) => {
                matches!(self.items.get(name).map(|item| &item.definition), Some(Definition::Words { .. }))
            }
            Type::Any | Type::Null | Type::List(_) | Type::Map(_) | Type::Nullable(_) => false,
        }
    }

    /// Refuses answers that differ and would have the same name.
    pub(super) fn refuse_namesakes(&mut self, operations: &[Operation]) {
        let mut known = std::collections::BTreeMap::new();
        for answer in operations.iter().flat_map(|operation| &operation.answers) {
            if let Payload::Several { name, of } = &answer.payload
                && known.insert(name, of).is_some_and(|other| other != of)
            {
                self.document.refuse("#/paths", format_args!("two answers would be called `{name}`"));
            }
        }
    }

    /// Whether the document leads to types that stand for themselves: they are refused.
    pub(super) fn refuse_circles(&mut self) {
        let circular: Vec<String> = self.items.keys().filter(|name| self.is_circular(name)).cloned().collect();
        for name in circular {
            self.document.refuse("#/components/schemas", format_args!("the type `{name}` is made of itself alone"));
        }
    }

    /// Whether `name` leads back to itself by names that stand for other types.
    fn is_circular(&self, name: &str) -> bool {
        let mut seen = vec![name];
        loop {
            let last = seen.last().and_then(|name| self.items.get(*name)).map(|item| &item.definition);
            let Some(Definition::Alias(of)) = last else { return false };
            let mut of = of;
            while let Type::List(inner) | Type::Map(inner) | Type::Nullable(inner) = of {
                of = inner;
            }
            let Type::Named(next) = of else { return false };
            if seen.contains(&next.as_str()) {
                return next == name;
            }
            seen.push(next);
        }
    }
}

/// Whether `value` is `null` or absent.
fn is_nothing(value: Option<&Value>) -> bool {
    value.is_none_or(Value::is_null)
}
