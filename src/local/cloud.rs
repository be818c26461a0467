//! The cloud as a whole: its options, its start, and the services wired to each other.

use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::apigateway::ApiGateway;
use crate::cloudfront::{CloudFront, Origins};
use crate::dynamodb::DynamoDb;
use crate::iam::Iam;
use crate::lambda::Lambda;
use crate::lock::{Attempt, Lock};
use crate::logs::Logs;
use crate::realism::{Clock, Delays, Realism};
use crate::route53::Route53;
use crate::s3::S3;
use crate::server::{Calls, Faults, Held, Place, Server, Traced};
use crate::ssm::Ssm;
use crate::sts::Sts;

/// How to start a local cloud.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where its state lives, such as `.memoctl/local`; made when absent.
    pub dir: PathBuf,
    /// The region it is: part of every ARN. Each region has its own state below `dir`.
    pub region: String,
    /// The port to listen on, and to remember: `Some(0)` any free one, `None` the one that the state remembers (at
    /// first: 4567).
    pub port: Option<u16>,
    /// Whether to listen on any free port whatever `port` says, and leave the remembered one as it is: for a cloud
    /// that lives as long as one command.
    pub ephemeral: bool,
    /// How far it behaves as badly as AWS does.
    pub realism: Realism,
    /// How many seconds of the cloud's time pass in one second, 0.001 at least: what `realism` has it wait is divided
    /// by it.
    pub speed: f64,
    /// What is to go wrong with the developer's calls.
    pub faults: Faults,
}

impl Options {
    /// Whether `speed` is one that a cloud can have.
    pub fn is_speed(speed: f64) -> bool {
        Clock::is_speed(speed)
    }

    /// A cloud on the remembered port, where everything takes effect at once and nothing goes wrong.
    pub fn new(dir: impl Into<PathBuf>, region: impl Into<String>) -> Self {
        Self {
            dir: dir.into(),
            region: region.into(),
            port: None,
            ephemeral: false,
            realism: Realism::Off,
            speed: 1.0,
            faults: Faults::none(),
        }
    }
}

/// Why a local cloud could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Another process has this state open; `endpoint` is where it answers, and the rest its own.
    #[error("a local cloud is already running on this state, at {endpoint}")]
    Running { endpoint: String, base_url: String, realism: Realism, speed: f64 },
    #[error("cannot listen on 127.0.0.1:{port}: {source}")]
    Port { port: u16, source: std::io::Error },
    #[error("cannot open the local cloud's state in {dir}: {source}")]
    State { dir: PathBuf, source: std::io::Error },
    #[error("{region:?} is not the name of a region, such as ap-northeast-2")]
    Region { region: String },
    #[error("{speed} is no speed: it is 0.001 at least")]
    Speed { speed: f64 },
}

/// The services, each wired only to those it stands on.
#[derive(Clone)]
pub(crate) struct Services {
    pub(crate) iam: Arc<Iam>,
    pub(crate) sts: Arc<Sts>,
    pub(crate) logs: Arc<Logs>,
    pub(crate) ssm: Arc<Ssm>,
    pub(crate) s3: Arc<S3>,
    pub(crate) dynamodb: Arc<DynamoDb>,
    pub(crate) lambda: Arc<Lambda>,
    pub(crate) apigateway: Arc<ApiGateway>,
    pub(crate) cloudfront: Arc<CloudFront>,
    pub(crate) route53: Arc<Route53>,
}

/// A running local cloud. Dropping it stops it, its functions included.
pub struct Cloud {
    server: Arc<Server>,
    services: Services,
    place: Place,
    listening: JoinHandle<()>,
    // The last field, so that the state is free only when all else is gone.
    _lock: Lock,
}

