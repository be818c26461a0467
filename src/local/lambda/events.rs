//! Asynchronous invocations: events that were accepted, kept on disk until they are served or given up.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html>

use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Shared;
use super::name::FunctionName;
use crate::call::Error;

/// How long an event is tried at most: AWS's default.
const MAXIMUM_AGE: i64 = 6 * 3600;

/// How long a failed event waits.
#[derive(Clone, Copy, Debug)]
pub(super) struct Retries {
    /// After the function's first and second error; after the third the event is given up.
    pub(super) after_error: [Duration; 2],
    /// After throttling, doubled each time.
    pub(super) after_throttle: Duration,
}

/// AWS's own times.
pub(super) const RETRIES: Retries =
    Retries { after_error: [Duration::from_mins(1), Duration::from_mins(2)], after_throttle: Duration::from_secs(1) };
/// Between two tries of a throttled event.
const LONGEST_WAIT: Duration = Duration::from_mins(5);

/// The events on disk: one file each.
#[derive(Debug)]
pub(super) struct Queue {
    dir: PathBuf,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Accepted {
    request_id: String,
    arn: String,
    /// Base64.
    payload: String,
    /// Seconds since the epoch.
    since: i64,
    /// Times that the function failed.
    failures: usize,
}

impl Queue {
    pub(super) fn open(dir: PathBuf) -> io::Result<Self> {
        fs::create_dir_all(&dir)?;
        Ok(Self { dir })
    }

    /// The events that an earlier cloud has not come to the end of.
    pub(super) fn pending(&self) -> io::Result<Vec<Accepted>> {
        let mut pending = Vec::new();
        for entry in fs::read_dir(&self.dir)? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "json") {
                pending.push(serde_json::from_slice(&fs::read(path)?)?);
            }
        }
        Ok(pending)
    }

    fn put(&self, event: &Accepted) -> io::Result<()> {
        let path = self.path(event);
        let beside = path.with_extension("new");
        fs::write(&beside, serde_json::to_vec(event)?)?;
        fs::rename(beside, path)
    }

    fn remove(&self, event: &Accepted) {
        // An event that stays is served once more: asynchronous invocation is at least once.
        let _ = fs::remove_file(self.path(event));
    }

    fn path(&self, event: &Accepted) -> PathBuf {
        self.dir.join(format!("{}.json", event.request_id))
    }
}

impl Shared {
    /// Accepts an event: it is on disk, and is going to be served.
    pub(super) fn accept(
        self: &Arc<Self>,
        asked: &FunctionName,
        request_id: String,
        payload: Bytes,
    ) -> Result<(), Error> {
        let event = Accepted {
            request_id,
            arn: asked.arn(&self.region),
            payload: STANDARD.encode(payload),
            since: Timestamp::now().as_second(),
            failures: 0,
        };
        self.queue.put(&event)?;
        tokio::spawn(Arc::clone(self).serve_event(event));
        Ok(())
    }

    /// Serves an event, again and again until the function succeeds or the event is given up.
    pub(super) async fn serve_event(self: Arc<Self>, mut event: Accepted) {
        let payload = Bytes::from(STANDARD.decode(&event.payload).unwrap_or_default());
        let mut throttled = self.retries.after_throttle;
        while Timestamp::now().as_second() - event.since < MAXIMUM_AGE {
            let wait = match self.invoke(&event.arn, event.request_id.clone(), payload.clone()).await {
                Ok(invocation) if invocation.function_error.is_none() => break,
                Ok(_) => match self.retries.after_error.get(event.failures) {
                    None => break,
                    Some(wait) => {
                        event.failures += 1;
                        // A count that is lost costs one more try.
                        let _ = self.queue.put(&event);
                        *wait
                    }
                },
                Err(error) if matches!(error.status, 409 | 429 | 500..) => {
                    let wait = throttled;
                    throttled = LONGEST_WAIT.min(throttled * 2);
                    wait
                }
                // The function is gone.
                Err(_) => break,
            };
            tokio::time::sleep(wait).await;
        }
        self.queue.remove(&event);
    }
}
