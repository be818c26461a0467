//! A service of its own for each test, and requests to it.

use std::collections::HashMap;
use std::ops::RangeInclusive;
use std::time::Duration;

use auth::Auth;
use aws_sdk_dynamodb::config::Credentials;
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use service::aws::Aws;
use service::event::{Event, Reply};
use service::{Deadline, Request, answer};
use testing::{Backend, event, mac_keys};

pub(crate) use testing::BASE;

pub(crate) const PASSWORD: &str = "Tea at four, please";
pub(crate) const EMAIL: &str = "a@example.com";
const FORM: &str = "application/x-www-form-urlencoded";
/// The id that API Gateway gives each request.
const ID: &str = "5b1c9a5e-0000-4000-8000-000000000000";

/// The service, its cloud, and the time as it sees it.
pub(crate) struct World {
    auth: Auth,
    pub(crate) dynamodb: aws_sdk_dynamodb::Client,
    pub(crate) now: Timestamp,
    pub(crate) ip: &'static str,
    /// How long Lambda waits for an answer; for ever where it is none.
    pub(crate) left: Option<Duration>,
    /// The version of the function `memo` that the stage names.
    memo: Option<&'static str>,
    backend: Backend,
}

impl World {
    pub(crate) async fn new() -> Self {
        let backend = Backend::start().await;
        backend.create_table("auth").await;
        backend.put_secret("/keys/jwt/private", &json!({ "keys": [signing_key()] }).to_string()).await;
        backend.put_secret("/keys/refresh/private", &mac_keys().to_string()).await;
        let auth = Auth::new(&backend.aws, "auth".to_owned(), "/keys/jwt", "/keys/refresh");
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        Self { auth, dynamodb: backend.dynamodb.clone(), now, ip: "192.0.2.1", left: None, memo: None, backend }
    }

    /// Stores `keys` as the key set `name` (`jwt`, `refresh`), as a rotation does.
    pub(crate) async fn put_keys(&self, name: &str, keys: &[Value]) {
        self.backend.put_secret(&format!("/keys/{name}/private"), &json!({ "keys": keys }).to_string()).await;
    }

    /// Makes the key set `name` unreadable.
    pub(crate) async fn delete_keys(&self, name: &str) {
        self.backend.delete_parameter(&format!("/keys/{name}/private")).await;
    }

    /// The same world, where a function `memo` at `endpoint` follows deleted accounts.
    pub(crate) fn followed_by(mut self, endpoint: &str) -> Self {
        let aws = Aws::at(endpoint, "eu-west-1", Credentials::new("test", "test", None, None, "test"));
        self.auth = self.auth.invoking(&aws);
        Self { memo: Some("memo:7"), ..self }
    }

    /// The same world, `seconds` later.
    pub(crate) fn later(mut self, seconds: i64) -> Self {
        self.now += SignedDuration::from_secs(seconds);
        self
    }

    /// Sends `body` to `route` (`POST /v1/users`) with further `headers`.
    pub(crate) async fn send(&self, route: &str, headers: Value, body: &str) -> Reply {
        let sent = json!({
            "multiValueHeaders": headers,
            "requestContext": { "requestId": ID, "identity": { "sourceIp": self.ip } },
            "body": body,
        });
        self.answer(event(route, &sent)).await
    }

    /// Sends `body` (none if it is null) to `route` as the holder of the access token of `tokens`, with further `headers`.
    pub(crate) async fn send_as(&self, tokens: &Value, route: &str, headers: Value, body: &Value) -> Reply {
        self.call_as(tokens, route, json!({ "multiValueHeaders": headers, "body": text_of(body) })).await
    }

    /// Sends JSON to `route` as the holder of the access token of `tokens`.
    pub(crate) async fn json_as(&self, tokens: &Value, route: &str, body: &Value) -> Reply {
        self.send_as(tokens, route, json!({ "Content-Type": ["application/json"] }), body).await
    }

    /// Sends nothing to `route` as the holder of the access token of `tokens`.
    pub(crate) async fn as_user(&self, tokens: &Value, route: &str) -> Reply {
        self.send_as(tokens, route, json!(null), &Value::Null).await
    }

    /// Ends the session `id` as the holder of the access token of `tokens`.
    pub(crate) async fn end_session(&self, tokens: &Value, id: &str) -> Reply {
        self.call_as(tokens, "DELETE /v1/sessions/{id}", json!({ "pathParameters": { "id": id } })).await
    }

    /// Sends the members of `event` to `route` with what the authorizer makes of the access token of `tokens`.
    pub(crate) async fn call_as(&self, tokens: &Value, route: &str, event: Value) -> Reply {
        let claims = claims(tokens);
        let text = |name: &str| claims[name].as_str().unwrap().to_owned();
        let context = json!({
            "sub": text("sub"), "sid": text("sid"), "jti": text("jti"), "client_id": text("client_id"),
            "scope": text("scope"), "exp": claims["exp"].to_string(),
        });
        self.call_with(context, route, event).await
    }

