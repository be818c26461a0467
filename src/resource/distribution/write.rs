//! Making, changing and taking away the page's distribution.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use aws_sdk_cloudfront::types::{
    DistributionConfig, DistributionConfigWithTags, InvalidationBatch, Paths, Tag, TagKeys, Tags as SdkTags,
};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::read::{config, edge, everywhere, find, mark, policy_for};
use super::render::Made;
use super::{Distribution, Doomed};
use crate::aws::{Aws, Class, Error, Unless as _, idempotent, incomplete, once};
use crate::history;
use crate::plan::Id;
use crate::resource::Kind as _;
use crate::resource::site::Site;
use crate::stack;

/// Bytes of randomness in the secret that the API is told.
const KEY: usize = 16;

impl Distribution {
    /// Makes it, with its tags in the call itself.
    pub(super) async fn make(&self, aws: &Aws) -> Result<(), Error> {
        let id = self.id();
        let key = key(&id)?;
        // CloudFront takes a reference once in its life.
        let reference = format!("{} {}", mark(aws), history::now(&aws.skew));
        let config = self.config(&reference, &key, aws)?;
        let with_tags = DistributionConfigWithTags::builder().distribution_config(config.clone()).tags(self.sdk_tags()?);
        let with_tags = with_tags.build();
        let call = || aws.cloudfront.create_distribution_with_tags().distribution_config_with_tags(with_tags.clone()).send();
        let (made, host) = match once("create", &id, call).await {
            Ok(made) => {
                let made = made.distribution.ok_or_else(|| Error::refused("create", &id, "CloudFront did not say what it made"))?;
                (made.id, made.domain_name)
            }
            // Made by a try whose answer got lost.
            Err(error) if error.class == Class::Unknown || error.is("DistributionAlreadyExists") => {
                let ours = find(aws).await?.ok_or(error)?;
                (ours.id, ours.host)
            }
            Err(error) => return Err(error),
        };
        aws.directory.put_edge(Some(edge(&made, &host, (&config, key), aws)));
        Ok(())
    }

    pub(super) async fn change(&self, live: &Self, aws: &Aws) -> Result<(), Error> {
        let id = self.id();
        let Some(known) = aws.directory.edge() else {
            self.make(aws).await?;
            return self.open(aws).await;
        };
        if self.tags != live.tags {
            self.put_tags(aws).await?;
            self.remove_tags(live, aws).await?;
        }
        let beside = |one: &Self| Self { granted: true, tags: crate::scope::Tags::new(), ..one.clone() };
        if beside(self) != beside(live) {
            let Some((was, etag)) = config(&known.id, &id, aws).await? else {
                return Err(Error::refused("change", &id, "it is gone").hint("deploy again, which makes it anew"));
            };
            // Who has taken the secret out is answered by a new one, which the release tells the API.
            let secret = if known.key.is_empty() { key(&id)? } else { known.key.clone() };
            let config = self.config(was.caller_reference(), &secret, aws)?;
            let update = || {
                let call = aws.cloudfront.update_distribution().id(&known.id).if_match(&etag);
                call.distribution_config(config.clone()).send()
            };
            let updated = idempotent("change", &id, update).await?;
            let host = updated.distribution.map(|distribution| distribution.domain_name).unwrap_or_default();
            aws.directory.put_edge(Some(edge(&known.id, &host, (&config, secret), aws)));
        }
        if self.granted && !live.granted {
            self.grant(&known.id, aws).await?;
        }
        Ok(())
    }

    fn config(&self, reference: &str, key: &str, aws: &Aws) -> Result<DistributionConfig, Error> {
        let (parts, mark) = (aws.directory.parts().unwrap_or_default(), mark(aws));
        let api = aws.directory.api(&aws.scope.api());
        let api = api.ok_or_else(|| Error::refused("make", &self.id(), "its API is gone"))?;
        let made = Made { api: &api, parts: &parts, key, mark: &mark, reference };
        self.render(&made).map_err(incomplete(&self.id()))
    }

    /// Lets it read the bucket, when it was made just now, and waits until it is known everywhere.
    pub(super) async fn open(&self, aws: &Aws) -> Result<(), Error> {
        let Some(edge) = aws.directory.edge() else { return Ok(()) };
        let id = self.id();
        tokio::try_join!(self.grant(&edge.id, aws), everywhere(&edge.id, &id, aws)).map(drop)
    }

    /// Lets the distribution `distribution` read the bucket, and nobody else.
    async fn grant(&self, distribution: &str, aws: &Aws) -> Result<(), Error> {
        let bucket = aws.scope.site_bucket();
        let policy = policy_for(distribution, aws).to_string();
        idempotent("put the policy of", &Id::new(Site::KIND, &bucket), || {
            let call = aws.s3.put_bucket_policy().bucket(&bucket).expected_bucket_owner(&aws.scope.account);
            call.policy(&policy).send()
        })
        .await
        .map(drop)
    }

    pub(super) async fn put_tags(&self, aws: &Aws) -> Result<(), Error> {
        let Some(edge) = aws.directory.edge() else { return Ok(()) };
        let (arn, tags) = (aws.scope.distribution_arn(&edge.id), self.sdk_tags()?);
        let call = || aws.cloudfront.tag_resource().resource(&arn).tags(tags.clone()).send();
        idempotent("tag", &self.id(), call).await.map(drop)
    }

