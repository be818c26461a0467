//! Sessions of roles: the access keys that were given out, and to whom.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Credentials;
use crate::call::{Caller, Error};
use crate::store::Store;

/// The sessions that are known: those of this process's functions in memory, those that STS made on disk.
pub(super) struct Sessions {
    given: Mutex<BTreeMap<String, Session>>,
    lent: Store<BTreeMap<String, Session>>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Session {
    role_arn: String,
    name: String,
    /// Seconds since the epoch; `None`: as long as the process.
    expiration: Option<i64>,
    /// Those of a session that an earlier version made are not known, and no signature of theirs is good.
    #[serde(default)]
    secret: String,
    #[serde(default)]
    token: String,
}

impl Sessions {
    /// Opens the state in `dir`.
    pub(super) fn open(dir: &Path) -> io::Result<Self> {
        Ok(Self { given: Mutex::default(), lent: Store::open(&dir.join("sessions.json"))? })
    }

    /// Makes a session that lasts as long as this process.
    pub(super) fn give(&self, role_arn: &str, name: &str) -> Credentials {
        let credentials = Credentials::random();
        let session = Session::new(role_arn, name, None, &credentials);
        let mut given = self.given.lock().unwrap_or_else(PoisonError::into_inner);
        given.insert(credentials.access_key_id.clone(), session);
        credentials
    }

    /// Makes a session that lasts `seconds`.
    pub(super) fn lend(&self, role_arn: &str, name: &str, seconds: u32) -> Result<(Credentials, i64), Error> {
        let credentials = Credentials::random();
        let now = Timestamp::now().as_second();
        let expiration = now + i64::from(seconds);
        let session = Session::new(role_arn, name, Some(expiration), &credentials);
        self.lent.write(|sessions| {
            // A day later nobody asks why a session has expired.
            sessions.retain(|_, session| session.expiration.is_none_or(|end| end + 24 * 3600 > now));
            sessions.insert(credentials.access_key_id.clone(), session);
            Ok::<_, Error>(())
        })?;
        Ok((credentials, expiration))
    }

    /// Whose session an access key is, and its secret with the session's token.
    pub(super) fn key(&self, access_key_id: &str) -> Result<(Caller, (String, String)), Error> {
        let given = self.given.lock().unwrap_or_else(PoisonError::into_inner).get(access_key_id).cloned();
        let session = given.or_else(|| self.lent.read(|sessions| sessions.get(access_key_id).cloned()));
        match session {
            Some(session) if session.expiration.is_some_and(|end| end <= Timestamp::now().as_second()) => {
                Err(Error::new(403, "ExpiredToken", "The security token included in the request is expired"))
            }
            Some(session) => {
                let Session { role_arn, name, secret, token, .. } = session;
                Ok((Caller::Role { role_arn, session: name }, (secret, token)))
            }
            None => {
                Err(Error::new(403, "InvalidClientTokenId", "The security token included in the request is invalid."))
            }
        }
    }
}

impl Session {
    fn new(role_arn: &str, name: &str, expiration: Option<i64>, credentials: &Credentials) -> Self {
        Self {
            role_arn: role_arn.to_owned(),
            name: name.to_owned(),
            expiration,
            secret: credentials.secret_access_key.clone(),
            token: credentials.session_token.clone(),
        }
    }
}

impl Credentials {
    fn random() -> Self {
        Self {
            access_key_id: super::role::unique_id("ASIA", 16),
            secret_access_key: STANDARD.encode(random::<30>()),
            session_token: STANDARD.encode(random::<96>()),
        }
    }
}

fn random<const LENGTH: usize>() -> [u8; LENGTH] {
    let mut bytes = [0; LENGTH];
    // Whoever reaches loopback may be the developer, so a machine without randomness loses nothing here.
    let _ = getrandom::fill(&mut bytes);
    bytes
}
