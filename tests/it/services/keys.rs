//! Keys that change while the services run: what was signed before goes on, and in an emergency ends at once.

use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64URL;
use futures_util::future::join_all;
use jiff::SignedDuration;
use serde_json::{Value, json};
use tokio::process::Command;
use tokio::time::sleep;

use super::http::{Answer, Call};
use super::person::{PASSWORD, Person, part};
use super::site::{Site, handlers, shipped};
use crate::cli::{Project, Run};
use crate::cloud::REGION;
use crate::passing::pass;

/// Requests at a time: more than there are instances that have read the keys before.
const AT_ONCE: usize = 4;

/// Rounds of such requests, of which each has instances that are new.
const ROUNDS: usize = 20;

/// How long an instance may know no key that was published just now: 30 s, and as long again on a busy machine.
const UNKNOWN: Duration = Duration::from_mins(1);

fn site() -> Site {
    Site::start(shipped(), handlers)
}

/// `memoctl keys` on the site's stack, which builds nothing.
async fn keys(site: &Site, arguments: &[&str]) -> Run {
    let text = std::fs::read_to_string(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("stack.toml")).unwrap();
    let project = Project::with_stack(&text);
    let mut command = project.command(&[&["keys"], arguments, &["--local"]].concat());
    command.env("MEMOCTL_STATE", &site.state).env("MEMOCTL_REGION", REGION);
    let run = Run::of(Command::from(command).output().await.unwrap());
    assert_eq!(run.code, Some(0), "{}\n{}", run.stdout, run.stderr);
    run
}

/// Rotates `key`, and has more than the ten minutes pass after which the next one signs: by having begun them earlier.
async fn rotate(site: &Site, key: &str) {
    keys(site, &["rotate", key]).await;
    let aws = site.aws().await;
    let name = aws.scope.private_parameter(key);
    pass(&aws.ssm, &name, SignedDuration::from_mins(11)).await;
}

/// The ids of the stack's keys `key`, the oldest first.
async fn ids(site: &Site, key: &str) -> Vec<String> {
    let run = keys(site, &["list", "--output", "json"]).await;
    let sets = run.json();
    let set = sets.as_array().unwrap().iter().find(|set| set["name"] == key).unwrap();
    set["keys"].as_array().unwrap().iter().map(|key| key["id"].as_str().unwrap().to_owned()).collect()
}

/// Calls many times at once, until an answer is as `is_new` wants it; each has to be 200.
async fn until<F: Future<Output = Answer>>(call: impl Fn() -> F, is_new: impl Fn(&Value) -> bool) -> Value {
    for _ in 0..ROUNDS {
        let answers = join_all((0..AT_ONCE).map(|_| call())).await;
        let bodies: Vec<Value> = answers.into_iter().map(|answer| answer.expect(200).json()).collect();
        if let Some(body) = bodies.into_iter().find(|body| is_new(body)) {
            return body;
        }
    }
    panic!("no instance uses the next key")
}

/// The answer once the instances know a key that was published just now: an instance asks again at most every 30 s.
async fn known<F: Future<Output = Answer>>(call: impl Fn() -> F) -> Answer {
    let begun = Instant::now();
    loop {
        let answer = call().await;
        if answer.status == 200 {
            return answer;
        }
        assert!(begun.elapsed() < UNKNOWN, "the next key stays unknown: {answer:?}");
        sleep(Duration::from_millis(200)).await;
    }
}

fn first_byte(text: &Value) -> u8 {
    BASE64URL.decode(text.as_str().unwrap()).unwrap()[0]
}

#[tokio::test]
async fn after_a_rotation_old_tokens_are_good_and_those_of_the_next_key_too_without_a_deploy() {
    let site = site();
    let person = Person::new(&site).await;
    person.ask("GET /v1/memos").await.expect(200);
    rotate(&site, "jwt").await;
    let next = ids(&site, "jwt").await.remove(1);
    let login = json!({ "email": person.email, "password": PASSWORD });
    let is_next = |tokens: &Value| part(tokens["access_token"].as_str().unwrap(), 0)["kid"] == *next;
    let tokens = until(|| person.log_in(&login), is_next).await;
    let call = Call::new("GET /v1/memos").from(person.ip).bearer(tokens["access_token"].as_str().unwrap());
    known(|| site.send(&call)).await;
    person.ask("GET /v1/memos").await.expect(200);
    person.ask("GET /v1/users/me").await.expect(200);
    // Past the cache of the gateway as well.
    let other = Call::new("GET /v1/users/me").from(person.ip).bearer(tokens["access_token"].as_str().unwrap());
    site.send(&other).await.expect(200);
}