impl Cloud {
    /// Starts a cloud on the state in `options.dir`. Must be called within a Tokio runtime.
    pub async fn start(options: Options) -> Result<Self, StartError> {
        let Options { dir, region, port, ephemeral, realism, speed, faults } = options;
        if region.is_empty()
            || !region.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        {
            return Err(StartError::Region { region });
        }
        if !Clock::is_speed(speed) {
            return Err(StartError::Speed { speed });
        }
        let dir = dir.join(&region);
        let state = |source| StartError::State { dir: dir.clone(), source };
        make_private(&dir).map_err(state)?;
        // Functions are started in folders of their own, so that a relative path would lead elsewhere.
        let dir = std::fs::canonicalize(&dir).map_err(state)?;
        let state = |source| StartError::State { dir: dir.clone(), source };

        let mut lock = match Lock::acquire(&dir).await.map_err(state)? {
            Attempt::Locked(lock) => lock,
            Attempt::Held { endpoint, base_url, realism, speed } => {
                return Err(StartError::Running { endpoint, base_url, realism, speed });
            }
        };
        let remembered = lock.port().map_err(state)?;
        let wanted = if ephemeral { 0 } else { port.unwrap_or(remembered) };
        let listen = |source| StartError::Port { port: wanted, source };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, wanted)).await.map_err(listen)?;
        let actual = listener.local_addr().map_err(listen)?.port();
        let base_port = if ephemeral { remembered } else { actual };
        if base_port != remembered {
            lock.remember(base_port).map_err(state)?;
        }
        let place = Place {
            endpoint: format!("http://127.0.0.1:{actual}"),
            base_url: format!("http://127.0.0.1:{base_port}"),
            region,
            realism,
            speed,
        };
        let services = Services::open(&dir, &place, &Delays::of(realism, Clock { speed })).map_err(state)?;
        let server = Arc::new(Server::new(services.clone(), place.clone(), faults));
        let listening = tokio::spawn(Arc::clone(&server).listen(listener));
        lock.announce([&place.endpoint, &place.base_url], realism, speed).map_err(state)?;
        Ok(Self { server, services, place, listening, _lock: lock })
    }

    /// Where the cloud answers: `http://127.0.0.1:PORT`.
    pub fn endpoint(&self) -> &str {
        &self.place.endpoint
    }

    /// The advertised base of public URLs, with the port that the state remembers: it stays the same from command to
    /// command, also where [`Options::ephemeral`] made the cloud listen elsewhere.
    pub fn base_url(&self) -> &str {
        &self.place.base_url
    }

    /// The region that the cloud is.
    pub fn region(&self) -> &str {
        &self.place.region
    }

    /// How far the cloud behaves as badly as AWS does.
    pub fn realism(&self) -> Realism {
        self.place.realism
    }

    /// How many seconds of the cloud's time pass in one second.
    pub fn speed(&self) -> f64 {
        self.place.speed
    }

    /// Has `faults` in place of what was before; the developer's calls are counted from 1 again. Calls that have
    /// arrived already keep their faults.
    pub fn inject(&self, faults: Faults) {
        self.server.inject(faults);
    }

    /// The number of the developer's calls that have arrived since the last [`Cloud::inject`], or since the start.
    pub fn arrived(&self) -> u64 {
        self.server.arrived()
    }

    /// Waits until a call is held by a fault ([`FaultKind::HoldBefore`], [`FaultKind::HoldAfter`]); returns at once when
    /// one was held since the last [`Cloud::inject`].
    ///
    /// [`FaultKind::HoldBefore`]: crate::FaultKind::HoldBefore
    /// [`FaultKind::HoldAfter`]: crate::FaultKind::HoldAfter
    pub async fn held(&self) -> Held {
        self.server.held().await
    }

    /// The calls counted so far, at the socket.
    pub fn calls(&self) -> Calls {
        self.server.calls()
    }

    /// The developer's latest calls that were answered, those with numbers above `after`: some thousands at most.
    pub fn trace(&self, after: u64) -> Vec<Traced> {
        self.server.trace(after)
    }

    /// The number of execution environments of Lambda whose process is there, busy or not.
    pub fn environments(&self) -> usize {
        self.services.lambda.environments()
    }

    /// Stops answering, and waits until all functions have stopped.
    pub async fn stop(mut self) {
        self.listening.abort();
        // It ends as cancelled, and all connections with it.
        let _ = (&mut self.listening).await;
        self.services.lambda.stop().await;
    }
}

impl Drop for Cloud {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

/// Makes a folder that only its owner can read: the state holds private keys.
fn make_private(dir: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir)
}

impl Services {
    fn open(dir: &Path, place: &Place, delays: &Delays) -> std::io::Result<Self> {
        let region = place.region.as_str();
        let iam = Arc::new(Iam::open(dir, delays)?);
        let logs = Arc::new(Logs::open(dir, region, delays)?);
        let below = (Arc::clone(&iam), Arc::clone(&logs));
        let lambda = Arc::new(Lambda::open(dir, region, &place.endpoint, below, delays)?);
        let below = (Arc::clone(&iam), Arc::clone(&lambda), Arc::clone(&logs));
        let apigateway = ApiGateway::open(dir, region, below, delays)?;
        let s3 = Arc::new(S3::open(dir, region)?);
        let origins = Origins { s3: Arc::clone(&s3), apigateway: Arc::clone(&apigateway), logs: Arc::clone(&logs) };
        Ok(Self {
            sts: Arc::new(Sts::open(Arc::clone(&iam))),
            ssm: Arc::new(Ssm::open(dir, region, delays)?),
            s3,
            dynamodb: Arc::new(DynamoDb::open(dir, region, delays)?),
            apigateway,
            cloudfront: CloudFront::open(dir, origins, delays)?,
            route53: Arc::new(Route53::open(dir, delays)?),
            iam,
            logs,
            lambda,
        })
    }
}
