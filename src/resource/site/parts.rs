//! What CloudFront keeps beside a distribution, by names of the account's: the origin access control, the response headers
//! policy, and the function that rewrites paths. CloudFront tags none of them: their descriptions carry the mark.

use std::collections::BTreeMap;

use aws_sdk_cloudfront::primitives::Blob;
use aws_sdk_cloudfront::types::{
    FunctionConfig, FunctionRuntime, FunctionStage, OriginAccessControlConfig, OriginAccessControlOriginTypes,
    OriginAccessControlSigningBehaviors, OriginAccessControlSigningProtocols, OriginAccessControlSummary,
    ResponseHeadersPolicy, ResponseHeadersPolicyType,
};

use super::{Rewrite, Site, headers};
use crate::aws::{Aws, Error, Parts, Unless as _, idempotent, incomplete, pages};
use crate::plan::Id;
use crate::resource::Kind as _;
use crate::scope::SITE;

/// How errors name them.
fn thing(aws: &Aws) -> Id {
    Id::new("cloudfront", aws.scope.site())
}

fn mark(aws: &Aws) -> String {
    aws.scope.mark(Site::KIND, SITE)
}

/// Those that are ours, read once in a run.
pub(super) async fn read(aws: &Aws) -> Result<Parts, Error> {
    let _reading = aws.directory.reading.lock().await;
    if let Some(known) = aws.directory.parts() {
        return Ok(known);
    }
    let (access, policy, rewrites) = tokio::try_join!(access(aws), policy(aws), function(aws))?;
    let is_signed = |access: &OriginAccessControlSummary| {
        access.signing_behavior == OriginAccessControlSigningBehaviors::Always
            && access.signing_protocol == OriginAccessControlSigningProtocols::Sigv4
            && access.origin_access_control_origin_type == OriginAccessControlOriginTypes::S3
    };
    let parts = Parts {
        access: access.map(|access| (access.id.clone(), is_signed(&access))),
        headers: policy.map(|policy| {
            let headers = policy.response_headers_policy_config().map(headers::parse).unwrap_or_default();
            (policy.id, headers)
        }),
        rewrites,
    };
    aws.directory.put_parts(parts.clone());
    Ok(parts)
}

async fn access(aws: &Aws) -> Result<Option<OriginAccessControlSummary>, Error> {
    let all = pages(async |marker: Option<String>| {
        let call = || aws.cloudfront.list_origin_access_controls().set_marker(marker.clone()).send();
        let list = idempotent("list", &"the origin access controls", call).await?.origin_access_control_list;
        Ok(list.map(|list| (list.items.unwrap_or_default(), list.next_marker)).unwrap_or_default())
    });
    let name = aws.scope.site();
    let ours = all.await?.into_iter().find(|access| access.name == name);
    ours.map(|access| owned(&access.description, aws).map(|()| access)).transpose()
}

async fn policy(aws: &Aws) -> Result<Option<ResponseHeadersPolicy>, Error> {
    let all = pages(async |marker: Option<String>| {
        let call = || {
            let call = aws.cloudfront.list_response_headers_policies().r#type(ResponseHeadersPolicyType::Custom);
            call.set_marker(marker.clone()).send()
        };
        let list = idempotent("list", &"the response headers policies", call).await?.response_headers_policy_list;
        Ok(list.map(|list| (list.items.unwrap_or_default(), list.next_marker)).unwrap_or_default())
    });
    let name = aws.scope.site();
    let policies = all.await?.into_iter().filter_map(|summary| summary.response_headers_policy);
    let ours = policies.into_iter().find(|policy| {
        policy.response_headers_policy_config().is_some_and(|config| config.name() == name)
    });
    ours.map(|policy| {
        let comment = policy.response_headers_policy_config().and_then(|config| config.comment());
        owned(comment.unwrap_or_default(), aws).map(|()| policy)
    })
    .transpose()
}

/// The function's ARN, and the code that serves: empty where none was published.
async fn function(aws: &Aws) -> Result<Option<(String, String)>, Error> {
    let (name, thing) = (aws.scope.site(), thing(aws));
    let call = || aws.cloudfront.describe_function().name(&name).stage(FunctionStage::Development).send();
    let Some(described) = idempotent("read the function", &thing, call).await.unless("NoSuchFunctionExists")? else {
        return Ok(None);
    };
    let Some(summary) = described.function_summary else { return Ok(None) };
    owned(summary.function_config.map(|config| config.comment).unwrap_or_default().as_str(), aws)?;
    let call = || aws.cloudfront.get_function().name(&name).stage(FunctionStage::Live).send();
    let code = idempotent("read the code of the function", &thing, call).await.unless("NoSuchFunctionExists")?;
    let code = code.and_then(|code| code.function_code).map(|code| String::from_utf8_lossy(code.as_ref()).into_owned());
    let arn = summary.function_metadata.map(|metadata| metadata.function_arn).unwrap_or_default();
    Ok(Some((arn, code.unwrap_or_default())))
}

