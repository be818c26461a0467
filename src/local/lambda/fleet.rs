//! All execution environments of a cloud.

use std::collections::{BTreeMap, HashMap};
use std::io::{self, PipeReader};
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::process::Child;
use tokio::sync::watch;

use super::configuration::Configuration;
use super::environment::Environment;
use super::log::Log;
use super::outcome::Outcome;
use super::pool::Pool;
use super::process::{self, Register, Start};
use super::report::Reporter;
use super::sink::Sink;
use super::{code, id, runtime_api};
use crate::call::Caller;
use crate::iam::Iam;
use crate::logs::Logs;

/// What environments are made of, and which there are.
pub(super) struct Fleet {
    pub(super) iam: Arc<Iam>,
    pub(super) logs: Arc<Logs>,
    pub(super) region: String,
    pub(super) endpoint: String,
    pub(super) register: Register,
    /// By the generation of the configuration that they run.
    pools: RwLock<HashMap<String, Arc<Pool>>>,
    /// By process id.
    environments: Mutex<BTreeMap<u32, Arc<Environment>>>,
    live: watch::Sender<usize>,
    stopping: AtomicBool,
}

impl Fleet {
    pub(super) fn new(iam: Arc<Iam>, logs: Arc<Logs>, place: (&str, &str), register: Register) -> Self {
        Self {
            iam,
            logs,
            region: place.0.to_owned(),
            endpoint: place.1.to_owned(),
            register,
            pools: RwLock::default(),
            environments: Mutex::default(),
            live: watch::Sender::new(0),
            stopping: AtomicBool::new(false),
        }
    }

    /// The pool of `configuration`'s environments; `root` tells where its package is.
    pub(super) fn pool(
        self: &Arc<Self>,
        function: &str,
        configuration: &Configuration,
        root: impl FnOnce() -> PathBuf,
    ) -> Arc<Pool> {
        let pools = self.pools.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(pool) = pools.get(&configuration.generation) {
            return Arc::clone(pool);
        }
        drop(pools);
        let mut pools = self.pools.write().unwrap_or_else(PoisonError::into_inner);
        let new = || Pool::open(Arc::clone(self), function, configuration.clone(), root());
        Arc::clone(pools.entry(configuration.generation.clone()).or_insert_with(new))
    }

    /// Ends the environments of a generation, each as soon as it is not busy.
    pub(super) fn retire(&self, generation: &str) {
        let pool = self.pools.write().unwrap_or_else(PoisonError::into_inner).remove(generation);
        if let Some(pool) = pool {
            pool.retire();
        }
    }

    /// The number of processes.
    pub(super) fn live(&self) -> usize {
        *self.live.borrow()
    }

    /// The base64 SHA-256s of the packages that are in use.
    pub(super) fn packages(&self) -> Vec<String> {
        self.environments().values().map(|environment| environment.code_sha256.clone()).collect()
    }

    /// Kills all processes; no more are started.
    pub(super) fn kill(&self) {
        self.stopping.store(true, Ordering::Release);
        let pools = std::mem::take(&mut *self.pools.write().unwrap_or_else(PoisonError::into_inner));
        for pool in pools.values() {
            pool.retire();
        }
        for environment in self.environments().values() {
            environment.kill();
        }
    }

    /// Kills all processes and waits for their end.
    pub(super) async fn stop(&self) {
        self.kill();
        // The sender is this fleet's own, so that there is always somebody to wait for.
        let _ = self.live.subscribe().wait_for(|live| *live == 0).await;
    }

