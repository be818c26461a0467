//! A client's request, byte for byte as a test wants it, and the answer.

use std::net::Ipv4Addr;

use serde_json::Value;

/// One request, in the making.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    method: String,
    /// Behind the API's base URL, with its query.
    path: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    /// The address on the network that it comes from.
    pub(crate) from: Ipv4Addr,
}

/// An answer.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Names in lower case.
    headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Call {
    /// `GET /v1/memos`, from the address that all share who tell no other.
    pub(crate) fn new(line: &str) -> Self {
        let (method, path) = line.split_once(' ').unwrap();
        let (method, path) = (method.to_owned(), path.to_owned());
        Self { method, path, headers: Vec::new(), body: Vec::new(), from: Ipv4Addr::LOCALHOST }
    }

    /// With one more line of the header `name`.
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Without the lines of the header `name`.
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(sent, _)| !sent.eq_ignore_ascii_case(name));
        self
    }

    /// With a query.
    pub(crate) fn query(self, query: &str) -> Self {
        Self { path: format!("{}?{query}", self.path), ..self }
    }

    /// With `body` in place of what was before.
    pub(crate) fn body(self, body: impl Into<Vec<u8>>) -> Self {
        Self { body: body.into(), ..self }
    }

    /// With JSON as its body.
    pub(crate) fn json(self, body: &Value) -> Self {
        self.typed("application/json").body(body.to_string())
    }

    /// With a merge patch as its body.
    pub(crate) fn patch(self, body: &Value) -> Self {
        self.typed("application/merge-patch+json").body(body.to_string())
    }

    /// With a form as its body, encoded already.
    pub(crate) fn form(self, form: &str) -> Self {
        self.typed("application/x-www-form-urlencoded").body(form)
    }

    /// With this media type alone.
    pub(crate) fn typed(self, media_type: &str) -> Self {
        self.without("Content-Type").header("Content-Type", media_type)
    }

    /// With this access token alone.
    pub(crate) fn bearer(self, token: &str) -> Self {
        self.without("Authorization").header("Authorization", &format!("Bearer {token}"))
    }

    pub(crate) fn from(self, from: Ipv4Addr) -> Self {
        Self { from, ..self }
    }

    pub(crate) fn is_of(&self, method: &str) -> bool {
        self.method == method
    }

    /// Whether the path begins so.
    pub(crate) fn is_below(&self, path: &str) -> bool {
        self.path.starts_with(path)
    }

    /// The request as it is sent to `host`, below `base`.
    pub(super) fn bytes(&self, host: &str, base: &str) -> Vec<u8> {
        let Self { method, path, headers, body, from: _ } = self;
        let mut head = format!("{method} {base}{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n");
        for (name, value) in headers {
            head.extend([name, ": ", value, "\r\n"]);
        }
        if !body.is_empty() {
            head.extend(["Content-Length: ", &body.len().to_string(), "\r\n"]);
        }
        [head.as_bytes(), b"\r\n", body].concat()
    }
}

impl Answer {
    /// Reads what came until the connection's end.
    pub(super) fn read(bytes: Vec<u8>) -> Self {
        let text = String::from_utf8(bytes).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no whole answer: {text:?}"));
        let (line, headers) = head.split_once("\r\n").unwrap_or((head, ""));
        let status = line.split(' ').nth(1).unwrap().parse().unwrap();
        let headers = headers.lines().map(|line| {
            let (name, value) = line.split_once(':').unwrap();
            (name.to_ascii_lowercase(), value.trim().to_owned())
        });
        Self { status, headers: headers.collect(), body: body.to_owned() }
    }

    /// The header `name`, in any case; empty when it has none.
    #[track_caller]
    pub(crate) fn header(&self, name: &str) -> &str {
        let mut lines = self.headers.iter().filter(|(sent, _)| sent.eq_ignore_ascii_case(name));
        let first = lines.next().map_or("", |(_, value)| value);
        assert!(lines.next().is_none(), "{name} stands twice: {self:?}");
        first
    }

    /// Whether a function gave it, and not the gateway by itself.
    pub(crate) fn is_of_a_service(&self) -> bool {
        self.header("x-amzn-errortype").is_empty()
    }

    /// Demands `status`.
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{self:?}");
        self
    }

    /// The body as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The status with the problem's code, or with the error of RFC 6749 section 5.2.
    #[track_caller]
    pub(crate) fn fault(&self) -> (u16, String) {
        let body = self.json();
        let code = body["code"].as_str().or(body["error"].as_str());
        (self.status, code.unwrap_or_else(|| panic!("no code: {self:?}")).to_owned())
    }

    /// The members of the body that a 422 names.
    #[track_caller]
    pub(crate) fn pointers(&self) -> Vec<String> {
        assert_eq!(self.status, 422, "{self:?}");
        let body = self.json();
        let errors = body["errors"].as_array().unwrap_or_else(|| panic!("no errors: {self:?}"));
        errors.iter().map(|error| error["pointer"].as_str().unwrap().to_owned()).collect()
    }

    /// The body without what differs from request to request.
    #[track_caller]
    pub(crate) fn lasting(&self) -> Value {
        let mut body = self.json();
        body.as_object_mut().unwrap().remove("instance");
        body
    }
}
