//! The authorizer before the services: which tokens open what, through the gateway and its cache.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64URL;
use ed25519_dalek::{Signer as _, SigningKey};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::http::Call;
use super::person::{Person, part};
use super::site::{Site, shared};

/// A route of each service under the authorizer, one for each scope that there is.
const ROUTES: [(&str, &str); 3] =
    [("GET /v1/users/me", "account"), ("GET /v1/memos", "memos:read"), ("POST /v1/memos", "memos:write")];

/// All routes under the authorizer.
fn guarded(site: &Site) -> Vec<String> {
    let routes = &site.stack.api.as_ref().unwrap().routes;
    let guarded = routes.iter().filter(|(_, route)| route.guard.is_some());
    guarded
        .map(|(key, _)| format!("{} {}", key.method, key.path.replace("{id}", "01HF7YAT00AAAAAAAAAAAAAAAA")))
        .collect()
}

/// The stack's own signing key, which no function but the JWT service can read.
async fn key(site: &Site) -> SigningKey {
    let aws = site.aws().await;
    let name = aws.scope.private_parameter("jwt");
    let parameter = aws.ssm.get_parameter().name(name).with_decryption(true).send().await.unwrap().parameter.unwrap();
    let set: Value = serde_json::from_str(&parameter.value.unwrap()).unwrap();
    let secret = BASE64URL.decode(set["keys"][0]["d"].as_str().unwrap()).unwrap();
    SigningKey::from_bytes(&secret.try_into().unwrap())
}

/// A token of this header and these claims, signed by `key`.
fn signed(key: &SigningKey, header: &Value, claims: &Value) -> String {
    let text = [header, claims].map(|part| BASE64URL.encode(part.to_string())).join(".");
    let signature = BASE64URL.encode(key.sign(text.as_bytes()).to_bytes());
    format!("{text}.{signature}")
}

fn with(value: &Value, member: &str, to: Value) -> Value {
    let mut value = value.clone();
    value[member] = to;
    value
}

fn less(value: &Value, member: &str) -> Value {
    let mut value = value.clone();
    value.as_object_mut().unwrap().remove(member);
    value
}

#[tokio::test]
async fn a_token_that_is_sent_twice_opens_nothing_whether_its_answer_is_cached_or_not() {
    let site = shared();
    let person = Person::new(&site).await;
    let twice = |line: &str| person.call(line).header("Authorization", &format!("Bearer {}", person.access()));
    for line in ["GET /v1/users/me", "GET /v1/memos"] {
        site.send(&twice(line)).await.expect(401);
        site.send(&person.call(line)).await.expect(200);
        site.send(&twice(line)).await.expect(401);
    }
}

#[tokio::test]
async fn without_a_token_every_guarded_route_is_401_of_the_gateway() {
    let site = shared();
    let routes = guarded(&site);
    assert!(routes.len() >= 16, "{routes:?}");
    for route in routes {
        for call in [Call::new(&route), Call::new(&route).header("Authorization", ""), Call::new(&route).bearer("x")] {
            let answer = site.send(&call).await.expect(401);
            assert_eq!(answer.header("WWW-Authenticate"), "Bearer");
            assert_eq!(answer.fault(), (401, "invalid-token".to_owned()));
        }
    }
}

#[tokio::test]
async fn a_token_that_anybody_could_have_made_or_that_is_not_good_now_is_401() {
    let site = shared();
    let (person, key) = (Person::new(&site).await, key(&site).await);
    let (header, claims) = (part(person.access(), 0), person.claims());
    let now = Timestamp::now().as_second();
    let stranger = SigningKey::from_bytes(&[7; 32]);
    let good = signed(&key, &header, &claims);
    let (unsigned, _) = good.rsplit_once('.').unwrap();
    let headers = [
        with(&header, "alg", json!("none")),
        with(&header, "alg", json!("HS256")),
        with(&header, "typ", json!("JWT")),
        with(&header, "kid", json!("other")),
        with(&header, "crit", json!([])),
        with(&header, "jku", json!("https://evil.example")),
        less(&header, "typ"),
        less(&header, "kid"),
    ];
    let other = [
        with(&claims, "iss", json!("https://evil.example")),
        with(&claims, "iss", json!([site.base])),
        with(&claims, "aud", json!(["https://evil.example"])),
        with(&claims, "exp", json!(now)),
        with(&claims, "exp", json!(now.to_string())),
        with(&claims, "nbf", json!(now + 60)),
        with(&claims, "iat", json!(now + 60)),
    ];
    let required = ["iss", "sub", "aud", "client_id", "iat", "nbf", "exp", "jti", "scope", "sid"];
    let tokens = (headers.iter().map(|header| signed(&key, header, &claims)))
        .chain(other.iter().map(|claims| signed(&key, &header, claims)))
        .chain(required.iter().map(|member| signed(&key, &header, &less(&claims, member))))
        .chain([signed(&stranger, &header, &claims), format!("{unsigned}."), unsigned.to_owned(), format!("{good}=")])
        .chain([format!("{good}.{good}"), person.refresh_token().to_owned()]);
    for token in tokens {
        site.send(&Call::new("GET /v1/memos").bearer(&token)).await.expect(401);
    }
    site.send(&Call::new("GET /v1/memos").bearer(&good)).await.expect(200);
}