    /// Sends the members of `event` to `route` with this context of the authorizer.
    pub(crate) async fn call_with(&self, context: Value, route: &str, mut event: Value) -> Reply {
        event["requestContext"] =
            json!({ "requestId": ID, "identity": { "sourceIp": self.ip }, "authorizer": context });
        if let Some(memo) = self.memo {
            event["stageVariables"] = json!({ "base_url": BASE, "issuer": BASE, "function_memo": memo });
        }
        self.answer(testing::event(route, &event)).await
    }

    async fn answer(&self, event: Event) -> Reply {
        let deadline = self.left.map(Deadline::after).unwrap_or_default();
        let request = Request::new(event, self.now).until(deadline);
        answer(request, async |request| self.auth.handle(request).await).await
    }

    /// Does a task of the service.
    pub(crate) async fn task(&self, task: Value) -> Result<Value, String> {
        self.auth.task(&task, self.memo).await
    }

    /// Has the answer to the `number`th call of AWS from now on be lost.
    pub(crate) fn lose_answer(&self, number: u64) {
        self.backend.lose_answer(number);
    }

    /// The same for all calls of those `numbers`.
    pub(crate) fn lose_answers(&self, numbers: RangeInclusive<u64>) {
        self.backend.lose_answers(numbers);
    }

    /// Has all calls of those `numbers` from now on fail without an effect.
    pub(crate) fn refuse_calls(&self, numbers: RangeInclusive<u64>) {
        self.backend.refuse_calls(numbers);
    }

    /// Has the `number`th call of AWS from now on take effect and never be answered.
    pub(crate) fn hold_answer(&self, number: u64) {
        self.backend.hold_answer(number);
    }

    /// Has all answers of AWS come `late` from now on.
    pub(crate) fn slow_down(&self, late: Duration) {
        self.backend.slow_down(late);
    }

    /// Has nothing go wrong with AWS from now on.
    pub(crate) fn heal(&self) {
        self.backend.heal();
    }

    /// How many calls of DynamoDB there were so far.
    pub(crate) fn calls(&self) -> u64 {
        self.backend.calls()
    }

    /// All items of the table, as text.
    pub(crate) async fn items(&self) -> String {
        format!("{:?}", self.dynamodb.scan().table_name("auth").consistent_read(true).send().await.unwrap().items())
    }

    /// Posts a form to `path` as nobody.
    pub(crate) async fn form(&self, path: &str, form: &str) -> Reply {
        self.send(&format!("POST {path}"), json!({ "Content-Type": [FORM] }), form).await
    }

    /// Introspects `token` as the holder of the access token of `tokens`.
    pub(crate) async fn introspect(&self, tokens: &Value, token: &str) -> Reply {
        let body = json!(format!("token={token}"));
        self.send_as(tokens, "POST /oauth/introspect", json!({ "Content-Type": [FORM] }), &body).await
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
        self.tokens_of(EMAIL).await
    }

    /// Registers a user with the address `email` and gives the tokens of a first login.
    pub(crate) async fn tokens_of(&self, email: &str) -> Value {
        assert_eq!(self.register(email).await.status_code, 201);
        self.session(email, PASSWORD).await
    }

    /// The tokens of one more login.
    pub(crate) async fn session(&self, email: &str, password: &str) -> Value {
        let reply = self.log_in(email, password).await;
        assert_eq!(reply.status_code, 200, "{}", reply.body);
        body(&reply)
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

    /// Takes away all that the counters which have a place wait for others have beside that.
    pub(crate) async fn strip_waiting_counters(&self) {
        let items = self.dynamodb.scan().table_name("auth").consistent_read(true).send().await.unwrap();
        for item in items.items().iter().filter(|item| item.contains_key("patient_until")) {
            let key = ["pk", "sk"].map(|name| (name.to_owned(), item[name].clone()));
            let request = self.dynamodb.update_item().table_name("auth").set_key(Some(key.into()));
            let bare = request.update_expression("REMOVE attempts, expires_at, last_at, before_at");
            bare.send().await.unwrap();
        }
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

/// The text of a body: JSON, but for a string, which is sent as it is, and for null, which is none.
fn text_of(body: &Value) -> Option<String> {
    match body {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        _ => Some(body.to_string()),
    }
}

/// The status of `reply` with its problem's code.
pub(crate) fn problem(reply: &Reply) -> (u16, Value) {
    (reply.status_code, body(reply)["code"].clone())
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

/// RFC 8037 appendix A's key, active.
pub(crate) fn signing_key() -> Value {
    json!({
        "kty": "OKP", "crv": "Ed25519", "kid": "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k",
        "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", "d": "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
        "alg": "EdDSA", "use": "sig", "status": "active", "created_at": "2026-01-01T00:00:00Z",
    })
}
