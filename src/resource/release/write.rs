//! Releasing, and taking a release back.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_apigateway::types::{Op, PatchOperation};

use super::read::{Deployed, deployed, newest};
use super::{Contents, Deployment, Doomed, Release};
use crate::aws::{Aws, Class, Error, Unless as _, idempotent, once};
use crate::history::{self, Record};
use crate::plan::Id;
use crate::resource::{Kind as _, api};

/// How long AWS may take to let a permission work that was just granted: measured as 7 to 12 s.
const GRANTED: Duration = Duration::from_secs(12);

/// How long a stage may go on serving what it served before: seen for up to 20 s.
const SERVING_LAG: Duration = Duration::from_secs(20);

impl Doomed {
    /// The deployments go with the API, which looks for records too, in case that this is cut after the stage is gone.
    pub(super) async fn remove(self, aws: &Aws) -> Result<(), Error> {
        let id = Id::new(Release::KIND, &self.name);
        let call = || aws.apigateway.delete_stage().rest_api_id(&self.api).stage_name(&self.name).send();
        let gone = async { idempotent("delete", &id, call).await.unless("NotFoundException").map(drop) };
        tokio::try_join!(history::erase(self.records, aws), gone).map(drop)
    }
}

impl Release {
    pub(super) async fn make(&self, aws: &Aws) -> Result<(), Error> {
        let api = self.api_id(aws)?;
        let variables: HashMap<String, String> = self.variables_on_stage(aws)?.into_iter().collect();
        let (deployment, ()) = tokio::try_join!(self.deployment(&self.serves, &api, aws), self.record(None, aws))?;
        settle(aws).await;
        let call = || {
            let call = aws.apigateway.create_stage().rest_api_id(&api).stage_name(&self.name).deployment_id(&deployment);
            call.set_variables(Some(variables.clone()))
                .set_tags(Some(self.tags.clone().into_iter().collect()))
                .tracing_enabled(self.tracing)
                .send()
        };
        match idempotent("create", &self.id(), call).await {
            Ok(_) => {}
            // Made by an earlier try whose answer got lost: bring it to what is wanted.
            Err(error) if error.is("ConflictException") => {
                let live = super::read::read(aws).await?.ok_or(error)?.resolved(&aws.directory);
                return self.change(&live, aws).await;
            }
            Err(error) => return Err(error),
        }
        if self.throttle.is_some() {
            // A stage takes its limits only once it is there.
            self.patch(&api, self.limits(), aws).await?;
        }
        self.publish(None, aws).await
    }

    pub(super) async fn change(&self, live: &Self, aws: &Aws) -> Result<(), Error> {
        let api = self.api_id(aws)?;
        if self.tags != live.tags {
            self.put_tags(aws).await?;
        }
        let settings = self.settings(live, &api, aws)?;
        let moving = async {
            let mut patch = self.canary_patch(live, &api, aws).await?;
            if self.serves != live.serves {
                patch.push(replace("/deploymentId", self.deployment(&self.serves, &api, aws).await?));
            }
            Ok(patch)
        };
        let moves = self.serves != live.serves
            || self.canary != live.canary
            || self.page != live.page
            || !settings.is_empty();
        let record = async { if moves { self.record(Some(live), aws).await } else { Ok(()) } };
        let (mut patch, ()) = tokio::try_join!(moving, record)?;
        patch.extend(settings);
        if !patch.is_empty() {
            settle(aws).await;
            self.patch(&api, patch, aws).await?;
            self.flush(live, &api, aws).await?;
        }
        self.publish(Some(live), aws).await?;
        self.prune(live, &api, aws).await
    }

    /// Serves the page in place of `live`'s.
    async fn publish(&self, live: Option<&Self>, aws: &Aws) -> Result<(), Error> {
        let before = live.and_then(|live| live.page.as_ref());
        match &self.page {
            Some(page) if Some(page) != before => page.publish(before, aws).await,
            // Without one, its files go with their bucket.
            Some(_) | None => Ok(()),
        }
    }

    pub(super) async fn doomed(&self, aws: &Aws) -> Result<Option<Doomed>, Error> {
        let (ours, records) = tokio::try_join!(api::find(aws), history::keys(aws))?;
        Ok(ours.map(|ours| Doomed { name: self.name.clone(), api: ours.id().to_owned(), records }))
    }

    pub(super) async fn put_tags(&self, aws: &Aws) -> Result<(), Error> {
        let api = self.api_id(aws)?;
        let (arn, tags) = (aws.scope.stage_arn(&api, &self.name), Some(self.tags.clone().into_iter().collect()));
        let call = || aws.apigateway.tag_resource().resource_arn(&arn).set_tags(tags.clone()).send();
        idempotent("tag", &self.id(), call).await.map(drop)
    }

    /// The id of the API's deployment `wanted`, which is made unless it is there.
    pub(super) async fn deployment(&self, wanted: &Deployment, api: &str, aws: &Aws) -> Result<String, Error> {
        let id = self.id();
        let Some(description) = wanted.description() else {
            return Err(Error::refused("release", &id, "the deployment to serve is gone"));
        };
        let known = match aws.directory.deployments() {
            Some(known) => known,
            None => newest(&deployed(api, aws).await?),
        };
        if let Some(existing) = known.get(&description) {
            return Ok(existing.clone());
        }
        let call = || aws.apigateway.create_deployment().rest_api_id(api).description(&description).send();
        match once("create a deployment for", &id, call).await {
            Ok(made) => Ok(made.id.unwrap_or_default()),
            Err(error) if error.class == Class::Unknown => {
                newest(&deployed(api, aws).await?).remove(&description).ok_or(error)
            }
            Err(error) => Err(error),
        }
    }

