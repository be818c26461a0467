//! The JWT-issuing service: users, sessions, refresh tokens, and the keys that verify what it signs.
//!
//! The map, an endpoint a file on top of what they share:
//!
//! - [`users`], [`sessions`], [`token`], [`jwks`]: the endpoints. [`Auth::handle`] routes to them.
//! - [`grant`]: what a login or a refresh gives: the token response.
//! - [`throttle`]: attempts, reserved before they are made. [`password`], [`email`], [`scope`]: what users send.
//! - [`refresh`]: the refresh token's text. [`store`]: the items of the table.

mod email;
mod grant;
mod jwks;
mod password;
mod refresh;
mod scope;
mod sessions;
mod store;
mod throttle;
mod token;
mod users;

use jwt::PrivateKeys;
use service::aws::Aws;
use service::keys::{KeySet, MacKeys};
use service::store::Table;
use service::{Problem, Request, Response, environment};

/// The largest body of a request, in bytes.
const BODY: usize = 16 * 1_024;

/// The service with its store and keys.
pub struct Auth {
    table: Table,
    /// Signs access tokens.
    signing: KeySet<PrivateKeys>,
    /// Authenticates refresh tokens, and names what is throttled.
    refresh: KeySet<MacKeys>,
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
            floor: password::FLOOR,
        }
    }

    /// The service that the environment describes: the bindings `auth`, `jwt` and `refresh`, and the least length of a
    /// new password in `PASSWORD_MIN_LENGTH` (default 12).
    pub fn from_environment() -> Result<Self, lambda_runtime::Error> {
        let (jwt, refresh) = (environment::signing_key("jwt")?, environment::signing_key("refresh")?);
        let auth = Self::new(&Aws::from_environment()?, environment::table("auth")?, &jwt, &refresh);
        Ok(Self { floor: password::floor(environment::variable("PASSWORD_MIN_LENGTH").ok().as_deref())?, ..auth })
    }

    /// Answers one request.
    pub async fn handle(&self, request: Request) -> Result<Response, Problem> {
        match request.route() {
            ("GET", "/healthz") => Response::json(200, &serde_json::json!({ "status": "ok" })),
            ("GET", "/.well-known/jwks.json") => jwks::get(self, &request).await,
            ("POST", "/v1/users") => users::post(self, &request).await,
            ("POST", "/v1/sessions") => sessions::post(self, &request).await,
            ("POST", "/oauth/token") => token::post(self, &request).await,
            _ => Err(Problem::not_found()),
        }
    }
}
