//! Reading the stage and the deployments back.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_apigateway::operation::get_stage::GetStageOutput;
use aws_sdk_apigateway::types::MethodSetting;

use super::{Canary, Contents, Deployment, Page, Release};
use crate::aws::{Aws, Error, Unless as _, idempotent, pages};
use crate::plan::Id;
use crate::resource::{Kind as _, api};
use crate::stack::Throttle;

/// The key of the method settings that hold for every method.
const EVERY_METHOD: &str = "*/*";

/// A deployment of the API.
pub(super) struct Deployed {
    pub(super) id: String,
    pub(super) deployment: Deployment,
    /// Seconds since the epoch.
    pub(super) created: i64,
}

/// The stack's stage; `None` when there is none.
pub(super) async fn read(aws: &Aws) -> Result<Option<Release>, Error> {
    let Some(ours) = api::find(aws).await? else {
        aws.directory.put_deployments(BTreeMap::new());
        return Ok(None);
    };
    let (stage, deployed) = tokio::try_join!(stage(ours.id(), aws), deployed(ours.id(), aws))?;
    aws.directory.put_deployments(newest(&deployed));
    let Some(stage) = stage else { return Ok(None) };
    let known = |id: &str| {
        let deployed = deployed.iter().find(|deployed| deployed.id == id).map(|deployed| deployed.deployment.clone());
        deployed.unwrap_or_else(|| Deployment::Foreign { foreign: id.to_owned() })
    };
    let symbols = |variables: Option<&HashMap<String, String>>| {
        let variables = variables.into_iter().flatten();
        variables.map(|(name, value)| (name.clone(), aws.scope.symbolic(value, ours.id()))).collect()
    };
    Ok(Some(Release {
        name: aws.scope.api_stage().to_owned(),
        api: aws.scope.api(),
        serves: known(stage.deployment_id().unwrap_or_default()),
        variables: symbols(stage.variables()),
        throttle: stage.method_settings().and_then(|settings| settings.get(EVERY_METHOD)).and_then(throttle),
        tracing: stage.tracing_enabled(),
        canary: stage.canary_settings().map(|live| Canary {
            serves: known(live.deployment_id().unwrap_or_default()),
            percent: live.percent_traffic(),
            variables: symbols(live.stage_variable_overrides()),
        }),
        // Its files are known when the bucket is read.
        page: Some(Page::new(BTreeMap::new(), &aws.scope)),
        tags: stage.tags().cloned().unwrap_or_default().into_iter().collect(),
        deployments: deployed.iter().filter_map(|deployed| deployed.deployment.api().cloned()).collect(),
        contents: Contents::default(),
    }))
}

async fn stage(api: &str, aws: &Aws) -> Result<Option<GetStageOutput>, Error> {
    let name = aws.scope.api_stage();
    let call = || aws.apigateway.get_stage().rest_api_id(api).stage_name(name).send();
    idempotent("read", &Id::new(Release::KIND, name), call).await.unless("NotFoundException")
}

/// Of the deployments that are ours, the ids of the newest by what they are.
pub(super) fn newest(deployed: &[Deployed]) -> BTreeMap<String, String> {
    let mut ours: Vec<&Deployed> = deployed.iter().collect();
    ours.sort_by_key(|deployed| deployed.created);
    ours.into_iter().filter_map(|deployed| Some((deployed.deployment.description()?, deployed.id.clone()))).collect()
}

/// All deployments of `api`.
pub(super) async fn deployed(api: &str, aws: &Aws) -> Result<Vec<Deployed>, Error> {
    let thing = Id::new(Release::KIND, aws.scope.api_stage());
    let deployments = pages(async |position: Option<String>| {
        let call = || {
            let call = aws.apigateway.get_deployments().rest_api_id(api).limit(500);
            call.set_position(position.clone()).send()
        };
        let page = idempotent("read the deployments of", &thing, call).await?;
        Ok((page.items.unwrap_or_default(), page.position))
    });
    let deployed = deployments.await?.into_iter().map(|live| {
        let id = live.id.unwrap_or_default();
        let ours = live.description.as_deref().and_then(Deployment::parse);
        Deployed {
            deployment: ours.unwrap_or_else(|| Deployment::Foreign { foreign: id.clone() }),
            created: live.created_date.map_or(0, |date| date.secs()),
            id,
        }
    });
    Ok(deployed.collect())
}

/// The limits of a stage that has its own: API Gateway shows -1 for none.
fn throttle(setting: &MethodSetting) -> Option<Throttle> {
    let rate = setting.throttling_rate_limit();
    let burst = u32::try_from(setting.throttling_burst_limit()).ok()?;
    (rate >= 0.0).then_some(Throttle { rate, burst })
}
