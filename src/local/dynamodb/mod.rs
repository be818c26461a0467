//! DynamoDB, on the crate dynoxide-rs, which keeps tables in `SQLite`; continuous backups, which it lacks, beside it.
//!
//! The API is <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/>.

mod arns;
mod backups;
mod engine;
mod members;
mod needs;
mod phases;
mod ttl;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use http::header::{CONTENT_TYPE, HeaderValue};
use serde_json::Value;
use tokio::task::AbortHandle;

use crate::call::{Error, Operation, Request, Response, Service};
use crate::realism::Delays;
use crate::store::Store;
use crate::wire::{json, response};
use arns::Arns;
use backups::Backups;
use engine::Engine;
use phases::Phases;

/// How often items whose time to live is over are deleted. AWS deletes them within a few days.
const SWEEP: Duration = Duration::from_mins(1);

/// DynamoDB, on the crate dynoxide-rs.
pub(crate) struct DynamoDb {
    state: Arc<State>,
    sweeper: AbortHandle,
}

struct State {
    engine: Engine,
    backups: Store<Backups>,
    arns: Arns,
    /// `None`: everything takes effect at once.
    phases: Option<Phases>,
}

impl Service for DynamoDb {
    fn identify(&self, request: &Request) -> Result<Operation, Error> {
        let name = json::operation(&request.headers, "DynamoDB_20120810")
            .or_else(|_| json::operation(&request.headers, "DynamoDBStreams_20120810"))?;
        let Some(mutates) = engine::mutates(name).or(backups::mutates(name)) else {
            return Err(Error::not_implemented(&format!("dynamodb:{name}")));
        };
        let body = self.state.body(name, &request.body)?;
        members::check(name, &body)?;
        Ok(Operation { name: name.to_owned(), mutates, needs: needs::of(name, &body, &self.state.arns) })
    }

    async fn call(&self, operation: &Operation, request: Request) -> Result<Response, Error> {
        let (state, name) = (Arc::clone(&self.state), operation.name.clone());
        let answer = tokio::task::spawn_blocking(move || state.carry_out(&name, &request.body)).await;
        let body = answer.map_err(|error| std::io::Error::other(format!("DynamoDB broke off: {error}")))??;
        Ok(response(http::StatusCode::OK, "application/x-amz-json-1.0", body))
    }

    fn refuse(&self, error: &Error, _request_id: &str) -> Response {
        let mut response = json::refuse(error);
        response.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-amz-json-1.0"));
        response
    }
}

impl DynamoDb {
    /// Opens the state in `dir`. Must be called within a Tokio runtime.
    pub(crate) fn open(dir: &Path, region: &str, delays: &Delays) -> std::io::Result<Self> {
        let state = Arc::new(State {
            engine: Engine::open(&dir.join("dynamodb.sqlite"))?,
            backups: Store::open(&dir.join("dynamodb-backups.json"))?,
            arns: Arns::of(region),
            phases: Phases::new(delays),
        });
        let swept = Arc::downgrade(&state);
        let sweeper = tokio::spawn(async move {
            loop {
                tokio::time::sleep(SWEEP).await;
                let Some(state) = swept.upgrade() else { return };
                let _ = tokio::task::spawn_blocking(move || state.engine.sweep()).await;
            }
        });
        Ok(Self { state, sweeper: sweeper.abort_handle() })
    }
}

impl Drop for DynamoDb {
    fn drop(&mut self) {
        self.sweeper.abort();
    }
}

impl State {
    /// The request's body as the engine reads it: its own region in ARNs, and tables by their names.
    fn body(&self, operation: &str, body: &[u8]) -> Result<Value, Error> {
        let mut body: Value = serde_json::from_slice(body).map_err(|_| unreadable())?;
        if !body.is_object() {
            return Err(unreadable());
        }
        self.arns.table_by_name(&mut body);
        if !engine::is_on_items(operation) {
            self.arns.hide(&mut body);
        }
        Ok(body)
    }

    fn carry_out(&self, operation: &str, body: &[u8]) -> Result<Vec<u8>, Error> {
        let body = self.body(operation, body)?;
        if let Some(phases) = &self.phases {
            let answer = phases.before(operation, &body).map_err(|error| self.arns.in_error(error))?;
            if let Some(mut answer) = answer {
                self.arns.show(operation, &mut answer);
                return Ok(serde_json::to_vec(&answer).map_err(std::io::Error::from)?);
            }
        }
        if operation == "UpdateTimeToLive" {
            self.check_ttl(&body).map_err(|error| self.arns.in_error(error))?;
        }
        let answer = match operation {
            "UpdateContinuousBackups" => self.update_backups(&body)?,
            "DescribeContinuousBackups" => self.describe_backups(&body)?,
            _ if engine::is_on_items(operation) => {
                // Items may hold any text, and pass as they are.
                return self.engine.run(operation, &body.to_string()).map_err(|error| self.arns.in_error(error));
            }
            _ => {
                let answer =
                    self.engine.run(operation, &body.to_string()).map_err(|error| self.arns.in_error(error))?;
                let mut answer = serde_json::from_slice(&answer).map_err(std::io::Error::from)?;
                if let Some(phases) = &self.phases {
                    phases.after(operation, &body, &mut answer);
                }
                self.arns.show(operation, &mut answer);
                answer
            }
        };
        Ok(serde_json::to_vec(&answer).map_err(std::io::Error::from)?)
    }
}

fn unreadable() -> Error {
    Error::new(400, "com.amazon.coral.service#SerializationException", "")
}

/// A `ValidationException` as DynamoDB gives it.
fn invalid(text: &str) -> Error {
    Error::new(400, "com.amazon.coral.validate#ValidationException", text)
}
