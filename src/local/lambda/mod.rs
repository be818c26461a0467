//! Lambda: functions, versions and aliases, and their execution environments.
//!
//! The API is <https://docs.aws.amazon.com/lambda/latest/api/>. The map:
//!
//! - [`operations`], [`route`], [`name`], [`members`], [`page`]: what a request asks for.
//! - [`state`], [`configuration`], [`lifecycle`], [`code`]: what is remembered.
//! - [`functions`], [`updates`], [`versions`], [`aliases`], [`permissions`], [`concurrency`], [`tags`]: the calls.
//! - [`upload`], [`settings`], [`logging`], [`variables`]: what calls set, and what is wrong with it.
//! - [`invoke`], [`events`]: invocations, waited for or not.
//! - [`fleet`], [`pool`], [`environment`]: the processes, and how requests are shared out among them.
//! - [`process`], [`runtime_api`], [`outcome`]: one process, what it talks to, what comes of it.
//! - [`log`], [`report`], [`platform`], [`sink`]: what goes to CloudWatch Logs.

mod aliases;
mod code;
mod concurrency;
mod configuration;
mod environment;
mod events;
mod fleet;
mod functions;
mod id;
mod invoke;
mod lifecycle;
mod log;
mod logging;
mod members;
mod name;
mod operations;
mod outcome;
mod page;
mod permissions;
mod platform;
mod pool;
mod process;
mod report;
mod route;
mod runtime_api;
mod settings;
mod sink;
mod state;
mod tags;
#[cfg(test)]
mod tests;
mod updates;
mod upload;
mod variables;
mod versions;

use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use http::StatusCode;
use http::header::HeaderValue;
use serde_json::{Value, json};

use self::code::CodeStore;
use self::concurrency::Concurrency;
use self::events::{Queue, RETRIES, Retries};
use self::fleet::Fleet;
use self::lifecycle::Delays;
use self::operations::Call;
use self::process::Register;
use self::route::Route;
use self::state::State;
use crate::call::{Error, Operation, Request, Response, Service};
use crate::iam::Iam;
use crate::logs::Logs;
use crate::realism::{self, Recent};
use crate::store::Store;
use crate::wire::{ERROR_TYPE, request_id, response, status};

/// Lambda: functions, versions and aliases, and their execution environments.
pub(crate) struct Lambda {
    shared: Arc<Shared>,
}

/// What calls and the tasks behind them share.
struct Shared {
    region: String,
    endpoint: String,
    state: Store<State>,
    code: CodeStore,
    /// Held by a call from the storing of a package until the state refers to it.
    packages_in_use: tokio::sync::RwLock<()>,
    iam: Arc<Iam>,
    concurrency: Concurrency,
    fleet: Arc<Fleet>,
    queue: Queue,
    delays: Delays,
    retries: Retries,
    recent: Recent,
}

/// What came of an invocation.
#[derive(Clone, Debug)]
pub(crate) struct Invocation {
    /// The function's answer, or its error document.
    pub(crate) payload: Bytes,
    /// `Unhandled` when the function failed: all that custom runtimes can be.
    pub(crate) function_error: Option<String>,
    /// The version that ran: a number, or `$LATEST`.
    pub(crate) executed_version: String,
    /// By which the function's log tells it.
    pub(crate) request_id: String,
}

impl Service for Lambda {
    fn identify(&self, request: &Request) -> Result<Operation, Error> {
        Route::of(request)?.operation(request, &self.shared.region)
    }

    async fn call(&self, _operation: &Operation, request: Request) -> Result<Response, Error> {
        let (lambda, route) = (&self.shared, Route::of(&request)?);
        let done = |()| (StatusCode::NO_CONTENT, None);
        let ok = |body: Value| (StatusCode::OK, Some(body));
        let created = |body: Value| (StatusCode::CREATED, Some(body));
        let (status, body) = match route.call {
            Call::Invoke => return lambda.invoke_operation(&route, request).await,
            Call::CreateFunction => lambda.create_function(&request).await.map(created),
            Call::ListFunctions => lambda.list_functions(&route).map(ok),
            Call::GetFunction => lambda.get_function(&route).map(ok),
            Call::DeleteFunction => lambda.delete_function(&route).map(done),
            Call::UpdateFunctionCode => lambda.update_function_code(&route, &request).await.map(ok),
            Call::GetFunctionConfiguration => lambda.get_function_configuration(&route).map(ok),
            Call::UpdateFunctionConfiguration => lambda.update_function_configuration(&route, &request).map(ok),
            Call::PublishVersion => lambda.publish_version(&route, &request).map(created),
            Call::ListVersionsByFunction => lambda.list_versions(&route).map(ok),
            Call::CreateAlias => lambda.create_alias(&route, &request).map(created),
            Call::ListAliases => lambda.list_aliases(&route).map(ok),
            Call::GetAlias => lambda.get_alias(&route).map(ok),
            Call::UpdateAlias => lambda.update_alias(&route, &request).map(ok),
            Call::DeleteAlias => lambda.delete_alias(&route).map(done),
            Call::AddPermission => lambda.add_permission(&route, &request).map(created),
            Call::GetPolicy => lambda.get_policy(&route).map(ok),
            Call::RemovePermission => lambda.remove_permission(&route).map(done),
            Call::PutFunctionConcurrency => lambda.put_concurrency(&route, &request).map(ok),
            Call::GetFunctionConcurrency => lambda.get_concurrency(&route).map(ok),
            Call::DeleteFunctionConcurrency => lambda.delete_concurrency(&route).map(done),
            Call::TagResource => lambda.tag_resource(&route, &request).map(done),
            Call::UntagResource => lambda.untag_resource(&route).map(done),
            Call::ListTags => lambda.list_tags(&route).map(ok),
            Call::GetAccountSettings => Ok(ok(lambda.account_settings())),
            Call::Other(name) => Err(Error::not_implemented(&format!("lambda:{name}"))),
        }?;
        let body = body.map(|body| body.to_string()).unwrap_or_default();
        Ok(response(status, "application/json", body))
    }

