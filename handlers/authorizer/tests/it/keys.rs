//! The authorizer on an SSM of the local cloud: which keys it knows, and when.

use std::time::{Duration, Instant};

use authorizer::{Answer, Authorizer, Refusal, Routes, parse};
use jiff::Timestamp;
use jwt::{PublicKeys, SigningKey};
use serde_json::{Value, json};
use service::Deadline;
use service::keys::KeySet;
use testing::Backend;

use super::{ARN, ISSUER, NOW, bearer, bearer_by, key};

struct World {
    authorizer: Authorizer,
    backend: Backend,
}

impl World {
    /// An authorizer whose parameter holds the keys of `keys`; none, when there are none.
    async fn new(keys: &[SigningKey]) -> Self {
        let backend = Backend::start().await;
        let routes = Routes::parse(r#"{"routes":[{"method":"GET","path":"/v1/memos","scopes":[]}]}"#).unwrap();
        let authorizer = Authorizer::new(KeySet::public(backend.aws.ssm(), "/keys/jwt", parse), routes);
        let world = Self { authorizer, backend };
        if !keys.is_empty() {
            world.publish(keys).await;
        }
        world
    }

    async fn publish(&self, keys: &[SigningKey]) {
        let set: PublicKeys = keys.iter().map(SigningKey::public).collect();
        self.backend.put_string("/keys/jwt/public", &set.to_json().to_string()).await;
    }

    async fn judge(&self, authorization: &Value, later: u64) -> Result<Answer, Refusal> {
        self.judge_until(Deadline::default(), authorization, later).await
    }

    async fn judge_until(&self, deadline: Deadline, authorization: &Value, later: u64) -> Result<Answer, Refusal> {
        let event = json!({
            "type": "REQUEST",
            "methodArn": ARN,
            "path": "/v1/memos",
            "multiValueHeaders": { "authorization": authorization },
            "stageVariables": { "issuer": ISSUER },
        });
        let now = Timestamp::from_second(i64::try_from(NOW + later).unwrap()).unwrap();
        self.authorizer.handle(serde_json::from_value(event).unwrap(), now, deadline).await
    }
}

fn is_unauthorized(answer: Result<Answer, Refusal>) -> bool {
    answer.is_err_and(|refusal| refusal.to_string() == "Unauthorized")
}

#[tokio::test]
async fn a_token_of_a_published_key_gets_a_policy() {
    let world = World::new(&[key()]).await;
    assert!(world.judge(&json!([bearer("")]), 0).await.is_ok());
}

#[tokio::test]
async fn an_invalid_token_is_exactly_unauthorized() {
    let world = World::new(&[key()]).await;
    assert!(is_unauthorized(world.judge(&json!(["Bearer x.y.z"]), 0).await));
}

#[tokio::test]
async fn a_header_that_stands_twice_is_unauthorized() {
    let world = World::new(&[key()]).await;
    assert!(is_unauthorized(world.judge(&json!([bearer(""), bearer("")]), 0).await));
}

#[tokio::test]
async fn without_keys_the_answer_is_another_error_than_unauthorized() {
    let refusal = World::new(&[]).await.judge(&json!([bearer("")]), 0).await.unwrap_err();
    assert!(matches!(&refusal, Refusal::Unable(cause) if cause.contains("/keys/jwt/public")), "{refusal}");
}

#[tokio::test]
async fn a_key_published_later_is_found_after_thirty_seconds() {
    let (world, next) = (World::new(&[key()]).await, SigningKey::from_seed(&[8; 32]));
    let token = json!([bearer_by(&next, "")]);
    assert!(is_unauthorized(world.judge(&token, 0).await));
    world.publish(&[key(), next]).await;
    assert!(is_unauthorized(world.judge(&token, 29).await));
    assert!(world.judge(&token, 30).await.is_ok());
}

#[tokio::test]
async fn a_key_that_is_gone_is_forgotten_after_five_minutes() {
    let world = World::new(&[key()]).await;
    assert!(world.judge(&json!([bearer("")]), 0).await.is_ok());
    world.publish(&[SigningKey::from_seed(&[8; 32])]).await;
    assert!(world.judge(&json!([bearer("")]), 299).await.is_ok());
    assert!(is_unauthorized(world.judge(&json!([bearer("")]), 300).await));
}

#[tokio::test]
async fn the_last_good_keys_serve_while_the_parameter_cannot_be_read() {
    let world = World::new(&[key()]).await;
    assert!(world.judge(&json!([bearer("")]), 0).await.is_ok());
    world.backend.delete_parameter("/keys/jwt/public").await;
    assert!(world.judge(&json!([bearer("")]), 599).await.is_ok());
}

#[tokio::test]
async fn a_store_that_never_answers_is_a_failure_before_lambda_stops_waiting() {
    let world = World::new(&[key()]).await;
    let (left, start) = (Duration::from_millis(800), Instant::now());
    world.backend.hold_answer(1);
    let refusal = world.judge_until(Deadline::after(left), &json!([bearer("")]), 0).await.unwrap_err();
    assert!(start.elapsed() < left, "{:?}", start.elapsed());
    assert!(matches!(refusal, Refusal::Unable(_)), "{refusal}");
    assert!(world.judge(&json!([bearer("")]), 0).await.is_ok());
}
