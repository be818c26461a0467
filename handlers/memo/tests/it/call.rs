//! Requests to the service, as API Gateway hands them on.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use service::event::Event;

/// The user who asks unless a test says otherwise.
pub(crate) const USER: &str = "01HF7YAT00AAAAAAAAAAAAAAAA";
/// Another one.
pub(crate) const OTHER: &str = "01HF7YAT00BBBBBBBBBBBBBBBB";
/// An id of the time at which tests begin, that no memo has unless a test makes it.
pub(crate) const ID: &str = "01MCC5RM00CCCCCCCCCCCCCCCC";

/// One request, in the making.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    route: &'static str,
    id: Option<String>,
    headers: BTreeMap<String, Vec<String>>,
    query: BTreeMap<String, Vec<String>>,
    context: Value,
    body: Option<String>,
}

pub(crate) fn post(body: &Value) -> Call {
    Call::new("POST /v1/memos").json(body)
}

pub(crate) fn list(query: &[(&str, &str)]) -> Call {
    query.iter().fold(Call::new("GET /v1/memos"), |call, (name, value)| call.query(name, value))
}

pub(crate) fn get(id: &str) -> Call {
    Call::new("GET /v1/memos/{id}").id(id)
}

pub(crate) fn patch(id: &str, body: &Value) -> Call {
    Call::new("PATCH /v1/memos/{id}").id(id).json(body).media_type("application/merge-patch+json")
}

pub(crate) fn put(id: &str, body: &Value) -> Call {
    Call::new("PUT /v1/memos/{id}").id(id).json(body)
}

/// A PUT that makes the memo.
pub(crate) fn put_new(id: &str, body: &Value) -> Call {
    put(id, body).header("If-None-Match", "*")
}

pub(crate) fn delete(id: &str) -> Call {
    Call::new("DELETE /v1/memos/{id}").id(id)
}

pub(crate) fn restore(id: &str) -> Call {
    Call::new("POST /v1/memos/{id}/restore").id(id)
}

pub(crate) fn tags(query: &[(&str, &str)]) -> Call {
    query.iter().fold(Call::new("GET /v1/tags"), |call, (name, value)| call.query(name, value))
}

/// A well-formed request to each endpoint, those of a memo to `id`, which the last one brings back.
pub(crate) fn each(id: &str) -> [Call; 8] {
    let body = json!({ "title": "t" });
    [post(&body), list(&[]), tags(&[]), get(id), patch(id, &body), put(id, &body), delete(id), restore(id)]
}

impl Call {
    fn new(route: &'static str) -> Self {
        let (headers, query) = (BTreeMap::new(), BTreeMap::new());
        Self { route, id: None, headers, query, context: Value::Null, body: None }.by(USER)
    }

    fn id(self, id: &str) -> Self {
        Self { id: Some(id.to_owned()), ..self }
    }

    fn json(self, body: &Value) -> Self {
        self.body(&body.to_string()).media_type("application/json")
    }

    /// Of `user`, with a token that opens everything and expires in 600 seconds.
    pub(crate) fn by(self, user: &str) -> Self {
        self.context(json!({ "sub": user, "scope": "memos:read memos:write account", "exp": "1800000600" }))
    }

    /// With this context of the authorizer.
    pub(crate) fn context(self, context: Value) -> Self {
        Self { context, ..self }
    }

    pub(crate) fn media_type(mut self, media_type: &str) -> Self {
        self.headers.insert("Content-Type".to_owned(), vec![media_type.to_owned()]);
        self
    }

    /// With one more line of the header `name`.
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.entry(name.to_owned()).or_default().push(value.to_owned());
        self
    }

    /// With one more query parameter.
    pub(crate) fn query(mut self, name: &str, value: &str) -> Self {
        self.query.entry(name.to_owned()).or_default().push(value.to_owned());
        self
    }

    pub(crate) fn body(self, body: &str) -> Self {
        Self { body: Some(body.to_owned()), ..self }
    }

    pub(crate) fn is_of(&self, method: &str) -> bool {
        self.route.starts_with(method)
    }

    pub(crate) fn event(&self) -> Event {
        let sent = json!({
            "multiValueHeaders": self.headers,
            "multiValueQueryStringParameters": self.query,
            "pathParameters": self.id.as_ref().map(|id| json!({ "id": id })),
            "requestContext": { "requestId": "5b1c9a5e-0000-4000-8000-000000000000", "authorizer": self.context },
            "body": self.body,
        });
        testing::event(self.route, &sent)
    }
}
