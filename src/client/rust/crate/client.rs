//! The client: where the API is, who calls, and how requests are written and answers read.

use std::fmt::Display;

use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::answer::{Answer, Error};
use crate::transport::Transport;

/// A client of the API. Each operation is a method.
#[derive(Clone)]
pub struct Client<T> {
    transport: T,
    /// Without a slash at its end.
    base: String,
    token: Option<String>,
}

impl<T> std::fmt::Debug for Client<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The token is a secret.
        f.debug_struct("Client").field("base", &self.base).finish_non_exhaustive()
    }
}

impl<T: Transport> Client<T> {
    /// A client of the API at `base`, such as `https://api.example.com`, by `transport`.
    pub fn new(base: impl Into<String>, transport: T) -> Self {
        let base: String = base.into();
        Self { transport, base: base.trim_end_matches('/').to_owned(), token: None }
    }

    /// The same client with a bearer token for the operations that want one.
    #[must_use]
    pub fn with_token(self, token: impl Into<String>) -> Self {
        Self { token: Some(token.into()), ..self }
    }

    /// Sends `request`, and gives the answer as it comes.
    pub(crate) async fn send<E>(&self, request: Request) -> Result<Answer<Vec<u8>>, Error<E>> {
        let Request { method, path, query, mut headers, body, secured, fault } = request;
        if let Some(fault) = fault {
            return Err(Error::Request(fault));
        }
        if let Some(token) = self.token.as_ref().filter(|_| secured) {
            let value = HeaderValue::try_from(format!("Bearer {token}"));
            let mut value = value.map_err(|_| Error::Request("the token is no text for a header".to_owned()))?;
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        let mark = if query.is_empty() { "" } else { "?" };
        let uri = format!("{}{path}{mark}{query}", self.base);
        let mut built = http::Request::builder().method(method).uri(&uri).body(body);
        if let Ok(built) = &mut built {
            *built.headers_mut() = headers;
        }
        let built = built.map_err(|error| Error::Request(format!("{uri}: {error}")))?;
        let answer = self.transport.send(built).await.map_err(Error::Transport)?;
        let (head, body) = answer.into_parts();
        Ok(Answer { status: head.status, headers: head.headers, body })
    }
}

/// A request, in the making.
pub(crate) struct Request {
    method: Method,
    path: String,
    query: String,
    headers: HeaderMap,
    body: Vec<u8>,
    /// Whether it bears the token.
    secured: bool,
    /// What is wrong with it; it is not sent then.
    fault: Option<String>,
}

/// All but what RFC 3986 section 2.3 leaves alone.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A value in a path, encoded.
pub(crate) fn segment(value: impl Display) -> String {
    let text = value.to_string();
    // What a dot segment would lead to is another path (RFC 3986 section 5.2.4).
    match &*text {
        "." | ".." => text.replace('.', "%2E"),
        _ => utf8_percent_encode(&text, RESERVED).to_string(),
    }
}

impl Request {
    /// `path` is encoded.
    pub(crate) fn new(method: Method, path: impl Into<String>) -> Self {
        let (headers, path) = (HeaderMap::new(), path.into());
        Self { method, path, query: String::new(), headers, body: Vec::new(), secured: false, fault: None }
    }

    /// With the client's token.
    pub(crate) fn secured(self) -> Self {
        Self { secured: true, ..self }
    }

    /// With a parameter in the query.
    pub(crate) fn query(mut self, name: &str, value: impl Display) -> Self {
        let mark = if self.query.is_empty() { "" } else { "&" };
        let name = utf8_percent_encode(name, RESERVED);
        let value = value.to_string();
        self.query.push_str(&format!("{mark}{name}={}", utf8_percent_encode(&value, RESERVED)));
        self
    }

    /// With a header. An empty text is sent as it is.
    pub(crate) fn header(mut self, name: &str, value: impl Display) -> Self {
        match (HeaderName::try_from(name), HeaderValue::try_from(value.to_string())) {
            (Ok(name), Ok(value)) => {
                self.headers.insert(name, value);
            }
            (_, _) => self.fault = Some(format!("the value of {name} is no text for a header")),
        }
        self
    }

