//! The page that a release serves. Its files were put beside those that serve before; the release copies them over those,
//! each by one call, once the stage has moved. CloudFront asks the bucket each time for what may change under its name
//! (`no-cache`), so that it serves them at once; what it holds of the old ones is invalidated all the same.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::Release;
use crate::aws::{Aws, Directory, Error};
use crate::digest::Digest;
use crate::history::Record;
use crate::package::Files;
use crate::plan::Id;
use crate::resource::distribution::{self, Distribution};
use crate::resource::site::{self, Site, asset_key, kept_key};
use crate::resource::{Blueprint, Kind as _, Resource, Resources};
use crate::scope::{SYMBOLIC_EDGE_KEY, SYMBOLIC_SITE, Scope};

/// The files that change under their names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Page {
    /// MD5s of their contents by their names.
    #[serde(flatten)]
    pub files: BTreeMap<String, String>,
    #[serde(skip)]
    bucket: String,
    #[serde(skip)]
    distribution: String,
}

impl Page {
    /// The page with `files`.
    pub(super) fn new(files: BTreeMap<String, String>, scope: &Scope) -> Self {
        Self { files, bucket: scope.site_bucket(), distribution: scope.site() }
    }

    pub(super) fn wanted(blueprint: &Blueprint<'_>) -> Option<Self> {
        let Blueprint { stack, scope, artifacts, .. } = blueprint;
        stack.site.as_ref().map(|_| Self::new(changing(&artifacts.files), scope))
    }

    /// What stands between it and its callers.
    pub(super) fn needs(&self) -> [Id; 2] {
        [Id::new(Site::KIND, &self.bucket), Id::new(Distribution::KIND, &self.distribution)]
    }

    /// Serves it in place of `live`.
    pub(super) async fn publish(&self, live: Option<&Self>, aws: &Aws) -> Result<(), Error> {
        let before = live.map(|live| live.files.clone()).unwrap_or_default();
        let changed = site::publish(&self.bucket, &self.files, &before, aws).await?;
        distribution::invalidate(&changed, aws).await
    }
}

/// The files that change under their names.
pub(super) fn changing(files: &Files) -> BTreeMap<String, String> {
    let changing = files.iter().filter(|(_, file)| !file.is_asset);
    changing.map(|(name, file)| (name.clone(), file.md5.clone())).collect()
}

/// The keys of the files that do not.
pub(super) fn assets(files: &Files) -> BTreeSet<String> {
    files.iter().filter(|(_, file)| file.is_asset).map(|(name, _)| asset_key(name)).collect()
}

/// By what a release is known that serves the API `api`, and `page` beside it.
pub fn digest(api: &Digest, page: Option<&BTreeMap<String, String>>) -> Digest {
    match page {
        Some(page) => Digest::of(&(api, page)),
        None => api.clone(),
    }
}

impl Release {
    /// By what it is known, when it serves what memoctl has made.
    pub fn digest(&self) -> Option<Digest> {
        let page = self.page.as_ref().map(|page| &page.files);
        self.serves.api().map(|api| digest(api, page))
    }

    /// The page that `record` tells of: what serves goes on where that tells of none, which is from before there was a page.
    pub(super) fn page_of(&self, record: Option<&Record>) -> Option<Page> {
        let files = record.and_then(|record| record.page.clone());
        self.page.clone().map(|page| Page { files: files.unwrap_or(page.files), ..page })
    }

    /// What was read, with the page and what stands for its URL and its secret, where `directory` knows them.
    pub(super) fn with_page(mut self, directory: &Directory) -> Self {
        self.page = self.page.zip(directory.page()).map(|(page, files)| Page { files, ..page });
        if let Some(edge) = directory.edge() {
            for value in self.variables.values_mut() {
                if !edge.key.is_empty() && *value == edge.key {
                    SYMBOLIC_EDGE_KEY.clone_into(value);
                } else {
                    *value = value.replace(&edge.url, SYMBOLIC_SITE);
                }
            }
        }
        self
    }

    /// A variable's `value` with what stands for the page's URL and its secret replaced by them.
    pub(super) fn with_edge(&self, value: String, aws: &Aws) -> Result<String, Error> {
        if !value.contains(SYMBOLIC_SITE) && value != SYMBOLIC_EDGE_KEY {
            return Ok(value);
        }
        let edge = aws.directory.edge().ok_or_else(|| {
            Error::refused("release", &self.id(), "the page's distribution is gone").hint("deploy again, which makes it anew")
        })?;
        Ok(if value == SYMBOLIC_EDGE_KEY { edge.key } else { value.replace(SYMBOLIC_SITE, &edge.url) })
    }
}

/// What of the page of a release is no longer there.
pub(super) fn missing(
    page: Option<&BTreeMap<String, String>>,
    assets: &BTreeSet<String>,
    live: &Resources,
) -> impl Iterator<Item = String> {
    let there: BTreeSet<&String> = live
        .values()
        .filter_map(|resource| if let Resource::Site(site) = resource { Some(site.objects.keys()) } else { None })
        .flatten()
        .collect();
    let kept = page.into_iter().flatten().map(|(name, md5)| (name.clone(), kept_key(md5)));
    let needed = assets.iter().map(|key| (key.clone(), key.clone())).chain(kept);
    let lost: Vec<String> =
        needed.filter(|(_, key)| !there.contains(key)).map(|(name, _)| format!("the page's file {name}")).collect();
    lost.into_iter()
}
