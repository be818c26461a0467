//! A key set in a parameter of SSM, read when first needed.

use std::sync::Arc;

use aws_sdk_ssm::Client;
use aws_sdk_ssm::error::DisplayErrorContext;

use super::cached::Cached;
use crate::problem::Problem;

/// A key set that a parameter holds: cached 5 minutes, and when it cannot be read, used for up to an hour.
#[derive(Debug)]
pub struct KeySet<T> {
    client: Client,
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
    pub fn private(client: Client, prefix: &str, parse: fn(&str) -> Result<T, String>) -> Self {
        Self { client, parameter: format!("{prefix}/private"), parse, cached: Cached::default() }
    }

    /// The set whose text `parse` reads from `<prefix>/public`.
    pub fn public(client: Client, prefix: &str, parse: fn(&str) -> Result<T, String>) -> Self {
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
        let unreadable = |cause: String| KeyError::Unreadable { parameter: self.parameter.clone(), cause };
        let request = self.client.get_parameter().name(&self.parameter).with_decryption(true);
        // On the heap: the SDK's futures are large, and nested deeper than the compiler follows.
        let answer =
            Box::pin(request.send()).await.map_err(|error| unreadable(DisplayErrorContext(error).to_string()))?;
        let text = answer.parameter.and_then(|parameter| parameter.value);
        let text = text.ok_or_else(|| unreadable("it has no value".to_owned()))?;
        (self.parse)(&text).map_err(|cause| KeyError::Malformed { parameter: self.parameter.clone(), cause })
    }
}

/// Names a JSON error by its place alone: serde's own message may quote the text, which is secret here.
pub fn redacted(error: &serde_json::Error) -> String {
    format!("not the expected JSON at line {} column {}", error.line(), error.column())
}
