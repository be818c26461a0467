//! `POST /v1/users`, `GET`, `PATCH`, `DELETE /v1/users/me`, `PUT /v1/users/me/password`.

use serde_json::{Value, json};

use super::http::Call;
use super::person::{PASSWORD, Person, email};
use super::site::{address, shared};

const OTHER: &str = "Coffee at nine, thanks";

fn registration() -> Call {
    let ip = address();
    Call::new("POST /v1/users").from(ip).json(&json!({ "email": email(ip), "password": PASSWORD }))
}

#[tokio::test]
async fn a_registration_gives_the_user_and_the_place_where_it_is_found() {
    let (site, ip) = (shared(), address());
    let body = json!({ "email": email(ip).to_uppercase(), "password": PASSWORD, "name": "Ann" });
    let answer = site.send(&Call::new("POST /v1/users").from(ip).json(&body)).await.expect(201);
    assert_eq!(answer.header("Location"), format!("{}/v1/users/me", site.base));
    let user = answer.json();
    let members: Vec<&String> = user.as_object().unwrap().keys().collect();
    assert_eq!(members, ["created_at", "email", "id", "name"]);
    assert_eq!((&user["email"], &user["name"]), (&json!(email(ip)), &json!("Ann")));
    let login = json!({ "email": email(ip), "password": PASSWORD });
    let tokens = site.send(&Call::new("POST /v1/sessions").from(ip).json(&login)).await.expect(200).json();
    let seen = Call::new("GET /v1/users/me").bearer(tokens["access_token"].as_str().unwrap());
    assert_eq!(site.send(&seen).await.expect(200).json(), user);
}

#[tokio::test]
async fn an_address_that_is_taken_in_any_spelling_is_409() {
    let site = shared();
    let person = Person::new(&site).await;
    let body = json!({ "email": person.email.to_uppercase(), "password": OTHER });
    let answer = site.send(&registration().json(&body)).await;
    assert_eq!(answer.fault(), (409, "email-taken".to_owned()));
}

#[tokio::test]
async fn what_a_registration_may_not_be_is_422_all_at_once() {
    let site = shared();
    let good = |member: &str, value: Value| {
        let mut body = json!({ "email": "good@x.example", "password": PASSWORD });
        body[member] = value;
        body
    };
    for (body, pointers) in [
        (json!({}), &["#/email", "#/password"][..]),
        (
            json!({ "email": "a", "password": "short", "name": 1, "admin": true }),
            &["#/email", "#/password", "#/name", "#/admin"],
        ),
        (good("email", json!(null)), &["#/email"]),
        (good("email", json!(" a@x.example")), &["#/email"]),
        (good("email", json!("a\"b@x.example")), &["#/email"]),
        (good("email", json!(format!("{}@x.example", "a".repeat(65)))), &["#/email"]),
        (good("password", json!("eleven char")), &["#/password"]),
        (good("password", json!("Password1234")), &["#/password"]),
        (good("password", json!("a".repeat(129))), &["#/password"]),
        (good("password", json!("my good@x.example word")), &["#/password"]),
        (good("name", json!("")), &["#/name"]),
        (good("name", json!("n".repeat(201))), &["#/name"]),
        (good("a/b~c", json!(1)), &["#/a~1b~0c"]),
    ] {
        assert_eq!(site.send(&registration().json(&body)).await.pointers(), pointers, "{body}");
    }
}

#[tokio::test]
async fn a_place_on_the_network_registers_twenty_users_an_hour() {
    let (site, ip) = (shared(), address());
    let attempt = |number: u32| {
        let body = json!({ "email": format!("n{number}-{}", email(ip)), "password": PASSWORD });
        Call::new("POST /v1/users").from(ip).json(&body)
    };
    for number in 0..20 {
        site.send(&attempt(number)).await.expect(201);
    }
    // What a client claims of itself does not make it another.
    let refused = site.send(&attempt(20).header("X-Forwarded-For", "192.0.2.1")).await;
    assert_eq!(refused.fault(), (429, "too-many-attempts".to_owned()));
    let elsewhere = site.send(&attempt(20).from(address())).await;
    elsewhere.expect(201);
}

#[tokio::test]
async fn a_user_sees_themselves_and_is_told_when_nothing_has_changed() {
    let site = shared();
    let person = Person::new(&site).await;
    let seen = person.ask("GET /v1/users/me").await.expect(200);
    let user = seen.json();
    assert_eq!((&user["email"], &user["name"]), (&json!(person.email), &Value::Null));
    let tag = seen.header("ETag");
    assert_eq!(tag, "\"v1\"");
    let again = site.send(&person.call("GET /v1/users/me").header("If-None-Match", tag)).await.expect(304);
    assert_eq!((again.header("ETag"), &*again.body), (tag, ""));
}

