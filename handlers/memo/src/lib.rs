//! The memo service: memos with tags, optimistic locking, soft delete and search, each user's own.
//!
//! The map, in the order of a request:
//!
//! - [`Memos::handle`]: which route; `caller`: who asks, and whether the token's scope opens the route.
//! - `route/`: one endpoint a file.
//! - [`memo`]: what a memo is; `text`: what of it a client writes. `cursor`, `filter`: the pages of a list.
//! - `store`, `tags`, `numbers`, `idempotency`: the transactions on the table.
//! - [`Memos::task`]: what the JWT service asks for; `erase`: the end of a deleted account.
//!
//! The table, all below `U#<user>`: `M#<id>` a memo, `D#<id>` a deleted one, `TAG#<tag>` how many memos have the tag,
//! `IDEM#<hash>` the answer to an Idempotency-Key, `META` the numbers of memos and tags, and
//! the tombstone of a deleted account.

mod caller;
mod cursor;
mod erase;
mod filter;
mod idempotency;
pub mod memo;
mod numbers;
mod route;
mod store;
mod tags;
mod text;

use serde::Deserialize;
use serde_json::Value;
use service::aws::Aws;
use service::keys::{KeySet, MacKeys};
use service::store::Table;
use service::{Problem, Request, Response, environment};

use caller::{Caller, Scope};
use erase::Departure;
use store::Store;

/// What other services ask for.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Task {
    AccountDeleted(Departure),
}

/// The service with its table and its cursors' keys.
pub struct Memos {
    store: Store,
    cursor_keys: KeySet<MacKeys>,
}

impl Memos {
    /// The service on `table`, whose cursors `cursor_keys` authenticate.
    pub fn new(table: Table, cursor_keys: KeySet<MacKeys>) -> Self {
        Self { store: Store::new(table), cursor_keys }
    }

    /// The service that the environment describes: the bindings `memos` (a table) and `cursor` (a signing key).
    pub fn from_environment() -> Result<Self, service::Error> {
        let aws = Aws::from_environment()?;
        let table = Table::new(aws.dynamodb(), environment::table("memos")?);
        let keys = KeySet::private(aws.ssm(), &environment::signing_key("cursor")?, MacKeys::parse);
        Ok(Self::new(table, keys))
    }

    /// Answers one request, until its deadline.
    pub async fn handle(&self, request: Request) -> Result<Response, Problem> {
        let answer = request.deadline.within(Box::pin(self.route(&request))).await;
        answer.unwrap_or_else(|| Err(Problem::unavailable()))
    }

    async fn route(&self, request: &Request) -> Result<Response, Problem> {
        let scope = match request.route() {
            ("GET", _) => Scope::Read,
            _ => Scope::Write,
        };
        let caller = Caller::of(request, scope)?;
        let route = request.route();
        if !matches!(route, ("GET", "/v1/memos" | "/v1/tags")) {
            // Only lists have a query.
            request.query(&[])?;
        }
        match route {
            ("POST", "/v1/memos") => route::create::answer(self, &caller, request).await,
            ("GET", "/v1/memos") => route::list::answer(self, &caller, request).await,
            ("GET", "/v1/memos/{id}") => route::read::answer(self, &caller, request).await,
            ("PATCH", "/v1/memos/{id}") => route::patch::answer(self, &caller, request).await,
            ("PUT", "/v1/memos/{id}") => route::put::answer(self, &caller, request).await,
            ("DELETE", "/v1/memos/{id}") => route::delete::answer(self, &caller, request).await,
            ("POST", "/v1/memos/{id}/restore") => route::restore::answer(self, &caller, request).await,
            ("GET", "/v1/tags") => route::tags::answer(self, &caller, request).await,
            _ => Err(Problem::not_found()),
        }
    }

    /// Does what another service asks for: `{"account_deleted":{"user":"…","at":…}}`. Gives `{"finished":true}` when
    /// nothing is left to do, else the same task has to be given again.
    pub async fn task(&self, task: &Value) -> Result<Value, String> {
        let Task::AccountDeleted(departure) = Task::deserialize(task).map_err(|error| format!("no task: {error}"))?;
        erase::erase(&self.store.table, &departure).await
    }
}
