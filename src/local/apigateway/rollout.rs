//! The way of a release to those who serve it. On AWS a stage that was switched goes on serving what it did for some
//! seconds, then one request sees the new deployment and the next one the old, and then all see the new one.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError};

use super::ApiGateway;
use super::served::Served;

/// The stages of an API.
#[derive(Debug, Default)]
pub(super) struct Stages {
    /// The number of the release that they are; a later release has a greater one.
    release: u64,
    by_name: HashMap<String, Serving>,
}

/// What a stage serves.
#[derive(Debug)]
struct Serving {
    /// `None`: nothing yet.
    now: Option<Arc<Served>>,
    /// What every other request sees, while a release is on its way.
    next: Option<Next>,
}

#[derive(Debug)]
struct Next {
    /// `None`: nothing any more.
    served: Option<Arc<Served>>,
    is_next: AtomicBool,
}

impl Stages {
    /// What a request to the stage `name` is served by.
    pub(super) fn serving(&self, name: &str) -> Option<Arc<Served>> {
        let serving = self.by_name.get(name)?;
        match &serving.next {
            Some(next) if next.is_next.fetch_xor(true, Ordering::Relaxed) => next.served.clone(),
            Some(_) | None => serving.now.clone(),
        }
    }

    /// What the stage `name` has served until now.
    pub(super) fn before(&self, name: &str) -> Option<&Served> {
        self.by_name.get(name)?.now.as_deref()
    }

    /// All requests see `release`.
    pub(super) fn settle(&mut self, release: u64, stages: HashMap<String, Arc<Served>>) {
        if release < self.release {
            return;
        }
        self.release = release;
        let serving = |served| Serving { now: Some(served), next: None };
        self.by_name = stages.into_iter().map(|(name, served)| (name, serving(served))).collect();
    }

    /// Every other request sees `release`.
    fn mix(&mut self, release: u64, stages: &HashMap<String, Arc<Served>>) {
        if release < self.release {
            return;
        }
        for name in stages.keys() {
            self.by_name.entry(name.clone()).or_insert(Serving { now: None, next: None });
        }
        for (name, serving) in &mut self.by_name {
            serving.next = Some(Next { served: stages.get(name).cloned(), is_next: AtomicBool::new(true) });
        }
    }
}

impl ApiGateway {
    /// Has the stages of `api` serve what they should: at once, or as late as AWS does.
    pub(super) fn roll_out(&self, api: &str) {
        let lag = self.delays.stage;
        let (release, stages) = self.compile(api);
        let Some(gateway) = self.this.upgrade().filter(|_| !lag.is_zero()) else {
            return self.settle(api, release, stages);
        };
        let api = api.to_owned();
        tokio::spawn(async move {
            tokio::time::sleep(lag / 2).await;
            gateway.mix(&api, release, &stages);
            tokio::time::sleep(lag / 2).await;
            gateway.settle(&api, release, stages);
        });
    }

    fn mix(&self, api: &str, release: u64, stages: &HashMap<String, Arc<Served>>) {
        let mut served = self.served.write().unwrap_or_else(PoisonError::into_inner);
        served.entry(api.to_owned()).or_default().mix(release, stages);
    }
}
