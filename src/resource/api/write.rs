//! Making, changing and deleting the REST API.

use std::time::Duration;

use aws_sdk_apigateway::primitives::Blob;
use aws_sdk_apigateway::types::{
    ApiStatus, EndpointConfiguration, EndpointType, Op, PatchOperation, PutMode,
};

use super::read::{find, shown};
use super::{Api, Doomed, Settings};
use crate::aws::{Aws, Class, Error, Unless as _, each, idempotent, once, wait_until};
use crate::history;
use crate::openapi;
use crate::resource::{Kind as _, log_group};

/// Longest wait for API Gateway to take in a document.
const AVAILABLE: Duration = Duration::from_mins(2);

impl Api {
    pub(super) async fn make(&self, aws: &Aws) -> Result<(), Error> {
        let thing = self.id();
        // An import takes no tags, so the API is made first: what fails after this is found again by its tags.
        let answer = once("create", &thing, || {
            let regional = EndpointConfiguration::builder().types(EndpointType::Regional).build();
            let call = aws.apigateway.create_rest_api().name(&self.table.title).description(&self.table.description);
            call.set_tags(Some(self.tags.clone().into_iter().collect())).endpoint_configuration(regional).send()
        });
        let id = match answer.await {
            Ok(made) => made.id.unwrap_or_default(),
            // Names are not unique, so a second create would make a second API.
            Err(error) if error.class == Class::Unknown => match find(aws).await? {
                Some(ours) => ours.id().to_owned(),
                None => return Err(error),
            },
            Err(error) => return Err(error),
        };
        aws.directory.put_api(&self.name, &id);
        Ok(())
    }

    pub(super) async fn change(&self, live: &Self, aws: &Aws) -> Result<(), Error> {
        let id = self.known("update", aws)?;
        if self.tags != live.tags {
            self.put_tags(aws).await?;
        }
        if self.table != live.table {
            self.put(&id, aws).await?;
        }
        if self.settings != live.settings {
            let patch = self.settings.patch();
            let call = || {
                aws.apigateway.update_rest_api().rest_api_id(&id).set_patch_operations(Some(patch.clone())).send()
            };
            idempotent("update the settings of", &self.id(), call).await?;
        }
        if self.duplicates != live.duplicates
            && let Some(ours) = find(aws).await?
        {
            for (duplicate, _) in ours.others.iter().filter(|(_, staged)| !staged) {
                delete(duplicate, aws).await?;
            }
        }
        Ok(())
    }

    pub(super) async fn put_tags(&self, aws: &Aws) -> Result<(), Error> {
        let id = self.known("tag", aws)?;
        let (arn, tags) = (aws.scope.rest_api_arn(&id), Some(self.tags.clone().into_iter().collect()));
        let call = || aws.apigateway.tag_resource().resource_arn(&arn).set_tags(tags.clone()).send();
        idempotent("tag", &self.id(), call).await.map(drop)
    }

    /// Every API that is ours, with its logs: once an API is gone, nothing tells whose its logs were.
    pub(super) async fn doomed(&self, aws: &Aws) -> Result<Vec<Doomed>, Error> {
        let known = aws.directory.api(&self.name);
        let logs = async {
            match &known {
                Some(id) => log_group::execution_logs(id, aws).await,
                None => Ok(Vec::new()),
            }
        };
        let (ours, logs) = tokio::try_join!(find(aws), logs)?;
        let Some(ours) = ours else { return Ok(Vec::new()) };
        let ids = std::iter::once(ours.id()).chain(ours.others.iter().map(|(id, _)| id.as_str()));
        let doomed = each(ids, async |id| {
            let logs = if known.as_deref() == Some(id) { logs.clone() } else { log_group::execution_logs(id, aws).await? };
            Ok(Doomed { id: id.to_owned(), logs })
        });
        doomed.await
    }

    /// The API's id, which must be known.
    pub(super) fn known(&self, act: &str, aws: &Aws) -> Result<String, Error> {
        aws.directory.api(&self.name).ok_or_else(|| Error::refused(act, &self.id(), "it is gone"))
    }

    /// Puts the document in place of all that the API has.
    pub(super) async fn put(&self, id: &str, aws: &Aws) -> Result<(), Error> {
        let (act, thing) = ("put the document of", self.id());
        let document = openapi::render(&self.table, &aws.scope, |function, digest| aws.directory.version(function, digest))
            .map_err(|unresolved| Error::refused(act, &thing, unresolved.to_string()))?;
        let body = Blob::new(document.to_string());
        let answer = idempotent(act, &thing, || {
            let call = aws.apigateway.put_rest_api().rest_api_id(id).mode(PutMode::Overwrite).fail_on_warnings(true);
            call.body(body.clone()).send()
        });
        let taken = |status: Option<&ApiStatus>| status.is_none_or(|status| *status == ApiStatus::Available);
        if taken(answer.await?.api_status()) {
            return Ok(());
        }
        wait_until(&thing, "available", AVAILABLE, || async {
            let call = || aws.apigateway.get_rest_api().rest_api_id(id).send();
            let live = idempotent("read", &thing, call).await?;
            if live.api_status() == Some(&ApiStatus::Failed) {
                let cause = live.api_status_message().unwrap_or("API Gateway gives no reason");
                return Err(Error::refused(act, &thing, cause));
            }
            Ok(taken(live.api_status()).then_some(()))
        })
        .await
    }
}

impl Settings {
    fn patch(&self) -> Vec<PatchOperation> {
        let size = self.minimum_compression_size.map(|size| size.to_string());
        [
            ("/apiKeySource", Some(self.api_key_source.clone())),
            ("/disableExecuteApiEndpoint", Some((!self.execute_api_endpoint).to_string())),
            // Without a value it is switched off.
            ("/minimumCompressionSize", size),
        ]
        .map(|(path, value)| PatchOperation::builder().op(Op::Replace).path(path).set_value(value).build())
        .into()
    }
}

/// Deletes APIs, and first what only they lead to.
pub(super) async fn remove(apis: Vec<Doomed>, aws: &Aws) -> Result<(), Error> {
    // A run that was cut may have left them when the stage was gone.
    history::erase_left(aws).await?;
    for api in apis {
        log_group::delete_execution_logs(api.logs, aws).await?;
        delete(&api.id, aws).await?;
    }
    aws.directory.remove_api(&aws.scope.api());
    Ok(())
}

async fn delete(id: &str, aws: &Aws) -> Result<(), Error> {
    let call = || aws.apigateway.delete_rest_api().rest_api_id(id).send();
    idempotent("delete", &shown(id), call).await.unless("NotFoundException").map(drop)
}
