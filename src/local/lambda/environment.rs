//! One execution environment: a process of the function, which serves one request at a time.

use std::process::ExitStatus;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::sync::{Notify, oneshot};

use super::log::Log;
use super::outcome::Outcome;

/// How long a request waits for a process that has answered but not yet asked for more, before it goes elsewhere.
const PATIENCE: Duration = Duration::from_millis(20);

/// A request to a function.
#[derive(Debug)]
pub(super) struct Event {
    pub(super) request_id: String,
    pub(super) payload: Bytes,
    /// The ARN that the function was invoked by.
    pub(super) arn: String,
    /// `X-Amzn-Trace-Id`.
    pub(super) trace: String,
    /// `X-Amz-Client-Context`, decoded.
    pub(super) client_context: Option<String>,
    /// Whether the end of its log goes to the caller.
    pub(super) tail: bool,
}

/// What became of an [`Event`] in one environment.
#[derive(Debug)]
pub(super) enum Served {
    Done(Outcome),
    /// The process was not there to take it: another environment has to.
    Untouched(Event),
    /// The initialization failed, before the event was taken.
    Uninitialized(Event, Outcome),
}

/// A process that runs a function, as its Runtime API sees it.
#[derive(Debug)]
pub(super) struct Environment {
    /// The base64 SHA-256 of the package it runs.
    pub(super) code_sha256: String,
    pub(super) timeout: Duration,
    pub(super) log: Arc<Log>,
    phase: Mutex<Phase>,
    initialized: AtomicBool,
    started: Instant,
    /// Tells the watcher to kill the process.
    pub(super) killed: Notify,
}

#[derive(Debug)]
enum Phase {
    /// The runtime has not asked since its start or its last answer; an event may wait for it.
    Away(Option<Assignment>),
    /// The runtime asks for an event.
    Asking(oneshot::Sender<Event>),
    Serving {
        request_id: String,
        reply: oneshot::Sender<Outcome>,
    },
    Gone,
}

#[derive(Debug)]
struct Assignment {
    event: Event,
    reply: oneshot::Sender<Outcome>,
    delivered: oneshot::Sender<Taken>,
}

/// How an assignment ended that waited for the runtime.
#[derive(Debug)]
enum Taken {
    Delivered,
    Failed(Event, Outcome),
}

enum Offer {
    Delivered,
    Waiting(oneshot::Receiver<Taken>),
    Gone(Event),
}

/// The answer to a runtime that asks for an event.
#[derive(Debug)]
pub(super) enum Asked {
    Now(Event),
    Later(oneshot::Receiver<Event>),
    /// It has not answered its last one, or is being stopped.
    NotNow,
}

impl Environment {
    pub(super) fn new(code_sha256: String, timeout: Duration, log: Arc<Log>) -> Self {
        Self {
            code_sha256,
            timeout,
            log,
            phase: Mutex::new(Phase::Away(None)),
            initialized: AtomicBool::new(false),
            started: Instant::now(),
            killed: Notify::new(),
        }
    }

    /// Has the process serve `event`, and waits for the outcome. The process does not survive a timeout, neither the
    /// function's nor that of its own `initialization`.
    pub(super) async fn serve(&self, event: Event, initialization: Duration) -> Served {
        let request_id = event.request_id.clone();
        let (reply, mut answer) = oneshot::channel();
        match self.offer(event, reply) {
            Offer::Delivered => {}
            Offer::Gone(event) => return Served::Untouched(event),
            Offer::Waiting(delivered) => match self.wait(delivered, initialization).await {
                None => {}
                Some(served) => return served,
            },
        }
        let since = Instant::now();
        let outcome = match tokio::time::timeout(self.timeout, &mut answer).await {
            Ok(Ok(outcome)) => outcome,
            // The reply is dropped without a word only with the environment itself.
            Ok(Err(_)) => Outcome::Exited(None),
            Err(_) => {
                self.kill();
                Outcome::TimedOut(self.timeout)
            }
        };
        self.log.report(&request_id, since.elapsed(), &outcome);
        Served::Done(outcome)
    }

    /// Whether the process can take another event.
    pub(super) fn is_alive(&self) -> bool {
        !matches!(*self.phase(), Phase::Gone)
    }

    /// Has the process killed. What it serves ends with [`Outcome::Exited`].
    pub(super) fn kill(&self) {
        *self.phase() = Phase::Gone;
        self.killed.notify_one();
    }

