//! What the log tells: each event of an account, and nothing that would open one.

use std::fmt::{Debug, Write as _};
use std::sync::{Arc, LazyLock, Mutex};

use serde_json::json;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::DefaultGuard;
use tracing::{Dispatch, Event, Metadata, Subscriber};

use super::world::{EMAIL, PASSWORD, World, body, claims, signing_key};

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

/// Subscribers that hear nothing. Of a line that is met for the first time tracing asks all subscribers whether they want
/// it, if there are several; the only one of a process it asks through the thread that meets the line, and that may be
/// another test's, which has none: nobody would get the line from then on.
static OTHERS: LazyLock<[Dispatch; 2]> = LazyLock::new(|| [(); 2].map(|()| Dispatch::new(Lines::default())));

impl Lines {
    /// The lines of this thread until the guard is dropped.
    fn start() -> (Self, DefaultGuard) {
        LazyLock::force(&OTHERS);
        let lines = Self::default();
        let guard = tracing::subscriber::set_default(lines.clone());
        (lines, guard)
    }

    /// The lines of what `act` does.
    async fn of(act: impl AsyncFnOnce()) -> Self {
        let (lines, _guard) = Self::start();
        act().await;
        lines
    }

    /// The lines of the audit event `name`.
    fn about(&self, name: &str) -> Vec<String> {
        let lines = self.0.lock().unwrap();
        lines.iter().filter(|line| line.contains(&format!("audit={name:?} "))).cloned().collect()
    }

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
    let (lines, guard) = Lines::start();
    let mut first = world.tokens().await;
    world.register(EMAIL).await;
    world.log_in(EMAIL, "A wrong password").await;
    world.log_in("nobody@example.com", PASSWORD).await;
    first = body(&world.refresh(&first).await);
    let second = world.session(EMAIL, PASSWORD).await;
    let third = body(&world.refresh(&second).await);
    world.refresh(&second).await;
    world.refresh(&second).await;
    world.refresh(&json!({ "refresh_token": "rt1.A.A" })).await;
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
        "registration-refused",
        "login-refused",
        "login-refused",
        "refreshed",
        "logged-in",
        "refreshed",
        "refresh-token-reused",
        "refresh-refused",
        "refresh-refused",
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

/// How an audit line names the holder of `tokens` and their session.
fn named(tokens: &serde_json::Value) -> String {
    let claims = claims(tokens);
    format!("user={} session={} ", claims["sub"], claims["sid"])
}

#[tokio::test]
async fn who_is_logged_in_and_guesses_at_the_password_is_named_with_the_session() {
    let world = World::new().await;
    let tokens = world.tokens().await;
    let change = json!({ "current": "A wrong password", "new": NEW });
    let lines = Lines::of(async || {
        for _ in 0..6 {
            world.json_as(&tokens, "PUT /v1/users/me/password", &change).await;
        }
    });
    let lines = lines.await;
    let (refused, throttled) = (lines.about("password-refused"), lines.about("throttled"));
    assert_eq!((refused.len(), throttled.len()), (5, 1));
    for line in refused.iter().chain(&throttled) {
        assert!(line.contains(&named(&tokens)), "{line}");
    }
}

#[tokio::test]
async fn a_session_ends_once() {
    let world = World::new().await;
    let tokens = world.tokens().await;
    let lines = Lines::of(async || {
        for name in ["refresh_token", "refresh_token", "access_token"] {
            world.form("/oauth/revoke", &format!("token={}", tokens[name].as_str().unwrap())).await;
        }
    });
    let ended = lines.await.about("session-ended");
    assert!(ended.len() == 1 && ended[0].contains(&named(&tokens)), "{ended:?}");
}

#[tokio::test]
async fn a_name_that_stays_is_no_event() {
    let world = World::new().await;
    let tokens = world.tokens().await;
    let lines = Lines::of(async || {
        for patch in [json!({}), json!({ "name": "Ann" }), json!({ "name": "Ann" })] {
            world.json_as(&tokens, "PATCH /v1/users/me", &patch).await;
        }
    });
    assert_eq!(lines.await.events(), ["renamed"]);
}

#[tokio::test]
async fn what_could_not_be_signed_is_no_event() {
    let mut world = World::new().await;
    let tokens = world.tokens().await;
    world.delete_keys("jwt").await;
    world = world.later(3_600);
    let lines = Lines::of(async || {
        assert_eq!(world.refresh(&tokens).await.status_code, 503);
        assert_eq!(world.log_in(EMAIL, PASSWORD).await.status_code, 503);
        world.put_keys("jwt", &[signing_key()]).await;
        assert_eq!(world.refresh(&tokens).await.status_code, 200);
    });
    assert_eq!(lines.await.events(), ["refreshed"]);
}
