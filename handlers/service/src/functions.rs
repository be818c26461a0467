//! The one call of Lambda that the services make, `Invoke`, without Lambda's SDK.

use aws_sdk_dynamodb::config::Credentials;
use bytes::Bytes;
use http_body_util::Full;
use jiff::Timestamp;
use serde_json::Value;

use crate::aws;
use crate::http::{Http, causes};
use crate::signature::Signature;

/// A client of the functions of one region. The function that it calls has to be granted.
#[derive(Debug)]
pub struct Functions {
    endpoint: String,
    region: String,
    credentials: Credentials,
    http: Http,
    /// The same for calls whose answer is waited for.
    waiting: Http,
}

/// How much longer than other calls one may take whose answer is waited for: a start of the other function, and its work.
const WORK: u32 = 4;

impl Functions {
    /// The functions of `region`, at `endpoint` if it is not AWS's own.
    pub(crate) fn new(endpoint: Option<&str>, region: &str, credentials: Credentials, http: Http) -> Self {
        let (endpoint, waiting) = (aws::address(endpoint, "lambda", region), http.patient(WORK));
        Self { endpoint, region: region.to_owned(), credentials, http, waiting }
    }

    /// Hands `event` to the function `name` (with `:<qualifier>`, to that version of it) and does not wait for its
    /// answer: Lambda tries twice more when the function fails. The error says what AWS, or the network, said.
    pub async fn announce(&self, name: &str, event: &Value) -> Result<(), String> {
        self.invoke(name, event, ("Event", &self.http)).await.map(drop)
    }

    /// Invokes the function `name` with `event`, and gives its answer.
    pub async fn call(&self, name: &str, event: &Value) -> Result<Value, String> {
        let bytes = self.invoke(name, event, ("RequestResponse", &self.waiting)).await?;
        serde_json::from_slice(&bytes).map_err(|_| format!("the answer of {name} is not JSON"))
    }

    async fn invoke(&self, name: &str, event: &Value, (kind, http): (&str, &Http)) -> Result<Bytes, String> {
        let failed = |cause: String| format!("cannot invoke {name}: {cause}");
        let request = self.request(name, &event.to_string(), kind).map_err(|error| failed(error.to_string()))?;
        let response = http.send(request).await.map_err(|error| failed(causes(&*error)))?;
        let (head, bytes) = response.into_parts();
        if head.status.is_success() && !head.headers.contains_key("x-amz-function-error") {
            return Ok(bytes);
        }
        let said = String::from_utf8_lossy(&bytes[..bytes.len().min(500)]).into_owned();
        Err(failed(format!("{}: {said}", head.status)))
    }

    fn request(&self, name: &str, body: &str, kind: &str) -> Result<http::Request<Full<Bytes>>, http::Error> {
        let path = format!("/2015-03-31/functions/{}/invocations", name.replace(':', "%3A"));
        Signature {
            method: &http::Method::POST,
            headers: &[
                ("content-type", "application/json"),
                ("host", aws::host(&self.endpoint)),
                ("x-amz-invocation-type", kind),
            ],
            body,
            service: "lambda",
            path: &path,
            region: &self.region,
            time: Timestamp::now(),
        }
        .request(&self.endpoint, &self.credentials)
    }
}
