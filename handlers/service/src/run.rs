//! The main loop, and one event to one reply.

use std::time::Instant;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};
use tracing::{Instrument, info_span};

use crate::event::{Event, Reply};
use crate::problem::Problem;
use crate::request::Request;
use crate::response::Response;
use crate::{Deadline, Error, lambda, log};

/// Answers API Gateway's events with `handle`, which heeds the request's deadline, and invocations with a `task` with
/// `perform`, which has the rest of the event too, one after the other, until Lambda stops the process.
pub async fn run(
    handle: impl AsyncFn(Request) -> Result<Response, Problem>,
    perform: impl AsyncFn(Value, Event) -> Result<Value, String>,
) -> Result<(), Error> {
    let (handle, perform) = (&handle, &perform);
    lambda::serve(async |mut event: Event, deadline: Deadline| {
        // A request has a method, whatever else a client sends.
        match event.task.take().filter(|_| event.http_method.is_empty()) {
            Some(task) => {
                let done = deadline.within(perform(task, event)).await;
                Ok(Answer::Task(
                    done.unwrap_or_else(|| Err("the time is over: what is left needs the same task again".to_owned()))?,
                ))
            }
            None => Ok(Answer::Reply(measured(event, deadline, handle).await)),
        }
    })
    .await
}

/// What an invocation gives.
#[derive(Serialize)]
#[serde(untagged)]
enum Answer {
    Reply(Reply),
    Task(Value),
}

/// The reply to `event`, which has to answer itself until `deadline`, with its time in the metrics.
async fn measured(
    event: Event,
    deadline: Deadline,
    handle: impl AsyncFn(Request) -> Result<Response, Problem>,
) -> Reply {
    let start = Instant::now();
    let route = format!("{} {}", event.http_method, event.resource);
    let request_id = event.request_context.request_id.clone();
    let reply = answer(Request::new(event, Timestamp::now()).until(deadline), handle).await;
    log::metrics(
        "memo",
        &["function", "route"],
        &[("latency", "Milliseconds"), ("answers", "Count"), ("faults", "Count")],
        json!({
            "function": std::env::var("AWS_LAMBDA_FUNCTION_NAME").unwrap_or_default(),
            "route": route,
            "status": reply.status_code,
            "gatewayRequestId": request_id,
            "latency": start.elapsed().as_secs_f64() * 1_000.0,
            "answers": 1,
            "faults": u8::from(reply.status_code >= 500),
        }),
    );
    reply
}

/// The reply to `request`: what `handle` gives, or its problem, with the headers that every answer has.
pub async fn answer(request: Request, handle: impl AsyncFn(Request) -> Result<Response, Problem>) -> Reply {
    let (request_id, sharing) = (request.id().to_owned(), request.sharing());
    // A client is told this id, so the log has it beside Lambda's own.
    let span = info_span!("request", gatewayRequestId = request_id);
    let response =
        Box::pin(handle(request)).instrument(span).await.unwrap_or_else(|problem| problem.into_response(&request_id));
    response.into_reply(&request_id, &sharing)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The CORS headers of an answer where the stage has `variables`.
    async fn cors(
        variables: &[(&str, &str)],
        handle: impl AsyncFn(Request) -> Result<Response, Problem>,
    ) -> [String; 2] {
        let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let event = Event { stage_variables: variables.collect(), ..Event::default() };
        let reply = answer(Request::new(event, Timestamp::UNIX_EPOCH), handle).await;
        ["Access-Control-Allow-Origin", "Access-Control-Expose-Headers"].map(|name| reply.headers[name].clone())
    }

    #[tokio::test]
    async fn an_answer_names_the_origin_and_the_headers_that_the_stage_tells() {
        let variables = [("cors_origin", "https://example.com"), ("cors_expose", "ETag,X-Mine")];
        let answered = cors(&variables, async |_| Ok(Response::new(204))).await;
        assert_eq!(answered, ["https://example.com", "ETag,X-Mine"]);
        assert_eq!(cors(&variables, async |_| Err(Problem::not_found())).await, answered);
    }

    #[tokio::test]
    async fn any_origin_may_read_an_answer_where_the_stage_tells_none() {
        assert_eq!(cors(&[], async |_| Ok(Response::new(204))).await, ["*", "ETag,Link,Location,Retry-After"]);
    }
}
