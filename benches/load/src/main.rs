//! A load generator: `load URL... [--connections N] [--seconds S] [--rate R] [--until-eof] [--header 'NAME: VALUE']`.
//!
//! Each connection asks the URLs in turn, one request after the other: as fast as they are answered, or, with `--rate`,
//! so many a second over all connections, whether the answers are slow or not (latencies count from when a request was
//! due). Prints one JSON object: requests a second, p50, p90 and p99 in milliseconds, how many answers were not 2xx and
//! what the first of them were; with `--bodies` how often each body came. Used by `scripts/bench`.

#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a bench reports on stdout and stops at the first fault")]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use clap::Parser;
use http_body_util::{BodyExt as _, Empty};
use hyper::Request;
use hyper::body::Bytes;
use hyper::client::conn::http1::SendRequest;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// Failures that are told in words.
const TOLD: usize = 10;

#[derive(Parser)]
struct Args {
    /// All on one host.
    #[arg(required = true)]
    urls: Vec<http::Uri>,
    #[arg(long, default_value_t = 1)]
    connections: u32,
    #[arg(long, default_value_t = 5.0)]
    seconds: f64,
    /// Requests a second, over all connections.
    #[arg(long)]
    rate: Option<f64>,
    /// Stop when stdin ends, and not after some seconds.
    #[arg(long)]
    until_eof: bool,
    /// Tell how often each body came.
    #[arg(long)]
    bodies: bool,
    /// `NAME: VALUE`, may be repeated.
    #[arg(long)]
    header: Vec<String>,
}

/// When to send, and when to stop.
struct Pace {
    begun: Instant,
    until: Option<Instant>,
    stop: Arc<AtomicBool>,
    /// Between two requests of one connection, and how much later each connection begins than the one before.
    gaps: Option<[Duration; 2]>,
}

/// What one connection saw.
#[derive(Default)]
struct Seen {
    latencies: Vec<Duration>,
    failed: usize,
    failures: Vec<String>,
    bodies: BTreeMap<String, usize>,
}

impl Pace {
    fn of(args: &Args) -> Self {
        let begun = Instant::now();
        let stop = Arc::new(AtomicBool::new(false));
        if args.until_eof {
            let stop = Arc::clone(&stop);
            std::thread::spawn(move || {
                std::io::copy(&mut std::io::stdin(), &mut std::io::sink()).unwrap();
                stop.store(true, Ordering::Relaxed);
            });
        }
        Self {
            begun,
            until: (!args.until_eof).then(|| begun + Duration::from_secs_f64(args.seconds)),
            stop,
            gaps: args.rate.map(|rate| {
                let gap = Duration::from_secs_f64(1.0 / rate);
                [gap * args.connections, gap]
            }),
        }
    }

    fn is_over(&self) -> bool {
        self.stop.load(Ordering::Relaxed) || self.until.is_some_and(|until| Instant::now() >= until)
    }

    /// Waits until the request `turn` of a connection is due; since when it is.
    async fn due(&self, connection: u32, turn: u32) -> Instant {
        let Some([between, later]) = self.gaps else { return Instant::now() };
        let due = self.begun + later * connection + between * turn;
        tokio::time::sleep_until(due.into()).await;
        due
    }
}

async fn connect(args: &Args) -> std::io::Result<SendRequest<Empty<Bytes>>> {
    let authority = args.urls[0].authority().unwrap();
    let stream = TcpStream::connect((authority.host(), authority.port_u16().unwrap_or(80))).await?;
    stream.set_nodelay(true)?;
    let (sender, driver) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(std::io::Error::other)?;
    tokio::spawn(driver);
    Ok(sender)
}

/// Status and body of the answer to a GET.
async fn ask(
    args: &Args,
    url: &http::Uri,
    sender: &mut Option<SendRequest<Empty<Bytes>>>,
) -> std::io::Result<(http::StatusCode, Bytes)> {
    let mut request =
        Request::get(url.path_and_query().unwrap().as_str()).header("host", url.authority().unwrap().as_str());
    for header in &args.header {
        let (name, value) = header.split_once(':').unwrap();
        request = request.header(name.trim(), value.trim());
    }
    let connected = match sender.take() {
        Some(connected) if !connected.is_closed() => connected,
        Some(_) | None => connect(args).await?,
    };
    let connected = sender.insert(connected);
    let response = connected.send_request(request.body(Empty::new()).unwrap()).await.map_err(std::io::Error::other)?;
    let status = response.status();
    let body = response.into_body().collect().await.map_err(std::io::Error::other)?.to_bytes();
    Ok((status, body))
}

async fn connection(args: &Args, pace: &Pace, number: u32) -> Seen {
    let (mut seen, mut sender) = (Seen::default(), None);
    for (turn, url) in (0..).zip(args.urls.iter().cycle()) {
        let due = pace.due(number, turn).await;
        if pace.is_over() {
            break;
        }
        let answer = ask(args, url, &mut sender).await;
        seen.latencies.push(due.elapsed());
        let failure = match answer {
            Ok((status, body)) if status.is_success() => {
                if args.bodies {
                    *seen.bodies.entry(String::from_utf8_lossy(&body).into_owned()).or_default() += 1;
                }
                continue;
            }
            Ok((status, body)) => format!("{}: {status} {}", url.path(), String::from_utf8_lossy(&body)),
            Err(error) => {
                sender = None;
                format!("{}: {error}", url.path())
            }
        };
        seen.failed += 1;
        if seen.failures.len() < TOLD {
            seen.failures.push(failure);
        }
    }
    seen
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let args = Args::parse();
    let pace = Pace::of(&args);
    let all =
        futures_util::future::join_all((0..args.connections).map(|number| connection(&args, &pace, number))).await;
    let elapsed = pace.begun.elapsed().as_secs_f64();
    let failed: usize = all.iter().map(|seen| seen.failed).sum();
    let mut latencies: Vec<f64> =
        all.iter().flat_map(|seen| &seen.latencies).map(|latency| latency.as_secs_f64() * 1e3).collect();
    latencies.sort_by(f64::total_cmp);
    let at = |share: f64| {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "a rank"
        )]
        let rank = (share * (latencies.len() - 1) as f64) as usize;
        latencies[rank]
    };
    #[expect(clippy::cast_precision_loss, reason = "a count of requests")]
    let rate = latencies.len() as f64 / elapsed;
    let mut bodies: BTreeMap<&str, usize> = BTreeMap::new();
    for (body, count) in all.iter().flat_map(|seen| &seen.bodies) {
        *bodies.entry(body).or_default() += count;
    }
    let failures: Vec<&String> = all.iter().flat_map(|seen| &seen.failures).take(TOLD).collect();
    println!(
        "{}",
        serde_json::json!({
            "requests_per_second": rate.round(), "p50_ms": at(0.5), "p90_ms": at(0.9), "p99_ms": at(0.99),
            "requests": latencies.len(), "seconds": elapsed, "failed": failed, "failures": failures, "bodies": bodies,
        })
    );
}
