//! What the server made up in this run: ids and version numbers. Put by list and create, resolved by later steps, never
//! compared.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use aws_sdk_cloudfront::types::DistributionConfig;
use tokio::sync::Notify;

use crate::digest::Digest;
use crate::plan::Id;
use crate::scope::Tags;

/// The in-run directory.
#[derive(Debug, Default)]
pub struct Directory {
    /// Boxed, since futures hold what holds it.
    entries: Box<Mutex<Entries>>,
    /// Held by whoever reads what CloudFront keeps for the page, which several kinds want to know, so that it is read once.
    pub reading: tokio::sync::Mutex<()>,
    /// As `reading`, of the page's distribution.
    pub finding: tokio::sync::Mutex<()>,
    /// Told when an API is put, or cannot be made.
    apis: Notify,
}

#[derive(Debug, Default)]
struct Entries {
    /// Published versions by function: number to content.
    versions: BTreeMap<String, BTreeMap<u64, Digest>>,
    /// REST API ids by physical name.
    apis: BTreeMap<String, String>,
    /// What CloudFront keeps for the page beside its distribution.
    parts: Option<Parts>,
    /// The page's distribution as it was found.
    sought: Sought,
    /// The page's distribution.
    edge: Option<Edge>,
    /// The files of the page that serve, by their paths: `None` where there is no bucket of theirs.
    page: Option<BTreeMap<String, String>>,
    /// The names of REST APIs that could not be made.
    unmade: BTreeSet<String>,
    granted: Option<Instant>,
    /// The roles that were made in this run, by their names.
    roles: BTreeMap<String, Instant>,
    /// Functions that are being made at this moment.
    in_the_making: usize,
    /// The ids of the API's deployments by what they say they are; `None` while they were not read.
    deployments: Option<BTreeMap<String, String>>,
    /// What was made already, though a plan is still to make it.
    made: BTreeSet<Id>,
    /// What of that is still to be finished.
    unfinished: BTreeSet<Id>,
    /// Whether the records of the releases were deleted.
    erased: bool,
    /// Whether the authorizers' cached answers were ended, after the release.
    flushed: bool,
    /// Log groups that no plan names, and that were deleted.
    removed: Vec<String>,
}

/// What CloudFront keeps for the page beside its distribution.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parts {
    /// The origin access control, by which the distribution reads the bucket: its id, and whether it signs all requests.
    pub access: Option<(String, bool)>,
    /// The response headers policy: its id, and its headers.
    pub headers: Option<(String, BTreeMap<String, String>)>,
    /// The function that rewrites paths: its ARN, and the code that runs.
    pub rewrites: Option<(String, String)>,
}

/// The page's distribution, as it was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Distribution {
    pub id: String,
    /// Its own host name: `d111111abcdef8.cloudfront.net`
    pub host: String,
    pub tags: Tags,
    pub config: DistributionConfig,
    /// The entity tag of `config`.
    pub etag: String,
}

/// What a search gave.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Sought {
    #[default]
    NotYet,
    InVain,
    Found(Box<Distribution>),
}

/// The page's distribution, by what CloudFront and its create have made up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edge {
    pub id: String,
    /// Its own host name: `d111111abcdef8.cloudfront.net`
    pub host: String,
    /// `https://d111111abcdef8.cloudfront.net`, without a slash at its end.
    pub url: String,
    /// The secret that it tells the API; empty where somebody has taken it out.
    pub key: String,
}

/// A function that is being made.
#[derive(Debug)]
pub struct Making<'a>(&'a Directory);

impl Drop for Making<'_> {
    fn drop(&mut self) {
        self.0.entries().in_the_making -= 1;
    }
}

impl Directory {
    /// Forgets all that was read, because it is to be read anew.
    pub fn forget(&self) {
        let mut entries = self.entries();
        *entries = Entries {
            granted: entries.granted,
            roles: std::mem::take(&mut entries.roles),
            in_the_making: entries.in_the_making,
            ..Entries::default()
        };
    }

    /// Puts the published versions of `function`, in place of what was known of it.
    pub fn put_versions(&self, function: &str, versions: BTreeMap<u64, Digest>) {
        self.entries().versions.insert(function.to_owned(), versions);
    }

    /// Puts one version that was just published.
    pub fn put_version(&self, function: &str, number: u64, digest: Digest) {
        self.entries().versions.entry(function.to_owned()).or_default().insert(number, digest);
    }

    /// Takes out a version that was deleted.
    pub fn remove_version(&self, function: &str, number: u64) {
        if let Some(versions) = self.entries().versions.get_mut(function) {
            versions.remove(&number);
        }
    }

    /// The published versions of `function`; `None` while they were not read.
    pub fn versions(&self, function: &str) -> Option<BTreeMap<u64, Digest>> {
        self.entries().versions.get(function).cloned()
    }

    /// The newest version of `function` that has the content `digest`.
    pub fn version(&self, function: &str, digest: &Digest) -> Option<u64> {
        let entries = self.entries();
        let versions = entries.versions.get(function)?;
        versions.iter().rev().find(|(_, content)| *content == digest).map(|(number, _)| *number)
    }

    /// Puts the id of the REST API `name`.
    pub fn put_api(&self, name: &str, id: &str) {
        self.entries().apis.insert(name.to_owned(), id.to_owned());
        self.apis.notify_waiters();
    }

    /// Notes that the REST API `name` could not be made.
    pub fn put_unmade_api(&self, name: &str) {
        self.entries().unmade.insert(name.to_owned());
        self.apis.notify_waiters();
    }

