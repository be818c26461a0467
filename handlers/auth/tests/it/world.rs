//! A service of its own for each test, and requests to it.

use std::collections::HashMap;

use auth::Auth;
use aws_sdk_dynamodb::config::Credentials;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType,
};
use aws_sdk_ssm::types::ParameterType;
use jiff::{SignedDuration, Timestamp};
use local::{Cloud, Options};
use serde_json::{Value, json};
use service::aws::Aws;
use service::event::Reply;
use service::{Request, answer};
use tempfile::TempDir;

pub(crate) const BASE: &str = "https://api.example/prod";
pub(crate) const PASSWORD: &str = "Tea at four, please";

/// The service, its cloud, and the time as it sees it.
pub(crate) struct World {
    auth: Auth,
    pub(crate) dynamodb: aws_sdk_dynamodb::Client,
    pub(crate) now: Timestamp,
    pub(crate) ip: &'static str,
    _cloud: Cloud,
    _dir: TempDir,
}

impl World {
    pub(crate) async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let region = "eu-west-1".to_owned();
        let options = Options { dir: dir.path().to_owned(), region: region.clone(), port: None, ephemeral: true };
        let cloud = Cloud::start(options).await.unwrap();
        let credentials = Credentials::new("test", "test", None, None, "test");
        let aws = Aws::at(cloud.endpoint(), &region, credentials);
        let dynamodb = aws.dynamodb();
        let ssm = aws_sdk_ssm::Client::new(&aws.configuration());
        create_table(&dynamodb).await;
        for (name, value) in [("/keys/jwt/private", signing_keys()), ("/keys/refresh/private", refresh_keys())] {
            let parameter = ssm.put_parameter().name(name).value(value.to_string());
            parameter.r#type(ParameterType::SecureString).send().await.unwrap();
        }
        let auth = Auth::new(&aws, "auth".to_owned(), "/keys/jwt", "/keys/refresh");
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        Self { auth, dynamodb, now, ip: "192.0.2.1", _cloud: cloud, _dir: dir }
    }

    /// The same world, `seconds` later.
    pub(crate) fn later(mut self, seconds: i64) -> Self {
        self.now += SignedDuration::from_secs(seconds);
        self
    }

    /// Sends `body` to `route` (`POST /v1/users`) with further `headers`.
    pub(crate) async fn send(&self, route: &str, headers: Value, body: &str) -> Reply {
        let (method, resource) = route.split_once(' ').unwrap();
        let event = json!({
            "resource": resource,
            "httpMethod": method,
            "multiValueHeaders": headers,
            "multiValueQueryStringParameters": null,
            "stageVariables": { "base_url": BASE, "issuer": BASE },
            "requestContext": { "requestId": "5b1c9a5e-0000-4000-8000-000000000000", "identity": { "sourceIp": self.ip } },
            "body": body,
            "isBase64Encoded": false,
        });
        let request = Request::new(serde_json::from_value(event).unwrap(), self.now);
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

async fn create_table(dynamodb: &aws_sdk_dynamodb::Client) {
    let mut request = dynamodb.create_table().table_name("auth").billing_mode(BillingMode::PayPerRequest);
    for (name, key) in [("pk", KeyType::Hash), ("sk", KeyType::Range)] {
        let string = AttributeDefinition::builder().attribute_name(name).attribute_type(ScalarAttributeType::S);
        let element = KeySchemaElement::builder().attribute_name(name).key_type(key);
        request = request.attribute_definitions(string.build().unwrap()).key_schema(element.build().unwrap());
    }
    request.send().await.unwrap();
}

/// RFC 8037 appendix A's key.
fn signing_keys() -> Value {
    json!({ "keys": [{
        "kty": "OKP", "crv": "Ed25519", "kid": "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k",
        "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", "d": "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
        "alg": "EdDSA", "use": "sig", "status": "active", "created_at": "2026-01-01T00:00:00Z",
    }] })
}

fn refresh_keys() -> Value {
    json!({ "keys": [{
        "kty": "oct", "kid": "1", "k": "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc", "alg": "HS256", "use": "sig",
        "status": "active", "created_at": "2026-01-01T00:00:00Z",
    }] })
}
