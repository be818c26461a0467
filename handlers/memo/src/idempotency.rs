//! Idempotency-Key: a repeated `POST /v1/memos` answers as the first did, for 24 hours.
//!
//! The answer is stored in the memo's own transaction; only 201 is. Expiry is compared on read, since the store deletes
//! late.

use std::fmt::Write as _;

use service::store::{Item, Table, Write};
use service::{Problem, Request};
use sha2::{Digest, Sha256};

use crate::caller::Caller;

/// How long an answer is repeated, in seconds.
const KEPT: u64 = 24 * 60 * 60;
/// The longest key, in characters.
const LONGEST: usize = 255;

/// A request's key with the fingerprint of its body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Key {
    sk: String,
    fingerprint: String,
    now: u64,
}

impl Key {
    /// The key of `request`, if it has one: visible ASCII, up to 255 characters, else 400.
    pub(crate) fn of(request: &Request, body: &[u8]) -> Result<Option<Self>, Problem> {
        let Some(key) = request.single_header("Idempotency-Key")? else { return Ok(None) };
        if key.is_empty() || key.len() > LONGEST || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
            let detail = format!("Idempotency-Key has 1 to {LONGEST} visible ASCII characters.");
            return Err(Problem::new(400, "invalid-idempotency-key", detail));
        }
        let (method, route) = request.route();
        let sk = format!("IDEM#{}", hash(format!("{method} {route}\n{key}").as_bytes()));
        Ok(Some(Self { sk, fingerprint: hash(body), now: request.seconds() }))
    }

    /// The answer that `caller` got under this key, if any; 422 when that was to another body.
    pub(crate) async fn answered(&self, table: &Table, caller: &Caller) -> Result<Option<String>, Problem> {
        let Some(item) = table.get(&caller.partition(), &self.sk).await? else { return Ok(None) };
        if item.number("expires_at")? <= self.now {
            return Ok(None);
        }
        if item.text("fingerprint")? != self.fingerprint {
            let detail = "The Idempotency-Key was used for another body.";
            return Err(Problem::new(422, "idempotency-key-reused", detail));
        }
        Ok(Some(item.text("answer")?.to_owned()))
    }

    /// The write that stores `answer`, the body of a 201, unless there is one.
    pub(crate) fn store(&self, caller: &Caller, answer: &str) -> Write {
        let item = Item::new(&caller.partition(), &self.sk)
            .set("fingerprint", self.fingerprint.as_str())
            .set("answer", answer)
            .set("expires_at", self.now + KEPT);
        Write::put(item).when("attribute_not_exists(pk) OR expires_at <= :now").value(":now", self.now)
    }
}

fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
