//! Callers: they ask one request after the other, and note what goes wrong.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::task::JoinHandle;

use super::http::Api;

/// Between an answer and the next request: callers are not to take the machine from what they look at.
const PAUSE: Duration = Duration::from_millis(10);

/// Callers of an API, until they are stopped.
pub(crate) struct Probe {
    stop: Arc<AtomicBool>,
    caller: JoinHandle<Seen>,
}

/// What callers saw.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    pub(crate) asked: u64,
    /// The answers that were no 200.
    pub(crate) wrong: Vec<String>,
    /// The others: how often each path was answered by each body.
    pub(crate) answers: BTreeMap<(String, String), u64>,
}

impl Probe {
    /// Asks `paths` of `api` in turn, with the header lines `headers`.
    pub(crate) fn start(api: Api, paths: &[String], headers: String) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let (stopped, paths) = (Arc::clone(&stop), paths.to_vec());
        let caller = tokio::spawn(async move {
            let mut seen = Seen::default();
            for path in paths.iter().cycle() {
                if stopped.load(Ordering::Relaxed) {
                    break;
                }
                seen.asked += 1;
                match api.ask(&format!("GET {path}"), &headers, "").await {
                    Ok(answer) if answer.status == 200 => {
                        *seen.answers.entry((path.clone(), answer.body)).or_default() += 1;
                    }
                    Ok(answer) => seen.wrong.push(format!("{path}: {} {}", answer.status, answer.body)),
                    Err(error) => seen.wrong.push(format!("{path}: {error}")),
                }
                tokio::time::sleep(PAUSE).await;
            }
            seen
        });
        Self { stop, caller }
    }

    /// Stops the callers: what they saw.
    pub(crate) async fn stop(self) -> Seen {
        self.stop.store(true, Ordering::Relaxed);
        self.caller.await.unwrap()
    }
}

impl Seen {
    /// What is wrong: answers that were no 200, and answers that none of `whole` is.
    pub(crate) fn wrong(self, whole: &[String]) -> Vec<String> {
        let mixed = self.answers.into_keys().filter(|(_, body)| !whole.contains(body));
        self.wrong
            .into_iter()
            .chain(mixed.map(|(path, body)| format!("{path}: {body:?} is of no one release")))
            .collect()
    }
}
