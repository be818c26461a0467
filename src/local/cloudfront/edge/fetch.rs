//! What a request asks for, out of the cache or from the origin.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::header::{
    CONTENT_LENGTH, ETAG, HeaderMap, IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE, IF_UNMODIFIED_SINCE,
    LAST_MODIFIED, RANGE, SET_COOKIE,
};
use http::{Method, StatusCode};
use http_body_util::BodyExt as _;
use hyper::body::Body as _;

use super::super::managed::OriginRequestPolicy;
use super::cache::{Key, Stored};
use super::compress::{compressed, takes_gzip};
use super::exchange::{Exchange, ViewerRequest};
use super::failure::Failure;
use super::forward;
use super::freshness;
use super::served::{Place, ServedBehavior, Signs};
use super::{ADDRESS, Answer};
use crate::s3::Visitor;

/// Bytes of an object that is cached at most; larger ones go through.
const LARGEST: u64 = 64 << 20;

/// What was found.
pub(super) struct Found {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Payload,
    /// `Hit`, `Miss` or `RefreshHit`.
    pub(super) result: &'static str,
    /// Seconds in the cache.
    pub(super) age: Option<u64>,
}

pub(super) enum Payload {
    Whole(Bytes),
    Stream(s3s::Body),
}

impl Found {
    fn cached(stored: &Stored, result: &'static str) -> Self {
        Self {
            status: stored.status,
            headers: stored.headers.clone(),
            body: Payload::Whole(stored.body.clone()),
            result,
            age: Some(stored.age()),
        }
    }
}