#[tokio::test]
async fn a_name_is_set_and_taken_away_by_a_merge_patch() {
    let site = shared();
    let person = Person::new(&site).await;
    let patch = |body: Value| person.call("PATCH /v1/users/me").patch(&body);
    let named = site.send(&patch(json!({ "name": "Ann" })).header("If-Match", "\"v1\"")).await.expect(200);
    assert_eq!((&named.json()["name"], named.header("ETag")), (&json!("Ann"), "\"v2\""));
    let bare = site.send(&patch(json!({ "name": null })).header("If-Match", "\"v2\"")).await.expect(200);
    assert_eq!((&bare.json()["name"], bare.header("ETag")), (&Value::Null, "\"v3\""));
    for body in [json!({ "email": "b@x.example" }), json!({ "id": "x" }), json!({ "version": 1 }), json!({ "name": 1 })]
    {
        assert_eq!(site.send(&patch(body.clone())).await.pointers().len(), 1, "{body}");
    }
}

#[tokio::test]
async fn a_change_of_another_version_of_the_user_is_412_with_the_current_tag() {
    let site = shared();
    let person = Person::new(&site).await;
    let name = json!({ "name": "Ann" });
    let password = json!({ "password": PASSWORD });
    for tags in ["\"v2\"", "W/\"v1\"", "v1"] {
        for call in [person.call("PATCH /v1/users/me").json(&name), person.call("DELETE /v1/users/me").json(&password)]
        {
            let refused = site.send(&call.header("If-Match", tags)).await;
            assert_eq!(refused.fault(), (412, "precondition-failed".to_owned()));
            assert_eq!(refused.header("ETag"), "\"v1\"");
        }
    }
    // Two lines are one list.
    let lines = person.call("PATCH /v1/users/me").json(&name).header("If-Match", "\"v7\"").header("if-match", "\"v1\"");
    site.send(&lines).await.expect(200);
}

#[tokio::test]
async fn a_deleted_account_is_closed_at_once_and_its_address_free_again() {
    let site = shared();
    let person = Person::new(&site).await;
    let other = person.session().await;
    let wrong = person.tell("DELETE /v1/users/me", &json!({ "password": OTHER })).await;
    assert_eq!(wrong.fault(), (403, "wrong-password".to_owned()));
    assert_eq!(person.tell("DELETE /v1/users/me", &json!({})).await.pointers(), ["#/password"]);
    let gone = person.tell("DELETE /v1/users/me", &json!({ "password": PASSWORD })).await.expect(204);
    assert_eq!(gone.body, "");
    for session in [&person, &other] {
        assert_eq!(session.ask("GET /v1/users/me").await.fault(), (401, "invalid-token".to_owned()));
        assert_eq!(session.refresh().await.fault(), (400, "invalid_grant".to_owned()));
    }
    let login = json!({ "email": person.email, "password": PASSWORD });
    assert_eq!(person.log_in(&login).await.fault(), (401, "invalid-credentials".to_owned()));
    site.send(&registration().json(&login)).await.expect(201);
}

#[tokio::test]
async fn a_new_password_ends_the_other_sessions_and_no_more() {
    let site = shared();
    let person = Person::new(&site).await;
    let other = person.session().await;
    let change = json!({ "current": PASSWORD, "new": OTHER });
    let changed = person.tell("PUT /v1/users/me/password", &change).await.expect(204);
    assert_eq!(changed.body, "");
    assert_eq!(other.ask("GET /v1/users/me").await.fault(), (401, "invalid-token".to_owned()));
    assert_eq!(other.refresh().await.fault(), (400, "invalid_grant".to_owned()));
    person.ask("GET /v1/users/me").await.expect(200);
    person.refresh().await.expect(200);
    let login = |password: &str| json!({ "email": person.email, "password": password });
    assert_eq!(person.log_in(&login(PASSWORD)).await.fault(), (401, "invalid-credentials".to_owned()));
    person.log_in(&login(OTHER)).await.expect(200);
}

#[tokio::test]
async fn what_a_new_password_may_not_be_is_422() {
    let site = shared();
    let person = Person::new(&site).await;
    for (body, pointers) in [
        (json!({}), &["#/current", "#/new"][..]),
        (json!({ "current": PASSWORD, "new": "short" }), &["#/new"]),
        (json!({ "current": PASSWORD, "new": format!("xx {} xx", person.email) }), &["#/new"]),
        (json!({ "current": "a".repeat(1_025), "new": "abcdefghijklm", "old": 1 }), &["#/current", "#/new", "#/old"]),
    ] {
        assert_eq!(person.tell("PUT /v1/users/me/password", &body).await.pointers(), pointers, "{body}");
    }
}

#[tokio::test]
async fn guesses_at_the_password_of_a_session_are_five_whichever_endpoint_takes_them() {
    let site = shared();
    let person = Person::new(&site).await;
    let change = json!({ "current": OTHER, "new": "Cocoa at seven, maybe" });
    for _ in 0..3 {
        let wrong = person.tell("PUT /v1/users/me/password", &change).await;
        assert_eq!(wrong.fault(), (403, "wrong-password".to_owned()));
    }
    for status in [403, 403, 429] {
        person.tell("DELETE /v1/users/me", &json!({ "password": OTHER })).await.expect(status);
    }
    // The right one has to wait too.
    let right = person.tell("PUT /v1/users/me/password", &json!({ "current": PASSWORD, "new": OTHER })).await;
    assert_eq!(right.fault(), (429, "too-many-attempts".to_owned()));
}
