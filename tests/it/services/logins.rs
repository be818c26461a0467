//! `POST /v1/sessions`: a login, and what its tokens are.

use serde_json::json;

use super::http::Call;
use super::person::{PASSWORD, Person, email};
use super::site::{address, shared};

#[tokio::test]
async fn a_login_gives_a_token_response() {
    let site = shared();
    let person = Person::new(&site).await;
    let login = json!({ "email": person.email.to_uppercase(), "password": PASSWORD });
    let answer = person.log_in(&login).await.expect(200);
    assert_eq!(answer.header("Cache-Control"), "no-store");
    let tokens = answer.json();
    let members: Vec<&String> = tokens.as_object().unwrap().keys().collect();
    assert_eq!(members, ["access_token", "expires_in", "refresh_token", "scope", "token_type"]);
    assert_eq!((&tokens["token_type"], &tokens["expires_in"]), (&json!("Bearer"), &json!(600)));
    assert_eq!(tokens["scope"], "memos:read memos:write account");
    assert!(tokens["refresh_token"].as_str().unwrap().starts_with("rt1."));
}

#[tokio::test]
async fn an_access_token_says_what_rfc_9068_asks_for_and_no_address() {
    let site = shared();
    let person = Person::new(&site).await;
    let claims = person.claims();
    let members: Vec<&String> = claims.as_object().unwrap().keys().collect();
    let expected = ["aud", "auth_time", "client_id", "exp", "iat", "iss", "jti", "nbf", "scope", "sid", "sub"];
    assert_eq!(members, expected);
    assert_eq!(claims["aud"], json!([site.base, format!("{}/v1/memos", site.base)]));
    assert_eq!((&claims["iss"], &claims["client_id"]), (&json!(site.base), &json!("memoctl-first-party")));
    assert_eq!(claims["exp"], json!(claims["iat"].as_u64().unwrap() + 600));
    assert_eq!((&claims["nbf"], &claims["auth_time"]), (&claims["iat"], &claims["iat"]));
    let user = person.ask("GET /v1/users/me").await.json();
    assert_eq!(claims["sub"], user["id"]);
}

#[tokio::test]
async fn a_narrower_scope_is_granted_and_an_unknown_one_is_422() {
    let site = shared();
    let person = Person::new(&site).await;
    let narrow = person.within("account memos:read").await;
    assert_eq!(
        (&narrow.tokens["scope"], &narrow.claims()["scope"]),
        (&json!("memos:read account"), &json!("memos:read account"))
    );
    for scope in ["", "admin", "memos:read  account"] {
        let login = json!({ "email": person.email, "password": PASSWORD, "scope": scope });
        assert_eq!(person.log_in(&login).await.pointers(), ["#/scope"], "{scope:?}");
    }
}

#[tokio::test]
async fn an_unknown_address_and_a_wrong_password_of_any_length_are_one_answer() {
    let site = shared();
    let person = Person::new(&site).await;
    let mut answers = Vec::new();
    for (email, password) in [
        (&*person.email, "wrong"),
        (&person.email, "Password1234"),
        (&person.email, &*"a".repeat(1_024)),
        (&*email(address()), PASSWORD),
    ] {
        let answer = person.log_in(&json!({ "email": email, "password": password })).await;
        assert_eq!(answer.fault(), (401, "invalid-credentials".to_owned()));
        // API Gateway renames the header of a function; the client's library sees that there was one.
        assert_eq!(answer.header("x-amzn-remapped-www-authenticate"), "Bearer");
        answers.push(answer.lasting());
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
}

#[tokio::test]
async fn what_a_login_may_not_be_is_422_all_at_once() {
    let site = shared();
    let send = |body| {
        let call = Call::new("POST /v1/sessions").from(address()).json(&body);
        let site = &site;
        async move { site.send(&call).await.pointers() }
    };
    assert_eq!(send(json!({})).await, ["#/email", "#/password"]);
    let all = json!({ "email": "a b@x.example", "password": "a".repeat(1_025), "scope": 1, "remember": true });
    assert_eq!(send(all).await, ["#/email", "#/password", "#/scope", "#/remember"]);
}

#[tokio::test]
async fn after_five_wrong_passwords_a_place_waits_and_the_user_elsewhere_does_not() {
    let site = shared();
    let person = Person::new(&site).await;
    let guess = |ip| {
        let body = json!({ "email": person.email, "password": "wrong" });
        Call::new("POST /v1/sessions").from(ip).json(&body)
    };
    let guesser = address();
    for _ in 0..5 {
        site.send(&guess(guesser)).await.expect(401);
    }
    let right = json!({ "email": person.email, "password": PASSWORD });
    let blocked = site.send(&guess(guesser).json(&right)).await;
    assert_eq!(blocked.fault(), (429, "too-many-attempts".to_owned()));
    assert!((1..=30).contains(&blocked.header("Retry-After").parse().unwrap()), "{blocked:?}");
    person.log_in(&right).await.expect(200);
}

#[tokio::test]
async fn success_clears_the_guesses_of_its_place() {
    let site = shared();
    let person = Person::new(&site).await;
    let wrong = json!({ "email": person.email, "password": "wrong" });
    for _ in 0..2 {
        for _ in 0..4 {
            person.log_in(&wrong).await.expect(401);
        }
        person.session().await;
    }
}

#[tokio::test]
async fn a_place_guesses_fifty_times_an_hour_whoever_it_guesses_at() {
    let (site, ip) = (shared(), address());
    let guess = |number: usize| {
        let body = json!({ "email": format!("n{number}-{}", email(ip)), "password": "wrong" });
        Call::new("POST /v1/sessions").from(ip).json(&body)
    };
    for number in 0..50 {
        site.send(&guess(number)).await.expect(401);
    }
    site.send(&guess(50)).await.expect(429);
}
