//! What the services write down of requests.

use std::time::{Duration, Instant};

use memoctl::aws::Aws;
use serde_json::{Value, json};

use super::http::Call;
use super::person::{PASSWORD, Person};
use super::site::shared;

/// Another password, which no other test has.
const NEW: &str = "Lemonade in the evening";
/// A guess, which no other test has.
const GUESS: &str = "Vinegar at dawn";

/// The functions' own lines in all log groups of the stack: what Lambda writes beside them is left out.
async fn lines(aws: &Aws, functions: impl Iterator<Item = &String>) -> Vec<String> {
    let mut lines = Vec::new();
    for function in functions {
        let mut pages =
            aws.logs.filter_log_events().log_group_name(aws.scope.log_group(function)).into_paginator().send();
        while let Some(page) = pages.next().await {
            lines.extend(page.unwrap().events.unwrap_or_default().into_iter().filter_map(|event| event.message));
        }
    }
    lines.retain(|line| !line.contains("\"platform."));
    lines
}

#[tokio::test]
async fn what_happened_to_whom_is_told_without_a_secret() {
    let site = shared();
    let person = Person::new(&site).await;
    let user = person.claims()["sub"].as_str().unwrap().to_owned();
    let next = person.holding(person.refresh().await.expect(200).json());
    person.refresh().await.expect(400);
    let session = person.session().await;
    session.log_in(&json!({ "email": person.email, "password": GUESS })).await.expect(401);
    session.tell("PATCH /v1/users/me", &json!({ "name": "A Name Of Theirs" })).await.expect(200);
    session.memo(&json!({ "title": "A Title Of Theirs", "content": PASSWORD })).await;
    session.tell("PUT /v1/users/me/password", &json!({ "current": GUESS, "new": NEW })).await.expect(403);
    session.tell("PUT /v1/users/me/password", &json!({ "current": PASSWORD, "new": NEW })).await.expect(204);
    // What cannot be read is not quoted.
    let broken = format!("{{\"email\":\"{}\",\"password\":\"{NEW}\",}}", person.email);
    site.send(&Call::new("POST /v1/sessions").typed("application/json").body(broken)).await.expect(400);
    site.send(&Call::new("GET /v1/memos").bearer(&format!("{}x", session.access()))).await.expect(401);
    session.tell("DELETE /v1/users/me", &json!({ "password": NEW })).await.expect(204);

    let aws = site.aws().await;
    let until = Instant::now() + Duration::from_mins(1);
    let lines = loop {
        let lines = lines(&aws, site.stack.functions.keys()).await;
        if lines.iter().any(|line| line.contains(&user) && line.contains("account-deleted")) {
            break lines;
        }
        assert!(Instant::now() < until, "the deletion is not in the log: {}", lines.len());
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    let secrets = [
        PASSWORD,
        NEW,
        GUESS,
        &person.email,
        "A Name Of Theirs",
        "A Title Of Theirs",
        person.access(),
        person.refresh_token(),
        next.access(),
        next.refresh_token(),
        session.access(),
        session.refresh_token(),
    ];
    let mut events = Vec::new();
    for line in &lines {
        let told: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        assert!(secrets.iter().all(|secret| !line.contains(secret)), "{line}");
        if told["user"] == *user {
            events.extend(told["audit"].as_str().map(str::to_owned));
        }
    }
    for event in [
        "registered",
        "logged-in",
        "refreshed",
        "refresh-token-reused",
        "login-refused",
        "renamed",
        "password-refused",
        "password-changed",
        "account-deleted",
    ] {
        assert!(events.iter().any(|told| told == event), "no {event} in {events:?}");
    }
}
