//! What the log tells: each event of an account, and nothing that would open one.

use std::fmt::{Debug, Write as _};
use std::sync::{Arc, Mutex};

use serde_json::json;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use super::world::{EMAIL, PASSWORD, World, body};

/// The services' lines at every level, as `name=value` pairs.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<String>>>);

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let _ = write!(self.0, "{}={value:?} ", field.name());
    }
}

impl Subscriber for Lines {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        ["auth", "service", "jwt"].contains(&metadata.target().split("::").next().unwrap())
    }

    fn new_span(&self, attributes: &Attributes<'_>) -> Id {
        let mut line = Line(String::new());
        attributes.record(&mut line);
        self.0.lock().unwrap().push(line.0);
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut line = Line(String::new());
        event.record(&mut line);
        self.0.lock().unwrap().push(line.0);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

impl Lines {
    /// The names of the audit events, in order.
    fn events(&self) -> Vec<String> {
        let name = |line: &String| Some(line.split("audit=\"").nth(1)?.split('"').next()?.to_owned());
        self.0.lock().unwrap().iter().filter_map(name).collect()
    }
}

const NEW: &str = "A cat on the keyboard";

/// A life of an account, in the log's words; gives the log, and what must not stand in it.
async fn life() -> (Lines, Vec<String>) {
    let world = World::new().await;
    let lines = Lines::default();
    let guard = tracing::subscriber::set_default(lines.clone());
    let mut first = world.tokens().await;
    world.log_in(EMAIL, "A wrong password").await;
    world.log_in("nobody@example.com", PASSWORD).await;
    first = body(&world.refresh(&first).await);
    let second = world.session(EMAIL, PASSWORD).await;
    let third = body(&world.refresh(&second).await);
    world.refresh(&second).await;
    world.json_as(&first, "PATCH /v1/users/me", &json!({ "name": "Ann Smith" })).await;
    world.json_as(&first, "PUT /v1/users/me/password", &json!({ "current": "A wrong password", "new": NEW })).await;
    world.json_as(&first, "PUT /v1/users/me/password", &json!({ "current": PASSWORD, "new": NEW })).await;
    let last = world.session(EMAIL, NEW).await;
    world.form("/oauth/revoke", &format!("token={}", last["access_token"].as_str().unwrap())).await;
    world.json_as(&first, "DELETE /v1/users/me", &json!({ "password": NEW })).await;
    drop(guard);
    let mut secrets: Vec<_> =
        [EMAIL, PASSWORD, NEW, "A wrong password", "nobody", "Ann Smith"].map(str::to_owned).into();
    for tokens in [first, second, third, last] {
        secrets.extend(["access_token", "refresh_token"].map(|name| tokens[name].as_str().unwrap().to_owned()));
    }
    (lines, secrets)
}

#[tokio::test]
async fn each_event_of_an_account_is_one_line() {
    let (lines, _) = life().await;
    let expected = [
        "registered",
        "logged-in",
        "login-refused",
        "login-refused",
        "refreshed",
        "logged-in",
        "refreshed",
        "refresh-token-reused",
        "renamed",
        "password-refused",
        "password-changed",
        "logged-in",
        "session-ended",
        "account-deleted",
    ];
    assert_eq!(lines.events(), expected);
}

#[tokio::test]
async fn the_log_holds_no_token_no_password_and_no_address() {
    let (lines, secrets) = life().await;
    let log = lines.0.lock().unwrap().join("\n");
    for secret in secrets {
        assert!(!log.contains(&secret), "{secret} stands in\n{log}");
    }
}
