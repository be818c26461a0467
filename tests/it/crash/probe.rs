//! Callers: they ask without a pause, and note what goes wrong.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;

/// Callers of an API, until they are stopped.
pub(crate) struct Probe {
    stop: Arc<AtomicBool>,
    asked: Arc<AtomicU64>,
    /// Gives the answers that were no 200.
    caller: JoinHandle<Vec<String>>,
}

impl Probe {
    /// Asks `paths` of the API at `url` in turn, over the cloud's `endpoint`.
    pub(crate) fn start(endpoint: &str, url: &str, paths: &[&'static str]) -> Self {
        let address = endpoint.trim_start_matches("http://").to_owned();
        let base = url.trim_start_matches("http://").split_once('/').unwrap().1.to_owned();
        let (stop, asked) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let (stopped, count, paths) = (Arc::clone(&stop), Arc::clone(&asked), paths.to_vec());
        let caller = tokio::spawn(async move {
            let mut wrong = Vec::new();
            for path in paths.iter().cycle() {
                if stopped.load(Ordering::Relaxed) {
                    break;
                }
                let status = ask(&address, &format!("/{base}{path}")).await.unwrap_or_else(|error| error.to_string());
                if status != "HTTP/1.1 200 OK" {
                    wrong.push(format!("{path}: {status}"));
                }
                count.fetch_add(1, Ordering::Relaxed);
            }
            wrong
        });
        Self { stop, asked, caller }
    }

    /// Stops the callers: how often they asked, and what went wrong.
    pub(crate) async fn stop(self) -> (u64, Vec<String>) {
        self.stop.store(true, Ordering::Relaxed);
        let wrong = self.caller.await.unwrap();
        (self.asked.load(Ordering::Relaxed), wrong)
    }
}

/// The status line of the answer to a GET.
async fn ask(address: &str, path: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(address).await?;
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer.lines().next().unwrap_or("no answer").to_owned())
}
