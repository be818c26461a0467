//! A function for tests, on the runtime that real handlers use. What it does is what the event says:
//! `{"do": "echo" | "sleep" | "panic" | "exit" | "fail" | "huge" | "environment" | "context" | "print" | "append" | "pid", ...}`.
//!
//! With `INIT=fail` or `INIT=sleep` in its environment it does not get as far.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a function's output is its log")]

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::Write;
use std::time::Duration;

use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::{Value, json};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    match std::env::var("INIT").as_deref() {
        Ok("fail") => {
            println!("about to fail");
            std::process::exit(3)
        }
        Ok("sleep") => tokio::time::sleep(Duration::from_hours(1)).await,
        Ok(_) | Err(_) => {}
    }
    lambda_runtime::run(service_fn(serve)).await
}

async fn serve(event: LambdaEvent<Value>) -> Result<Value, Error> {
    let LambdaEvent { payload, context } = event;
    let number = |name: &str| payload[name].as_u64().unwrap_or_default();
    match payload["do"].as_str().unwrap_or("echo") {
        "sleep" => {
            tokio::time::sleep(Duration::from_millis(number("milliseconds"))).await;
            Ok(json!("slept"))
        }
        "panic" => panic!("as asked"),
        "exit" => std::process::exit(i32::try_from(number("code"))?),
        "fail" => Err("as asked".into()),
        "huge" => Ok(json!("x".repeat(usize::try_from(number("bytes"))?))),
        "environment" => Ok(json!(std::env::vars().collect::<BTreeMap<_, _>>())),
        "context" => Ok(json!({
            "request_id": context.request_id,
            "deadline": context.deadline,
            "arn": context.invoked_function_arn,
            "trace": context.xray_trace_id,
        })),
        "print" => {
            println!("{}", payload["line"].as_str().unwrap_or_default());
            eprintln!("and on stderr");
            Ok(json!("printed"))
        }
        "append" => {
            let path = payload["path"].as_str().unwrap_or_default();
            writeln!(OpenOptions::new().append(true).create(true).open(path)?, "tried")?;
            Err("as asked".into())
        }
        "pid" => Ok(json!(std::process::id())),
        _ => Ok(payload),
    }
}
