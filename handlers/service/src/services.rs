//! Other services, called over HTTP: what a function finds by name ([`Event::service`](crate::event::Event::service)).
//!
//! Each try has a time-out. What can be sent twice is tried again, twice at most, after a pause that grows and that chance
//! lengthens, so that callers who failed together do not come back together. A service that goes on failing is left alone
//! for some seconds: calls fail at once meanwhile, and what waits for them does not pile up.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_sdk_dynamodb::config::Credentials;
use backon::{ExponentialBuilder, Retryable};
use bytes::Bytes;
use http::{Method, Response, StatusCode};
use http_body_util::Full;
use jiff::Timestamp;
use recloser::{AsyncRecloser, Recloser};

use crate::aws;
use crate::http::{Http, causes};
use crate::signature::Signature;

/// A client of services, which knows those by their base URLs that it has called.
#[derive(Debug)]
pub struct Services {
    region: String,
    credentials: Credentials,
    http: Http,
    policy: Policy,
    known: Mutex<BTreeMap<String, Arc<AsyncRecloser>>>,
}

/// How a client takes failures.
#[derive(Clone, Copy, Debug)]
pub struct Policy {
    /// How often a call is tried again at most.
    pub retries: usize,
    /// The first pause, which doubles, to ten times its length at most; up to as much again comes on top by chance.
    pub pause: Duration,
    /// Of how many tries half must fail before a service is left alone.
    pub window: usize,
    /// How long a service is left alone.
    pub rest: Duration,
}

impl Default for Policy {
    /// With the time-outs of its tries a call ends before the one that it is a part of.
    fn default() -> Self {
        Self { retries: 2, pause: Duration::from_millis(50), window: 10, rest: Duration::from_secs(5) }
    }
}

/// A request to a service.
#[derive(Clone, Debug)]
pub struct Call<'a> {
    pub method: Method,
    /// Behind the base URL, percent-encoded, with its slash.
    pub path: &'a str,
    /// JSON; empty for none.
    pub body: &'a str,
    /// Whether the function signs it, with the credentials of its role: for routes that a signature opens, and for no
    /// service of somebody else's.
    pub signed: bool,
}

/// Why a call has no answer that is the service's own.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The service has failed so often that it was not asked.
    #[error("{base} is left alone: it has failed too often")]
    LeftAlone { base: String },
    /// It, or what is in front of it, answered that it cannot answer now (429, 502, 503, 504).
    #[error("{base} does not answer now: {status}")]
    Busy { base: String, status: StatusCode },
    /// There was no answer: what the network said.
    #[error("cannot call {base}: {cause}")]
    Unanswered { base: String, cause: String },
}

impl Services {
    pub(crate) fn new(region: &str, credentials: Credentials, http: Http) -> Self {
        Self { region: region.to_owned(), credentials, http, policy: Policy::default(), known: Mutex::default() }
    }

    /// The same client, which takes failures otherwise.
    #[must_use]
    pub fn with(self, policy: Policy) -> Self {
        Self { policy, ..self }
    }

    /// Sends `call` to the service at `base`, and gives its answer, an error of its own (4xx, 500) included.
    pub async fn send(&self, base: &str, call: &Call<'_>) -> Result<Response<Bytes>, Failure> {
        let breaker = self.breaker(base);
        let base = base.trim_end_matches('/');
        let attempt = || async {
            breaker.call(self.attempt(base, call)).await.map_err(|error| match error {
                recloser::Error::Inner(failure) => failure,
                recloser::Error::Rejected => Failure::LeftAlone { base: base.to_owned() },
            })
        };
        // What is sent twice does what one does (RFC 9110 section 9.2.2), or is sent once.
        if !call.method.is_idempotent() {
            return attempt().await;
        }
        let pauses = ExponentialBuilder::new().with_min_delay(self.policy.pause).with_max_delay(self.policy.pause * 10);
        let pauses = pauses.with_max_times(self.policy.retries).with_jitter();
        attempt.retry(pauses).when(|failure| !matches!(failure, Failure::LeftAlone { .. })).await
    }

