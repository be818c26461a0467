//! One request of a viewer on its way through the edge.

use std::net::IpAddr;
use std::sync::Arc;

use http::request::Parts;
use http::{HeaderMap, Method};
use hyper::body::Body as _;

use super::super::id;
use super::cache::Cache;
use super::failure::Failure;
use super::function::Viewed;
use super::served::Served;
use super::{Answer, Origins, function, outward};
use crate::server::RequestBody;

/// Bytes of a URL.
const URL: usize = 8192;

/// What a viewer asks for, or a function made of it.
#[derive(Clone, Debug)]
pub(super) struct ViewerRequest {
    pub(super) method: Method,
    /// As sent, with its leading slash.
    pub(super) path: String,
    /// As sent, without `?`.
    pub(super) query: String,
    pub(super) headers: HeaderMap,
}

/// A request, and what is known of where it came to.
pub(super) struct Exchange<'a> {
    pub(super) served: Arc<Served>,
    pub(super) cache: Arc<Cache>,
    pub(super) origins: &'a Origins,
    pub(super) viewer: IpAddr,
    /// `X-Amz-Cf-Id`
    pub(super) id: String,
}

impl<'a> Exchange<'a> {
    pub(super) fn new(served: Arc<Served>, cache: Arc<Cache>, origins: &'a Origins, viewer: IpAddr) -> Self {
        Self { served, cache, origins, viewer, id: id::request() }
    }

    pub(super) async fn answer(&self, parts: Parts, body: RequestBody) -> Answer {
        let answer = self.process(parts, body).await;
        answer.unwrap_or_else(|failure| failure.render(&self.id, Some(&self.served.domain_name)))
    }

    async fn process(&self, parts: Parts, body: RequestBody) -> Result<Answer, Failure> {
        let mut request = ViewerRequest {
            method: parts.method,
            path: parts.uri.path().to_owned(),
            query: parts.uri.query().unwrap_or_default().to_owned(),
            headers: parts.headers,
        };
        if request.path.len() + request.query.len() >= URL {
            return Err(Failure::TOO_LONG);
        }
        let behavior = self.served.behavior(&request.path).ok_or(Failure::NO_DISTRIBUTION)?;
        if !behavior.methods.iter().any(|method| method == request.method.as_str()) {
            return Err(Failure::METHOD);
        }
        if request.method == Method::GET && !body.is_end_stream() {
            return Err(Failure::BODY);
        }
        if let Some(script) = &behavior.on_request {
            match function::on_request(self, script, &request).await? {
                Viewed::Request(changed) => request = changed,
                Viewed::Response(answer) => return Ok(outward::generated(self, behavior, answer)),
            }
        }
        if let (Some(root), "/") = (&self.served.root, request.path.as_str()) {
            request.path.clone_from(root);
        }
        let found = self.find(behavior, &request, s3s::Body::http_body(body)).await;
        let found = self.with_error_page(found).await?;
        outward::finish(self, behavior, &request, found).await
    }
}
