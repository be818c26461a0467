//! `USER#id/PROFILE`: a user; and `EMAIL#normal/UNIQ`, by which a login finds one.

use serde_json::{Value, json};
use service::store::{Item, Malformed, StoreError, Table, Write};
use ulid::Ulid;

use super::user_key;

const SK: &str = "PROFILE";

/// A user.
#[derive(Clone, Debug)]
pub(crate) struct Profile {
    pub(crate) id: Ulid,
    /// In normal form.
    pub(crate) email: String,
    pub(crate) name: Option<String>,
    /// RFC 3339, UTC.
    pub(crate) created_at: String,
    /// 1 when new, one more with every change of what a client sees.
    pub(crate) version: u64,
    /// The password's hash, a PHC string.
    pub(crate) password: String,
    /// Raised by a change of the password: what was begun under another one does not come to pass.
    pub(crate) epoch: u64,
    /// How many logins there were: of those at the same moment each sees the sessions of the one before.
    pub(crate) logins: u64,
}

impl Profile {
    /// Reads the user `id`.
    pub(crate) async fn get(table: &Table, id: Ulid) -> Result<Option<Self>, StoreError> {
        let Some(item) = table.get(&user_key(id), SK).await? else { return Ok(None) };
        let name = item.has("name").then(|| item.text("name").map(str::to_owned)).transpose()?;
        Ok(Some(Self {
            id,
            email: item.text("email")?.to_owned(),
            name,
            created_at: item.text("created_at")?.to_owned(),
            version: item.number("version")?,
            password: item.text("password")?.to_owned(),
            epoch: item.number("epoch")?,
            logins: item.number("logins")?,
        }))
    }

    /// Finds the user whose e-mail address is `email`, in normal form.
    pub(crate) async fn find(table: &Table, email: &str) -> Result<Option<Ulid>, StoreError> {
        let Some(item) = table.get(&email_key(email), "UNIQ").await? else { return Ok(None) };
        let id = Ulid::from_string(item.text("user")?).map_err(|_| Malformed::new("user", "ULID"))?;
        Ok(Some(id))
    }

    /// The user as new items, on the condition that neither the id nor the address is taken.
    pub(crate) fn register(&self) -> Vec<Write> {
        let item = Item::new(&user_key(self.id), SK)
            .set("email", &*self.email)
            .set("created_at", &*self.created_at)
            .set("version", self.version)
            .set("password", &*self.password)
            .set("epoch", self.epoch)
            .set("logins", self.logins);
        let item = self.name.iter().fold(item, |item, name| item.set("name", &**name));
        let unique = Item::new(&email_key(&self.email), "UNIQ").set("user", self.id.to_string());
        [item, unique].map(|item| Write::put(item).when("attribute_not_exists(pk)")).into()
    }

    /// The condition that the user exists, in the epoch `epoch`.
    pub(crate) fn check(id: Ulid, epoch: u64) -> Write {
        Write::check(&user_key(id), SK).when("epoch = :epoch").value(":epoch", epoch)
    }

    /// Counts a login, if it is the next one in this epoch, and stores `rehashed`, another hash of the same password.
    pub(crate) fn log_in(&self, rehashed: Option<&str>) -> Write {
        let set = if rehashed.is_some() { "logins = :next, password = :password" } else { "logins = :next" };
        let write = Write::update(&user_key(self.id), SK, set).value(":next", self.logins + 1);
        let write = rehashed.iter().fold(write, |write, hash| write.value(":password", *hash));
        let write = write.when("epoch = :epoch AND logins = :this");
        write.value(":epoch", self.epoch).value(":this", self.logins)
    }

    /// Stores the hash of a new password, and raises the epoch.
    pub(crate) fn change_password(&self, hash: String) -> Write {
        let write = Write::update(&user_key(self.id), SK, "password = :password, epoch = :next");
        let write = write.value(":password", hash).value(":next", self.epoch + 1);
        write.when("epoch = :epoch").value(":epoch", self.epoch)
    }

    /// The next version of the user, called `name`, and the write that stores it if this one still stands.
    pub(crate) fn renamed(&self, name: Option<String>) -> (Self, Write) {
        let next = Self { name, version: self.version + 1, ..self.clone() };
        let set = if next.name.is_some() { "#version = :next, #name = :name" } else { "#version = :next REMOVE #name" };
        let write = Write::update(&user_key(self.id), SK, set).name("#name", "name").value(":next", next.version);
        let write = next.name.iter().fold(write, |write, name| write.value(":name", &**name));
        (next, self.as_read(write))
    }

    /// Deletes the user and frees the address, if this version still stands in this epoch.
    pub(crate) fn delete(&self) -> Vec<Write> {
        let profile = self.as_read(Write::delete(&user_key(self.id), SK));
        vec![profile, Write::delete(&email_key(&self.email), "UNIQ")]
    }

    fn as_read(&self, write: Write) -> Write {
        let write = write.when("epoch = :epoch AND #version = :version").name("#version", "version");
        write.value(":epoch", self.epoch).value(":version", self.version)
    }

    /// The strong entity tag.
    pub(crate) fn etag(&self) -> String {
        format!("\"v{}\"", self.version)
    }

    /// What a client sees.
    pub(crate) fn to_json(&self) -> Value {
        let Self { id, email, name, created_at, .. } = self;
        json!({ "id": id.to_string(), "email": email, "name": name, "created_at": created_at })
    }
}

/// The partition of the e-mail address `email`, in normal form.
fn email_key(email: &str) -> String {
    format!("EMAIL#{email}")
}
