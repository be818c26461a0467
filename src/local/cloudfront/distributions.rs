//! The operations on distributions.

use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::Answer;
use super::check;
use super::config::DistributionConfig;
use super::error::{check_version, no_distribution, too_many};
use super::model::{Distribution, State, Tags};
use super::tags::WrittenTags;
use super::{Call, CloudFront, id, now, pages, routes};
use crate::call::Error;
use crate::wire::{date_time, document};

/// Distributions of an account.
const LIMIT: usize = 200;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct DistributionConfigWithTags {
    distribution_config: DistributionConfig,
    tags: WrittenTags,
}

impl CloudFront {
    pub(super) fn create_distribution(&self, call: &Call<'_>) -> Result<Answer, Error> {
        self.add_distribution(document::input("DistributionConfig", &call.request.body)?, Tags::new())
    }

    pub(super) fn create_distribution_with_tags(&self, call: &Call<'_>) -> Result<Answer, Error> {
        let input: DistributionConfigWithTags = document::input("DistributionConfigWithTags", &call.request.body)?;
        self.add_distribution(input.distribution_config, input.tags.checked()?)
    }

    fn add_distribution(&self, config: DistributionConfig, tags: Tags) -> Result<Answer, Error> {
        let id = id::id('E');
        let distribution = self.store.write(|state| {
            let same = |(_, other): &(&String, &Distribution)| other.config.caller_reference == config.caller_reference;
            if let Some((other, _)) = state.distributions.iter().find(same) {
                let text = "The caller reference that you are using to create a distribution is associated with another \
                            distribution. Already exists: ";
                return Err(Error::new(409, "DistributionAlreadyExists", format!("{text}{other}")));
            }
            if state.distributions.len() >= LIMIT {
                let text = "Processing your request would cause you to exceed the maximum number of distributions allowed.";
                return Err(too_many("TooManyDistributions", text));
            }
            let config = check::config(config, &id, state)?;
            let distribution = Distribution {
                label: id::label(state),
                etag: id::id('E'),
                modified: now(),
                config,
                tags,
                invalidations: Vec::new(),
            };
            state.distributions.insert(id.clone(), distribution.clone());
            Ok(distribution)
        })?;
        self.underway.begin(&id, self.delays.distribution);
        self.recent.made(&id);
        let answer = Answer::of(201, "Distribution", &self.described(&id, &distribution));
        Ok(answer.etag(&distribution.etag).location(&format!("distribution/{id}")))
    }

    pub(super) fn get_distribution(&self, call: &Call<'_>) -> Result<Answer, Error> {
        let distribution = self.distribution(&call.id)?;
        let described = self.described(&call.id, &distribution);
        Ok(Answer::of(200, "Distribution", &described).etag(&distribution.etag))
    }

    pub(super) fn get_distribution_config(&self, call: &Call<'_>) -> Result<Answer, Error> {
        let distribution = self.distribution(&call.id)?;
        Ok(Answer::of(200, "DistributionConfig", &distribution.config).etag(&distribution.etag))
    }

    pub(super) fn update_distribution(&self, call: &Call<'_>) -> Result<Answer, Error> {
        let config: DistributionConfig = document::input("DistributionConfig", &call.request.body)?;
        let (distribution, has_changed) = self.store.write(|state| {
            let before = state.distributions.get(&call.id).ok_or_else(no_distribution)?;
            check_version(call.if_match(), &before.etag)?;
            if before.config.caller_reference != config.caller_reference {
                let text = "The update contains modifications that are not allowed: CallerReference cannot be changed.";
                return Err(Error::new(400, "IllegalUpdate", text));
            }
            let config = check::config(config, &call.id, state)?;
            let distribution = state.distributions.get_mut(&call.id).ok_or_else(no_distribution)?;
            let has_changed = distribution.config != config;
            distribution.config = config;
            distribution.etag = id::id('E');
            distribution.modified = now();
            Ok((distribution.clone(), has_changed))
        })?;
        if has_changed {
            self.underway.begin(&call.id, self.delays.distribution);
        }
        let described = self.described(&call.id, &distribution);
        Ok(Answer::of(200, "Distribution", &described).etag(&distribution.etag))
    }