impl Exchange<'_> {
    /// Finds what `request` asks for; `body` is the viewer's.
    pub(super) async fn find(
        &self,
        behavior: &ServedBehavior,
        request: &ViewerRequest,
        body: s3s::Body,
    ) -> Result<Found, Failure> {
        if !matches!(request.method, Method::GET | Method::HEAD) {
            return self.pass(behavior, request, body).await;
        }
        let is_head = request.method == Method::HEAD;
        let gzip = behavior.policy.compressed && takes_gzip(&request.headers);
        let key = Key { path: request.path.clone(), gzip, is_head };
        // What a GET left in the cache is an answer to HEAD too.
        let whole = self.cache.get(&Key { is_head: false, ..key.clone() });
        let stored = whole.or_else(|| self.cache.get(&key));
        match stored {
            Some(stored) if stored.is_fresh() => Ok(Found::cached(&stored, "Hit")),
            stored => self.ask(behavior, request, key, stored).await,
        }
    }

    /// Asks the origin for what is not in the cache, or no longer fresh there.
    async fn ask(
        &self,
        behavior: &ServedBehavior,
        request: &ViewerRequest,
        key: Key,
        stale: Option<Arc<Stored>>,
    ) -> Result<Found, Failure> {
        let epoch = self.cache.epoch();
        let mut headers = self.headers(behavior, request);
        let caches = behavior.policy.max_ttl > 0;
        if caches || stale.is_some() {
            // What goes into the cache is whole; conditions are the edge's own.
            for name in [IF_MATCH, IF_NONE_MATCH, IF_MODIFIED_SINCE, IF_UNMODIFIED_SINCE, IF_RANGE, RANGE] {
                headers.remove(name);
            }
        }
        if let Some(stale) = stale.as_ref().filter(|stale| stale.status == StatusCode::OK) {
            if let Some(etag) = &stale.etag {
                headers.insert(IF_NONE_MATCH, etag.clone());
            }
            if let Some(modified) = stale.headers.get(LAST_MODIFIED) {
                headers.insert(IF_MODIFIED_SINCE, modified.clone());
            }
        }
        let answer = self.origin(behavior, request, headers, s3s::Body::empty()).await;
        let min_ttl = |status| self.served.error_min_ttl(status);
        let answer = match (answer, &stale) {
            (Ok(answer), Some(stale)) if answer.status() == StatusCode::NOT_MODIFIED => {
                let ttl = freshness::of(stale.status, &stale.headers, behavior.policy, 0).unwrap_or_default();
                return Ok(Found::cached(&self.cache.refresh(key, stale, ttl, epoch), "RefreshHit"));
            }
            // An origin in trouble leaves viewers with what is there, for a while.
            (Ok(answer), Some(stale)) if answer.status().is_server_error() && stale.status == StatusCode::OK => {
                let ttl = Duration::from_secs(min_ttl(answer.status()));
                self.cache.put(key, Stored { fresh_until: Instant::now() + ttl, ..Stored::clone(stale) }, epoch);
                return Ok(Found::cached(stale, "Hit"));
            }
            (Err(_), Some(stale)) if stale.status == StatusCode::OK => return Ok(Found::cached(stale, "Hit")),
            (answer, _) => answer?,
        };
        let (parts, body) = answer.into_parts();
        let length = length(&parts.headers).or_else(|| body.size_hint().upper());
        let ttl = freshness::of(parts.status, &parts.headers, behavior.policy, min_ttl(parts.status));
        let is_partial = matches!(parts.status, StatusCode::PARTIAL_CONTENT | StatusCode::NOT_MODIFIED);
        let (status, mut headers) = (parts.status, parts.headers);
        let Some(ttl) = ttl.filter(|_| !is_partial) else {
            return Ok(Found { status, headers, body: Payload::Stream(body), result: "Miss", age: None });
        };
        if !key.is_head && length.is_none_or(|length| length > LARGEST) {
            return self.stream(behavior, request, (status, headers, body)).await;
        }
        let body =
            if key.is_head { Bytes::new() } else { body.collect().await.map_err(|_| Failure::ORIGIN)?.to_bytes() };
        let etag = headers.get(ETAG).cloned();
        let body =
            if key.gzip && behavior.compress && !key.is_head { compressed(status, &mut headers, body) } else { body };
        let now = Instant::now();
        let stored = Stored { status, headers, body, etag, since: now, fresh_until: now + ttl };
        let stored = self.cache.put(key, stored, epoch);
        Ok(Found { age: None, ..Found::cached(&stored, "Miss") })
    }

    /// An object that is too large for the cache: the part of it that is asked for, straight from the origin.
    async fn stream(
        &self,
        behavior: &ServedBehavior,
        request: &ViewerRequest,
        (status, headers, body): (StatusCode, HeaderMap, s3s::Body),
    ) -> Result<Found, Failure> {
        let Some(range) = request.headers.get(RANGE) else {
            return Ok(Found { status, headers, body: Payload::Stream(body), result: "Miss", age: None });
        };
        let mut headers = self.headers(behavior, request);
        headers.insert(RANGE, range.clone());
        let (parts, body) = self.origin(behavior, request, headers, s3s::Body::empty()).await?.into_parts();
        Ok(Found {
            status: parts.status,
            headers: parts.headers,
            body: Payload::Stream(body),
            result: "Miss",
            age: None,
        })
    }

    /// Passes on a request whose answer is never cached.
    async fn pass(
        &self,
        behavior: &ServedBehavior,
        request: &ViewerRequest,
        body: s3s::Body,
    ) -> Result<Found, Failure> {
        let headers = self.headers(behavior, request);
        let (parts, body) = self.origin(behavior, request, headers, body).await?.into_parts();
        Ok(Found {
            status: parts.status,
            headers: parts.headers,
            body: Payload::Stream(body),
            result: "Miss",
            age: None,
        })
    }

    fn headers(&self, behavior: &ServedBehavior, request: &ViewerRequest) -> HeaderMap {
        forward::headers(request, behavior, self.viewer, (&self.id, &self.served.domain_name))
    }

    /// Sends a request to the behaviour's origin; the answer, without what is between neighbours.
    async fn origin(
        &self,
        behavior: &ServedBehavior,
        request: &ViewerRequest,
        headers: HeaderMap,
        body: s3s::Body,
    ) -> Result<Answer, Failure> {
        let origin = &behavior.origin;
        let query = Some(forward::query(request, behavior)).filter(|query| !query.is_empty());
        let query = query.map(|query| format!("?{query}")).unwrap_or_default();
        let path = match &origin.place {
            Place::Bucket(bucket) => format!("/{bucket}{}{}{query}", origin.path, request.path),
            Place::Api(_) => format!("{}{}{query}", origin.path, request.path),
        };
        let mut outgoing = http::Request::new(body);
        *outgoing.method_mut() = request.method.clone();
        *outgoing.uri_mut() = path.parse().map_err(|_| Failure::BAD_REQUEST)?;
        *outgoing.headers_mut() = headers;
        let answer = async {
            match &origin.place {
                Place::Bucket(_) => self.bucket(origin.signs, outgoing).await,
                Place::Api(api) => self.api(api, outgoing).await,
            }
        };
        let limit = Duration::from_secs(origin.timeout.into());
        let mut answer = tokio::time::timeout(limit, answer).await.map_err(|_| Failure::TIMEOUT)?;
        forward::without_neighbours(answer.headers_mut());
        if behavior.forwards == OriginRequestPolicy::Nothing {
            answer.headers_mut().remove(SET_COOKIE);
        }
        Ok(answer)
    }

    /// A request to a bucket: as the distribution, where there is an origin access control, else as nobody.
    /// <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html>
    async fn bucket(&self, signs: Signs, mut request: http::Request<s3s::Body>) -> Answer {
        let signs = match signs {
            Signs::All => true,
            Signs::Unsigned => !forward::is_signed(request.headers()),
            Signs::None => false,
        };
        request.headers_mut().remove(http::header::AUTHORIZATION);
        let source_arn = super::super::routes::arn("distribution", &self.served.id);
        let visitor =
            if signs { Visitor::Service { name: "cloudfront.amazonaws.com", source_arn } } else { Visitor::Nobody };
        self.origins.s3.visit(visitor, request).await
    }

    /// A request to an API, which it takes for one from outside: the edge is who calls.
    async fn api(&self, api: &str, request: http::Request<s3s::Body>) -> Answer {
        let (parts, body) = request.into_parts();
        let path = parts.uri.path();
        let rest = path.strip_prefix('/').unwrap_or(path).to_owned();
        let response = self.origins.apigateway.receive(api, &rest, (parts, body), ADDRESS).await;
        let mut answer = http::Response::new(s3s::Body::from(response.body.clone()));
        *answer.status_mut() = response.status;
        *answer.headers_mut() = response.headers;
        answer.headers_mut().insert(CONTENT_LENGTH, response.body.len().into());
        answer
    }
}

fn length(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}
