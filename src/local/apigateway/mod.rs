//! API Gateway REST APIs: control plane and data plane.
//!
//! The map:
//!
//! - [`control`] carries out the operations: [`apis`], [`import`] (OpenAPI documents), [`inspect`] (what an API is made
//!   of), [`deployments`], [`stage`] and [`stage_update`], [`tags`], [`account`]; [`routes`] tells them apart.
//! - [`model`] and [`definition`] are what is kept.
//! - [`execute`] answers clients: a deployment is compiled once, when a stage moves to it ([`served`], [`routing`]), so
//!   that a request reads no document, no disk and no policy text: [`authorizer`], [`proxy`], [`http_proxy`], [`mock`].

mod access_log;
mod account;
mod apis;
mod authorization;
mod authorizer;
mod backend;
mod cache;
mod canary;
mod changing;
mod control;
mod definition;
mod deployments;
mod error;
mod event;
mod exchange;
mod execute;
mod expression;
mod failure;
mod gateway_response;
mod http_proxy;
mod import;
mod inspect;
mod media_type;
mod method_settings;
mod mock;
mod model;
mod patch;
mod payload;
mod proxy;
mod proxy_response;
mod rollout;
mod routes;
mod routing;
mod served;
mod signed;
mod stage;
mod stage_update;
mod tags;
mod template;
mod throttle;

use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock, Weak};

use self::changing::Changing;
use self::model::State;
use self::rollout::Stages;
use self::served::Served;
use crate::call::{Error, Operation, Request, Response, Service};
use crate::iam::Iam;
use crate::lambda::Lambda;
use crate::logs::Logs;
use crate::realism::{Delays, Recent};
use crate::store::Store;

/// Whom a role must trust for API Gateway to invoke with it.
const PRINCIPAL: &str = "apigateway.amazonaws.com";

/// API Gateway REST APIs: control plane and data plane.
pub(crate) struct ApiGateway {
    store: Store<State>,
    region: String,
    /// What is served, by API and stage: what [`ApiGateway::store`] says, compiled, as late as a release takes.
    served: RwLock<HashMap<String, Stages>>,
    /// The number of the last release.
    releases: AtomicU64,
    delays: Delays,
    changing: Changing,
    recent: Recent,
    this: Weak<Self>,
    iam: Arc<Iam>,
    lambda: Arc<Lambda>,
    logs: Arc<Logs>,
    /// Of integrations with services over HTTP.
    clients: http_proxy::Clients,
}

/// A client's request to a deployed API.
#[derive(Clone, Debug)]
pub(crate) struct DataRequest {
    pub(crate) method: http::Method,
    /// All of it, as sent: what the client signs.
    pub(crate) path: String,
    /// As sent, without `?`.
    pub(crate) query: String,
    pub(crate) headers: http::HeaderMap,
    pub(crate) body: bytes::Bytes,
    pub(crate) source_ip: std::net::IpAddr,
}

impl Service for ApiGateway {
    fn identify(&self, request: &Request) -> Result<Operation, Error> {
        routes::identify(request)
    }

    async fn call(&self, operation: &Operation, request: Request) -> Result<Response, Error> {
        let api = routes::labels(&request).into_iter().next();
        let change = self.changing.begin(&operation.name, api.as_deref())?;
        let (status, body) = self.carry_out(&operation.name, &request)?;
        if let Some(change) = change {
            change.complete().await;
        }
        Ok(error::answer(status, &body))
    }

    fn refuse(&self, error: &Error, _request_id: &str) -> Response {
        error::render(error)
    }
}

impl ApiGateway {
    /// Opens the state in `dir`.
    pub(crate) fn open(
        dir: &Path,
        region: &str,
        (iam, lambda, logs): (Arc<Iam>, Arc<Lambda>, Arc<Logs>),
        delays: &Delays,
    ) -> std::io::Result<Arc<Self>> {
        let store: Store<State> = Store::open(&dir.join("apigateway.json"))?;
        let apis: Vec<String> = store.read(|state| state.apis.keys().cloned().collect());
        let gateway = Arc::new_cyclic(|this| Self {
            store,
            region: region.to_owned(),
            served: RwLock::default(),
            releases: AtomicU64::new(0),
            delays: *delays,
            changing: Changing::new(delays.api),
            recent: Recent::new(delays.listing),
            this: Weak::clone(this),
            iam,
            lambda,
            logs,
            clients: http_proxy::Clients::default(),
        });
        for api in &apis {
            gateway.refresh(api);
        }
        Ok(gateway)
    }

    /// What `api`'s `stage` serves.
    fn serving(&self, api: &str, stage: &str) -> Option<Arc<Served>> {
        let served = self.served.read().unwrap_or_else(PoisonError::into_inner);
        served.get(api)?.serving(stage)
    }

    /// Has `api`'s stages serve what they should, at once.
    fn refresh(&self, api: &str) {
        let (release, stages) = self.compile(api);
        self.settle(api, release, stages);
    }

    /// Compiles anew what `api`'s stages serve, and numbers it; what was cached of authorizers and counted of requests
    /// stays.
    fn compile(&self, api: &str) -> (u64, HashMap<String, Arc<Served>>) {
        // Held over the reading of the state, so that of two releases the one that knows more has the greater number.
        let served = self.served.write().unwrap_or_else(PoisonError::into_inner);
        let before = served.get(api);
        let release = self.releases.fetch_add(1, Ordering::Relaxed) + 1;
        let stages = self.store.read(|state| {
            let Some(api) = state.apis.get(api) else { return HashMap::new() };
            let compile = |stage: &stage::Stage| {
                let before = before.and_then(|stages| stages.before(&stage.stage_name));
                let served = Served::compile(api, stage, (&self.region, before))?;
                Some((stage.stage_name.clone(), Arc::new(served)))
            };
            api.stages.values().filter_map(compile).collect()
        });
        (release, stages)
    }

    /// Has all requests see a release of `api`.
    fn settle(&self, api: &str, release: u64, stages: HashMap<String, Arc<Served>>) {
        let is_there = self.store.read(|state| state.apis.contains_key(api));
        let mut served = self.served.write().unwrap_or_else(PoisonError::into_inner);
        if is_there {
            served.entry(api.to_owned()).or_default().settle(release, stages);
        } else {
            served.remove(api);
        }
    }
}
