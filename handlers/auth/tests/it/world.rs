//! A service of its own for each test, and requests to it.

use std::collections::HashMap;

use auth::Auth;
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use service::event::Reply;
use service::{Request, answer};
use testing::{Backend, event, mac_keys};

pub(crate) use testing::BASE;

pub(crate) const PASSWORD: &str = "Tea at four, please";

/// The service, its cloud, and the time as it sees it.
pub(crate) struct World {
    auth: Auth,
    pub(crate) dynamodb: aws_sdk_dynamodb::Client,
    pub(crate) now: Timestamp,
    pub(crate) ip: &'static str,
    _backend: Backend,
}

impl World {
    pub(crate) async fn new() -> Self {
        let backend = Backend::start().await;
        backend.create_table("auth").await;
        backend.put_secret("/keys/jwt/private", &signing_keys().to_string()).await;
        backend.put_secret("/keys/refresh/private", &mac_keys().to_string()).await;
        let auth = Auth::new(&backend.aws, "auth".to_owned(), "/keys/jwt", "/keys/refresh");
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        Self { auth, dynamodb: backend.dynamodb.clone(), now, ip: "192.0.2.1", _backend: backend }
    }

    /// The same world, `seconds` later.
    pub(crate) fn later(mut self, seconds: i64) -> Self {
        self.now += SignedDuration::from_secs(seconds);
        self
    }

    /// Sends `body` to `route` (`POST /v1/users`) with further `headers`.
    pub(crate) async fn send(&self, route: &str, headers: Value, body: &str) -> Reply {
        let id = "5b1c9a5e-0000-4000-8000-000000000000";
        let sent = json!({
            "multiValueHeaders": headers,
            "requestContext": { "requestId": id, "identity": { "sourceIp": self.ip } },
            "body": body,
        });
        let request = Request::new(event(route, &sent), self.now);
        answer(request, async |request| self.auth.handle(request).await).await
    }

    /// Posts JSON.
    pub(crate) async fn post(&self, path: &str, body: Value) -> Reply {
        let headers = json!({ "Content-Type": ["application/json"] });
        self.send(&format!("POST {path}"), headers, &body.to_string()).await
    }

    pub(crate) async fn register(&self, email: &str) -> Reply {
        self.post("/v1/users", json!({ "email": email, "password": PASSWORD })).await
    }

    pub(crate) async fn log_in(&self, email: &str, password: &str) -> Reply {
        self.post("/v1/sessions", json!({ "email": email, "password": password })).await
    }

    /// Registers a user and gives the tokens of a first login.
    pub(crate) async fn tokens(&self) -> Value {
        assert_eq!(self.register("a@example.com").await.status_code, 201);
        body(&self.log_in("a@example.com", PASSWORD).await)
    }

    /// Stores `hash` as the password of the user `id`.
    pub(crate) async fn set_password_hash(&self, id: &str, hash: &str) {
        self.update_profile(id, "SET password = :value", AttributeValue::S(hash.to_owned())).await;
    }

    /// Raises the epoch of the user `id`, as a change of the password does.
    pub(crate) async fn raise_epoch(&self, id: &str) {
        self.update_profile(id, "ADD epoch :value", AttributeValue::N("1".to_owned())).await;
    }

    /// The stored hash of the password of the user `id`.
    pub(crate) async fn password_hash(&self, id: &str) -> String {
        let request = self.dynamodb.get_item().table_name("auth").set_key(Some(profile(id)));
        let item = request.send().await.unwrap().item.unwrap();
        item["password"].as_s().unwrap().clone()
    }

    async fn update_profile(&self, id: &str, change: &str, value: AttributeValue) {
        let request = self.dynamodb.update_item().table_name("auth").set_key(Some(profile(id)));
        request.update_expression(change).expression_attribute_values(":value", value).send().await.unwrap();
    }

    /// Posts a form to the token endpoint.
    pub(crate) async fn token(&self, form: &str) -> Reply {
        let headers = json!({ "content-type": ["application/x-www-form-urlencoded"] });
        self.send("POST /oauth/token", headers, form).await
    }

    /// Refreshes with the refresh token of `tokens`.
    pub(crate) async fn refresh(&self, tokens: &Value) -> Reply {
        let token = tokens["refresh_token"].as_str().unwrap();
        self.token(&format!("grant_type=refresh_token&refresh_token={token}")).await
    }
}

fn profile(id: &str) -> HashMap<String, AttributeValue> {
    let text = |text: &str| AttributeValue::S(text.to_owned());
    [("pk".to_owned(), text(&format!("USER#{id}"))), ("sk".to_owned(), text("PROFILE"))].into()
}

pub(crate) fn body(reply: &Reply) -> Value {
    serde_json::from_str(&reply.body).unwrap()
}

/// The payload of an access token, unverified.
pub(crate) fn claims(tokens: &Value) -> Value {
    use base64::Engine;
    let payload = tokens["access_token"].as_str().unwrap().split('.').nth(1).unwrap();
    serde_json::from_slice(&base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

/// RFC 8037 appendix A's key.
fn signing_keys() -> Value {
    json!({ "keys": [{
        "kty": "OKP", "crv": "Ed25519", "kid": "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k",
        "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", "d": "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
        "alg": "EdDSA", "use": "sig", "status": "active", "created_at": "2026-01-01T00:00:00Z",
    }] })
}
