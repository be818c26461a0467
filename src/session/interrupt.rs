//! Ctrl-C, SIGTERM and SIGHUP: the first asks to stop, the second stops at once.

use tokio::sync::watch;

use super::{Exit, Failure};

/// Whether the command was asked to stop.
#[derive(Clone, Debug)]
pub struct Interrupt(watch::Sender<bool>);

impl Default for Interrupt {
    fn default() -> Self {
        Self(watch::Sender::new(false))
    }
}

impl Interrupt {
    /// Starts to listen; from here on a signal does not end the process by itself.
    pub(super) fn listen(&self) {
        let requested = self.0.clone();
        let Some(mut signals) = signals() else { return };
        tokio::spawn(async move {
            while signals.next().await {
                if requested.send_replace(true) {
                    std::process::exit(Exit::Interrupted as i32);
                }
            }
        });
    }

    /// Whether the command was asked to stop.
    pub fn requested(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits until the command is asked to stop.
    pub async fn wait(&self) {
        // The sender lives as long as we do, so this ends by the value alone.
        let _ = self.0.subscribe().wait_for(|requested| *requested).await;
    }

    /// Runs what changes nothing and can be left at any point: gives it up when the command is asked to stop.
    pub async fn unless<T>(&self, work: impl Future<Output = T>) -> Result<T, Failure> {
        tokio::select! {
            done = work => if self.requested() { Err(Failure::Interrupted) } else { Ok(done) },
            () = self.wait() => Err(Failure::Interrupted),
        }
    }
}

/// Ctrl-C, SIGTERM (a cancelled CI job) and SIGHUP (a closed terminal) as they come; `None` where the system gives none.
#[cfg(unix)]
fn signals() -> Option<Signals> {
    use tokio::signal::unix::{SignalKind, signal};
    let interrupt = signal(SignalKind::interrupt()).ok()?;
    let terminate = signal(SignalKind::terminate()).ok()?;
    let hangup = signal(SignalKind::hangup()).ok()?;
    Some(Signals { interrupt, terminate, hangup })
}

#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
    hangup: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    /// Waits for the next; `false` when none can come any more.
    async fn next(&mut self) -> bool {
        tokio::select! {
            got = self.interrupt.recv() => got.is_some(),
            got = self.terminate.recv() => got.is_some(),
            got = self.hangup.recv() => got.is_some(),
        }
    }
}

#[cfg(not(unix))]
fn signals() -> Option<Signals> {
    Some(Signals)
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    async fn next(&mut self) -> bool {
        tokio::signal::ctrl_c().await.is_ok()
    }
}
