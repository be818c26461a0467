//! The authorizer of API Gateway: a bearer token in, a policy out.
//!
//! API Gateway caches the answer under the token and applies it to every method of the stage. So the answer is a
//! function of the token, the keys, the API and the stage alone: path, method and other headers are never read.
//!
//! The map: [`Authorizer`] reads the event and the keys, [`decide`] does the rest, pure; [`Routes`] says what scopes
//! open, [`Answer`] is API Gateway's form of the outcome.

mod answer;
mod event;
mod routes;
mod stage;

use std::path::Path;

use jiff::Timestamp;
use jwt::{Claims, Demand, PublicKeys};
use service::aws::Aws;
use service::keys::{KeyError, KeySet};
use service::{Deadline, environment};

pub use answer::Answer;
pub use event::Event;
pub use routes::Routes;
pub use stage::Stage;

/// What a token is judged by, apart from the keys.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// The value of the Authorization header.
    pub authorization: &'a str,
    /// The issuer of the stage's tokens, with which the audiences of its routes begin.
    pub issuer: &'a str,
    pub stage: &'a Stage,
    /// Seconds since the Unix epoch.
    pub now: u64,
}

/// Decides what the token in `question` opens of `routes`: a policy for the stage, or why the token is not valid.
pub fn decide(question: &Question<'_>, keys: &PublicKeys, routes: &Routes) -> Result<Answer, jwt::Error> {
    let Question { authorization, issuer, stage, now } = *question;
    if authorization.len() > jwt::LONGEST {
        return Err(jwt::Error::TooLong);
    }
    // The scheme's name is case-insensitive (RFC 9110 section 11.1).
    let (scheme, token) = authorization.split_once(' ').ok_or(jwt::Error::Malformed)?;
    if !scheme.eq_ignore_ascii_case("Bearer") {
        return Err(jwt::Error::Malformed);
    }
    let audiences = routes.audiences(issuer);
    let audiences: Vec<_> = audiences.iter().map(String::as_str).collect();
    let claims = Claims::verify(token, keys, &Demand { issuer, audiences: &audiences, now })?;
    Ok(Answer::new(stage, routes.opened_by(&claims), &claims))
}

/// The authorizer with its keys and routes.
#[derive(Debug)]
pub struct Authorizer {
    keys: KeySet<PublicKeys>,
    routes: Routes,
}

/// Why there is no policy.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The token is not valid: API Gateway takes this text, and no other, for 401.
    #[error("Unauthorized")]
    Unauthorized,
    /// The authorizer cannot tell: API Gateway makes an `AUTHORIZER_FAILURE` of it and caches nothing.
    #[error("{0}")]
    Unable(String),
}

impl From<KeyError> for Refusal {
    fn from(error: KeyError) -> Self {
        Self::Unable(error.to_string())
    }
}

impl Authorizer {
    /// The authorizer of `keys` and `routes`.
    pub fn new(keys: KeySet<PublicKeys>, routes: Routes) -> Self {
        Self { keys, routes }
    }

    /// The authorizer that the environment describes: the binding `jwt`, and `routes.json` beside the binary.
    pub fn from_environment() -> Result<Self, service::Error> {
        let path = Path::new(&environment::variable("LAMBDA_TASK_ROOT")?).join("routes.json");
        let text =
            std::fs::read_to_string(&path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
        let routes = Routes::parse(&text).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
        let prefix = environment::signing_key("jwt")?;
        let keys = KeySet::public(Aws::from_environment()?.ssm(), &prefix, parse);
        Ok(Self::new(keys, routes))
    }

    /// Answers one event at `now`, until `deadline`.
    pub async fn handle(&self, event: Event, now: Timestamp, deadline: Deadline) -> Result<Answer, Refusal> {
        let judged = self.judge(event, u64::try_from(now.as_second()).unwrap_or_default());
        let answer =
            deadline.within(judged).await.unwrap_or_else(|| Err(unable("there was no time to look at the keys")));
        if let Err(Refusal::Unable(cause)) = &answer {
            tracing::error!(cause, "cannot judge a token");
        }
        answer
    }

    async fn judge(&self, event: Event, now: u64) -> Result<Answer, Refusal> {
        let issuer = event.issuer().ok_or_else(|| unable("the stage has no variable issuer"))?;
        let stage = event.stage().ok_or_else(|| unable("the event has no method ARN of an API's stage"))?;
        let authorization = event.authorization().ok_or(Refusal::Unauthorized)?;
        let question = Question { authorization, issuer, stage: &stage, now };
        let keys = self.keys.get(now).await?;
        if keys.is_empty() {
            return Err(unable("the key set has no keys"));
        }
        let answer = match decide(&question, &keys, &self.routes) {
            // The issuer may have begun to use a key that was published after the last look.
            Err(jwt::Error::UnknownKey) => {
                let keys = self.keys.refresh(now).await?;
                decide(&question, &keys, &self.routes)
            }
            answer => answer,
        };
        answer.map_err(|error| {
            tracing::info!(%error, "refused a token");
            Refusal::Unauthorized
        })
    }
}

fn unable(cause: &str) -> Refusal {
    Refusal::Unable(cause.to_owned())
}

/// Reads the published key set, for [`KeySet::public`].
pub fn parse(text: &str) -> Result<PublicKeys, String> {
    PublicKeys::parse(text).map_err(|error| error.to_string())
}
