//! Requests at the same moment, each served by a process of its own: the outcomes are exact.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::http::{Answer, Call};
use super::person::{PASSWORD, Person, email};
use super::site::{Site, address, shared};

/// Sends all of `calls` at once.
async fn at_once(site: &Site, calls: impl IntoIterator<Item = Call>) -> Vec<Answer> {
    let calls: Vec<Call> = calls.into_iter().collect();
    join_all(calls.iter().map(|call| site.send(call))).await
}

/// How often each status came.
fn statuses(answers: &[Answer]) -> BTreeMap<u16, usize> {
    answers.iter().fold(BTreeMap::new(), |mut counts, answer| {
        *counts.entry(answer.status).or_default() += 1;
        counts
    })
}

fn with(answers: &[Answer], status: u16) -> impl Iterator<Item = &Answer> {
    answers.iter().filter(move |answer| answer.status == status)
}

#[tokio::test]
async fn of_fifty_wrong_logins_five_are_looked_at() {
    let site = shared();
    let (person, guesser) = (Person::new(&site).await, address());
    let guess =
        Call::new("POST /v1/sessions").from(guesser).json(&json!({ "email": person.email, "password": "wrong" }));
    let answers = at_once(&site, std::iter::repeat_n(guess, 50)).await;
    assert_eq!(statuses(&answers), BTreeMap::from([(401, 5), (429, 45)]));
}

#[tokio::test]
async fn of_twenty_registrations_of_one_address_in_two_spellings_one_succeeds() {
    let (site, ip) = (shared(), address());
    let register = |number: usize| {
        let email = email(ip);
        let email = [email.to_uppercase(), email][number % 2].clone();
        Call::new("POST /v1/users").from(ip).json(&json!({ "email": email, "password": PASSWORD }))
    };
    let answers = at_once(&site, (0..20).map(register)).await;
    assert_eq!(statuses(&answers), BTreeMap::from([(201, 1), (409, 19)]));
    let login = json!({ "email": email(ip), "password": PASSWORD });
    let tokens = site.send(&Call::new("POST /v1/sessions").from(ip).json(&login)).await.expect(200).json();
    let me = Call::new("GET /v1/users/me").bearer(tokens["access_token"].as_str().unwrap());
    assert_eq!(site.send(&me).await.json(), with(&answers, 201).next().unwrap().json());
}

#[tokio::test]
async fn of_ten_refreshes_with_one_token_one_succeeds_and_its_session_ends() {
    let site = shared();
    let person = Person::new(&site).await;
    let form = format!("grant_type=refresh_token&refresh_token={}", person.refresh_token());
    let answers = at_once(&site, std::iter::repeat_n(Call::new("POST /oauth/token").form(&form), 10)).await;
    assert_eq!(statuses(&answers), BTreeMap::from([(200, 1), (400, 9)]));
    assert!(with(&answers, 400).all(|answer| answer.fault().1 == "invalid_grant"));
    let next = person.holding(with(&answers, 200).next().unwrap().json());
    assert_eq!(next.refresh().await.fault(), (400, "invalid_grant".to_owned()));
    assert_eq!(next.ask("GET /v1/users/me").await.fault(), (401, "invalid-token".to_owned()));
}

#[tokio::test]
async fn of_twenty_patches_of_one_version_one_succeeds() {
    let site = shared();
    let person = Person::new(&site).await;
    let place = person.place().await;
    let patch = |number: usize| {
        let patch = json!({ "title": format!("n{number}"), "tags": [format!("n{number}")] });
        person.call(&format!("PATCH {place}")).patch(&patch).header("If-Match", "\"v1\"")
    };
    let answers = at_once(&site, (0..20).map(patch)).await;
    assert_eq!(statuses(&answers), BTreeMap::from([(200, 1), (412, 19)]));
    assert!(with(&answers, 412).all(|answer| answer.header("ETag") == "\"v2\""), "{answers:?}");
    let left = person.ask(&format!("GET {place}")).await.json();
    assert_eq!(left, with(&answers, 200).next().unwrap().json());
    let tags = person.ask("GET /v1/tags").await.json();
    assert_eq!(tags["tags"], json!([{ "tag": left["tags"][0], "count": 1 }]));
}

#[tokio::test]
async fn twenty_patches_of_any_version_are_twenty_versions() {
    let site = shared();
    let person = Person::new(&site).await;
    let place = person.place().await;
    let patch = |number: usize| {
        let call = person.call(&format!("PATCH {place}")).patch(&json!({ "title": format!("n{number}") }));
        if number.is_multiple_of(2) { call.header("If-Match", "*") } else { call }
    };
    let answers = at_once(&site, (0..20).map(patch)).await;
    assert_eq!(statuses(&answers), BTreeMap::from([(200, 20)]));
    let versions: BTreeSet<u64> = answers.iter().map(|answer| answer.json()["version"].as_u64().unwrap()).collect();
    assert_eq!(versions, (2..=21).collect());
}

#[tokio::test]
async fn twenty_posts_with_one_key_make_one_memo_and_get_one_answer() {
    let site = shared();
    let person = Person::new(&site).await;
    let post = person.call("POST /v1/memos").json(&json!({ "title": "t", "tags": ["a"] }));
    let answers = at_once(&site, std::iter::repeat_n(post.header("Idempotency-Key", "k"), 20)).await;
    assert_eq!(statuses(&answers), BTreeMap::from([(201, 20)]));
    let bodies: BTreeSet<&String> = answers.iter().map(|answer| &answer.body).collect();
    assert_eq!(bodies.len(), 1, "{bodies:?}");
    let replayed = answers.iter().filter(|answer| answer.header("Idempotency-Replayed") == "true").count();
    assert_eq!(replayed, 19);
    let memos: Value = person.ask("GET /v1/memos").await.json();
    assert_eq!(memos["memos"].as_array().unwrap().len(), 1);
    assert_eq!(person.ask("GET /v1/tags").await.json()["tags"][0]["count"], 1);
}

#[tokio::test]
async fn of_ten_creations_under_one_id_and_ten_deletions_one_each_succeeds() {
    let site = shared();
    let person = Person::new(&site).await;
    let path = "/v1/memos/01HF7YAT00CCCCCCCCCCCCCCCC";
    let put = person.call(&format!("PUT {path}")).json(&json!({ "title": "t" })).header("If-None-Match", "*");
    let answers = at_once(&site, std::iter::repeat_n(put, 10)).await;
    assert_eq!(statuses(&answers), BTreeMap::from([(201, 1), (412, 9)]));
    let answers = at_once(&site, std::iter::repeat_n(person.call(&format!("DELETE {path}")), 10)).await;
    assert_eq!(statuses(&answers), BTreeMap::from([(204, 1), (404, 9)]));
    let answers = at_once(&site, std::iter::repeat_n(person.call(&format!("POST {path}/restore")), 10)).await;
    assert_eq!(statuses(&answers), BTreeMap::from([(200, 1), (409, 9)]));
}
