//! `GET`, `PATCH /v1/users/me`: what a user sees and says of themselves.

use service::etag::preconditions;
use service::fields::Fields;
use service::store::Outcome;
use service::{Problem, Request, Response};

use crate::audit::{self, Event};
use crate::identity::Identity;
use crate::store::Profile;
use crate::{Auth, BODY, users};

/// How often a change is tried that loses to others of the same account.
const ATTEMPTS: usize = 8;

/// Answers with the user.
pub(crate) async fn get(auth: &Auth, request: &Request) -> Result<Response, Problem> {
    request.query(&[])?;
    let Identity { profile, session: _ } = Identity::of(auth, request).await?;
    answer(&profile)
}

/// Merges the body into the user (RFC 7396): `name` alone can be changed, and taken away by `null`.
pub(crate) async fn patch(auth: &Auth, request: &Request) -> Result<Response, Problem> {
    request.query(&[])?;
    let mut identity = Identity::of(auth, request).await?;
    let mut fields = Fields::new(request.json(BODY, &["application/merge-patch+json", "application/json"])?);
    let name =
        fields.optional("name", |value| if value.is_null() { Ok(None) } else { users::read_name(value).map(Some) });
    let name = fields.finish(name)?;
    for _ in 0..ATTEMPTS {
        preconditions(request, Some(&identity.profile.etag()))?;
        let Some(name) = name.as_ref().filter(|name| **name != identity.profile.name) else {
            return answer(&identity.profile);
        };
        let (next, write) = identity.profile.renamed(name.clone());
        match auth.table.write(write).await? {
            Outcome::Written => {
                audit::record(request, Event::Renamed, next.id, None);
                return answer(&next);
            }
            // Another request came first: what it left is what this one is about.
            Outcome::Refused(_) => identity = Identity::of(auth, request).await?,
        }
    }
    Err(Problem::unavailable())
}

fn answer(profile: &Profile) -> Result<Response, Problem> {
    Ok(Response::json(200, &profile.to_json())?.header("ETag", profile.etag()))
}