    pub(super) fn delete_distribution(&self, call: &Call<'_>) -> Result<Answer, Error> {
        self.store.write(|state| {
            let distribution = state.distributions.get(&call.id).ok_or_else(no_distribution)?;
            check_version(call.if_match(), &distribution.etag)?;
            // One that is being disabled is not disabled everywhere.
            if distribution.config.enabled || self.is_in_progress(&call.id) {
                let text = "The distribution you are trying to delete has not been disabled.";
                return Err(Error::new(409, "DistributionNotDisabled", text));
            }
            state.distributions.remove(&call.id);
            Ok(())
        })?;
        self.edge.forget(&call.id);
        Ok(Answer::empty())
    }

    pub(super) fn list_distributions(&self, call: &Call<'_>) -> Result<Answer, Error> {
        let items = self.store.read(|state| {
            let seen = state.distributions.iter().filter(|(id, _)| !self.recent.hides(id));
            seen.map(|(id, distribution)| (id.clone(), self.summary(id, distribution))).collect()
        });
        Ok(Answer::of(200, "DistributionList", &pages::page(items, &call.parameters)?))
    }

    fn distribution(&self, id: &str) -> Result<Distribution, Error> {
        self.store.read(|state: &State| state.distributions.get(id).cloned()).ok_or_else(no_distribution)
    }

    fn is_in_progress(&self, id: &str) -> bool {
        self.underway.has(id) || self.rollouts.has_next(id)
    }

    fn status(&self, id: &str) -> &'static str {
        if self.is_in_progress(id) { "InProgress" } else { "Deployed" }
    }

    fn described(&self, id: &str, distribution: &Distribution) -> Value {
        let ongoing =
            distribution.invalidations.iter().filter(|invalidation| self.underway.has(&invalidation.id)).count();
        json!({
            "Id": id,
            "ARN": routes::arn("distribution", id),
            "Status": self.status(id),
            "LastModifiedTime": date_time(distribution.modified),
            "InProgressInvalidationBatches": ongoing,
            "DomainName": distribution.domain_name(),
            "ActiveTrustedSigners": { "Enabled": false, "Quantity": 0 },
            "ActiveTrustedKeyGroups": { "Enabled": false, "Quantity": 0 },
            "DistributionConfig": distribution.config,
            "AliasICPRecordals": recordals(distribution),
        })
    }

    fn summary(&self, id: &str, distribution: &Distribution) -> Value {
        let mut summary = json!({
            "Id": id,
            "ARN": routes::arn("distribution", id),
            "ETag": distribution.etag,
            "Status": self.status(id),
            "LastModifiedTime": date_time(distribution.modified),
            "DomainName": distribution.domain_name(),
            "AliasICPRecordals": recordals(distribution),
        });
        let config = serde_json::to_value(&distribution.config).unwrap_or_default();
        for member in SUMMARISED {
            summary[member] = config[member].clone();
        }
        summary
    }
}

/// Members of a configuration that lists tell.
const SUMMARISED: [&str; 15] = [
    "Aliases",
    "Origins",
    "OriginGroups",
    "DefaultCacheBehavior",
    "CacheBehaviors",
    "CustomErrorResponses",
    "Comment",
    "PriceClass",
    "Enabled",
    "ViewerCertificate",
    "Restrictions",
    "WebACLId",
    "HttpVersion",
    "IsIPV6Enabled",
    "Staging",
];

/// The state of each alias in the registry of China, which does not ask for one elsewhere.
fn recordals(distribution: &Distribution) -> Vec<Value> {
    let recordal = |alias| json!({ "CNAME": alias, "ICPRecordalStatus": "APPROVED" });
    distribution.config.aliases.iter().map(recordal).collect()
}