    /// Takes out the tags of `live` that it has no more.
    async fn remove_tags(&self, live: &Self, aws: &Aws) -> Result<(), Error> {
        let gone: Vec<String> = live.tags.keys().filter(|key| !self.tags.contains_key(*key)).cloned().collect();
        let Some(edge) = aws.directory.edge().filter(|_| !gone.is_empty()) else { return Ok(()) };
        let (arn, keys) = (aws.scope.distribution_arn(&edge.id), TagKeys::builder().set_items(Some(gone)).build());
        let call = || aws.cloudfront.untag_resource().resource(&arn).tag_keys(keys.clone()).send();
        idempotent("untag", &self.id(), call).await.map(drop)
    }

    fn sdk_tags(&self) -> Result<SdkTags, Error> {
        let tag = |(key, value): (&String, &String)| Tag::builder().key(key).value(value).build();
        let tags = self.tags.iter().map(tag).collect::<Result<Vec<_>, _>>().map_err(incomplete(&self.id()))?;
        Ok(SdkTags::builder().set_items(Some(tags)).build())
    }

    pub(super) async fn doomed(&self, aws: &Aws) -> Result<Option<Doomed>, Error> {
        let ours = find(aws).await?;
        Ok(ours.map(|ours| Doomed { id: ours.id, name: self.name.clone(), config: Box::new(ours.config), etag: ours.etag }))
    }
}

impl Doomed {
    /// CloudFront deletes what is disabled, and only when that is known everywhere.
    pub(super) async fn remove(self, aws: &Aws) -> Result<(), Error> {
        let thing = Id::new(Distribution::KIND, &self.name);
        let (mut live, mut etag) = (*self.config, self.etag);
        if live.enabled() {
            live.enabled = false;
            let disable = || {
                let call = aws.cloudfront.update_distribution().id(&self.id).if_match(&etag);
                call.distribution_config(live.clone()).send()
            };
            let disabled = idempotent("disable", &thing, disable).await.unless("NoSuchDistribution")?;
            let Some(disabled) = disabled else { return Ok(()) };
            etag = disabled.e_tag.unwrap_or_default();
        }
        everywhere(&self.id, &thing, aws).await?;
        let delete = || aws.cloudfront.delete_distribution().id(&self.id).if_match(&etag).send();
        idempotent("delete", &thing, delete).await.unless("NoSuchDistribution")?;
        aws.directory.put_edge(None);
        Ok(())
    }
}

/// A new secret.
fn key(id: &Id) -> Result<String, Error> {
    let mut bytes = [0; KEY];
    getrandom::fill(&mut bytes)
        .map_err(|error| Error::refused("make a secret for", id, format!("this machine has no randomness: {error}")))?;
    Ok(bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    }))
}

/// Paths of one invalidation, which costs by the path beyond the first thousand of a month.
/// <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html>
const PATHS: usize = 1_000;

/// Has CloudFront forget the files `names`, and their folders, whose index some of them are.
pub(in crate::resource) async fn invalidate(names: &[String], aws: &Aws) -> Result<(), Error> {
    let Some(edge) = aws.directory.edge().filter(|_| !names.is_empty()) else { return Ok(()) };
    let id = Id::new(Distribution::KIND, aws.scope.site());
    let paths: BTreeSet<String> = match names {
        many if many.len() > PATHS => [String::from("/*")].into(),
        names => names.iter().flat_map(|name| paths(name)).collect(),
    };
    let paths: Vec<String> = paths.into_iter().collect();
    let quantity = i32::try_from(paths.len()).unwrap_or(i32::MAX);
    let paths = Paths::builder().quantity(quantity).set_items(Some(paths)).build().map_err(incomplete(&id))?;
    // The same reference, in a retry, is the same invalidation.
    let batch = InvalidationBatch::builder().paths(paths).caller_reference(history::now(&aws.skew));
    let batch = batch.build().map_err(incomplete(&id))?;
    let call = || aws.cloudfront.create_invalidation().distribution_id(&edge.id).invalidation_batch(batch.clone()).send();
    idempotent("invalidate the changed files of", &id, call).await.map(drop)
}

/// The paths by which `name` is asked for, in the encoding that CloudFront wants.
fn paths(name: &str) -> Vec<String> {
    // RFC 3986, 3.3: what a segment may have beside letters and digits.
    const PATH: &AsciiSet = &NON_ALPHANUMERIC
        .remove(b'-')
        .remove(b'.')
        .remove(b'_')
        .remove(b'~')
        .remove(b'/')
        .remove(b'!')
        .remove(b'$')
        .remove(b'&')
        .remove(b'(')
        .remove(b')')
        .remove(b'+')
        .remove(b',')
        .remove(b'=')
        .remove(b':')
        .remove(b'@');
    let path = format!("/{}", utf8_percent_encode(name, PATH));
    match path.strip_suffix(stack::Site::INDEX) {
        Some(folder) => vec![folder.to_owned(), path],
        None => vec![path],
    }
}

#[cfg(test)]
mod tests {
    use super::paths;

    #[test]
    fn a_file_is_forgotten_by_its_path_and_an_index_by_its_folder_too() {
        assert_eq!(paths("favicon.svg"), ["/favicon.svg"]);
        assert_eq!(paths("index.html"), ["/", "/index.html"]);
        assert_eq!(paths("about us/index.html"), ["/about%20us/", "/about%20us/index.html"]);
    }
}
