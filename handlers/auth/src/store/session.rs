//! `USER#id/SESS#family`: a session.

use service::store::{Item, Malformed, Range, StoreError, Table, Write};
use ulid::Ulid;

use super::{Profile, user_key};
use crate::scope::Scope;

/// How long a session lives without a refresh, in seconds.
const IDLE: u64 = 14 * 86_400;
/// How long a session lives at most, in seconds.
const ABSOLUTE: u64 = 30 * 86_400;
/// How many of a user's sessions are looked at: expired ones stay until TTL takes them.
const LOOKED_AT: u16 = 200;

/// What began with one login, and its refresh tokens keep up.
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

    /// The session after a refresh at `now`.
    pub(crate) fn refreshed(self, now: u64) -> Self {
        let expires_at = (now + IDLE).min(self.auth_time + ABSOLUTE);
        Self { generation: self.generation.saturating_add(1), expires_at, ..self }
    }

    /// Whether it is alive at `now` for a user in the epoch `epoch`.
    fn lives(&self, epoch: u64, now: u64) -> bool {
        self.expires_at > now && self.epoch == epoch
    }

    /// The session as a new item of the user `user`.
    pub(crate) fn put(&self, user: Ulid) -> Write {
        let item = Item::new(&user_key(user), &key(self.family))
            .set("generation", u64::from(self.generation))
            .set("scope", self.scope.to_string())
            .set("auth_time", self.auth_time)
            .set("epoch", self.epoch)
            .set("expires_at", self.expires_at);
        Write::put(item).when("attribute_not_exists(pk)")
    }

    /// Stores `self`, [`Session::refreshed`] at `now`, in place of the generation before it, if that is still the last.
    pub(crate) fn rotate(&self, user: Ulid, now: u64) -> Write {
        Write::update(&user_key(user), &key(self.family), "generation = :next, expires_at = :expires_at")
            .when("generation = :this AND expires_at > :now")
            .value(":this", u64::from(self.generation.saturating_sub(1)))
            .value(":next", u64::from(self.generation))
            .value(":expires_at", self.expires_at)
            .value(":now", now)
    }

    /// Takes the session into the user's next epoch, if it is still there.
    pub(crate) fn outlive(&self, user: Ulid) -> Write {
        let write = Write::update(&user_key(user), &key(self.family), "epoch = :next").value(":next", self.epoch + 1);
        write.when("epoch = :epoch").value(":epoch", self.epoch)
    }

    /// Ends the session `family`, whether there is one or not.
    pub(crate) fn end(user: Ulid, family: Ulid) -> Write {
        Write::delete(&user_key(user), &key(family))
    }

    /// Ends the session `family`, and tells whether it was stored.
    pub(crate) async fn end_stored(table: &Table, user: Ulid, family: Ulid) -> Result<bool, StoreError> {
        // A transaction, which DynamoDB carries out once: a deletion by itself that is made again finds nothing.
        let end = Self::end(user, family).when("attribute_exists(pk)");
        Ok(table.transact(vec![end]).await?.is_written())
    }

    /// Ends the session `family`, if it is still of the epoch `epoch`, and tells whether it was.
    pub(crate) async fn end_of_epoch(
        table: &Table,
        (user, family): (Ulid, Ulid),
        epoch: u64,
    ) -> Result<bool, StoreError> {
        let end = Self::end(user, family).when("epoch = :epoch").value(":epoch", epoch);
        Ok(table.transact(vec![end]).await?.is_written())
    }

    /// Ends the session, if it is alive at `now`.
    pub(crate) fn end_live(profile: &Profile, family: Ulid, now: u64) -> Write {
        let write = Self::end(profile.id, family).when("expires_at > :now AND epoch = :epoch");
        write.value(":now", now).value(":epoch", profile.epoch)
    }

    /// Reads the session `family` of the user `user`, if it has not expired at `now`.
    pub(crate) async fn get(table: &Table, user: Ulid, family: Ulid, now: u64) -> Result<Option<Self>, StoreError> {
        let item = table.get(&user_key(user), &key(family)).await?;
        let session = item.map(|item| Self::read(&item)).transpose()?;
        Ok(session.filter(|session| session.expires_at > now))
    }

    /// Reads the session `family` of `profile`, if it is alive at `now`.
    pub(crate) async fn live(
        table: &Table,
        profile: &Profile,
        family: Ulid,
        now: u64,
    ) -> Result<Option<Self>, StoreError> {
        let session = Self::get(table, profile.id, family, now).await?;
        Ok(session.filter(|session| session.lives(profile.epoch, now)))
    }

    /// The sessions of `profile` that are alive at `now`, the oldest first.
    pub(crate) async fn list(table: &Table, profile: &Profile, now: u64) -> Result<Vec<Self>, StoreError> {
        let sessions = Self::stored(table, profile.id).await?;
        Ok(sessions.into_iter().filter(|session| session.lives(profile.epoch, now)).collect())
    }

    /// The sessions of the user `user` that are stored, those too that have ended, the oldest first.
    pub(crate) async fn stored(table: &Table, user: Ulid) -> Result<Vec<Self>, StoreError> {
        let pk = user_key(user);
        let range = Range { pk: &pk, prefix: "SESS#", after: None, descending: false, limit: LOOKED_AT };
        Ok(table.query(&range).await?.items.iter().map(Self::read).collect::<Result<_, _>>()?)
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

/// The sort key of the session `family`.
fn key(family: Ulid) -> String {
    format!("SESS#{family}")
}