    /// The id of the REST API `name`, as soon as that is made; `None` when it could not be, or was not within `patience`.
    pub async fn api_made(&self, name: &str, patience: Duration) -> Option<String> {
        let made = async {
            loop {
                let told = self.apis.notified();
                // What is put from here on is not missed.
                if let Some(id) = self.api(name) {
                    return Some(id);
                }
                if self.entries().unmade.contains(name) {
                    return None;
                }
                told.await;
            }
        };
        tokio::time::timeout(patience, made).await.ok().flatten()
    }

    /// Takes out a REST API that was deleted.
    pub fn remove_api(&self, name: &str) {
        self.entries().apis.remove(name);
    }

    /// The id of the REST API `name`.
    pub fn api(&self, name: &str) -> Option<String> {
        self.entries().apis.get(name).cloned()
    }

    /// Puts what CloudFront keeps for the page.
    pub fn put_parts(&self, parts: Parts) {
        self.entries().parts = Some(parts);
    }

    /// What CloudFront keeps for the page; `None` while it was not read.
    pub fn parts(&self) -> Option<Parts> {
        self.entries().parts.clone()
    }

    /// Forgets what was read once for several kinds, because it is to be read anew.
    pub fn forget_page(&self) {
        let mut entries = self.entries();
        (entries.sought, entries.parts) = (Sought::NotYet, None);
    }

    /// Puts what was found of the page's distribution.
    pub fn put_sought(&self, found: Option<&Distribution>) {
        self.entries().sought = found.map_or(Sought::InVain, |found| Sought::Found(Box::new(found.clone())));
    }

    /// What was found of the page's distribution.
    pub fn sought(&self) -> Sought {
        self.entries().sought.clone()
    }

    /// Puts the page's distribution, or that there is none.
    pub fn put_edge(&self, edge: Option<Edge>) {
        self.entries().edge = edge;
    }

    /// The page's distribution.
    pub fn edge(&self) -> Option<Edge> {
        self.entries().edge.clone()
    }

    /// Puts the files of the page that serve; `None` where there is no bucket.
    pub fn put_page(&self, page: Option<BTreeMap<String, String>>) {
        self.entries().page = page;
    }

    /// The files of the page that serve.
    pub fn page(&self) -> Option<BTreeMap<String, String>> {
        self.entries().page.clone()
    }

    /// Puts the API's deployments: their ids by what they say they are.
    pub fn put_deployments(&self, ids: BTreeMap<String, String>) {
        self.entries().deployments = Some(ids);
    }

    /// The ids of the API's deployments by what they say they are; `None` while they were not read.
    pub fn deployments(&self) -> Option<BTreeMap<String, String>> {
        self.entries().deployments.clone()
    }

    /// Notes that a permission was granted just now: IAM lets it work some seconds later.
    pub fn put_grant(&self) {
        self.entries().granted = Some(Instant::now());
    }

    /// Notes that `id` is made, all of it, before the walk comes to it.
    pub fn put_made(&self, id: Id) {
        self.entries().made.insert(id);
    }

    /// Notes that `id` is made before the walk comes to it, which has to finish it.
    pub fn put_unfinished(&self, id: Id) {
        let mut entries = self.entries();
        entries.made.insert(id.clone());
        entries.unfinished.insert(id);
    }

    /// Whether `id` was made, all of it, before the walk came to it.
    pub fn is_finished(&self, id: &Id) -> bool {
        let entries = self.entries();
        entries.made.contains(id) && !entries.unfinished.contains(id)
    }

    /// All that was made before the walk came to it.
    pub fn made(&self) -> BTreeSet<Id> {
        self.entries().made.clone()
    }

    /// Whether `id` was made before the walk came to it.
    pub fn is_made(&self, id: &Id) -> bool {
        self.entries().made.contains(id)
    }

    /// Notes that the records of the releases are deleted.
    pub fn put_erased(&self) {
        self.entries().erased = true;
    }

    /// Whether the records of the releases were deleted in this run.
    pub fn is_erased(&self) -> bool {
        self.entries().erased
    }

    /// Notes that the authorizers' cached answers were ended.
    pub fn put_flushed(&self) {
        self.entries().flushed = true;
    }

    /// Whether the authorizers' cached answers were ended in this run.
    pub fn is_flushed(&self) -> bool {
        self.entries().flushed
    }

    /// Notes that a run before this one granted a permission, so long ago.
    pub fn put_earlier_grant(&self, ago: Duration) {
        let granted = &mut self.entries().granted;
        *granted = (*granted).max(Instant::now().checked_sub(ago));
    }

    /// When the last permission was granted, by this run or by the one before it.
    pub fn granted(&self) -> Option<Instant> {
        self.entries().granted
    }

    /// Notes that the role `name` was made just now, which is a grant too.
    pub fn put_role(&self, name: &str) {
        let now = Instant::now();
        let mut entries = self.entries();
        entries.granted = Some(now);
        entries.roles.insert(name.to_owned(), now);
    }

    /// When this run made the role `name`, if it did.
    pub fn role_made(&self, name: &str) -> Option<Instant> {
        self.entries().roles.get(name).copied()
    }

    /// Counts a function as being made until what is given is dropped.
    pub fn making(&self) -> Making<'_> {
        self.entries().in_the_making += 1;
        Making(self)
    }

    /// How many functions are being made at this moment.
    pub fn in_the_making(&self) -> usize {
        self.entries().in_the_making
    }

    /// Notes that a log group was deleted that no plan names, since AWS makes it.
    pub fn put_removed(&self, group: &str) {
        self.entries().removed.push(group.to_owned());
    }

    /// The log groups that were deleted and that no plan names.
    pub fn removed(&self) -> Vec<String> {
        self.entries().removed.clone()
    }

    fn entries(&self) -> MutexGuard<'_, Entries> {
        // Each change is one insertion, so a panic elsewhere leaves nothing half done.
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
