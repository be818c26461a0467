//! `POST /oauth/token`, `/oauth/revoke`, `/oauth/introspect`.

use serde_json::{Value, json};

use super::http::{Answer, Call};
use super::person::Person;
use super::site::{Site, shared};

async fn token(site: &Site, form: &str) -> Answer {
    site.send(&Call::new("POST /oauth/token").form(form)).await
}

fn refresh(person: &Person<'_>) -> String {
    format!("grant_type=refresh_token&refresh_token={}", person.refresh_token())
}

async fn introspected(site: &Site, person: &Person<'_>, token: &str) -> Value {
    let call = person.call("POST /oauth/introspect").form(&format!("token={token}"));
    site.send(&call).await.expect(200).json()
}

async fn revoke(site: &Site, token: &str) -> Answer {
    site.send(&Call::new("POST /oauth/revoke").form(&format!("token={token}"))).await
}

#[tokio::test]
async fn a_refresh_gives_the_next_tokens_of_the_session_and_is_not_to_be_stored() {
    let site = shared();
    let person = Person::new(&site).await;
    let answer = person.refresh().await.expect(200);
    assert_eq!((answer.header("Cache-Control"), answer.header("Pragma")), ("no-store", "no-cache"));
    let next = person.holding(answer.json());
    assert_ne!(next.refresh_token(), person.refresh_token());
    assert_eq!(
        (&next.claims()["sid"], &next.claims()["auth_time"]),
        (&person.claims()["sid"], &person.claims()["auth_time"])
    );
    next.ask("GET /v1/users/me").await.expect(200);
    next.refresh().await.expect(200);
}

#[tokio::test]
async fn a_refresh_token_used_again_ends_its_session() {
    let site = shared();
    let person = Person::new(&site).await;
    let next = person.holding(person.refresh().await.expect(200).json());
    assert_eq!(person.refresh().await.fault(), (400, "invalid_grant".to_owned()));
    assert_eq!(next.refresh().await.fault(), (400, "invalid_grant".to_owned()));
    assert_eq!(next.ask("GET /v1/users/me").await.fault(), (401, "invalid-token".to_owned()));
}

#[tokio::test]
async fn a_narrower_scope_holds_for_one_access_token_and_a_wider_one_is_refused() {
    let site = shared();
    let person = Person::new(&site).await.within("memos:read account").await;
    for scope in ["memos:write", "admin", "memos%3Aread++account"] {
        let refused = token(&site, &format!("{}&scope={scope}", refresh(&person))).await;
        assert_eq!(refused.fault(), (400, "invalid_scope".to_owned()), "{scope}");
    }
    let narrow = token(&site, &format!("{}&scope=account", refresh(&person))).await.expect(200).json();
    assert_eq!(narrow["scope"], "account");
    let wide = person.holding(narrow).refresh().await.expect(200).json();
    assert_eq!(wide["scope"], "memos:read account");
}

#[tokio::test]
async fn each_fault_of_a_token_request_has_its_error() {
    let site = shared();
    let person = Person::new(&site).await;
    let good = refresh(&person);
    let forged = good.replacen("rt1.A", "rt1.B", 1);
    for (form, error) in [
        ("", "invalid_request"),
        ("grant_type=&refresh_token=x", "invalid_request"),
        ("grant_type=refresh_token", "invalid_request"),
        ("grant_type=refresh_token&refresh_token=", "invalid_request"),
        (&*format!("{good}&grant_type=refresh_token"), "invalid_request"),
        (&*format!("{good}&x=1&x=2"), "invalid_request"),
        ("grant_type=password&username=a&password=b", "unsupported_grant_type"),
        ("grant_type=authorization_code&code=x", "unsupported_grant_type"),
        ("grant_type=refresh_token&refresh_token=x", "invalid_grant"),
        (&*format!("grant_type=refresh_token&refresh_token={}", person.access()), "invalid_grant"),
        (&*forged, "invalid_grant"),
        (&*format!("{good}="), "invalid_grant"),
    ] {
        assert_eq!(token(&site, form).await.fault(), (400, error.to_owned()), "{form}");
    }
    // None of these was a use of the token.
    person.refresh().await.expect(200);
}

#[tokio::test]
async fn parameters_that_are_unknown_or_empty_are_no_parameters() {
    let site = shared();
    let person = Person::new(&site).await;
    let call = Call::new("POST /oauth/token?audience=x&audience=y");
    let form = format!("{}&scope=&scope=&client_id=x&audience=", refresh(&person));
    site.send(&call.form(&form)).await.expect(200);
}