    /// Writes the release down before it serves, so that nothing that serves is unknown.
    async fn record(&self, live: Option<&Self>, aws: &Aws) -> Result<(), Error> {
        // A canary is what is new of a release that has one.
        let serves = self.canary.as_ref().map_or(&self.serves, |canary| &canary.serves);
        let Deployment::Ours { api, authorizers } = serves.clone() else { return Ok(()) };
        let Contents { known: true, functions, policies, uses, page, assets, variables } = self.contents.clone() else { return Ok(()) };
        let variables = variables.unwrap_or_else(|| self.variables.clone());
        let (at, author) = (history::now(&aws.skew), aws.author().await?);
        let before = live.and_then(Self::digest);
        let (authorizers, variables) = (Some(authorizers), Some(variables));
        Record { api, authorizers, variables, before, at, author, functions, policies, uses, page, assets }.write(aws).await
    }

    /// What of the stage's own settings differs from `live`.
    fn settings(&self, live: &Self, api: &str, aws: &Aws) -> Result<Vec<PatchOperation>, Error> {
        let mut patch = Vec::new();
        for (name, value) in &self.variables {
            if live.variables.get(name) != Some(value) {
                patch.push(replace(format!("/variables/{name}"), self.on_stage(name, value, api, aws)?));
            }
        }
        for name in live.variables.keys().filter(|name| !self.variables.contains_key(*name)) {
            patch.push(remove(format!("/variables/{name}")));
        }
        if self.throttle != live.throttle {
            patch.extend(self.limits());
        }
        if self.tracing != live.tracing {
            patch.push(replace("/tracingEnabled", self.tracing.to_string()));
        }
        Ok(patch)
    }

    fn limits(&self) -> Vec<PatchOperation> {
        match self.throttle {
            Some(throttle) => vec![
                replace("/*/*/throttling/rateLimit", throttle.rate.to_string()),
                replace("/*/*/throttling/burstLimit", throttle.burst.to_string()),
            ],
            None => vec![remove("/*/*")],
        }
    }

    /// The one call that callers see.
    async fn patch(&self, api: &str, patch: Vec<PatchOperation>, aws: &Aws) -> Result<(), Error> {
        idempotent("move", &self.id(), || {
            let call = aws.apigateway.update_stage().rest_api_id(api).stage_name(&self.name);
            call.set_patch_operations(Some(patch.clone())).send()
        })
        .await
        .map(drop)
    }

    /// Ends the cached answers of authorizers that have changed.
    async fn flush(&self, live: &Self, api: &str, aws: &Aws) -> Result<(), Error> {
        if self.authorizers() == live.authorizers() { Ok(()) } else { flush(&self.name, api, aws).await }
    }

    /// Deletes the deployments that `live` has and this no longer wants, and records that are too old.
    async fn prune(&self, live: &Self, api: &str, aws: &Aws) -> Result<(), Error> {
        if live.deployments.is_subset(&self.deployments) {
            return Ok(());
        }
        for deployed in deployed(api, aws).await? {
            if deployed.deployment.api().is_some_and(|digest| !self.deployments.contains(digest)) {
                self.withdraw(api, &deployed, aws).await?;
            }
        }
        history::prune(aws).await
    }

    async fn withdraw(&self, api: &str, deployed: &Deployed, aws: &Aws) -> Result<(), Error> {
        let act = format!("delete the deployment {} of", deployed.id);
        let call = || aws.apigateway.delete_deployment().rest_api_id(api).deployment_id(&deployed.id).send();
        idempotent(&act, &self.id(), call).await.unless("NotFoundException").map(drop)
    }

    pub(super) fn api_id(&self, aws: &Aws) -> Result<String, Error> {
        aws.directory.api(&self.api).ok_or_else(|| Error::refused("release", &self.id(), "its API is gone"))
    }
}

/// Ends the cached answers of the stack's authorizers, unless this run has done so when it released; without an API there
/// are none.
pub(in crate::resource) async fn forget_answers(aws: &Aws) -> Result<(), Error> {
    match aws.directory.api(&aws.scope.api()) {
        Some(api) if !aws.directory.is_flushed() => flush(aws.scope.api_stage(), &api, aws).await,
        Some(_) | None => Ok(()),
    }
}

/// Ends the cached answers of authorizers. AWS goes on asking the old ones for some time after a release, so there it is
/// done once more.
async fn flush(stage: &str, api: &str, aws: &Aws) -> Result<(), Error> {
    let id = Id::new(Release::KIND, stage);
    let flush = async || {
        let call = || aws.apigateway.flush_stage_authorizers_cache().rest_api_id(api).stage_name(stage).send();
        let flushed = idempotent("flush the authorizers' cache of", &id, call).await.unless("NotFoundException");
        flushed.map_err(|error| {
            error.hint("old answers of the authorizers hold until their `ttl` is over; a new `deploy` cannot tell")
        })
    };
    flush().await?;
    if aws.clock.waits {
        aws.clock.sleep(SERVING_LAG).await;
        flush().await?;
    }
    aws.directory.put_flushed();
    Ok(())
}

/// Waits until what was granted in this run works: no call tells when.
async fn settle(aws: &Aws) {
    if aws.clock.waits
        && let Some(granted) = aws.directory.granted()
    {
        aws.clock.sleep(GRANTED.saturating_sub(aws.clock.since(granted))).await;
    }
}

pub(super) fn replace(path: impl Into<String>, value: impl Into<String>) -> PatchOperation {
    PatchOperation::builder().op(Op::Replace).path(path).value(value).build()
}

pub(super) fn remove(path: impl Into<String>) -> PatchOperation {
    PatchOperation::builder().op(Op::Remove).path(path).build()
}