    /// Starts an environment; the outcome of an invocation when there is nothing to start.
    pub(super) async fn start(self: &Arc<Self>, pool: &Pool) -> Result<Arc<Environment>, Outcome> {
        let Pool { function, configuration, root, .. } = pool;
        let content = &configuration.content;
        let role = content.role.as_str();
        let credentials = self.iam.assume(role, "lambda.amazonaws.com", function).ok_or_else(|| {
            Outcome::NoProcess("The role defined for the function cannot be assumed by Lambda.".to_owned())
        })?;
        let package = root.clone();
        let unpacked = tokio::task::spawn_blocking(move || code::unpacked(&package)).await;
        unpacked
            .unwrap_or_else(|error| Err(error.into()))
            .map_err(|error| Outcome::NoProcess(format!("cannot unpack the function's code: {error}")))?;
        let failed = |error: io::Error| Outcome::NoProcess(cannot_execute(&error));
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(failed)?;
        let stream = id::log_stream(&configuration.version);
        let start = Start {
            function,
            configuration,
            root,
            runtime_api: listener.local_addr().map_err(failed)?,
            log_stream: &stream,
            region: &self.region,
            endpoint: &self.endpoint,
            credentials,
        };
        let (child, pipe) = spawn(&start).await.map_err(failed)?;
        let pid = child.id().unwrap_or_default();
        self.register.note(pid).map_err(failed)?;
        let reporter = Reporter {
            logging: content.logging.clone(),
            version: configuration.version.clone(),
            runtime: content.runtime.clone(),
            region: self.region.clone(),
            memory: content.memory,
        };
        let sink = Sink {
            iam: Arc::clone(&self.iam),
            logs: Arc::clone(&self.logs),
            region: self.region.clone(),
            group: content.logging.group.clone(),
            stream,
            role: Caller::Role { role_arn: role.to_owned(), session: function.clone() },
        };
        let log = Arc::new(Log::new(pipe, pid, reporter, sink).map_err(failed)?);
        let timeout = Duration::from_secs(u64::from(content.timeout));
        let environment = Arc::new(Environment::new(content.code_sha256.clone(), timeout, log));
        self.environments().insert(pid, Arc::clone(&environment));
        self.live.send_modify(|live| *live += 1);
        if self.stopping.load(Ordering::Acquire) {
            environment.kill();
        }
        tokio::spawn(Arc::clone(self).watch(Arc::clone(&environment), child, listener));
        Ok(environment)
    }

    /// Stands by an environment until its process has ended and its log is delivered.
    async fn watch(self: Arc<Self>, environment: Arc<Environment>, mut child: Child, listener: TcpListener) {
        let pid = child.id().unwrap_or_default();
        let api = tokio::spawn(runtime_api::serve(listener, Arc::clone(&environment)));
        let mut log = tokio::spawn(Arc::clone(&environment.log).run());
        let status = tokio::select! {
            status = child.wait() => status,
            () = environment.killed.notified() => {
                process::kill(pid);
                child.wait().await
            }
        };
        // What the process has started itself goes with it.
        process::kill(pid);
        self.register.strike(pid);
        environment.exited(status.ok());
        api.abort();
        // The pipe may have been passed out of the group, to a process that keeps it open.
        if tokio::time::timeout(Duration::from_secs(1), &mut log).await.is_err() {
            log.abort();
            environment.log.deliver().await;
        }
        self.environments().remove(&pid);
        self.live.send_modify(|live| *live -= 1);
    }

    fn environments(&self) -> MutexGuard<'_, BTreeMap<u32, Arc<Environment>>> {
        self.environments.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Starts a process. A program that was written just now is busy while another process, which is being started at the same
/// time, still has the open file that it inherited.
async fn spawn(start: &Start<'_>) -> io::Result<(Child, PipeReader)> {
    for _ in 0..50 {
        match start.spawn() {
            Err(error) if error.kind() == io::ErrorKind::ExecutableFileBusy => {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
            started => return started,
        }
    }
    start.spawn()
}

/// Lambda's words for a `bootstrap` that cannot be started.
fn cannot_execute(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]".to_owned(),
        io::ErrorKind::PermissionDenied => "fork/exec /var/task/bootstrap: permission denied".to_owned(),
        _ => format!("fork/exec /var/task/bootstrap: {error}"),
    }
}
