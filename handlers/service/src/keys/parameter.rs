//! A key set in a parameter of SSM, read when first needed.

use std::sync::Arc;

use super::cached::Cached;
use crate::problem::Problem;
use crate::ssm::Ssm;

/// A key set that a parameter holds: cached 5 minutes, and when it cannot be read, used for up to an hour.
#[derive(Debug)]
pub struct KeySet<T> {
    client: Ssm,
    parameter: String,
    parse: fn(&str) -> Result<T, String>,
    cached: Cached<T>,
}

/// Why there is no key set. Its text is for the log, and holds no key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    #[error("cannot read parameter {parameter}: {cause}")]
    Unreadable { parameter: String, cause: String },
    #[error("parameter {parameter} holds no key set: {cause}")]
    Malformed { parameter: String, cause: String },
}

impl From<KeyError> for Problem {
    fn from(error: KeyError) -> Self {
        tracing::error!(%error, "there are no keys");
        match error {
            KeyError::Unreadable { .. } => Self::unavailable(),
            KeyError::Malformed { .. } => Self::internal(),
        }
    }
}

impl<T> KeySet<T> {
    /// The set whose text `parse` reads from `<prefix>/private`.
    pub fn private(client: Ssm, prefix: &str, parse: fn(&str) -> Result<T, String>) -> Self {
        Self { client, parameter: format!("{prefix}/private"), parse, cached: Cached::default() }
    }

    /// The set whose text `parse` reads from `<prefix>/public`.
    pub fn public(client: Ssm, prefix: &str, parse: fn(&str) -> Result<T, String>) -> Self {
        Self { client, parameter: format!("{prefix}/public"), parse, cached: Cached::default() }
    }

    /// The keys as of `now`, seconds since the Unix epoch.
    pub async fn get(&self, now: u64) -> Result<Arc<T>, KeyError> {
        self.cached.get(now, async || self.load().await).await
    }

    /// The keys, read anew unless that was tried in the last 30 seconds: for a key that the set does not hold.
    pub async fn refresh(&self, now: u64) -> Result<Arc<T>, KeyError> {
        self.cached.refresh(now, async || self.load().await).await
    }

    async fn load(&self) -> Result<T, KeyError> {
        let parameter = || self.parameter.clone();
        let text = self.client.get_parameter(&self.parameter).await;
        let text = text.map_err(|cause| KeyError::Unreadable { parameter: parameter(), cause })?;
        (self.parse)(&text).map_err(|cause| KeyError::Malformed { parameter: parameter(), cause })
    }
}
