//! Lambda's Runtime API: one invocation after the other, until Lambda stops the process.
//!
//! In place of the crate `lambda_runtime`, which puts the trace id of each invocation into the environment: glibc keeps
//! every value that a variable ever had, so a process grows by 144 bytes an invocation. Nothing here reads that variable.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use tracing::field::Empty;
use tracing::{Instrument, Span, info_span};

use crate::{Deadline, Error, environment, http};

/// Gives each event to `handle`, with the time until which it is to be answered, and Lambda what comes of it: the answer, or
/// the text of the error. Ends with what went wrong between this process and Lambda.
pub async fn serve<E, A>(handle: impl AsyncFn(E, Deadline) -> Result<A, String>) -> Result<(), Error>
where
    E: DeserializeOwned,
    A: Serialize,
{
    Runtime::at(&environment::variable("AWS_LAMBDA_RUNTIME_API")?).serve(handle).await
}

/// The Runtime API, version 2018-06-01.
struct Runtime {
    /// Without a slash at the end.
    invocations: String,
    client: Client<HttpConnector, Full<Bytes>>,
}

struct Invocation {
    id: String,
    event: Bytes,
    deadline: Deadline,
    /// What each of its log lines tells.
    span: Span,
}

/// An error as Lambda takes it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Failure<'a> {
    error_type: &'a str,
    error_message: &'a str,
}

impl Runtime {
    /// The API at `address`, a host and a port.
    fn at(address: &str) -> Self {
        Self {
            invocations: format!("http://{address}/2018-06-01/runtime/invocation"),
            client: Client::builder(TokioExecutor::new()).build(http::connector()),
        }
    }

    async fn serve<E, A>(&self, handle: impl AsyncFn(E, Deadline) -> Result<A, String>) -> Result<(), Error>
    where
        E: DeserializeOwned,
        A: Serialize,
    {
        loop {
            let Invocation { id, event, deadline, span } = self.next().await?;
            let answer = async {
                let event =
                    serde_json::from_slice(&event).map_err(|error| format!("cannot read the event: {error}"))?;
                let answer = Box::pin(handle(event, deadline)).await?;
                serde_json::to_vec(&answer).map_err(|error| format!("cannot write the answer: {error}"))
            };
            match answer.instrument(span).await {
                Ok(answer) => self.post(&format!("{id}/response"), answer).await?,
                Err(cause) => {
                    let failure = Failure { error_type: "HandlerError", error_message: &cause };
                    self.post(&format!("{id}/error"), json!(failure).to_string().into()).await?;
                }
            }
        }
    }

    /// Waits for the next invocation, however long it takes.
    async fn next(&self) -> Result<Invocation, Error> {
        let request = ::http::Request::get(format!("{}/next", self.invocations)).body(Full::default())?;
        let (head, body) = self.client.request(request).await?.into_parts();
        if !head.status.is_success() {
            return Err(format!("cannot get the next invocation: {}", head.status).into());
        }
        let header = |name| head.headers.get(name).and_then(|value| value.to_str().ok());
        let id = header("lambda-runtime-aws-request-id").ok_or("cannot get the next invocation: it has no id")?;
        let span = info_span!("invocation", requestId = id, xrayTraceId = Empty);
        if let Some(trace) = header("lambda-runtime-trace-id") {
            span.record("xrayTraceId", trace);
        }
        let deadline =
            header("lambda-runtime-deadline-ms").and_then(|at| at.parse().ok()).map(until).unwrap_or_default();
        Ok(Invocation { id: id.to_owned(), event: body.collect().await?.to_bytes(), deadline, span })
    }

    async fn post(&self, path: &str, body: Vec<u8>) -> Result<(), Error> {
        let request = ::http::Request::post(format!("{}/{path}", self.invocations))
            .header("content-type", "application/json")
            .body(Full::from(body))?;
        let answer = self.client.request(request).await?;
        let status = answer.status();
        // Read to its end, so that the connection is there for what comes next.
        let said = answer.into_body().collect().await?.to_bytes();
        if !status.is_success() {
            // Too large an answer, say: the invocation has failed, the next one need not.
            tracing::error!(%status, said = %String::from_utf8_lossy(&said), "Lambda refused what came of an invocation");
        }
        Ok(())
    }
}