    /// `ResourceNotFoundException` and `ServiceException` have a `Message`, all others a `message`.
    fn refuse(&self, error: &Error, _request_id: &str) -> Response {
        let blamed = if error.status < 500 { "User" } else { "Service" };
        let message = match error.code.as_str() {
            "ResourceNotFoundException" | "ServiceException" => "Message",
            _ => "message",
        };
        let mut body = json!({ "Type": blamed, message: error.message });
        for (name, value) in &error.members {
            body[*name] = value.clone();
        }
        let mut response = response(status(error.status), "application/json", body.to_string());
        if let Ok(code) = HeaderValue::from_str(&error.code) {
            response.headers.insert(ERROR_TYPE, code);
        }
        response
    }
}

impl Lambda {
    /// Opens the state in `dir`, within a Tokio runtime. Functions get `endpoint` (`http://127.0.0.1:4567`) as
    /// `AWS_ENDPOINT_URL`. Transitions that were interrupted are completed, accepted events are taken up again, and
    /// processes that an earlier cloud has left are ended.
    pub(crate) fn open(
        dir: &Path,
        region: &str,
        endpoint: &str,
        (iam, logs): (Arc<Iam>, Arc<Logs>),
        realism: &realism::Delays,
    ) -> std::io::Result<Self> {
        let delays = Delays { transition: realism.function, listing: realism.listing };
        Self::with((delays, RETRIES), dir, (region, endpoint), (iam, logs))
    }

    fn with(
        (delays, retries): (Delays, Retries),
        dir: &Path,
        (region, endpoint): (&str, &str),
        (iam, logs): (Arc<Iam>, Arc<Logs>),
    ) -> std::io::Result<Self> {
        let dir = dir.join("lambda");
        let code = CodeStore::open(dir.join("code"))?;
        let state = Store::<State>::open(&dir.join("functions.json"))?;
        state.write(|state| {
            state.settle();
            Ok::<_, std::io::Error>(())
        })?;
        let register = Register::open(dir.join("processes"))?;
        let queue = Queue::open(dir.join("events"))?;
        let pending = queue.pending()?;
        let shared = Arc::new(Shared {
            region: region.to_owned(),
            endpoint: endpoint.to_owned(),
            concurrency: Concurrency::new(&state),
            state,
            code,
            packages_in_use: tokio::sync::RwLock::default(),
            fleet: Arc::new(Fleet::new(Arc::clone(&iam), logs, (region, endpoint), register)),
            iam,
            queue,
            recent: Recent::new(delays.listing),
            delays,
            retries,
        });
        shared.sweep()?;
        for event in pending {
            tokio::spawn(Arc::clone(&shared).serve_event(event));
        }
        Ok(Self { shared })
    }

    /// Invokes a function by ARN, with or without a qualifier, and waits for its answer. Permission is the caller's
    /// business, see [`Lambda::permits`].
    pub(crate) async fn invoke(&self, arn: &str, payload: Bytes) -> Result<Invocation, Error> {
        self.shared.invoke(arn, request_id(), payload).await
    }

    /// Whether the function's resource policy lets a service principal (`apigateway.amazonaws.com`) invoke `arn` on
    /// behalf of `source_arn`: for invocations without a role.
    pub(crate) fn permits(&self, arn: &str, principal: &str, source_arn: &str) -> bool {
        self.shared.permits(arn, principal, source_arn)
    }

    /// The zip that `Code.Location` of `GetFunction` points to: `name` is the last part of its path.
    pub(crate) fn download(&self, name: &str) -> Response {
        match self.shared.code.zip(name) {
            Some(zip) => response(StatusCode::OK, "application/zip", zip),
            None => response(StatusCode::NOT_FOUND, "text/plain", "there is no such package"),
        }
    }

    /// The number of execution environments whose process is there.
    pub(crate) fn environments(&self) -> usize {
        self.shared.fleet.live()
    }

    /// Stops all execution environments.
    pub(crate) async fn stop(&self) {
        self.shared.fleet.stop().await;
    }
}

impl Drop for Lambda {
    fn drop(&mut self) {
        self.shared.fleet.kill();
    }
}