    /// With the media types that the answer may have.
    pub(crate) fn accept(mut self, media_types: &'static str) -> Self {
        self.headers.insert(ACCEPT, HeaderValue::from_static(media_types));
        self
    }

    /// With a body.
    pub(crate) fn bytes(mut self, media_type: &'static str, body: impl Into<Vec<u8>>) -> Self {
        self.headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
        self.body = body.into();
        self
    }

    /// With JSON as its body.
    pub(crate) fn json(mut self, media_type: &'static str, body: &(impl Serialize + ?Sized)) -> Self {
        match serde_json::to_vec(body) {
            Ok(body) => self.bytes(media_type, body),
            Err(error) => {
                self.fault = Some(error.to_string());
                self
            }
        }
    }

    /// With a form as its body (`application/x-www-form-urlencoded`): a pair a member, of a list a pair an element.
    pub(crate) fn form(mut self, body: &(impl Serialize + ?Sized)) -> Self {
        let mut form = form_urlencoded::Serializer::new(String::new());
        match serde_json::to_value(body) {
            Ok(Value::Object(members)) => {
                for (name, value) in members {
                    let values = if let Value::Array(values) = value { values } else { vec![value] };
                    for value in values {
                        match value {
                            Value::Null => {}
                            Value::String(text) => {
                                form.append_pair(&name, &text);
                            }
                            Value::Bool(_) | Value::Number(_) => {
                                form.append_pair(&name, &value.to_string());
                            }
                            Value::Array(_) | Value::Object(_) => {
                                self.fault = Some(format!("a form has no text for `{name}`"));
                            }
                        }
                    }
                }
            }
            Ok(_) => self.fault = Some("a form is made of an object".to_owned()),
            Err(error) => self.fault = Some(error.to_string()),
        }
        self.bytes("application/x-www-form-urlencoded", form.finish())
    }
}

/// Elements, as one value.
pub(crate) fn joined<V: Display>(values: &[V]) -> String {
    values.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

/// Whether `answer` is of `media_type`, which may end in `*`.
pub(crate) fn is_of(answer: &Answer<Vec<u8>>, media_type: &str) -> bool {
    let sent = answer.header("content-type").unwrap_or_default();
    let sent = sent.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match media_type.strip_suffix('*') {
        Some("*/") => true,
        Some(range) => sent.starts_with(range),
        None => sent == media_type,
    }
}

/// `answer` with its body as it came, if it is of `media_type`.
pub(crate) fn bytes<E>(answer: Answer<Vec<u8>>, media_type: &str) -> Result<Answer<Vec<u8>>, Error<E>> {
    if is_of(&answer, media_type) { Ok(answer) } else { Err(Error::Undescribed(Box::new(answer))) }
}

/// `answer` with its body read as JSON, if it is of `media_type`.
pub(crate) fn json<B: DeserializeOwned, E>(answer: Answer<Vec<u8>>, media_type: &str) -> Result<Answer<B>, Error<E>> {
    let answer = bytes(answer, media_type)?;
    match serde_json::from_slice(&answer.body) {
        Ok(body) => Ok(answer.map(|_| body)),
        Err(error) => Err(Error::Unreadable(Box::new(answer), error)),
    }
}

/// `answer` with its body read as text, if it is of `media_type`.
pub(crate) fn text<E>(answer: Answer<Vec<u8>>, media_type: &str) -> Result<Answer<String>, Error<E>> {
    let answer = bytes(answer, media_type)?;
    match std::str::from_utf8(&answer.body).map(str::to_owned) {
        Ok(text) => Ok(answer.map(|_| text)),
        Err(_) => Err(Error::Undescribed(Box::new(answer))),
    }
}

/// A refusal that the description names.
pub(crate) fn refused<E>(answer: Answer<E>) -> Error<E> {
    Error::Refused(Box::new(answer))
}