/// Whether a description is that of one of ours.
fn owned(description: &str, aws: &Aws) -> Result<(), Error> {
    if description == mark(aws) { Ok(()) } else { Err(Error::foreign("use", &thing(aws))) }
}

impl Site {
    /// Makes those that are missing, and makes the others what they should be.
    pub(super) async fn put_parts(&self, aws: &Aws) -> Result<(), Error> {
        let parts = read(aws).await?;
        let (access, headers, rewrites) = tokio::try_join!(
            self.put_access(parts.access, aws),
            self.put_policy(parts.headers, aws),
            self.put_function(parts.rewrites, aws),
        )?;
        aws.directory.put_parts(Parts { access, headers, rewrites });
        Ok(())
    }

    async fn put_access(&self, live: Option<(String, bool)>, aws: &Aws) -> Result<Option<(String, bool)>, Error> {
        if live.as_ref().is_some_and(|(_, signed)| *signed) {
            return Ok(live);
        }
        let thing = thing(aws);
        let config = OriginAccessControlConfig::builder()
            .name(aws.scope.site())
            .description(mark(aws))
            .signing_protocol(OriginAccessControlSigningProtocols::Sigv4)
            .signing_behavior(OriginAccessControlSigningBehaviors::Always)
            .origin_access_control_origin_type(OriginAccessControlOriginTypes::S3)
            .build()
            .map_err(incomplete(&thing))?;
        let Some((id, _)) = live else {
            let call = || aws.cloudfront.create_origin_access_control().origin_access_control_config(config.clone()).send();
            let made = idempotent("create the origin access control of", &thing, call).await;
            return match made {
                Ok(made) => Ok(made.origin_access_control.map(|access| (access.id, true))),
                // Made by an earlier try whose answer got lost.
                Err(error) if error.is("OriginAccessControlAlreadyExists") => {
                    access(aws).await?.map(|access| Some((access.id, true))).ok_or(error)
                }
                Err(error) => Err(error),
            };
        };
        let read = || aws.cloudfront.get_origin_access_control().id(&id).send();
        let etag = idempotent("read the origin access control of", &thing, read).await?.e_tag.unwrap_or_default();
        let update = || {
            let call = aws.cloudfront.update_origin_access_control().id(&id).if_match(&etag);
            call.origin_access_control_config(config.clone()).send()
        };
        idempotent("change the origin access control of", &thing, update).await?;
        Ok(Some((id, true)))
    }

    async fn put_policy(
        &self,
        live: Option<(String, BTreeMap<String, String>)>,
        aws: &Aws,
    ) -> Result<Option<(String, BTreeMap<String, String>)>, Error> {
        if live.as_ref().is_some_and(|(_, headers)| *headers == self.headers) {
            return Ok(live);
        }
        let put = |id: String| Some((id, self.headers.clone()));
        let thing = thing(aws);
        let config =
            headers::render((&aws.scope.site(), &mark(aws)), &self.headers).map_err(incomplete(&thing))?;
        let Some((id, _)) = live else {
            let call = || aws.cloudfront.create_response_headers_policy().response_headers_policy_config(config.clone()).send();
            return match idempotent("create the response headers policy of", &thing, call).await {
                Ok(made) => Ok(made.response_headers_policy.and_then(|policy| put(policy.id))),
                // Made by an earlier try whose answer got lost.
                Err(error) if error.is("ResponseHeadersPolicyAlreadyExists") => {
                    policy(aws).await?.map(|policy| put(policy.id)).ok_or(error)
                }
                Err(error) => Err(error),
            };
        };
        let read = || aws.cloudfront.get_response_headers_policy().id(&id).send();
        let etag = idempotent("read the response headers policy of", &thing, read).await?.e_tag.unwrap_or_default();
        let update = || {
            let call = aws.cloudfront.update_response_headers_policy().id(&id).if_match(&etag);
            call.response_headers_policy_config(config.clone()).send()
        };
        idempotent("change the response headers policy of", &thing, update).await?;
        Ok(put(id))
    }

