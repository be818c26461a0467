//! The JWT-issuing service: users, sessions, refresh tokens, and the keys that verify what it signs.
//!
//! The map, an endpoint a file on top of what they share:
//!
//! - [`Auth::handle`] routes to the endpoints. `/v1`: [`users`] (registration), [`me`], [`own_password`], [`deletion`],
//!   [`sessions`] (login), [`own_sessions`]. `/oauth`: [`token`] (refresh), [`revocation`], [`introspection`].
//!   `/.well-known`: [`jwks`], [`metadata`].
//! - [`identity`]: the user and session of an access token, read from the store. [`presented`]: a token in a form.
//!   [`form`]: OAuth's forms and errors.
//! - [`grant`]: what a login or a refresh gives: the token response.
//! - [`throttle`]: attempts, reserved before they are made. [`password`], [`email`], [`scope`]: what users send.
//! - [`refresh`]: the refresh token's text. [`store`]: the items of the table. [`outbox`]: what other services have to
//!   hear of. [`audit`]: what happened to whose account, in the log.

mod audit;
mod deletion;
mod email;
mod form;
mod grant;
mod identity;
mod introspection;
mod jwks;
mod me;
mod metadata;
mod outbox;
mod own_password;
mod own_sessions;
mod password;
mod presented;
mod refresh;
mod revocation;
mod scope;
mod sessions;
mod store;
mod throttle;
mod token;
mod users;

use form::Failure;
use jwt::PrivateKeys;
use outbox::Outbox;
use serde_json::{Value, json};
use service::aws::Aws;
use service::keys::{KeySet, MacKeys};
use service::store::Table;
use service::{Problem, Request, Response, environment};

/// The largest body of a request, in bytes.
const BODY: usize = 16 * 1_024;

/// The most writes of a transaction of DynamoDB.
const TRANSACTION: usize = 100;

/// By what name the function that follows deleted accounts is bound.
pub const MEMO: &str = "memo";

/// The service with its store and keys.
pub struct Auth {
    table: Table,
    /// Signs access tokens.
    signing: KeySet<PrivateKeys>,
    /// Authenticates refresh tokens, and names what is throttled.
    refresh: KeySet<MacKeys>,
    /// Where other services hear of deleted accounts.
    outbox: Outbox,
    /// The least number of code points of a new password.
    floor: usize,
}

impl Auth {
    /// The service on `table`, with the key sets below the SSM prefixes `jwt` and `refresh`.
    pub fn new(aws: &Aws, table: String, jwt: &str, refresh: &str) -> Self {
        Self {
            table: Table::new(aws.dynamodb(), table),
            signing: KeySet::private(aws.ssm(), jwt, |text| {
                PrivateKeys::parse(text).map_err(|error| error.to_string())
            }),
            refresh: KeySet::private(aws.ssm(), refresh, MacKeys::parse),
            outbox: Outbox::by(aws.functions()),
            floor: password::FLOOR,
        }
    }

    /// The same service, which invokes the functions of `aws`.
    #[must_use]
    pub fn invoking(self, aws: &Aws) -> Self {
        Self { outbox: Outbox::by(aws.functions()), ..self }
    }

    /// The service that the environment describes: the bindings `auth`, `jwt` and `refresh`, and the least length of a new
    /// password in `PASSWORD_MIN_LENGTH` (default 12).
    pub fn from_environment() -> Result<Self, service::Error> {
        let (jwt, refresh) = (environment::signing_key("jwt")?, environment::signing_key("refresh")?);
        let aws = Aws::from_environment()?;
        let auth = Self::new(&aws, environment::table("auth")?, &jwt, &refresh);
        Ok(Self { floor: password::floor(environment::variable("PASSWORD_MIN_LENGTH").ok().as_deref())?, ..auth })
    }

    /// Answers one request, until its deadline.
    pub async fn handle(&self, request: Request) -> Result<Response, Problem> {
        let answer = request.deadline.within(Box::pin(self.route(&request))).await;
        answer.unwrap_or_else(|| match request.route() {
            (_, path) if path.starts_with("/oauth/") => Failure::from(Problem::unavailable()).answer(),
            _ => Err(Problem::unavailable()),
        })
    }

    async fn route(&self, request: &Request) -> Result<Response, Problem> {
        match request.route() {
            ("GET", "/healthz") => healthz(request),
            ("GET", "/.well-known/jwks.json") => jwks::get(self, request).await,
            ("GET", "/.well-known/oauth-authorization-server") => metadata::get(request),
            ("POST", "/v1/users") => users::post(self, request).await,
            ("GET", "/v1/users/me") => me::get(self, request).await,
            ("PATCH", "/v1/users/me") => me::patch(self, request).await,
            ("DELETE", "/v1/users/me") => deletion::delete(self, request).await,
            ("PUT", "/v1/users/me/password") => own_password::put(self, request).await,
            ("POST", "/v1/sessions") => sessions::post(self, request).await,
            ("GET", "/v1/sessions") => own_sessions::list(self, request).await,
            ("DELETE", "/v1/sessions") => own_sessions::delete_all(self, request).await,
            ("DELETE", "/v1/sessions/{id}") => own_sessions::delete(self, request).await,
            ("POST", "/oauth/token") => token::post(self, request).await,
            ("POST", "/oauth/revoke") => revocation::post(self, request).await,
            ("POST", "/oauth/introspect") => introspection::post(self, request).await,
            _ => Err(Problem::not_found()),
        }
    }

    /// Does what another function, or an operator, asks for: `{"outbox":{}}` makes the other services follow all deleted
    /// accounts, and gives their number. `memo` is the version of the function that follows, if one is bound.
    pub async fn task(&self, task: &Value, memo: Option<&str>) -> Result<Value, String> {
        match task.get("outbox") {
            Some(_) => outbox::deliver(self, memo).await,
            None => Err(format!("there is no task {task}; there is: {{\"outbox\":{{}}}}")),
        }
    }
}

/// The process answers: nothing else is looked at.
fn healthz(request: &Request) -> Result<Response, Problem> {
    request.query(&[])?;
    Response::json(200, &json!({ "status": "ok" }))
}
