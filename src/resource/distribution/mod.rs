//! `distribution`: one origin for the page and the API. CloudFront serves the page's files from the bucket, which lets nobody
//! else read them, and passes the paths of the API on to its stage. What it serves of both is the release's business: a
//! change of the page or of the API is none of the distribution, which takes minutes to be known everywhere.

mod parse;
mod read;
mod render;
mod write;

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_cloudfront::types::DistributionConfig;
use serde::Serialize;

use super::api::Api;
use super::site::{ASSETS, PAGE, Site};
use super::{Blueprint, Found, Kind, dns_record, site};
use crate::aws::{Aws, Error};
use crate::plan::Id;
use crate::scope::{SITE, Scope, Tags};
use crate::stack;

pub(super) use read::{everywhere, found};
pub(super) use write::invalidate;

/// A CloudFront distribution.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Distribution {
    pub name: String,
    pub origins: BTreeMap<String, Origin>,
    /// By path pattern; `*` is what answers where no other does.
    pub behaviours: BTreeMap<String, Behaviour>,
    pub settings: Settings,
    /// Whether the bucket's policy lets this distribution read it, and nobody else.
    pub granted: bool,
    pub tags: Tags,
    /// The names of what its origins are: the site's bucket, and the API.
    #[serde(skip)]
    beside: [String; 2],
}

/// Where CloudFront asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Origin {
    /// The host; of the API its id is symbolic.
    pub host: String,
    /// What is put before each path.
    pub path: String,
    /// How it says who it is.
    pub by: By,
}

/// How CloudFront says who it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum By {
    /// Its requests are signed, by the site's origin access control.
    Signature,
    /// A secret of the distribution's own, in a header.
    Key,
    /// Otherwise than memoctl makes it.
    Other(String),
}

/// What CloudFront does with requests for some paths.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Behaviour {
    /// The name of the origin.
    pub origin: String,
    pub methods: BTreeSet<String>,
    /// The id of a cache policy.
    pub cache: String,
    /// The id of an origin request policy: what is passed on beside what the cache goes by.
    pub forwards: Option<String>,
    /// `redirect-to-https`, `https-only`
    pub viewers: String,
    pub compress: bool,
    /// Whether the site's headers are put on answers.
    pub headers: bool,
    /// Whether the site's function rewrites paths.
    pub rewrites: bool,
    /// What memoctl never sets: functions of others, signers, logs.
    pub others: BTreeSet<String>,
}

/// What is of the distribution as a whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Settings {
    pub enabled: bool,
    /// What answers at the root.
    pub index: String,
    /// Host names beside CloudFront's own.
    pub aliases: BTreeSet<String>,
    /// The ARN of the certificate of the aliases.
    pub certificate: Option<String>,
    pub minimum_tls: String,
    pub price_class: String,
    pub http: String,
    pub ipv6: bool,
    /// Seconds for which an error is cached, by its status.
    pub errors: BTreeMap<i32, i64>,
    /// What memoctl never sets: a firewall, logs, pages for errors, restrictions.
    pub others: BTreeSet<String>,
}

/// Cached by what the origin says, compressed or not, whatever the query and the cookies.
/// <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html>
const CACHING_OPTIMIZED: &str = "658327ea-f89d-4fab-a63d-7e88639e58f6";
const CACHING_DISABLED: &str = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad";
/// All that the viewer sent but `Host`, which API Gateway knows its API by.
/// <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-origin-request-policies.html>
const ALL_BUT_HOST: &str = "b689b0a8-53d0-40ab-baf2-68738e2966ac";

/// The errors that CloudFront caches, for ten seconds unless it is told otherwise, whatever the cache policy: so one caller's
/// 404 from the API would be another's.
/// <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/HTTPStatusCodes.html>
const ERRORS: [i32; 11] = [400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504];

/// The pattern of what no other pattern takes.
const REST: &str = "*";

const PAGE_ORIGIN: &str = "page";
const ASSETS_ORIGIN: &str = "assets";
const API_ORIGIN: &str = "api";

/// A distribution to delete.
#[derive(Debug)]
pub struct Doomed {
    id: String,
    name: String,
    config: Box<DistributionConfig>,
    etag: String,
}

impl Kind for Distribution {
    const KIND: &'static str = "distribution";
    type Confirmed = Doomed;

    fn name(&self) -> &str {
        &self.name
    }

    fn needs(&self) -> Vec<Id> {
        let [bucket, api] = &self.beside;
        vec![Id::new(Site::KIND, bucket), Id::new(Api::KIND, api)]
    }

    fn holds(&self) -> Vec<Id> {
        // Without an API it answers for the page alone.
        let [bucket, _] = &self.beside;
        vec![Id::new(Site::KIND, bucket)]
    }

    /// Answers for the paths of both releases.
    fn meanwhile(&self, live: &Self) -> Self {
        let mut both = self.clone();
        // The records of a domain that goes are found by the tags, and lead here until they are deleted.
        both.tags = dns_record::with(both.tags, &live.tags);
        if both.settings.certificate == live.settings.certificate {
            both.settings.aliases.extend(live.settings.aliases.iter().cloned());
        }
        // What somebody else has added is no release's.
        let ours = live.behaviours.iter().filter(|(_, behaviour)| self.origins.contains_key(&behaviour.origin));
        for (pattern, behaviour) in ours {
            let kept = both.behaviours.entry(pattern.clone()).or_insert_with(|| behaviour.clone());
            kept.rewrites |= behaviour.rewrites;
        }
        both
    }

