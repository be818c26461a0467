//! Who holds the access token of a request, as the store has them now.

use service::caller::{Caller, unauthorized};
use service::{Problem, Request};
use ulid::Ulid;

use crate::Auth;
use crate::store::{Profile, Session};

/// The scope that opens a user's own account.
const ACCOUNT: &str = "account";

/// A user with the session of their access token, both alive.
#[derive(Clone, Debug)]
pub(crate) struct Identity {
    pub(crate) profile: Profile,
    pub(crate) session: Session,
}

impl Identity {
    /// The holder of the token of `request`: 401 when it expired or its session ended, 403 when it does not open the
    /// account.
    pub(crate) async fn of(auth: &Auth, request: &Request) -> Result<Self, Problem> {
        Self::read(auth, request, Caller::of(request, Some(ACCOUNT))?).await
    }

    /// The same, of a token of any scope.
    pub(crate) async fn of_any_scope(auth: &Auth, request: &Request) -> Result<Self, Problem> {
        Self::read(auth, request, Caller::of(request, None)?).await
    }

    async fn read(auth: &Auth, request: &Request, caller: Caller) -> Result<Self, Problem> {
        let id = |text: &str| Ulid::from_string(text).map_err(|_| unauthorized());
        let (user, family) = (id(&caller.user)?, id(&caller.session)?);
        let profile = Profile::get(&auth.table, user).await?.ok_or_else(unauthorized)?;
        let session = Session::live(&auth.table, &profile, family, request.seconds()).await?;
        Ok(Self { session: session.ok_or_else(unauthorized)?, profile })
    }
}
