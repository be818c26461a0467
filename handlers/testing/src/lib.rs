//! What the tests of the services share: an AWS of its own for each test, and API Gateway's events.

#![expect(clippy::unwrap_used, clippy::missing_panics_doc, reason = "a failed test panics")]

mod backend;
mod reads;

pub use backend::Backend;
pub use reads::Reads;

use serde_json::{Value, json};
use service::event::Event;

/// The API's public base URL, and its issuer.
pub const BASE: &str = "https://api.example/prod";

/// The event of a request to `route` (`POST /v1/users`), with the members of `sent` beside the stage's variables.
pub fn event(route: &str, sent: &Value) -> Event {
    let (method, resource) = route.split_once(' ').unwrap();
    let mut event = json!({
        "resource": resource,
        "httpMethod": method,
        "stageVariables": { "base_url": BASE, "issuer": BASE },
    });
    event.as_object_mut().unwrap().extend(sent.as_object().unwrap().clone());
    serde_json::from_value(event).unwrap()
}

/// An HS256 key set whose one key has the bytes `[7; 32]`.
pub fn mac_keys() -> Value {
    json!({ "keys": [{
        "kty": "oct", "kid": "1", "k": "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc", "alg": "HS256", "use": "sig",
        "status": "active", "created_at": "2026-01-01T00:00:00Z",
    }] })
}