    fn desired(blueprint: &Blueprint<'_>) -> Vec<Self> {
        let Blueprint { stack, scope, artifacts, .. } = blueprint;
        let (Some(site), Some(api)) = (&stack.site, &stack.api) else { return Vec::new() };
        let mut tags = scope.tags(Self::KIND, SITE);
        tags.extend(dns_record::tags(site));
        let rewrites = site::Rewrite::wanted(site, &artifacts.files).is_some();
        vec![Self {
            name: scope.site(),
            origins: origins(scope),
            behaviours: behaviours(site, api, rewrites),
            settings: Settings::of(site),
            granted: true,
            tags,
            beside: beside(scope),
        }]
    }

    async fn list(wanted: &BTreeSet<String>, aws: &Aws) -> Result<Vec<Found<Self>>, Error> {
        Ok(read::read(!wanted.is_empty(), aws).await?.map(Found::Ours).into_iter().collect())
    }

    async fn look(name: &str, _aws: &Aws) -> Result<Option<Self>, Error> {
        let cause = "a distribution is known by its id, and memoctl makes its own beside those of others";
        Err(Error::refused("adopt", &Id::new(Self::KIND, name), cause).hint("`memoctl deploy` makes one"))
    }

    async fn tag(&self, aws: &Aws) -> Result<(), Error> {
        self.put_tags(aws).await
    }

    async fn create(&self, aws: &Aws) -> Result<(), Error> {
        self.make(aws).await
    }

    async fn update(&self, live: &Self, aws: &Aws) -> Result<(), Error> {
        self.change(live, aws).await
    }

    async fn finish(&self, live: Option<&Self>, aws: &Aws) -> Result<(), Error> {
        let Some(live) = live else { return self.open(aws).await };
        // What is answered no more can go on being answered for minutes; a path or a name that is new cannot.
        let is_known = self.behaviours.keys().all(|pattern| live.behaviours.contains_key(pattern))
            && self.settings.aliases.is_subset(&live.settings.aliases);
        if is_known { Ok(()) } else { read::deployed(&self.id(), aws).await }
    }

    async fn confirm(&self, aws: &Aws) -> Result<Option<Doomed>, Error> {
        self.doomed(aws).await
    }

    async fn delete(confirmed: Doomed, aws: &Aws) -> Result<(), Error> {
        confirmed.remove(aws).await
    }
}

fn beside(scope: &Scope) -> [String; 2] {
    [scope.site_bucket(), scope.api()]
}

fn origins(scope: &Scope) -> BTreeMap<String, Origin> {
    let bucket = scope.bucket_host(&scope.site_bucket());
    let folder = |folder: &str| Origin {
        host: bucket.clone(),
        path: format!("/{}", folder.trim_end_matches('/')),
        by: By::Signature,
    };
    let api = Origin {
        host: scope.api_host(crate::scope::SYMBOLIC_API),
        path: format!("/{}", scope.api_stage()),
        by: By::Key,
    };
    [(PAGE_ORIGIN, folder(PAGE)), (ASSETS_ORIGIN, folder(ASSETS)), (API_ORIGIN, api)]
        .map(|(name, origin)| (name.to_owned(), origin))
        .into()
}

fn behaviours(site: &stack::Site, api: &stack::Api, rewrites: bool) -> BTreeMap<String, Behaviour> {
    let assets = site.assets.iter().map(|pattern| (format!("/{pattern}"), Behaviour::of_files(ASSETS_ORIGIN, false)));
    let api = api.paths().into_iter().map(|pattern| (pattern, Behaviour::of_the_api()));
    assets.chain(api).chain([(REST.to_owned(), Behaviour::of_files(PAGE_ORIGIN, rewrites))]).collect()
}

impl Behaviour {
    fn of_files(origin: &str, rewrites: bool) -> Self {
        Self {
            origin: origin.to_owned(),
            methods: methods(&["GET", "HEAD"]),
            cache: CACHING_OPTIMIZED.to_owned(),
            forwards: None,
            viewers: "redirect-to-https".to_owned(),
            compress: true,
            headers: true,
            rewrites,
            others: BTreeSet::new(),
        }
    }

    fn of_the_api() -> Self {
        Self {
            origin: API_ORIGIN.to_owned(),
            methods: methods(&["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]),
            cache: CACHING_DISABLED.to_owned(),
            forwards: Some(ALL_BUT_HOST.to_owned()),
            // A request whose secrets went over the wire in the clear is not to be sent once more.
            viewers: "https-only".to_owned(),
            compress: false,
            headers: false,
            rewrites: false,
            others: BTreeSet::new(),
        }
    }
}

fn methods(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

impl Settings {
    fn of(site: &stack::Site) -> Self {
        let domain = site.domain.as_ref();
        Self {
            enabled: true,
            index: stack::Site::INDEX.to_owned(),
            aliases: domain.map(|domain| domain.name.clone()).into_iter().collect(),
            certificate: domain.map(|domain| domain.certificate.clone()),
            // CloudFront's own name has CloudFront's own choice.
            minimum_tls: if domain.is_some() { "TLSv1.2_2021" } else { "TLSv1" }.to_owned(),
            price_class: "PriceClass_All".to_owned(),
            http: "http2and3".to_owned(),
            ipv6: true,
            errors: ERRORS.into_iter().map(|status| (status, 0)).collect(),
            others: BTreeSet::new(),
        }
    }
}