    async fn put_function(&self, live: Option<(String, String)>, aws: &Aws) -> Result<Option<(String, String)>, Error> {
        let Some(Rewrite(code)) = &self.rewrite else { return Ok(live) };
        if live.as_ref().is_some_and(|(_, live)| live == code) {
            return Ok(live);
        }
        let runs = |arn: String| (arn, code.clone());
        let (name, thing) = (aws.scope.site(), thing(aws));
        let config = FunctionConfig::builder().comment(mark(aws)).runtime(FunctionRuntime::CloudfrontJs20).build();
        let config = config.map_err(incomplete(&thing))?;
        let blob = Blob::new(code.as_bytes());
        if live.is_none() {
            let call = || {
                let call = aws.cloudfront.create_function().name(&name).function_config(config.clone());
                call.function_code(blob.clone()).send()
            };
            // Made by an earlier try whose answer got lost.
            let made = idempotent("create the function of", &thing, call).await.unless("FunctionAlreadyExists")?;
            if let Some(made) = made {
                let arn = made.function_summary.and_then(|summary| summary.function_metadata).map(|data| data.function_arn);
                publish(&name, &made.e_tag.unwrap_or_default(), aws).await?;
                return Ok(arn.map(runs));
            }
        }
        let read = || aws.cloudfront.describe_function().name(&name).stage(FunctionStage::Development).send();
        let described = idempotent("read the function of", &thing, read).await?;
        let summary = described.function_summary;
        owned(summary.as_ref().and_then(|one| one.function_config()).map(aws_sdk_cloudfront::types::FunctionConfig::comment).unwrap_or_default(), aws)?;
        let etag = described.e_tag.unwrap_or_default();
        let update = || {
            let call = aws.cloudfront.update_function().name(&name).if_match(&etag).function_config(config.clone());
            call.function_code(blob.clone()).send()
        };
        let etag = idempotent("change the function of", &thing, update).await?.e_tag.unwrap_or_default();
        publish(&name, &etag, aws).await?;
        Ok(summary.and_then(|summary| summary.function_metadata).map(|metadata| runs(metadata.function_arn)))
    }
}

async fn publish(name: &str, etag: &str, aws: &Aws) -> Result<(), Error> {
    let call = || aws.cloudfront.publish_function().name(name).if_match(etag).send();
    idempotent("publish the function of", &thing(aws), call).await.map(drop)
}

/// Deletes all of them that are ours.
pub(super) async fn remove(aws: &Aws) -> Result<(), Error> {
    tokio::try_join!(remove_access(aws), remove_policy(aws), remove_function(aws)).map(drop)
}

async fn remove_access(aws: &Aws) -> Result<(), Error> {
    let (front, thing) = (&aws.cloudfront, thing(aws));
    let Some(access) = access(aws).await? else { return Ok(()) };
    let read = || front.get_origin_access_control().id(&access.id).send();
    let read = idempotent("read the origin access control of", &thing, read).await;
    let Some(read) = read.unless("NoSuchOriginAccessControl")? else { return Ok(()) };
    let etag = read.e_tag.unwrap_or_default();
    let delete = || front.delete_origin_access_control().id(&access.id).if_match(&etag).send();
    let deleted = idempotent("delete the origin access control of", &thing, delete).await;
    deleted.unless("NoSuchOriginAccessControl").map(drop)
}

async fn remove_policy(aws: &Aws) -> Result<(), Error> {
    let (front, thing) = (&aws.cloudfront, thing(aws));
    let Some(policy) = policy(aws).await? else { return Ok(()) };
    let read = || front.get_response_headers_policy().id(&policy.id).send();
    let read = idempotent("read the response headers policy of", &thing, read).await;
    let Some(read) = read.unless("NoSuchResponseHeadersPolicy")? else { return Ok(()) };
    let etag = read.e_tag.unwrap_or_default();
    let delete = || front.delete_response_headers_policy().id(&policy.id).if_match(&etag).send();
    let deleted = idempotent("delete the response headers policy of", &thing, delete).await;
    deleted.unless("NoSuchResponseHeadersPolicy").map(drop)
}

async fn remove_function(aws: &Aws) -> Result<(), Error> {
    let (front, thing, name) = (&aws.cloudfront, thing(aws), aws.scope.site());
    let read = || front.describe_function().name(&name).stage(FunctionStage::Development).send();
    let read = idempotent("read the function of", &thing, read).await;
    let Some(read) = read.unless("NoSuchFunctionExists")? else { return Ok(()) };
    let summary = read.function_summary.as_ref();
    owned(summary.and_then(|one| one.function_config()).map(aws_sdk_cloudfront::types::FunctionConfig::comment).unwrap_or_default(), aws)?;
    let etag = read.e_tag.unwrap_or_default();
    let delete = || front.delete_function().name(&name).if_match(&etag).send();
    idempotent("delete the function of", &thing, delete).await.unless("NoSuchFunctionExists").map(drop)
}
