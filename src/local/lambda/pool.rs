//! The execution environments of one version: warm ones first, a new one when all are busy.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use super::configuration::Configuration;
use super::environment::{Environment, Event, Served};
use super::fleet::Fleet;
use super::outcome::Outcome;

/// The limit of an initialization outside of an invocation.
const INITIALIZATION: Duration = Duration::from_secs(10);
/// How long an environment may be idle. AWS does not tell; minutes are what is seen.
const IDLE: Duration = Duration::from_mins(5);
/// How often idle ones are looked for.
const ROUND: Duration = Duration::from_secs(30);

/// The environments of one generation of a version.
pub(super) struct Pool {
    pub(super) function: String,
    pub(super) configuration: Configuration,
    /// Where the package is unpacked.
    pub(super) root: PathBuf,
    fleet: Arc<Fleet>,
    idle: Mutex<Idle>,
}

#[derive(Default)]
struct Idle {
    /// The last to become idle is the first to be used.
    environments: Vec<(Arc<Environment>, Instant)>,
    /// No environment is kept any more.
    retired: bool,
}

/// An invocation that has come to its end.
pub(super) struct Completed {
    pub(super) outcome: Outcome,
    /// The end of its log, when it was asked for.
    pub(super) tail: Option<String>,
}

impl Pool {
    pub(super) fn open(fleet: Arc<Fleet>, function: &str, configuration: Configuration, root: PathBuf) -> Arc<Self> {
        let function = function.to_owned();
        let pool = Arc::new(Self { function, configuration, root, fleet, idle: Mutex::default() });
        tokio::spawn(reclaim(Arc::downgrade(&pool)));
        pool
    }

    /// Has `event` served by an environment. A failed initialization is tried once more, as a part of the invocation
    /// then, within the function's own timeout: as Lambda does.
    pub(super) async fn serve(&self, mut event: Event) -> Completed {
        let (mut warm, mut initialization, mut failed) = (true, INITIALIZATION, false);
        loop {
            let environment = match self.warm().filter(|_| warm) {
                Some(environment) => environment,
                None => match self.fleet.start(self).await {
                    Ok(environment) => environment,
                    Err(outcome) => return Completed { outcome, tail: None },
                },
            };
            match environment.serve(event, initialization).await {
                Served::Done(outcome) => return self.complete(environment, outcome).await,
                Served::Untouched(untouched) => {
                    // One that is slow to ask for more is still there for later, after all others.
                    warm = !environment.is_alive();
                    self.keep_last(environment);
                    event = untouched;
                }
                Served::Uninitialized(untouched, outcome) if failed => {
                    environment.log.start(&untouched.request_id, untouched.tail);
                    environment.log.report(&untouched.request_id, Duration::ZERO, &outcome);
                    return self.complete(environment, outcome).await;
                }
                Served::Uninitialized(untouched, _) => {
                    (event, initialization, failed) = (untouched, environment.timeout, true);
                }
            }
        }
    }

    async fn complete(&self, environment: Arc<Environment>, outcome: Outcome) -> Completed {
        let tail = environment.log.tail();
        if !environment.is_alive() {
            // The log of an ended process is closed: the report comes after.
            environment.log.deliver().await;
        }
        self.keep(environment);
        Completed { outcome, tail }
    }

    /// Ends the environments, each as soon as it is not busy.
    pub(super) fn retire(&self) {
        let mut idle = self.idle();
        idle.retired = true;
        for (environment, _) in idle.environments.drain(..) {
            environment.kill();
        }
    }

    fn warm(&self) -> Option<Arc<Environment>> {
        let mut idle = self.idle();
        std::iter::from_fn(|| idle.environments.pop()).map(|(environment, _)| environment).find(|one| one.is_alive())
    }

    fn keep(&self, environment: Arc<Environment>) {
        let mut idle = self.idle();
        if idle.retired {
            environment.kill();
        } else if environment.is_alive() {
            idle.environments.push((environment, Instant::now()));
        }
    }

    fn keep_last(&self, environment: Arc<Environment>) {
        self.keep(environment);
        let environments = &mut self.idle().environments;
        if let Some(last) = environments.pop() {
            environments.insert(0, last);
        }
    }

    fn idle(&self) -> MutexGuard<'_, Idle> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ends environments that have been idle for long, while there is a pool.
async fn reclaim(pool: Weak<Pool>) {
    loop {
        tokio::time::sleep(ROUND).await;
        let Some(pool) = pool.upgrade() else { return };
        pool.idle().environments.retain(|(environment, since)| {
            let keep = since.elapsed() < IDLE;
            if !keep {
                environment.kill();
            }
            keep && environment.is_alive()
        });
    }
}
