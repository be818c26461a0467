use std::io::{IsTerminal as _, Read as _};

use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::LogType;
use base64::Engine as _;
use serde_json::{Value, json};

use super::logs::physical;
use crate::aws::failed;
use crate::plan::Id;
use crate::session::{Connection, Exit, Failure, Session};

/// Invoke a function and print its answer
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The function's name in the stack file
    function: String,
    /// The event as JSON, @FILE, or - for standard input [default: standard input where it is no terminal, else {}]
    payload: Option<String>,
}

pub async fn run(args: &Args, session: &Session) -> Result<Exit, Failure> {
    let stack = session.stack()?;
    let payload = payload(args.payload.as_deref())?;
    let connection = Connection::open(session, &stack).await?;
    let function = physical(&args.function, &stack, &connection.aws)?;
    let request = connection.aws.lambda.invoke().function_name(&function).log_type(LogType::Tail);
    let sent = request.payload(Blob::new(payload)).send();
    let answered = session.interrupt.unless(sent).await?.map_err(failed("invoke", &Id::new("function", &*function)));
    connection.close().await;
    let answer = answered?;

    let text = String::from_utf8_lossy(answer.payload().map_or(&[][..], AsRef::as_ref)).into_owned();
    let tail = answer.log_result().and_then(|tail| base64::engine::general_purpose::STANDARD.decode(tail).ok());
    let tail = String::from_utf8_lossy(&tail.unwrap_or_default()).into_owned();
    let error = answer.function_error();
    if session.ui.is_json() {
        let body: Value = serde_json::from_str(&text).unwrap_or(Value::String(text));
        let tail: Vec<&str> = tail.lines().collect();
        session.ui.document(&json!({ "payload": body, "error": error, "log": tail }));
    } else {
        session.ui.data(&text);
        if error.is_some() || session.ui.verbose {
            session.ui.talk(tail.trim_end());
        }
    }
    match error {
        None => Ok(Exit::Done),
        Some(kind) => Err(Failure::Other {
            error: format!("function {} failed ({kind})", args.function),
            hint: Some(format!("`memoctl logs{} {}` shows all of its log", session.place(), args.function)),
        }),
    }
}

fn payload(argument: Option<&str>) -> Result<Vec<u8>, Failure> {
    let bytes = match argument {
        Some("-") => standard_input()?,
        None if !std::io::stdin().is_terminal() => standard_input()?,
        None => Vec::new(),
        Some(text) => match text.strip_prefix('@') {
            Some(file) => std::fs::read(file).map_err(|source| Failure::io(format!("read {file}"), source))?,
            None => text.as_bytes().to_vec(),
        },
    };
    if bytes.trim_ascii().is_empty() {
        return Ok(b"{}".to_vec());
    }
    match serde_json::from_slice::<Value>(&bytes) {
        Ok(_) => Ok(bytes),
        Err(error) => Err(Failure::Usage {
            error: format!("the payload is no JSON: {error}"),
            hint: "give it as '{\"key\":\"value\"}', as @FILE, or on standard input".to_owned(),
        }),
    }
}

fn standard_input() -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    std::io::stdin().read_to_end(&mut bytes).map_err(|source| Failure::io("read standard input", source))?;
    Ok(bytes)
}