    fn breaker(&self, base: &str) -> Arc<AsyncRecloser> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || {
            let Policy { window, rest, .. } = self.policy;
            // One good answer is enough to trust it again.
            let breaker = Recloser::custom().error_rate(0.5).closed_len(window).half_open_len(1).open_wait(rest);
            Arc::new(AsyncRecloser::from(breaker.build()))
        };
        Arc::clone(known.entry(base.to_owned()).or_insert_with(new))
    }

    async fn attempt(&self, base: &str, call: &Call<'_>) -> Result<Response<Bytes>, Failure> {
        let unanswered = |cause: String| Failure::Unanswered { base: base.to_owned(), cause };
        let request = self.request(base, call).map_err(|error| unanswered(error.to_string()))?;
        let response = self.http.send(request).await.map_err(|error| unanswered(causes(&*error)))?;
        match response.status() {
            status @ (StatusCode::TOO_MANY_REQUESTS
            | StatusCode::BAD_GATEWAY
            | StatusCode::SERVICE_UNAVAILABLE
            | StatusCode::GATEWAY_TIMEOUT) => Err(Failure::Busy { base: base.to_owned(), status }),
            _ => Ok(response),
        }
    }

    fn request(&self, base: &str, call: &Call<'_>) -> Result<http::Request<Full<Bytes>>, http::Error> {
        let Call { method, path, body, signed } = call;
        let mut headers = vec![("accept", "application/json")];
        if !body.is_empty() {
            headers.push(("content-type", "application/json"));
        }
        if !signed {
            let request = http::Request::builder().method(method).uri(format!("{base}{path}"));
            let request = headers.into_iter().fold(request, |request, (name, value)| request.header(name, value));
            return request.body(Full::from((*body).to_owned()));
        }
        // What is signed is the whole path, that of the API's stage included.
        let (host, above) = aws::host(base).split_once('/').unwrap_or((aws::host(base), ""));
        let above = if above.is_empty() { String::new() } else { format!("/{above}") };
        headers.push(("host", host));
        let scheme = base.split_once("://").map_or("https", |(scheme, _)| scheme);
        Signature {
            method,
            headers: &headers,
            body,
            service: "execute-api",
            path: &format!("{above}{path}"),
            region: &self.region,
            time: Timestamp::now(),
        }
        .request(&format!("{scheme}://{host}"), &self.credentials)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tokio::io::{AsyncWriteExt as _, BufReader};
    use tokio::net::TcpListener;

    use super::*;
    use crate::peer;

    const QUICK: Policy =
        Policy { retries: 2, pause: Duration::from_millis(1), window: 4, rest: Duration::from_millis(200) };

    /// A service that answers with `statuses`, one after the other, the last of them for good; 0 is no answer.
    struct Peer {
        base: String,
        asked: Arc<AtomicUsize>,
    }

    impl Peer {
        async fn answering(statuses: &'static [u16]) -> Self {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let base = format!("http://{}", listener.local_addr().unwrap());
            let asked = Arc::<AtomicUsize>::default();
            let count = Arc::clone(&asked);
            tokio::spawn(async move {
                loop {
                    let mut stream = BufReader::new(listener.accept().await.unwrap().0);
                    let count = Arc::clone(&count);
                    tokio::spawn(async move {
                        peer::request(&mut stream).await;
                        let number = count.fetch_add(1, Ordering::SeqCst);
                        let status = statuses.get(number).or(statuses.last()).unwrap();
                        if *status == 0 {
                            return std::future::pending().await;
                        }
                        let answer =
                            format!("HTTP/1.1 {status} As Asked\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
                        stream.write_all(answer.as_bytes()).await.unwrap();
                    });
                }
            });
            Self { base, asked }
        }

        fn asked(&self) -> usize {
            self.asked.load(Ordering::SeqCst)
        }
    }

    fn services() -> Services {
        let credentials = Credentials::new("test", "test", None, None, "test");
        Services::new("eu-west-1", credentials, Http::new(Duration::from_millis(300))).with(QUICK)
    }

    fn get() -> Call<'static> {
        Call { method: Method::GET, path: "/", body: "", signed: false }
    }

    #[tokio::test]
    async fn what_fails_for_a_moment_is_tried_again() {
        let peer = Peer::answering(&[503, 502, 200]).await;
        assert_eq!(services().send(&peer.base, &get()).await.unwrap().status(), 200);
        assert_eq!(peer.asked(), 3);
    }

    #[tokio::test]
    async fn a_call_is_tried_three_times_and_no_more() {
        let peer = Peer::answering(&[503]).await;
        let failed = services().send(&peer.base, &get()).await.unwrap_err();
        assert_eq!(failed, Failure::Busy { base: peer.base.clone(), status: StatusCode::SERVICE_UNAVAILABLE });
        assert_eq!(peer.asked(), 3);
    }

    #[tokio::test]
    async fn what_must_not_happen_twice_is_sent_once() {
        let peer = Peer::answering(&[503]).await;
        let post = Call { method: Method::POST, body: "{}", ..get() };
        assert!(services().send(&peer.base, &post).await.is_err());
        assert_eq!(peer.asked(), 1);
    }

    #[tokio::test]
    async fn an_error_of_the_services_own_is_an_answer() {
        for status in [404, 500] {
            let peer = Peer::answering(if status == 404 { &[404] } else { &[500] }).await;
            assert_eq!(services().send(&peer.base, &get()).await.unwrap().status(), status);
            assert_eq!(peer.asked(), 1);
        }
    }

    #[tokio::test]
    async fn a_try_without_an_answer_ends_and_the_next_may_have_one() {
        let peer = Peer::answering(&[0, 200]).await;
        assert_eq!(services().send(&peer.base, &get()).await.unwrap().status(), 200);
        assert_eq!(peer.asked(), 2);
    }

    #[tokio::test]
    async fn a_service_that_goes_on_failing_is_left_alone_and_asked_again_later() {
        let peer = Peer::answering(&[503, 503, 503, 503, 503, 200]).await;
        let services = services();
        let mut failures = Vec::new();
        while peer.asked() < 5 {
            failures.push(services.send(&peer.base, &get()).await.unwrap_err());
        }
        let alone = Failure::LeftAlone { base: peer.base.clone() };
        assert_eq!(services.send(&peer.base, &get()).await.unwrap_err(), alone, "{failures:?}");
        assert_eq!(peer.asked(), 5);
        tokio::time::sleep(QUICK.rest * 2).await;
        assert_eq!(services.send(&peer.base, &get()).await.unwrap().status(), 200);
        assert_eq!(services.send(&peer.base, &get()).await.unwrap().status(), 200);
    }

    #[tokio::test]
    async fn one_service_that_is_left_alone_keeps_nobody_from_another() {
        let (bad, good) = (Peer::answering(&[503]).await, Peer::answering(&[200]).await);
        let services = services();
        for _ in 0..3 {
            assert!(services.send(&bad.base, &get()).await.is_err());
        }
        assert_eq!(services.send(&good.base, &get()).await.unwrap().status(), 200);
    }
}
