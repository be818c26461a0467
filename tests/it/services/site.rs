//! The shipped stack, deployed by memoctl to a local cloud.

use std::io::{Cursor, Write as _};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::thread::JoinHandle;

use memoctl::aws::{Aws, Target};
use memoctl::package::{Artifact, Artifacts, routes};
use memoctl::plan::Rules;
use memoctl::stack::{Stack, read};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpSocket;
use tokio::sync::oneshot;

use super::http::{Answer, Call};
use super::promise;
use crate::cloud::TestCloud;
use crate::lifecycle::place::{planned, walk};

/// A stack that is deployed and answers.
pub(crate) struct Site {
    pub(crate) stack: Stack,
    /// The API's base URL.
    pub(crate) base: String,
    /// Where the cloud has its state.
    pub(crate) state: PathBuf,
    target: Target,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// The site that all tests of this process share, for as long as one of them uses it. Each has users and places on the
/// network of its own.
pub(crate) fn shared() -> Arc<Site> {
    static SHARED: Mutex<Weak<Site>> = Mutex::new(Weak::new());
    let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(site) = shared.upgrade() {
        return site;
    }
    let site = Arc::new(Site::start(shipped(), handlers));
    *shared = Arc::downgrade(&site);
    site
}

/// The stack of this repository, without its page, which is built by Node.
pub(crate) fn shipped() -> Stack {
    let stack = read::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("stack.toml"), "dev").unwrap();
    Stack { site: None, ..stack }
}

/// The shipped handlers, as Cargo has built them for this very run of the tests. Each zip holds a script that starts the
/// binary where it is: a build for tests has tens of megabytes, which a deploy would carry around for seconds.
pub(crate) fn handlers(stack: &Stack) -> Artifacts {
    let artifact = |name: &String| {
        let binary = Path::new(env!("CARGO_BIN_EXE_memoctl")).with_file_name(&stack.functions[name].package);
        assert!(binary.exists(), "there is no {}: `cargo test --workspace` builds it", binary.display());
        let bootstrap = format!("#!/bin/sh\nexec '{}'\n", binary.display());
        let routes = routes::document(stack, name);
        let routes = routes.iter().map(|routes| (routes::FILE, &**routes));
        (name.clone(), zipped([("bootstrap", &*bootstrap)].into_iter().chain(routes)))
    };
    stack.functions.keys().map(artifact).collect()
}

/// A zip of executable files.
pub(crate) fn zipped<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Artifact {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default().unix_permissions(0o755);
    for (name, text) in files {
        zip.start_file(name, options).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    Artifact::new(zip.finish().unwrap().into_inner())
}

impl Site {
    /// Deploys `stack` with the handlers that `build` gives. The cloud is in a thread of its own, so that it outlives the
    /// test that has started it.
    pub(crate) fn start(stack: Stack, build: fn(&Stack) -> Artifacts) -> Self {
        let (started, site) = std::sync::mpsc::channel();
        let (stop, stopped) = oneshot::channel();
        let of_thread = stack.clone();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
            runtime.block_on(async move {
                let cloud = TestCloud::local().await;
                let base = deploy(&cloud, &of_thread, build).await;
                started.send((base, cloud.target(), cloud.state().to_owned())).unwrap();
                // The site is gone either way.
                let _ = stopped.await;
            });
        });
        let (base, target, state) = site.recv().expect("the stack is deployed");
        Self { stack, base, state, target, stop: Some(stop), thread: Some(thread) }
    }

    /// Clients of the cloud's developer.
    pub(crate) async fn aws(&self) -> Aws {
        Aws::connect(&self.target, &self.stack).await.unwrap()
    }

    /// Sends `call`, whose answer has to be what every answer is.
    pub(crate) async fn send(&self, call: &Call) -> Answer {
        let answer = self.ask(call).await;
        promise::kept(call, &answer);
        answer
    }

    /// Sends `call`, whatever it is answered.
    pub(crate) async fn ask(&self, call: &Call) -> Answer {
        let (host, base) = self.base.strip_prefix("http://").unwrap().split_once('/').unwrap();
        let socket = TcpSocket::new_v4().unwrap();
        // All of 127/8 is this machine: so that callers can be told apart by their addresses.
        socket.bind(SocketAddr::from((call.from, 0))).unwrap();
        let mut stream = socket.connect(host.parse().unwrap()).await.unwrap();
        stream.write_all(&call.bytes(host, &format!("/{base}"))).await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        Answer::read(answer)
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        drop(self.stop.take());
        // A thread that has panicked has told why.
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

/// Deploys `stack` to `cloud`, and gives the API's base URL.
async fn deploy(cloud: &TestCloud, stack: &Stack, build: fn(&Stack) -> Artifacts) -> String {
    let aws = Aws { artifacts: build(stack).into(), ..cloud.connect(stack).await };
    let plan = planned(stack, &aws, 5, &Rules::default()).await.unwrap();
    let outcome = walk(&plan, &aws).await;
    assert!(outcome.succeeded(), "{:#?}", outcome.statuses);
    aws.scope.base_url(&aws.directory.api(&aws.scope.api()).unwrap())
}

/// An address of this machine that no other caller of this process has.
pub(crate) fn address() -> Ipv4Addr {
    static LAST: AtomicU32 = AtomicU32::new(0);
    let number = LAST.fetch_add(1, Ordering::Relaxed);
    // 127.1.0.1 and up: of any last part 1 to 254.
    let (rest, last) = (number / 254, number % 254 + 1);
    let [_, _, high, low] = rest.to_be_bytes();
    Ipv4Addr::new(127, 1 + high, low, u8::try_from(last).unwrap())
}
