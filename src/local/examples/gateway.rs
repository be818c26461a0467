//! A function for tests of API Gateway: it answers proxy events, and it is an authorizer.
//!
//! A proxy event's body says what to do: `{"return": ANSWER}`, `{"fail": MESSAGE}`, `{"sleep": MILLISECONDS}`; without
//! one the event itself comes back, as the body of a 200. An authorizer event's token says what to grant.

use std::time::Duration;

use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::{Value, json};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    lambda_runtime::run(service_fn(serve)).await
}

async fn serve(event: LambdaEvent<Value>) -> Result<Value, Error> {
    let event = event.payload;
    if let Some(method_arn) = event["methodArn"].as_str() {
        return authorize(&event, method_arn);
    }
    let asked: Value = event["body"].as_str().and_then(|body| serde_json::from_str(body).ok()).unwrap_or_default();
    if let Some(milliseconds) = asked["sleep"].as_u64() {
        tokio::time::sleep(Duration::from_millis(milliseconds)).await;
    }
    if let Some(message) = asked["fail"].as_str() {
        return Err(message.into());
    }
    match asked.get("return") {
        Some(answer) => Ok(answer.clone()),
        None => Ok(json!({ "statusCode": 200, "body": event.to_string() })),
    }
}

fn authorize(event: &Value, method_arn: &str) -> Result<Value, Error> {
    let token = event["authorizationToken"].as_str().or(event["headers"]["authorization"].as_str()).unwrap_or("query");
    let all = method_arn.split('/').next().map(|api| format!("{api}/*")).unwrap_or_default();
    let policy = |effect: &str, resource: &str| {
        json!({ "Version": "2012-10-17", "Statement": [
            { "Action": "execute-api:Invoke", "Effect": effect, "Resource": resource },
        ] })
    };
    let policy = match token {
        "unauthorized" => return Err("Unauthorized".into()),
        "crash" => return Err("out of order".into()),
        "shape" => return Ok(json!({ "principalId": "p" })),
        "long" => policy("Allow", &"x".repeat(513)),
        "deny" => policy("Deny", &all),
        "elsewhere" => policy("Allow", &all.replace("/*", "/other/*")),
        "this" => policy("Allow", method_arn),
        _ => policy("Allow", &all),
    };
    let context = match token {
        "object" => json!({ "nested": {} }),
        _ => json!({ "admin": true, "name": "n", "event": event.to_string() }),
    };
    Ok(json!({ "principalId": "user-1", "policyDocument": policy, "context": context }))
}
