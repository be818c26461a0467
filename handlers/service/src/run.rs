//! The main loop, and one event to one reply.

use std::time::Instant;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};
use tracing::{Instrument, info_span};

use crate::etag::Conditions;
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
    lambda::serve(async |event: Event, deadline: Deadline| invoke(event, deadline, handle, perform).await).await
}

/// What the invocation with `event` gives.
async fn invoke(
    mut event: Event,
    deadline: Deadline,
    handle: impl AsyncFn(Request) -> Result<Response, Problem>,
    perform: impl AsyncFn(Value, Event) -> Result<Value, String>,
) -> Result<Answer, String> {
    // A request has a method, whatever else a client sends.
    match event.task.take().filter(|_| event.http_method.is_empty()) {
        Some(task) => {
            let done = deadline.within(perform(task, event)).await;
            let late = || Err("the time is over; what is left is done when the task is given again".to_owned());
            done.unwrap_or_else(late).map(Answer::Task)
        }
        None => Ok(Answer::Reply(measured(event, deadline, handle).await)),
    }
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

/// The reply to `request`: what `handle` gives, or its problem, with the headers that every answer has. Of a GET the
/// preconditions are heeded.
pub async fn answer(request: Request, handle: impl AsyncFn(Request) -> Result<Response, Problem>) -> Reply {
    let (request_id, sharing) = (request.id().to_owned(), request.sharing());
    // A client is told this id, so the log has it beside Lambda's own.
    let span = info_span!("request", gatewayRequestId = request_id);
    // Who writes looks at them before that; of what is read they are looked at here.
    let conditions = if request.route().0 == "GET" { Conditions::of(&request) } else { Conditions::default() };
    let answer = Box::pin(handle(request)).instrument(span).await.and_then(|found| conditions.select(found));
    let response = answer.unwrap_or_else(|problem| problem.into_response(&request_id));
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

    /// Who answers the event: `request` or `task`.
    async fn answerer(event: Value) -> &'static str {
        let handle = async |_| Ok(Response::new(204));
        let perform = async |task: Value, _| Ok(task);
        let event = serde_json::from_value(event).unwrap();
        match invoke(event, Deadline::default(), handle, perform).await.unwrap() {
            Answer::Reply(_) => "request",
            Answer::Task(_) => "task",
        }
    }

    #[tokio::test]
    async fn an_event_with_a_method_is_a_request_whatever_task_it_has() {
        assert_eq!(answerer(json!({ "task": { "outbox": {} } })).await, "task");
        assert_eq!(answerer(json!({ "task": { "outbox": {} }, "httpMethod": "GET" })).await, "request");
        assert_eq!(answerer(json!({ "httpMethod": "GET" })).await, "request");
    }

    #[tokio::test]
    async fn a_task_for_which_the_time_is_too_short_fails_before_lambda_stops_waiting() {
        let event = Event { task: Some(json!({})), ..Event::default() };
        let deadline = Deadline::after(std::time::Duration::from_millis(40));
        let never = async |_, _| std::future::pending().await;
        let failed = invoke(event, deadline, async |_| Ok(Response::new(204)), never).await;
        assert!(failed.is_err_and(|error| error.starts_with("the time is over")));
    }
}
