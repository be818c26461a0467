//! The data plane: a viewer's request, from the edge to the answer.
//!
//! The local cloud speaks HTTP alone, so that a viewer protocol policy of `https-only` or `redirect-to-https` cannot be
//! enforced: what comes over HTTP is served.
//! <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/RequestAndResponseBehavior.html>

mod cache;
mod compress;
mod conditional;
mod error_page;
mod event;
mod exchange;
mod failure;
mod fetch;
mod forward;
mod freshness;
mod function;
mod outward;
mod pattern;
mod range;
mod script;
mod served;

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex, PoisonError};

use http::request::Parts;

use self::cache::Cache;
use self::exchange::Exchange;
pub(super) use self::served::{Place, Served};
use super::CloudFront;
use crate::apigateway::ApiGateway;
use crate::logs::Logs;
use crate::s3::S3;
use crate::server::RequestBody;

/// The address of the edge, which origins see: one of loopback, and another than a viewer's.
const ADDRESS: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2));

/// An answer to a viewer.
pub(crate) type Answer = http::Response<s3s::Body>;

/// Where objects come from, and where functions write what they log.
pub(crate) struct Origins {
    pub(crate) s3: Arc<S3>,
    pub(crate) apigateway: Arc<ApiGateway>,
    pub(crate) logs: Arc<Logs>,
}

/// The one edge location.
pub(super) struct Edge {
    origins: Origins,
    /// By distribution.
    caches: Mutex<HashMap<String, Arc<Cache>>>,
}

impl Edge {
    pub(super) fn new(origins: Origins) -> Self {
        Self { origins, caches: Mutex::default() }
    }

    /// Forgets what `paths` of an invalidation name.
    pub(super) fn invalidate(&self, distribution: &str, paths: &[String]) {
        self.cache(distribution).invalidate(paths);
    }

    /// Forgets a distribution.
    pub(super) fn forget(&self, distribution: &str) {
        self.caches.lock().unwrap_or_else(PoisonError::into_inner).remove(distribution);
    }

    fn cache(&self, distribution: &str) -> Arc<Cache> {
        let mut caches = self.caches.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(caches.entry(distribution.to_owned()).or_default())
    }
}

impl CloudFront {
    /// The distribution that answers to `host`, which has no port.
    pub(crate) fn serving(&self, host: &str) -> Option<Arc<Served>> {
        self.rollouts.find(host)
    }

    /// Answers a viewer's request to a distribution.
    pub(crate) async fn serve(
        &self,
        served: Arc<Served>,
        (parts, body): (Parts, RequestBody),
        viewer: IpAddr,
    ) -> Answer {
        let cache = self.edge.cache(&served.id);
        Exchange::new(served, cache, &self.edge.origins, viewer).answer(parts, body).await
    }

    /// Whether `host` is of a distribution's domain, there or not.
    pub(crate) fn is_of_domain(host: &str) -> bool {
        host.to_ascii_lowercase().strip_suffix(super::DOMAIN).is_some_and(|label| label.ends_with('.'))
    }

    /// The answer to a request for a distribution that is not there.
    pub(crate) fn unknown() -> Answer {
        failure::Failure::NO_DISTRIBUTION.render(&super::id::request(), None)
    }
}