#[tokio::test]
async fn the_scheme_may_be_written_in_any_case_and_is_no_other() {
    let site = shared();
    let person = Person::new(&site).await;
    for (scheme, status) in [("bearer", 200), ("BEARER", 200), ("Basic", 401), ("Bearer Bearer", 401)] {
        let call = Call::new("GET /v1/memos").header("Authorization", &format!("{scheme} {}", person.access()));
        site.send(&call).await.expect(status);
    }
    let twice = person.call("GET /v1/memos").header("Authorization", &format!("Bearer {}", person.access()));
    site.send(&twice).await.expect(401);
}

#[tokio::test]
async fn a_scope_opens_its_routes_and_the_others_are_403_of_the_gateway() {
    let site = shared();
    let person = Person::new(&site).await;
    for (_, scope) in ROUTES {
        let person = person.within(scope).await;
        for (route, needed) in ROUTES {
            let answer = person.ask(route).await;
            if scope == needed {
                assert!(![401, 403].contains(&answer.status), "{scope} {route}: {answer:?}");
            } else {
                let answer = answer.expect(403);
                assert_eq!(answer.header("WWW-Authenticate"), "Bearer error=\"insufficient_scope\"");
            }
        }
    }
}

#[tokio::test]
async fn a_token_of_no_scope_opens_what_asks_for_none_and_nothing_else() {
    let site = shared();
    let (person, key) = (Person::new(&site).await, key(&site).await);
    let bare = signed(&key, &part(person.access(), 0), &with(&person.claims(), "scope", json!("")));
    for (route, _) in ROUTES {
        site.send(&Call::new(route).bearer(&bare)).await.expect(403);
    }
    let looked = Call::new("POST /oauth/introspect").bearer(&bare).form("token=x");
    site.send(&looked).await.expect(200);
}

/// The cache applies an answer to every method of the stage, so it may not depend on the route that was asked first.
#[tokio::test]
async fn what_a_token_opens_does_not_depend_on_what_it_was_first_used_for() {
    let site = shared();
    let person = Person::new(&site).await;
    let routes =
        [("GET /v1/memos", 200), ("DELETE /v1/memos/x", 403), ("GET /v1/users/me", 403), ("GET /v1/tags", 200)];
    for first in 0..routes.len() {
        let person = person.within("memos:read").await;
        for (route, status) in routes.iter().cycle().skip(first).take(routes.len() * 2) {
            person.ask(route).await.expect(*status);
        }
    }
}

#[tokio::test]
async fn an_open_route_minds_no_token() {
    let site = shared();
    site.send(&Call::new("GET /healthz").bearer("x")).await.expect(200);
}

/// The answer for a token is cached for a minute, and its last seconds are shorter than that.
#[tokio::test]
async fn a_token_that_expires_while_its_answer_is_cached_is_401_of_the_services() {
    let site = shared();
    let (person, key) = (Person::new(&site).await, key(&site).await);
    let exp = Timestamp::now().as_second() + 3;
    let short = signed(&key, &part(person.access(), 0), &with(&person.claims(), "exp", json!(exp)));
    let routes = ["GET /v1/memos", "GET /v1/users/me"];
    for route in routes {
        site.send(&Call::new(route).bearer(&short)).await.expect(200);
    }
    while Timestamp::now().as_second() < exp {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    for route in routes {
        let answer = site.send(&Call::new(route).bearer(&short)).await;
        assert_eq!(answer.fault(), (401, "invalid-token".to_owned()), "{route}");
    }
}