    /// The runtime asks for its next event. The first time, its initialization is complete.
    pub(super) fn ask(&self) -> Asked {
        if !self.initialized.swap(true, Ordering::AcqRel) {
            self.log.initialized(self.started.elapsed());
        }
        let mut phase = self.phase();
        match std::mem::replace(&mut *phase, Phase::Gone) {
            Phase::Away(Some(Assignment { event, reply, delivered })) => {
                *phase = self.serving(&event, reply);
                // Nobody waits for word of the delivery when the invocation was given up.
                let _ = delivered.send(Taken::Delivered);
                Asked::Now(event)
            }
            Phase::Away(None) | Phase::Asking(_) => {
                let (sender, receiver) = oneshot::channel();
                *phase = Phase::Asking(sender);
                Asked::Later(receiver)
            }
            serving @ Phase::Serving { .. } => {
                *phase = serving;
                Asked::NotNow
            }
            Phase::Gone => Asked::NotNow,
        }
    }

    /// The runtime answers the request `request_id`; false when that is not the one it serves.
    pub(super) fn answer(&self, request_id: &str, outcome: Outcome) -> bool {
        let mut phase = self.phase();
        match std::mem::replace(&mut *phase, Phase::Gone) {
            Phase::Serving { request_id: serving, reply } if serving == request_id => {
                *phase = Phase::Away(None);
                drop(phase);
                // The invocation may have timed out just now.
                let _ = reply.send(outcome);
                true
            }
            other => {
                *phase = other;
                false
            }
        }
    }

    /// The runtime reports that its initialization failed; false when that was complete.
    pub(super) fn fail_initialization(&self, error: &Bytes) -> bool {
        if self.initialized.load(Ordering::Acquire) {
            return false;
        }
        self.end(Outcome::Error(error.clone()));
        self.killed.notify_one();
        true
    }

    /// The process has ended.
    pub(super) fn exited(&self, status: Option<ExitStatus>) {
        self.end(Outcome::Exited(status));
    }

    fn end(&self, outcome: Outcome) {
        match std::mem::replace(&mut *self.phase(), Phase::Gone) {
            Phase::Away(Some(Assignment { event, delivered, .. })) => {
                let _ = delivered.send(Taken::Failed(event, outcome));
            }
            Phase::Serving { reply, .. } => {
                let _ = reply.send(outcome);
            }
            Phase::Away(None) | Phase::Asking(_) | Phase::Gone => {}
        }
    }

    fn offer(&self, event: Event, reply: oneshot::Sender<Outcome>) -> Offer {
        let mut phase = self.phase();
        match std::mem::replace(&mut *phase, Phase::Gone) {
            Phase::Asking(runtime) => {
                *phase = self.serving(&event, reply);
                match runtime.send(event) {
                    Ok(()) => Offer::Delivered,
                    // The runtime closed its connection: it is about to end, or will be made to.
                    Err(event) => {
                        *phase = Phase::Gone;
                        self.killed.notify_one();
                        Offer::Gone(event)
                    }
                }
            }
            Phase::Away(None) => {
                let (delivered, waiting) = oneshot::channel();
                *phase = Phase::Away(Some(Assignment { event, reply, delivered }));
                Offer::Waiting(waiting)
            }
            // Neither is handed out by the pool, which gives an environment to one invocation at a time.
            busy @ (Phase::Away(Some(_)) | Phase::Serving { .. }) => {
                *phase = busy;
                Offer::Gone(event)
            }
            Phase::Gone => Offer::Gone(event),
        }
    }

    /// Waits until the runtime takes the event: `None` when it has.
    async fn wait(&self, mut delivered: oneshot::Receiver<Taken>, initialization: Duration) -> Option<Served> {
        let initializing = !self.initialized.load(Ordering::Acquire);
        let limit = if initializing { initialization } else { PATIENCE };
        let taken = match tokio::time::timeout(limit, &mut delivered).await {
            Ok(taken) => taken.ok(),
            Err(_) => match self.withdraw() {
                Some(event) if initializing => {
                    self.kill();
                    return Some(Served::Uninitialized(event, Outcome::TimedOut(limit)));
                }
                Some(event) => return Some(Served::Untouched(event)),
                // Taken at the last moment, or ended.
                None => delivered.await.ok(),
            },
        };
        match taken {
            Some(Taken::Failed(event, outcome)) if initializing => Some(Served::Uninitialized(event, outcome)),
            Some(Taken::Failed(event, _)) => Some(Served::Untouched(event)),
            Some(Taken::Delivered) | None => None,
        }
    }

    /// Takes back an event that the runtime has not taken.
    fn withdraw(&self) -> Option<Event> {
        let mut phase = self.phase();
        match std::mem::replace(&mut *phase, Phase::Away(None)) {
            Phase::Away(Some(assignment)) => Some(assignment.event),
            other => {
                *phase = other;
                None
            }
        }
    }

    fn serving(&self, event: &Event, reply: oneshot::Sender<Outcome>) -> Phase {
        self.log.start(&event.request_id, event.tail);
        Phase::Serving { request_id: event.request_id.clone(), reply }
    }

    fn phase(&self) -> MutexGuard<'_, Phase> {
        self.phase.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
