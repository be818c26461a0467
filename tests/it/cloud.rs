//! Clouds to test against: the local one in this process, and moto as an independent judge.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use clap::Parser as _;
use memoctl::aws::{Aws, Clock, Target};
use memoctl::cli::Cli;
use memoctl::session::Session;
use memoctl::stack::Stack;
use tempfile::TempDir;

/// Where both clouds are.
pub(crate) const REGION: &str = "eu-central-1";

/// A quiet run that asks nobody.
pub(crate) fn session() -> Session {
    Session::new(Cli::parse_from(["memoctl", "deploy", "-q", "--yes"]).global)
}

/// A cloud of the test's own, gone with it.
pub(crate) struct TestCloud {
    /// A client of a stack without anything.
    pub(crate) aws: Aws,
    target: Target,
    running: Running,
}

/// What has to stay for the cloud to run.
enum Running {
    Local { cloud: Box<local::Cloud>, state: TempDir },
    Moto(Child),
}

impl TestCloud {
    /// The local cloud, in this process.
    pub(crate) async fn local() -> Self {
        Self::started(|options| options).await
    }

    /// The local cloud with AWS's latencies, quotas and delays, `speed` times as fast.
    pub(crate) async fn rehearsal(speed: f64) -> Self {
        Self::started(|options| local::Options { realism: local::Realism::Aws, speed, ..options }).await
    }

    async fn started(with: impl Fn(local::Options) -> local::Options) -> Self {
        let state = tempfile::tempdir().unwrap();
        let options = local::Options { port: Some(0), ..local::Options::new(state.path(), REGION) };
        let cloud = local::Cloud::start(with(options)).await.unwrap();
        let target = Target::Local {
            endpoint: cloud.endpoint().to_owned(),
            base_url: cloud.base_url().to_owned(),
            region: REGION.to_owned(),
            account: None,
            clock: Clock { speed: cloud.speed(), waits: cloud.realism() == local::Realism::Aws },
        };
        Self::new(target, Running::Local { cloud: Box::new(cloud), state }).await
    }

    /// The `moto_server` that `MEMOCTL_MOTO` names; `None`, with the reason printed, where it names none.
    #[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
    pub(crate) async fn moto() -> Option<Self> {
        let Some(server) = std::env::var_os("MEMOCTL_MOTO") else {
            eprintln!("skipped: MEMOCTL_MOTO does not name a moto_server (pip install 'moto[server]')");
            return None;
        };
        let (child, endpoint) = start_moto(Path::new(&server));
        Some(Self::new(target(&endpoint, &endpoint), Running::Moto(child)).await)
    }

    async fn new(target: Target, running: Running) -> Self {
        let aws = Aws::connect(&target, &empty_stack()).await.unwrap();
        Self { aws, target, running }
    }

    /// A client of `stack` that knows nothing yet.
    pub(crate) async fn connect(&self, stack: &Stack) -> Aws {
        Aws::connect(&self.target, stack).await.unwrap()
    }

    /// Where it is.
    pub(crate) fn target(&self) -> Target {
        self.target.clone()
    }

    /// The same on a clock that is `speed` times as fast.
    pub(crate) async fn connect_at(&self, speed: f64, stack: &Stack) -> Aws {
        let mut target = self.target.clone();
        if let Target::Local { clock, .. } = &mut target {
            clock.speed = speed;
        }
        Aws::connect(&target, stack).await.unwrap()
    }

    /// Has `faults` from now on, counted from the next call.
    pub(crate) fn inject(&self, faults: local::Faults) {
        match &self.running {
            Running::Local { cloud, .. } => cloud.inject(faults),
            Running::Moto(_) => panic!("moto has no faults to order"),
        }
    }

    /// The folder of the local cloud's state.
    pub(crate) fn state(&self) -> &Path {
        match &self.running {
            Running::Local { state, .. } => state.path(),
            Running::Moto(_) => panic!("moto keeps no state"),
        }
    }

    /// Waits until a call is held by the faults that were ordered.
    pub(crate) async fn held(&self) {
        match &self.running {
            Running::Local { cloud, .. } => {
                cloud.held().await;
            }
            Running::Moto(_) => panic!("moto has no faults to order"),
        }
    }

    /// The developer's latest calls, those with numbers above `after`.
    pub(crate) fn trace(&self, after: u64) -> Vec<local::Traced> {
        match &self.running {
            Running::Local { cloud, .. } => cloud.trace(after),
            Running::Moto(_) => panic!("moto does not trace calls"),
        }
    }

    /// The calls so far, which the local cloud alone counts.
    pub(crate) fn calls(&self) -> local::Calls {
        match &self.running {
            Running::Local { cloud, .. } => cloud.calls(),
            Running::Moto(_) => panic!("moto does not count calls"),
        }
    }
}

pub(crate) fn target(endpoint: &str, base_url: &str) -> Target {
    Target::Local {
        endpoint: endpoint.to_owned(),
        base_url: base_url.to_owned(),
        region: REGION.to_owned(),
        account: None,
        clock: Clock::PROMPT,
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Self::Moto(child) = self {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Starts moto on a free port, which it tells on stderr.
fn start_moto(server: &Path) -> (Child, String) {
    let mut child = Command::new(server)
        .args(["-H", "127.0.0.1", "-p", "0"])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let endpoint = lines
        .by_ref()
        .map_while(Result::ok)
        .find_map(|line| line.split_once("Running on ").map(|(_, endpoint)| endpoint.trim().to_owned()))
        .unwrap();
    // Its log must be read on, or it would block once the pipe is full.
    std::thread::spawn(move || lines.for_each(drop));
    (child, endpoint)
}

/// A stack of nothing, for tests to fill.
pub(crate) fn empty_stack() -> Stack {
    Stack {
        root: "/nowhere".into(),
        name: "memo".to_owned(),
        stage: "test".to_owned(),
        region: None,
        bucket: None,
        environment: BTreeMap::new(),
        functions: BTreeMap::new(),
        tables: BTreeMap::new(),
        signing_keys: BTreeMap::new(),
        services: BTreeMap::new(),
        api: None,
        site: None,
    }
}