#[tokio::test]
async fn a_refresh_token_of_the_previous_key_is_good_and_the_next_one_is_of_the_next_key() {
    let site = site();
    let person = Person::new(&site).await;
    rotate(&site, "refresh").await;
    let of_next = |tokens: &Value| tokens["refresh_token"].as_str().unwrap().starts_with("rt1.Ag");
    let refresh = async || {
        let session = person.session().await;
        assert!(of_next(&session.tokens) || session.refresh_token().starts_with("rt1.AQ"));
        known(|| session.refresh()).await
    };
    until(refresh, of_next).await;
    assert!(person.refresh_token().starts_with("rt1.AQ"));
    person.refresh().await.expect(200);
}

#[tokio::test]
async fn a_cursor_of_the_previous_key_goes_on() {
    let site = site();
    let person = Person::new(&site).await;
    for _ in 0..3 {
        person.place().await;
    }
    let page = person.ask("GET /v1/memos?page_size=1").await.expect(200).json();
    assert_eq!(first_byte(&page["next_cursor"]), 1);
    rotate(&site, "cursor").await;
    let second = format!("GET /v1/memos?page_size=1&cursor={}", page["next_cursor"].as_str().unwrap());
    // An instance that reads it by the new set writes the next one with the new key.
    let next = until(|| person.ask(&second), |page| first_byte(&page["next_cursor"]) == 2).await;
    assert_ne!(next["memos"], page["memos"]);
}

#[tokio::test]
async fn an_emergency_ends_all_tokens_as_soon_as_it_is_done_those_included_whose_answers_are_cached() {
    let site = site();
    let person = Person::new(&site).await;
    let guarded = ["GET /v1/memos", "GET /v1/users/me"];
    for line in guarded {
        person.ask(line).await.expect(200);
    }
    let before = ids(&site, "jwt").await;
    keys(&site, &["retire", "jwt", "--emergency", "--yes"]).await;
    for line in guarded {
        let answer = person.ask(line).await.expect(401);
        assert!(answer.header("WWW-Authenticate").starts_with("Bearer"), "{answer:?}");
    }
    // Nobody has to log in again: the refresh tokens are another key's.
    let tokens = person.refresh().await.expect(200).json();
    let kid = part(tokens["access_token"].as_str().unwrap(), 0)["kid"].as_str().unwrap().to_owned();
    assert!(!before.contains(&kid));
    for line in guarded {
        let call = Call::new(line).from(person.ip).bearer(tokens["access_token"].as_str().unwrap());
        site.send(&call).await.expect(200);
    }
    let published = site.send(&Call::new("GET /.well-known/jwks.json")).await.expect(200).json();
    assert_eq!(published["keys"].as_array().unwrap().iter().map(|key| &key["kid"]).collect::<Vec<_>>(), [&json!(kid)]);
}

#[tokio::test]
async fn an_emergency_of_the_refresh_key_ends_all_sessions_refreshes() {
    let site = site();
    let person = Person::new(&site).await;
    keys(&site, &["retire", "refresh", "--emergency", "--yes"]).await;
    assert_eq!(person.refresh().await.fault(), (400, "invalid_grant".to_owned()));
    person.session().await.refresh().await.expect(200);
}

#[tokio::test]
async fn an_emergency_of_the_cursor_key_ends_cursors_and_new_ones_are_good() {
    let site = site();
    let person = Person::new(&site).await;
    for _ in 0..3 {
        person.place().await;
    }
    let page = person.ask("GET /v1/memos?page_size=1").await.expect(200).json();
    keys(&site, &["retire", "cursor", "--emergency", "--yes"]).await;
    let following =
        |page: &Value| format!("GET /v1/memos?page_size=1&cursor={}", page["next_cursor"].as_str().unwrap());
    person.ask(&following(&page)).await.expect(400);
    let page = person.ask("GET /v1/memos?page_size=1").await.expect(200).json();
    assert_eq!(first_byte(&page["next_cursor"]), 2);
    person.ask(&following(&page)).await.expect(200);
}
