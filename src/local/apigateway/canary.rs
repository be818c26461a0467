//! Canaries: a share of a stage's requests that goes to another deployment.
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/canary-release.html>

use serde::{Deserialize, Serialize};

use super::error::{bad_request, unsupported};
use super::model::{RestApi, Strings};
use super::patch::{Op, Patch};
use super::stage::{Stage, check_deployment};
use crate::call::Error;

/// `canarySettings` of a stage.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Canary {
    /// 0.0 to 100.0
    pub(super) percent_traffic: f64,
    pub(super) deployment_id: String,
    /// Variables that differ from the stage's for what goes to the canary.
    #[serde(default, skip_serializing_if = "Strings::is_empty")]
    pub(super) stage_variable_overrides: Strings,
    pub(super) use_stage_cache: bool,
}

impl Stage {
    /// Applies one of `UpdateStage`'s patches below `/canarySettings`. The first one makes a canary of the stage's own
    /// deployment.
    pub(super) fn change_canary(&mut self, members: &[&str], patch: &Patch, api: &RestApi) -> Result<(), Error> {
        if members.is_empty() {
            // Only its members can be replaced.
            patch.only(&[Op::Remove])?;
            self.canary_settings = None;
            return Ok(());
        }
        let canary = self.canary_settings.get_or_insert_with(|| Canary {
            percent_traffic: 0.0,
            deployment_id: self.deployment_id.clone(),
            stage_variable_overrides: Strings::new(),
            use_stage_cache: false,
        });
        match members {
            ["percentTraffic"] => {
                patch.only(&[Op::Replace])?;
                let percent = patch.required()?.parse().ok().filter(|percent| (0.0..=100.0).contains(percent));
                let invalid = || bad_request("Invalid percentTraffic: it must be a number from 0.0 to 100.0");
                canary.percent_traffic = percent.ok_or_else(invalid)?;
            }
            ["deploymentId"] => {
                patch.only(&[Op::Replace])?;
                let id = patch.required()?;
                check_deployment(api, id)?;
                id.clone_into(&mut canary.deployment_id);
            }
            ["stageVariableOverrides", name] => {
                patch.only(&[Op::Replace, Op::Remove])?;
                if patch.op == Op::Remove {
                    canary.stage_variable_overrides.remove(*name);
                } else {
                    canary.stage_variable_overrides.insert((*name).to_owned(), patch.required()?.to_owned());
                }
            }
            ["useStageCache"] if !patch.switch()? => {}
            ["useStageCache"] => return Err(unsupported("useStageCache: there is no cache")),
            _ => return Err(patch.unknown()),
        }
        Ok(())
    }

    /// The stage as those see it who come to its canary.
    pub(super) fn as_canary(&self) -> Option<(f64, Self)> {
        let canary = self.canary_settings.as_ref()?;
        let mut variables = self.variables.clone();
        variables.extend(canary.stage_variable_overrides.clone());
        let deployment_id = canary.deployment_id.clone();
        Some((canary.percent_traffic, Self { variables, deployment_id, canary_settings: None, ..self.clone() }))
    }
}
