//! A key set in a parameter of SSM, read when first needed.

use std::sync::Arc;
use std::time::Duration;

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
        Self::of(client, format!("{prefix}/private"), parse)
    }

    /// The set whose text `parse` reads from `<prefix>/public`.
    pub fn public(client: Ssm, prefix: &str, parse: fn(&str) -> Result<T, String>) -> Self {
        Self::of(client, format!("{prefix}/public"), parse)
    }

    fn of(client: Ssm, parameter: String, parse: fn(&str) -> Result<T, String>) -> Self {
        let cached = Cached::new(client.patience());
        Self { client, parameter, parse, cached }
    }

    /// The keys as of `now`, seconds since the Unix epoch.
    pub async fn get(&self, now: u64) -> Result<Arc<T>, KeyError> {
        self.cached.get(now, async |patience| self.load(patience).await).await
    }

    /// The keys, read anew unless that was tried in the last 30 seconds: for a key that the set does not hold.
    pub async fn refresh(&self, now: u64) -> Result<Arc<T>, KeyError> {
        self.cached.refresh(now, async |patience| self.load(patience).await).await
    }

    async fn load(&self, patience: Duration) -> Result<T, KeyError> {
        let parameter = || self.parameter.clone();
        let text = self.client.get_parameter(&self.parameter, patience).await;
        let text = text.map_err(|cause| KeyError::Unreadable { parameter: parameter(), cause })?;
        (self.parse)(&text).map_err(|cause| KeyError::Malformed { parameter: parameter(), cause })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Instant;

    use aws_sdk_dynamodb::config::Credentials;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;
    use tokio::time::timeout;

    use super::*;
    use crate::http::Http;

    const PATIENCE: Duration = Duration::from_secs(2);
    const VALUE: &str = r#"{"Parameter":{"Value":"7"}}"#;

    /// A parameter store that answers so many calls, and takes further ones without a word.
    struct Store {
        keys: KeySet<u8>,
        listener: TcpListener,
        calls: AtomicUsize,
    }

    impl Store {
        async fn new() -> Self {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let endpoint = format!("http://{}", listener.local_addr().unwrap());
            let credentials = Credentials::new("test", "test", None, None, "test");
            let http = (PATIENCE, Http::new(PATIENCE / 2));
            let client = Ssm::new(Some(&endpoint), "eu-west-1", credentials, http);
            let keys = KeySet::private(client, "/keys/x", |text| text.parse().map_err(|_| "no number".to_owned()));
            Self { keys, listener, calls: AtomicUsize::new(0) }
        }

        /// Gives what `ask` gives while the store answers `answered` calls.
        async fn answering<A>(&self, answered: usize, ask: impl Future<Output = A>) -> A {
            let serve = async {
                let mut silent = Vec::new();
                loop {
                    let (mut stream, _) = self.listener.accept().await.unwrap();
                    self.calls.fetch_add(1, Ordering::Relaxed);
                    if self.calls.load(Ordering::Relaxed) > answered {
                        silent.push(stream);
                        continue;
                    }
                    let _ = stream.read(&mut [0; 4_096]).await.unwrap();
                    let length = VALUE.len();
                    let head = format!("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n");
                    stream.write_all(format!("{head}{VALUE}").as_bytes()).await.unwrap();
                }
            };
            tokio::select! {
                () = serve => unreachable!(),
                answer = ask => answer,
            }
        }
    }

    #[tokio::test]
    async fn a_store_that_never_answers_costs_no_more_than_the_patience() {
        let (store, start) = (Store::new().await, Instant::now());
        let error = store.answering(0, store.keys.get(1_000)).await.unwrap_err();
        assert!(start.elapsed() < PATIENCE * 3 / 2, "{:?}", start.elapsed());
        assert!(error.to_string().contains("/keys/x/private: no answer in"), "{error}");
    }

    #[tokio::test]
    async fn a_store_that_never_answers_costs_half_of_it_while_the_last_good_set_serves() {
        let store = Store::new().await;
        assert_eq!(store.answering(1, store.keys.get(1_000)).await.map(|keys| *keys).ok(), Some(7));
        let start = Instant::now();
        assert_eq!(store.answering(1, store.keys.get(1_300)).await.map(|keys| *keys).ok(), Some(7));
        assert!(start.elapsed() < PATIENCE, "{:?}", start.elapsed());
    }

    #[tokio::test]
    async fn unknown_keys_make_one_request_in_thirty_seconds_wait_for_a_store_that_never_answers() {
        let store = Store::new().await;
        assert!(store.answering(1, store.keys.get(1_000)).await.is_ok());
        assert!(store.answering(1, store.keys.refresh(1_030)).await.is_ok());
        let asked = store.calls.load(Ordering::Relaxed);
        for now in 1_031..1_060 {
            let keys = timeout(PATIENCE / 2, store.answering(1, store.keys.refresh(now))).await;
            assert!(keys.is_ok_and(|keys| keys.is_ok()), "at {now}");
        }
        assert_eq!(store.calls.load(Ordering::Relaxed), asked);
    }
}