#[tokio::test]
async fn what_is_no_form_is_an_invalid_request_at_each_endpoint() {
    let site = shared();
    let person = Person::new(&site).await;
    let form = refresh(&person);
    for path in ["/oauth/token", "/oauth/revoke", "/oauth/introspect"] {
        let call = person.call(&format!("POST {path}")).form(&form);
        for refused in [
            call.clone().without("Content-Type"),
            call.clone().json(&json!({ "token": "x" })),
            call.clone().typed("text/plain"),
            call.clone().header("Content-Type", "application/x-www-form-urlencoded"),
        ] {
            assert_eq!(site.send(&refused).await.fault(), (400, "invalid_request".to_owned()), "{refused:?}");
        }
        let large = site.send(&call.body("a".repeat(16 * 1_024 + 1))).await;
        assert_eq!(large.fault(), (413, "invalid_request".to_owned()), "{path}");
    }
}

#[tokio::test]
async fn a_form_may_tell_its_charset() {
    let site = shared();
    let person = Person::new(&site).await;
    let call = Call::new("POST /oauth/token").form(&refresh(&person));
    site.send(&call.typed("Application/X-WWW-Form-Urlencoded; charset=UTF-8")).await.expect(200);
}

#[tokio::test]
async fn revoking_either_token_ends_the_session() {
    let site = shared();
    let person = Person::new(&site).await;
    for by in [Person::access, Person::refresh_token] {
        let session = person.session().await;
        let answer = revoke(&site, by(&session)).await.expect(200);
        assert_eq!(answer.body, "");
        assert_eq!(session.ask("GET /v1/users/me").await.fault(), (401, "invalid-token".to_owned()));
        assert_eq!(session.refresh().await.fault(), (400, "invalid_grant".to_owned()));
    }
    person.ask("GET /v1/users/me").await.expect(200);
}

#[tokio::test]
async fn a_refresh_token_that_was_used_still_revokes_its_session() {
    let site = shared();
    let person = Person::new(&site).await;
    let next = person.holding(person.refresh().await.expect(200).json());
    revoke(&site, person.refresh_token()).await.expect(200);
    assert_eq!(next.refresh().await.fault(), (400, "invalid_grant".to_owned()));
}

#[tokio::test]
async fn revoking_what_nobody_made_is_200_and_ends_nothing() {
    let site = shared();
    let person = Person::new(&site).await;
    let forged = person.refresh_token().replacen("rt1.A", "rt1.B", 1);
    for token in ["x", "a.b.c", &forged] {
        revoke(&site, token).await.expect(200);
    }
    person.refresh().await.expect(200);
    assert_eq!(revoke(&site, "").await.fault(), (400, "invalid_request".to_owned()));
}

#[tokio::test]
async fn a_users_own_tokens_are_told_as_they_are_and_looking_uses_nothing() {
    let site = shared();
    let person = Person::new(&site).await;
    let claims = person.claims();
    let told = introspected(&site, &person, person.access()).await;
    let members = ["iss", "sub", "aud", "client_id", "iat", "nbf", "exp", "jti", "scope"];
    assert!(members.iter().all(|member| told[member] == claims[member]), "{told}");
    assert_eq!((&told["active"], &told["token_type"]), (&json!(true), &json!("Bearer")));
    for _ in 0..2 {
        assert_eq!(introspected(&site, &person, person.refresh_token()).await["active"], true);
    }
    person.refresh().await.expect(200);
}

#[tokio::test]
async fn tokens_of_others_and_of_ended_sessions_are_told_like_none() {
    let site = shared();
    let (person, other) = (Person::new(&site).await, Person::new(&site).await);
    let ended = person.session().await;
    revoke(&site, ended.refresh_token()).await.expect(200);
    for token in ["x", other.access(), other.refresh_token(), ended.access(), ended.refresh_token()] {
        assert_eq!(introspected(&site, &person, token).await, json!({ "active": false }), "{token}");
    }
}

#[tokio::test]
async fn introspection_takes_any_scope_and_asks_for_a_live_session() {
    let site = shared();
    let person = Person::new(&site).await.within("memos:read").await;
    assert_eq!(introspected(&site, &person, person.access()).await["active"], true);
    let missing = site.send(&person.call("POST /oauth/introspect").form("hint=x")).await;
    assert_eq!(missing.fault(), (400, "invalid_request".to_owned()));
    revoke(&site, person.refresh_token()).await.expect(200);
    let dead = site.send(&person.call("POST /oauth/introspect").form("token=x")).await;
    assert_eq!(dead.fault(), (401, "invalid_token".to_owned()));
    assert_eq!(dead.header("x-amzn-remapped-www-authenticate"), "Bearer error=\"invalid_token\"");
}
