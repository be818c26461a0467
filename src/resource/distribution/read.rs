//! Finding the page's distribution among all, and reading it.

use std::time::Duration;

use aws_sdk_cloudfront::types::DistributionConfig;
use serde_json::{Value, json};

use super::{Distribution, beside, parse};
use crate::aws::{Aws, Distribution as Ours, Edge, Error, Sought, Unless as _, each, idempotent, pages, wait_until};
use crate::plan::Id;
use crate::resource::Kind as _;
use crate::resource::site::{ASSETS, PAGE, Site};
use crate::resource::api;
use crate::scope::{SITE, Tags};

/// What CloudFront calls a distribution that is known everywhere.
const DEPLOYED: &str = "Deployed";

/// How long CloudFront may take: "usually less than five minutes" by its documentation, with much to spare.
/// <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/distribution-web-values-returned.html>
const EVERYWHERE: Duration = Duration::from_mins(30);

/// The mark in the distribution's comment.
pub(super) fn mark(aws: &Aws) -> String {
    aws.scope.mark(Distribution::KIND, SITE)
}

/// Finds the page's distribution: its comment or its bucket nominates it, its tags or its mark decide.
pub(super) async fn find(aws: &Aws) -> Result<Option<Ours>, Error> {
    let all = pages(async |marker: Option<String>| {
        let call = || aws.cloudfront.list_distributions().set_marker(marker.clone()).send();
        let list = idempotent("list", &"the distributions", call).await?.distribution_list;
        Ok(list.map(|list| (list.items.unwrap_or_default(), list.next_marker)).unwrap_or_default())
    });
    let bucket = aws.scope.bucket_host(&aws.scope.site_bucket());
    let mark = mark(aws);
    let nominated = all.await?.into_iter().filter(|one| {
        let origins = one.origins.as_ref().map(aws_sdk_cloudfront::types::Origins::items).unwrap_or_default();
        one.comment == mark || origins.iter().any(|origin| origin.domain_name() == bucket)
    });
    let read = each(nominated, |summary| async move {
        let id = Id::new(Distribution::KIND, &summary.id);
        let (tags, config) = tokio::try_join!(tags(&summary.arn, &id, aws), config(&summary.id, &id, aws))?;
        Ok((summary, tags, config))
    });
    let read = read.await?.into_iter();
    let ours = read.filter(|(summary, tags, _)| aws.scope.owns(tags) || summary.comment == mark);
    let first = ours.min_by_key(|(summary, ..)| summary.last_modified_time.secs());
    Ok(first.and_then(|(summary, tags, config)| {
        let (config, etag) = config?;
        Some(Ours { id: summary.id, host: summary.domain_name, tags, config, etag })
    }))
}

/// As [`find`], once in a run: several kinds want to know. Where nobody `wants` a page, whoever may not look has none.
pub(in crate::resource) async fn found(wants: bool, aws: &Aws) -> Result<Option<Ours>, Error> {
    let _finding = aws.directory.finding.lock().await;
    match aws.directory.sought() {
        Sought::Found(known) => return Ok(Some(*known)),
        Sought::InVain => return Ok(None),
        Sought::NotYet => {}
    }
    match Box::pin(find(aws)).await {
        Ok(found) => {
            aws.directory.put_sought(found.as_ref());
            Ok(found)
        }
        Err(error) if error.is("AccessDenied") && !wants => Ok(None),
        Err(error) => Err(error),
    }
}

/// Reads the page's distribution, and puts what was made up of it into the directory.
pub(super) async fn read(wants: bool, aws: &Aws) -> Result<Option<Distribution>, Error> {
    // What other kinds read at the same time is read here too: neither waits for the other.
    let others = || Box::pin(async { tokio::try_join!(policy(aws), Site::parts(aws), api(aws)) });
    let early = async { if wants { others().await.map(Some) } else { Ok(None) } };
    let (found, early) = tokio::try_join!(Box::pin(found(wants, aws)), early)?;
    let Some(Ours { id: distribution, host, tags, config, .. }) = found else {
        aws.directory.put_edge(None);
        return Ok(None);
    };
    let (policy, parts, api) = match early {
        Some(early) => early,
        None => others().await?,
    };
    let (origins, key) = parse::origins(&config, &parts, (&aws.scope, api.as_deref()));
    aws.directory.put_edge(Some(edge(&distribution, &host, (&config, key), aws)));
    Ok(Some(Distribution {
        name: aws.scope.site(),
        origins,
        behaviours: parse::behaviours(&config, &parts),
        settings: parse::settings(&config),
        granted: policy == Some(policy_for(&distribution, aws)),
        tags,
        beside: beside(&aws.scope),
    }))
}

