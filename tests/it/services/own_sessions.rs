//! `GET`, `DELETE /v1/sessions`, `DELETE /v1/sessions/{id}`.

use serde_json::{Value, json};

use super::person::Person;
use super::site::shared;

async fn sessions(person: &Person<'_>) -> Vec<Value> {
    person.ask("GET /v1/sessions").await.expect(200).json()["sessions"].as_array().unwrap().clone()
}

fn path(session: &Value) -> String {
    format!("DELETE /v1/sessions/{}", session.as_str().unwrap())
}

#[tokio::test]
async fn a_user_sees_their_sessions_the_newest_first_and_which_one_asks() {
    let site = shared();
    let first = Person::new(&site).await;
    let second = first.within("account").await;
    let shown = sessions(&first).await;
    let told = |member: &str| shown.iter().map(|session| session[member].clone()).collect::<Vec<_>>();
    assert_eq!(told("id"), [second.claims()["sid"].clone(), first.claims()["sid"].clone()]);
    assert_eq!(told("current"), [json!(false), json!(true)]);
    assert_eq!(told("scope"), [json!("account"), json!("memos:read memos:write account")]);
}

#[tokio::test]
async fn one_session_ends_and_no_other() {
    let site = shared();
    let person = Person::new(&site).await;
    let other = person.session().await;
    let gone = person.ask(&path(&other.claims()["sid"])).await.expect(204);
    assert_eq!(gone.body, "");
    assert_eq!(other.ask("GET /v1/sessions").await.fault(), (401, "invalid-token".to_owned()));
    assert_eq!(other.refresh().await.fault(), (400, "invalid_grant".to_owned()));
    assert_eq!(sessions(&person).await.len(), 1);
    person.ask(&path(&other.claims()["sid"])).await.expect(404);
}

#[tokio::test]
async fn another_users_session_an_unknown_one_and_no_id_are_one_404() {
    let site = shared();
    let (person, other) = (Person::new(&site).await, Person::new(&site).await);
    let mine = person.claims()["sid"].as_str().unwrap().to_lowercase();
    let mut answers = Vec::new();
    for id in [other.claims()["sid"].as_str().unwrap(), "01HF7YAT00AAAAAAAAAAAAAAAA", "x", &mine, "%00", "%2E%2E"] {
        let answer = person.ask(&format!("DELETE /v1/sessions/{id}")).await;
        assert_eq!(answer.fault(), (404, "not-found".to_owned()), "{id}");
        answers.push(answer.lasting());
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    assert_eq!(sessions(&other).await.len(), 1);
}

#[tokio::test]
async fn all_sessions_end_together_the_asking_one_too() {
    let site = shared();
    let person = Person::new(&site).await;
    let other = person.session().await;
    person.ask("DELETE /v1/sessions").await.expect(204);
    for session in [&person, &other] {
        assert_eq!(session.ask("GET /v1/sessions").await.fault(), (401, "invalid-token".to_owned()));
        assert_eq!(session.refresh().await.fault(), (400, "invalid_grant".to_owned()));
    }
    assert_eq!(sessions(&person.session().await).await.len(), 1);
}

#[tokio::test]
async fn the_access_token_of_a_session_that_ended_opens_memos_for_what_is_left_of_it() {
    let site = shared();
    let person = Person::new(&site).await;
    person.ask("DELETE /v1/sessions").await.expect(204);
    person.ask("GET /v1/memos").await.expect(200);
}
