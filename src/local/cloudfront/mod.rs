//! CloudFront: control plane and data plane.
//!
//! The API is <https://docs.aws.amazon.com/cloudfront/latest/APIReference/>, its limits are those of
//! <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html>.
//!
//! The map:
//!
//! - [`routes`] tells the operations apart; [`distributions`], [`invalidations`], [`access_controls`],
//!   [`headers_policies`], [`functions`] and [`tags`] carry them out, [`check`] looks at configurations.
//! - [`config`], [`headers_policy`] and [`model`] are what is kept; [`managed`] are AWS's own policies.
//! - [`edge`] answers viewers: a distribution is compiled whenever something that it is made of changes, and what is
//!   compiled is served when it has reached the edges ([`rollout`]).

mod access_controls;
mod answer;
mod check;
mod config;
mod distributions;
mod edge;
mod error;
mod functions;
mod headers_policies;
mod headers_policy;
mod id;
mod invalidations;
mod managed;
mod many;
mod model;
mod pages;
mod rollout;
mod routes;
mod tags;

use std::path::Path;
use std::sync::{Arc, Weak};
use std::time::Instant;

use self::answer::Answer;
use self::edge::Edge;
pub(crate) use self::edge::Origins;
use self::model::State;
use self::rollout::Rollouts;
use crate::call::{Error, Operation, Request, Response, Service};
use crate::realism::{Delays, Recent, Underway};
use crate::store::Store;
use crate::wire::query::{self, Parameters};

/// The namespace of requests and answers.
pub(crate) const NAMESPACE: &str = "http://cloudfront.amazonaws.com/doc/2020-05-31/";

/// What a distribution's domain name ends with. On AWS it is `cloudfront.net`; browsers and curl resolve names below
/// `localhost` to loopback, and take them for a secure context.
const DOMAIN: &str = "cloudfront.localhost";

/// CloudFront: control plane and data plane.
pub(crate) struct CloudFront {
    store: Store<State>,
    delays: Delays,
    /// What the edges serve.
    rollouts: Rollouts,
    /// Changes and invalidations that have not reached all edges.
    underway: Underway,
    recent: Recent,
    edge: Edge,
    this: Weak<Self>,
}

impl Service for CloudFront {
    fn identify(&self, request: &Request) -> Result<Operation, Error> {
        routes::identify(request)
    }

    async fn call(&self, operation: &Operation, request: Request) -> Result<Response, Error> {
        // What a call changes is served when it is said to be under way no longer, and never after that.
        let start = Instant::now();
        let answer = self.carry_out(&operation.name, &request)?;
        if operation.mutates {
            let delay = match operation.name.as_str() {
                "PublishFunction" => self.delays.publication,
                _ => self.delays.distribution,
            };
            self.settle((!delay.is_zero()).then(|| start + delay));
        }
        Ok(answer.done())
    }

    fn refuse(&self, error: &Error, request_id: &str) -> Response {
        query::refuse(NAMESPACE, error, request_id)
    }
}

/// One call: what it asks for, and with what.
struct Call<'a> {
    request: &'a Request,
    /// The id or name in the path; empty where there is none.
    id: String,
    parameters: Parameters,
}

impl Call<'_> {
    fn if_match(&self) -> Option<&str> {
        self.request.headers.get(http::header::IF_MATCH).and_then(|value| value.to_str().ok())
    }
}

impl CloudFront {
    /// Opens the state in `dir`; `origins` is where objects come from.
    pub(crate) fn open(dir: &Path, origins: Origins, delays: &Delays) -> std::io::Result<Arc<Self>> {
        let store = Store::open(&dir.join("cloudfront.json"))?;
        let cloudfront = Arc::new_cyclic(|this| Self {
            store,
            delays: *delays,
            rollouts: Rollouts::default(),
            underway: Underway::default(),
            recent: Recent::new(delays.listing),
            edge: Edge::new(origins),
            this: Weak::clone(this),
        });
        // What was under way when the cloud ended has arrived.
        cloudfront.settle(None);
        Ok(cloudfront)
    }

    /// Has the edges serve what the state says from `at` on, or at once.
    fn settle(&self, at: Option<Instant>) {
        self.store.read(|state| self.rollouts.settle(state, at));
    }

    fn carry_out(&self, operation: &str, request: &Request) -> Result<Answer, Error> {
        let id = routes::segments(request).into_iter().nth(1).unwrap_or_default();
        let call = Call { request, id, parameters: Parameters::of_query(&request.query) };
        match operation {
            "CreateDistribution" => self.create_distribution(&call),
            "CreateDistributionWithTags" => self.create_distribution_with_tags(&call),
            "GetDistribution" => self.get_distribution(&call),
            "GetDistributionConfig" => self.get_distribution_config(&call),
            "UpdateDistribution" => self.update_distribution(&call),
            "DeleteDistribution" => self.delete_distribution(&call),
            "ListDistributions" => self.list_distributions(&call),
            "CreateInvalidation" => self.create_invalidation(&call),
            "GetInvalidation" => self.get_invalidation(&call),
            "ListInvalidations" => self.list_invalidations(&call),
            "TagResource" => self.tag(&call),
            "UntagResource" => self.untag(&call),
            "ListTagsForResource" => self.list_tags(&call),
            "CreateOriginAccessControl" => self.create_access_control(&call),
            "GetOriginAccessControl" => self.get_access_control(&call),
            "GetOriginAccessControlConfig" => self.get_access_control_config(&call),
            "UpdateOriginAccessControl" => self.update_access_control(&call),
            "DeleteOriginAccessControl" => self.delete_access_control(&call),
            "ListOriginAccessControls" => self.list_access_controls(&call),
            "CreateResponseHeadersPolicy" => self.create_headers_policy(&call),
            "GetResponseHeadersPolicy" => self.get_headers_policy(&call),
            "GetResponseHeadersPolicyConfig" => self.get_headers_policy_config(&call),
            "UpdateResponseHeadersPolicy" => self.update_headers_policy(&call),
            "DeleteResponseHeadersPolicy" => self.delete_headers_policy(&call),
            "ListResponseHeadersPolicies" => self.list_headers_policies(&call),
            "CreateFunction" => self.create_function(&call),
            "DescribeFunction" => self.describe_function(&call),
            "GetFunction" => self.get_function(&call),
            "UpdateFunction" => self.update_function(&call),
            "PublishFunction" => self.publish_function(&call),
            "DeleteFunction" => self.delete_function(&call),
            "ListFunctions" => self.list_functions(&call),
            other => Err(Error::not_implemented(&format!("cloudfront:{other}"))),
        }
    }
}

/// Now, in seconds since the epoch.
fn now() -> i64 {
    jiff::Timestamp::now().as_second()
}