/// What is known of a distribution that is there. The local cloud answers for CloudFront's own names alone.
pub(super) fn edge(id: &str, host: &str, (config, key): (&DistributionConfig, String), aws: &Aws) -> Edge {
    let alias = config.aliases().and_then(|aliases| aliases.items().first()).filter(|_| aws.scope.local.is_none());
    Edge { id: id.to_owned(), host: host.to_owned(), url: aws.scope.site_url(alias.map_or(host, String::as_str)), key }
}

async fn tags(arn: &str, thing: &Id, aws: &Aws) -> Result<Tags, Error> {
    let call = || aws.cloudfront.list_tags_for_resource().resource(arn).send();
    let tags = idempotent("read the tags of", thing, call).await.unless("NoSuchResource")?;
    let tags = tags.and_then(|answer| answer.tags).and_then(|tags| tags.items).unwrap_or_default();
    Ok(tags.into_iter().map(|tag| (tag.key, tag.value.unwrap_or_default())).collect())
}

/// The configuration and its entity tag; `None` when it is gone.
pub(super) async fn config(id: &str, thing: &Id, aws: &Aws) -> Result<Option<(DistributionConfig, String)>, Error> {
    let call = || aws.cloudfront.get_distribution_config().id(id).send();
    let answer = idempotent("read", thing, call).await.unless("NoSuchDistribution")?;
    Ok(answer.and_then(|answer| Some((answer.distribution_config?, answer.e_tag.unwrap_or_default()))))
}

async fn api(aws: &Aws) -> Result<Option<String>, Error> {
    Ok(api::find(aws).await?.map(|ours| ours.id().to_owned()))
}

/// The policy of the site's bucket.
async fn policy(aws: &Aws) -> Result<Option<Value>, Error> {
    let bucket = aws.scope.site_bucket();
    let call = || aws.s3.get_bucket_policy().bucket(&bucket).expected_bucket_owner(&aws.scope.account).send();
    match idempotent("read the policy of", &Id::new(Site::KIND, &bucket), call).await {
        Ok(answer) => Ok(answer.policy.and_then(|policy| serde_json::from_str(&policy).ok())),
        Err(error) if error.is("NoSuchBucketPolicy") || error.is("NoSuchBucket") => Ok(None),
        Err(error) => Err(error),
    }
}

/// The bucket's policy: the distribution reads what is served, and may know what is not there, so that S3 says 404 and not 403.
/// <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html>
pub(super) fn policy_for(id: &str, aws: &Aws) -> Value {
    let bucket = aws.scope.bucket_arn(&aws.scope.site_bucket());
    let statement = |action: &str, resource: Value| {
        json!({
            "Effect": "Allow",
            "Principal": { "Service": "cloudfront.amazonaws.com" },
            "Action": action,
            "Resource": resource,
            "Condition": { "StringEquals": { "AWS:SourceArn": aws.scope.distribution_arn(id) } },
        })
    };
    json!({
        "Version": "2012-10-17",
        "Statement": [
            statement("s3:GetObject", json!([format!("{bucket}/{ASSETS}*"), format!("{bucket}/{PAGE}*")])),
            statement("s3:ListBucket", json!(bucket)),
        ],
    })
}

/// Waits until the distribution is known everywhere as it was written last.
pub(super) async fn deployed(thing: &Id, aws: &Aws) -> Result<(), Error> {
    let Some(edge) = aws.directory.edge() else { return Ok(()) };
    everywhere(&edge.id, thing, aws).await
}

/// As [`deployed`], of the distribution `id`; gone is as good.
pub(in crate::resource) async fn everywhere(id: &str, thing: &Id, aws: &Aws) -> Result<(), Error> {
    wait_until(thing, DEPLOYED, EVERYWHERE, || async {
        let call = || aws.cloudfront.get_distribution().id(id).send();
        let answer = idempotent("read", thing, call).await.unless("NoSuchDistribution")?;
        let status = answer.and_then(|answer| answer.distribution).map(|distribution| distribution.status);
        Ok(status.is_none_or(|status| status == DEPLOYED).then_some(()))
    })
    .await
}
