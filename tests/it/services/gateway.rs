//! What the gateway answers by itself: paths and methods that there are not, preflights, bodies that are too large.

use super::http::Call;
use super::person::Person;
use super::site::shared;

#[tokio::test]
async fn paths_and_methods_that_there_are_not_are_404_with_a_token_and_without() {
    let site = shared();
    let person = Person::new(&site).await;
    for line in [
        "GET /",
        "GET /nowhere",
        "GET /v1",
        "GET /v1/users",
        "POST /v1/users/me",
        "DELETE /v1/memos",
        "GET /v1/memos/x/restore",
        "GET /v1/memos/x/y",
        "PUT /v1/sessions",
        "GET /oauth/token",
        "GET /ping",
        "PATCH /healthz",
        "TRACE /healthz",
        "BREW /healthz",
    ] {
        for call in [Call::new(line), person.call(line)] {
            let answer = site.send(&call).await.expect(404);
            assert_eq!(
                (&answer.json()["title"], &answer.json()["status"]),
                (&"Not Found".into(), &404.into()),
                "{line}"
            );
            assert!(!answer.body.contains("nowhere"), "{answer:?}");
        }
    }
}

#[tokio::test]
async fn head_is_not_offered() {
    let site = shared();
    let person = Person::new(&site).await;
    for path in ["/healthz", "/.well-known/jwks.json", "/v1/memos"] {
        let answer = site.send(&person.call(&format!("HEAD {path}"))).await.expect(404);
        assert_eq!(answer.body, "");
    }
}

#[tokio::test]
async fn a_preflight_names_the_methods_of_its_path_without_asking_who_it_is() {
    let site = shared();
    for (path, methods) in [
        ("/v1/memos", "GET,POST"),
        ("/v1/memos/x", "DELETE,GET,PATCH,PUT"),
        ("/v1/users/me", "DELETE,GET,PATCH"),
        ("/oauth/token", "POST"),
        ("/.well-known/jwks.json", "GET"),
    ] {
        let call = Call::new(&format!("OPTIONS {path}")).header("Origin", "https://page.example");
        let answer = site.send(&call.header("Access-Control-Request-Method", "GET")).await.expect(204);
        assert_eq!(answer.header("Access-Control-Allow-Methods"), methods);
        let allowed = answer.header("Access-Control-Allow-Headers").to_lowercase();
        for header in ["authorization", "content-type", "idempotency-key", "if-match", "if-none-match"] {
            assert!(allowed.split(',').any(|name| name == header), "{header} in {allowed}");
        }
    }
    site.send(&Call::new("OPTIONS /nowhere")).await.expect(404);
}

#[tokio::test]
async fn a_request_that_no_function_takes_is_413_of_the_gateway() {
    let site = shared();
    let call = Call::new("POST /v1/users").typed("application/json").body(" ".repeat(6 * 1_024 * 1_024 + 1));
    let answer = site.send(&call).await.expect(413);
    assert_eq!(answer.json()["title"], "Client Error");
}