/// The deadline of an invocation that is killed at `at`, milliseconds since the Unix epoch.
fn until(at: u64) -> Deadline {
    let now = u64::try_from(Timestamp::now().as_millisecond()).unwrap_or_default();
    Deadline::after(Duration::from_millis(at.saturating_sub(now)))
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use serde_json::Value;
    use tokio::io::{AsyncWriteExt, BufReader};
    use tokio::net::TcpListener;

    use super::*;
    use crate::peer;

    /// How long Lambda waits for an answer, in milliseconds.
    const LEFT: i64 = 1_000;

    /// Hands out the events, and then nothing more: gives the paths and bodies of what was answered.
    async fn lambda(listener: TcpListener, events: &[&str]) -> Vec<(String, Value)> {
        let mut stream = BufReader::new(listener.accept().await.unwrap().0);
        let (mut answers, mut events) = (Vec::new(), events.iter().enumerate());
        loop {
            let (first, body) = peer::request(&mut stream).await;
            let answer = if first.starts_with("GET ") {
                let Some((number, event)) = events.next() else { return answers };
                let (length, deadline) = (event.len(), Timestamp::now().as_millisecond() + LEFT);
                format!(
                    "HTTP/1.1 200 OK\r\nlambda-runtime-aws-request-id: {number}\r\nlambda-runtime-trace-id: Root=1-{number}\r\nlambda-runtime-deadline-ms: {deadline}\r\ncontent-length: {length}\r\n\r\n{event}"
                )
            } else {
                let path = first.split(' ').nth(1).unwrap().to_owned();
                answers.push((path, serde_json::from_slice(&body).unwrap()));
                "HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n".to_owned()
            };
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    }

    /// What Lambda hears of the events when `handle` answers them.
    async fn heard(events: &[&str], handle: impl AsyncFn(u8, Deadline) -> Result<u8, String>) -> Vec<(String, Value)> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let runtime = Runtime::at(&listener.local_addr().unwrap().to_string());
        let (answers, ended) = tokio::join!(lambda(listener, events), runtime.serve(handle));
        assert!(ended.is_err(), "Lambda is gone");
        answers
    }

    #[tokio::test]
    async fn each_event_is_answered_under_its_id() {
        let answers = heard(&["1", "2"], async |event, _| Ok(event * 10)).await;
        let path = |id| format!("/2018-06-01/runtime/invocation/{id}/response");
        assert_eq!(answers, [(path(0), json!(10)), (path(1), json!(20))]);
    }

    #[tokio::test]
    async fn an_error_is_told_in_its_own_words_and_the_next_event_is_served() {
        let answers = heard(&["1", "{", "2"], async |event, _| match event {
            1 => Err("Unauthorized".to_owned()),
            other => Ok(other),
        })
        .await;
        assert_eq!(answers[0].1["errorMessage"], "Unauthorized");
        assert!(answers[1].0.ends_with("/1/error"));
        assert_eq!(answers[2].1, 2);
    }

    #[tokio::test]
    async fn an_invocation_has_the_time_that_lambda_gives_it() {
        let start = Instant::now();
        let never = async |_, deadline: Deadline| {
            let given = deadline.within(std::future::pending::<u8>()).await;
            given.ok_or_else(|| "late".to_owned())
        };
        let answers = heard(&["1"], never).await;
        assert_eq!(answers[0].1["errorMessage"], "late");
        assert!((500..1_000).contains(&start.elapsed().as_millis()), "{:?}", start.elapsed());
    }

    #[tokio::test]
    async fn the_trace_id_of_an_invocation_stays_out_of_the_environment() {
        let seen = heard(&["1"], async |_, _| Ok(u8::from(std::env::var_os("_X_AMZN_TRACE_ID").is_some()))).await;
        assert_eq!(seen[0].1, 0);
    }
}
