//! The items of the table: `USER#id/PROFILE`, `EMAIL#normal/UNIQ`, `USER#id/SESS#family`.
//!
//! `throttle` has its own: `TH#kind#hash/COUNT`.

use service::store::{Item, Malformed, Range, StoreError, Table, Write};
use ulid::Ulid;

use crate::scope::Scope;

/// How long a session lives without a refresh, in seconds.
const IDLE: u64 = 14 * 86_400;
/// How long a session lives at most, in seconds.
const ABSOLUTE: u64 = 30 * 86_400;
/// How many of a user's sessions are looked at: expired ones stay until TTL takes them.
const LOOKED_AT: u16 = 200;

/// The partition of the user `id`.
pub(crate) fn user_key(id: Ulid) -> String {
    format!("USER#{id}")
}

/// The partition of the e-mail address `email`, in normal form.
pub(crate) fn email_key(email: &str) -> String {
    format!("EMAIL#{email}")
}

/// The sort key of the session `family`.
pub(crate) fn session_key(family: Ulid) -> String {
    format!("SESS#{family}")
}

/// A user, as a login sees one.
#[derive(Clone, Debug)]
pub(crate) struct Profile {
    /// The password's hash, a PHC string.
    pub(crate) password: String,
    /// Raised by a change of the password: what was begun under another one does not come to pass.
    pub(crate) epoch: u64,
}

impl Profile {
    /// Reads the user `id`.
    pub(crate) async fn get(table: &Table, id: Ulid) -> Result<Option<Self>, StoreError> {
        let Some(item) = table.get(&user_key(id), "PROFILE").await? else { return Ok(None) };
        Ok(Some(Self { password: item.text("password")?.to_owned(), epoch: item.number("epoch")? }))
    }

    /// Finds the user whose e-mail address is `email`, in normal form.
    pub(crate) async fn find(table: &Table, email: &str) -> Result<Option<Ulid>, StoreError> {
        let Some(item) = table.get(&email_key(email), "UNIQ").await? else { return Ok(None) };
        let id = Ulid::from_string(item.text("user")?).map_err(|_| Malformed::new("user", "ULID"))?;
        Ok(Some(id))
    }

    /// The condition that the user `id` exists, in the epoch `epoch`.
    pub(crate) fn check(id: Ulid, epoch: u64) -> Write {
        Write::check(&user_key(id), "PROFILE").when("epoch = :epoch").value(":epoch", epoch)
    }
}

/// A session: what began with one login, and its refresh tokens keep up.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    pub(crate) family: Ulid,
    /// The generation of the one refresh token that is good.
    pub(crate) generation: u32,
    pub(crate) scope: Scope,
    /// When the password was given, in seconds since the Unix epoch.
    pub(crate) auth_time: u64,
    /// The user's epoch at that time.
    pub(crate) epoch: u64,
    /// When it ends without a refresh, in seconds since the Unix epoch.
    pub(crate) expires_at: u64,
}

impl Session {
    /// A session that begins `now`.
    pub(crate) fn begin(family: Ulid, scope: Scope, epoch: u64, now: u64) -> Self {
        Self { family, generation: 0, scope, auth_time: now, epoch, expires_at: now + IDLE }
    }

    /// When the session ends after a refresh at `now`.
    pub(crate) fn extended(&self, now: u64) -> u64 {
        (now + IDLE).min(self.auth_time + ABSOLUTE)
    }

    /// The session as a new item of the user `user`.
    pub(crate) fn put(&self, user: Ulid) -> Write {
        let item = Item::new(&user_key(user), &session_key(self.family))
            .set("generation", u64::from(self.generation))
            .set("scope", self.scope.to_string())
            .set("auth_time", self.auth_time)
            .set("epoch", self.epoch)
            .set("expires_at", self.expires_at);
        Write::put(item).when("attribute_not_exists(pk)")
    }

    /// Reads the session `family` of `user`, if it is alive at `now`.
    pub(crate) async fn get(table: &Table, user: Ulid, family: Ulid, now: u64) -> Result<Option<Self>, StoreError> {
        let item = table.get(&user_key(user), &session_key(family)).await?;
        let session = item.map(|item| Self::read(&item)).transpose()?;
        Ok(session.filter(|session| session.expires_at > now))
    }

    /// The sessions of `user` that are alive at `now`, the oldest first.
    pub(crate) async fn list(table: &Table, user: Ulid, now: u64) -> Result<Vec<Self>, StoreError> {
        let pk = user_key(user);
        let range = Range { pk: &pk, prefix: "SESS#", after: None, descending: false, limit: LOOKED_AT };
        let page = table.query(&range).await?;
        let sessions: Vec<_> = page.items.iter().map(Self::read).collect::<Result<_, _>>()?;
        Ok(sessions.into_iter().filter(|session| session.expires_at > now).collect())
    }

    fn read(item: &Item) -> Result<Self, Malformed> {
        let family = item.text("sk")?.strip_prefix("SESS#").and_then(|family| Ulid::from_string(family).ok());
        Ok(Self {
            family: family.ok_or_else(|| Malformed::new("sk", "session's key"))?,
            generation: u32::try_from(item.number("generation")?).map_err(|_| Malformed::new("generation", "u32"))?,
            scope: Scope::parse(item.text("scope")?).map_err(|_| Malformed::new("scope", "known scope"))?,
            auth_time: item.number("auth_time")?,
            epoch: item.number("epoch")?,
            expires_at: item.number("expires_at")?,
        })
    }
}
