//! A service that calls others by name, as a user's would; the tests of discovery deploy it.
//!
//! `/call/{service}/{path+}` calls `GET /path` of the service, signed, and tells what came of it, and `/ask/{service}/{path+}`
//! does the same without a signature. Any other path tells who signed the request.

use http::Method;
use serde_json::{Value, json};
use service::aws::Aws;
use service::event::Event;
use service::services::{Call, Services};
use service::{Error, serve};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let services = Aws::from_environment()?.services();
    serve(async |sent: Value, _| {
        let event: Event = serde_json::from_value(sent.clone()).map_err(|error| error.to_string())?;
        let body = match event.resource.split('/').nth(1) {
            Some(kind @ ("call" | "ask")) => called(&services, &event, kind == "call").await,
            Some(_) | None => sent["requestContext"]["identity"].clone(),
        };
        Ok(json!({ "statusCode": 200, "body": body.to_string() }))
    })
    .await
}

async fn called(services: &Services, event: &Event, signed: bool) -> Value {
    let parameter = |name: &str| event.path_parameters.get(name).map_or("", String::as_str);
    let Some(base) = event.service(parameter("service")) else { return json!({ "failure": "no such service" }) };
    let path = format!("/{}", parameter("path"));
    match services.send(base, &Call { method: Method::GET, path: &path, body: "", signed }).await {
        Ok(answer) => {
            json!({ "status": answer.status().as_u16(), "body": String::from_utf8_lossy(answer.body()) })
        }
        Err(failure) => json!({ "failure": failure.to_string() }),
    }
}
