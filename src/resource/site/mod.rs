//! `site`: what the page is made of before anybody sees it: a private bucket with the files that kept releases need, and
//! what CloudFront keeps for a distribution beside it (how it reads the bucket, the headers, the rewriting of paths).
//!
//! The bucket has three folders. `assets/` are files with a hash of their content in their names, served as they lie there.
//! `kept/` has all others of all kept releases, by the MD5 of their content: nobody is served from there. `page/` has those
//! of the release that serves; it is the business of [`super::release`] alone.

mod bucket;
mod headers;
mod object;
mod parts;
mod read;
mod rewrite;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

pub use object::{ASSETS, KEPT, PAGE, asset_key, kept_key, page_key};
pub(super) use object::publish;
pub use rewrite::Rewrite;

use super::live::adopt;
use super::{Blueprint, Found, Kind, Resource, Resources};
use crate::aws::{Aws, Error, Parts};
use crate::plan::Id;
use crate::scope::{SITE, Tags};

/// The page's bucket, and what stands beside it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Site {
    /// The bucket's name.
    pub name: String,
    /// The files that releases need: MD5s by the keys of their objects, without those that serve.
    pub objects: BTreeMap<String, String>,
    /// Whether all four of S3's blocks of public access are on.
    pub closed: bool,
    /// Whether CloudFront signs what it asks the bucket for.
    pub signed: bool,
    /// The headers that CloudFront puts on each file.
    pub headers: BTreeMap<String, String>,
    /// What CloudFront makes of paths that name no file.
    pub rewrite: Option<Rewrite>,
    pub tags: Tags,
}

/// A bucket to delete, with what is in it and beside it.
#[derive(Debug)]
pub struct Doomed {
    name: String,
    keys: Vec<String>,
}

impl Kind for Site {
    const KIND: &'static str = "site";
    const WAY_OUT: Option<&'static str> =
        Some("rename the stack, or use another --stage: the page's bucket has its name from them");
    type Confirmed = Doomed;

    fn name(&self) -> &str {
        &self.name
    }

    fn needs(&self) -> Vec<Id> {
        Vec::new()
    }

    /// Holds the files of both releases.
    fn meanwhile(&self, live: &Self) -> Self {
        let mut both = self.clone();
        for (key, md5) in &live.objects {
            both.objects.entry(key.clone()).or_insert_with(|| md5.clone());
        }
        both
    }

    /// What browsers were told to keep for a year cannot become something else.
    fn refuses(&self, wanted: Option<&Self>) -> Option<String> {
        let (key, _) = self.objects.iter().find(|(key, md5)| {
            key.starts_with(ASSETS) && wanted.is_some_and(|wanted| wanted.objects.get(*key).is_some_and(|new| new != *md5))
        })?;
        let name = key.strip_prefix(ASSETS).unwrap_or(key);
        Some(format!(
            "has another `{name}`, which browsers were told to keep for a year: give the file a name with a hash of its \
             content, or leave it out of `assets` in [site]; where somebody has changed it in the bucket, delete {key} there"
        ))
    }

    fn desired(blueprint: &Blueprint<'_>) -> Vec<Self> {
        let Blueprint { stack, scope, artifacts, live, kept } = blueprint;
        let Some(site) = &stack.site else { return Vec::new() };
        let name = scope.site_bucket();
        let (carried, rewrite) = match live.get(&Id::new(Self::KIND, &name)) {
            Some(Resource::Site(live)) => (live.objects.clone(), live.rewrite.clone()),
            Some(_) | None => (BTreeMap::new(), None),
        };
        let carried = carried.into_iter().filter(|(key, _)| kept.object(key));
        vec![Self {
            objects: carried.chain(object::wanted(&artifacts.files)).collect(),
            closed: true,
            signed: true,
            headers: headers::normalised(&site.headers()),
            // One that nothing asks for is left until the bucket goes: it costs nothing, and a distribution may still name it.
            rewrite: Rewrite::wanted(site, &artifacts.files).or(rewrite),
            tags: scope.tags(Self::KIND, SITE),
            name,
        }]
    }

    async fn list(wanted: &BTreeSet<String>, aws: &Aws) -> Result<Vec<Found<Self>>, Error> {
        read::read(!wanted.is_empty(), aws).await.map(|found| found.into_iter().collect())
    }

    async fn look(name: &str, _aws: &Aws) -> Result<Option<Self>, Error> {
        let cause = "the page's files are memoctl's own, and no bucket of others is taken for them";
        Err(Error::refused("adopt", &Id::new(Self::KIND, name), cause).hint("`memoctl deploy` makes the bucket"))
    }

    async fn tag(&self, aws: &Aws) -> Result<(), Error> {
        self.put_tags(aws).await
    }

    async fn create(&self, aws: &Aws) -> Result<(), Error> {
        match self.make(aws).await {
            Ok(()) => {}
            Err(error) if error.is("BucketAlreadyOwnedByYou") => return adopt(self, aws, error).await,
            Err(error) => return Err(error),
        }
        tokio::try_join!(self.close(aws), self.put_parts(aws)).map(drop)
    }

    async fn update(&self, live: &Self, aws: &Aws) -> Result<(), Error> {
        self.change(live, aws).await
    }

    async fn finish(&self, live: Option<&Self>, aws: &Aws) -> Result<(), Error> {
        let there = live.map(|live| live.objects.clone()).unwrap_or_default();
        self.put_objects(&there, aws).await
    }

    async fn confirm(&self, aws: &Aws) -> Result<Option<Doomed>, Error> {
        self.doomed(aws).await
    }

    async fn delete(confirmed: Doomed, aws: &Aws) -> Result<(), Error> {
        confirmed.remove(aws).await
    }
}

impl Site {
    /// What CloudFront keeps for the page, by what it has made up, as it is now.
    pub(super) async fn parts(aws: &Aws) -> Result<Parts, Error> {
        parts::read(aws).await
    }
}

/// The page's bucket, among what is live.
pub fn live(resources: &Resources) -> Option<&Site> {
    resources.values().find_map(|resource| if let Resource::Site(site) = resource { Some(site) } else { None })
}
