//! A load generator for one URL: `load URL [--connections N] [--seconds S] [--header 'NAME: VALUE']`.
//!
//! Each connection sends one request after the other. Prints one JSON object: requests a second, p50, p90 and p99 in
//! milliseconds, and how many answers were not 2xx. Used by `scripts/bench`.

#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a bench reports on stdout and stops at the first fault")]

use std::time::{Duration, Instant};

use clap::Parser;
use http_body_util::{BodyExt as _, Empty};
use hyper::Request;
use hyper::body::Bytes;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

#[derive(Parser)]
struct Args {
    url: http::Uri,
    #[arg(long, default_value_t = 1)]
    connections: usize,
    #[arg(long, default_value_t = 5.0)]
    seconds: f64,
    /// `NAME: VALUE`, may be repeated.
    #[arg(long)]
    header: Vec<String>,
}

/// What one connection saw.
#[derive(Default)]
struct Seen {
    latencies: Vec<Duration>,
    failed: usize,
}

async fn connection(args: &Args, until: Instant) -> Seen {
    let authority = args.url.authority().unwrap();
    let stream = TcpStream::connect((authority.host(), authority.port_u16().unwrap_or(80))).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let (mut sender, driver) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(driver);
    let mut seen = Seen::default();
    while Instant::now() < until {
        let mut request = Request::get(args.url.path_and_query().unwrap().as_str()).header("host", authority.as_str());
        for header in &args.header {
            let (name, value) = header.split_once(':').unwrap();
            request = request.header(name.trim(), value.trim());
        }
        let begun = Instant::now();
        let response = sender.send_request(request.body(Empty::<Bytes>::new()).unwrap()).await.unwrap();
        let ok = response.status().is_success();
        response.into_body().collect().await.unwrap();
        seen.latencies.push(begun.elapsed());
        seen.failed += usize::from(!ok);
    }
    seen
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let args = Args::parse();
    let begun = Instant::now();
    let until = begun + Duration::from_secs_f64(args.seconds);
    let all = futures_util::future::join_all((0..args.connections).map(|_| connection(&args, until))).await;
    let elapsed = begun.elapsed().as_secs_f64();
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
    println!(
        "{}",
        serde_json::json!({
            "requests_per_second": rate.round(), "p50_ms": at(0.5), "p90_ms": at(0.9), "p99_ms": at(0.99),
            "requests": latencies.len(), "failed": failed,
        })
    );
}
