//! `UpdateFunctionCode` and `UpdateFunctionConfiguration`.

use std::sync::Arc;

use serde_json::Value;

use super::Shared;
use super::code::{self, Package};
use super::configuration::{Configuration, Content};
use super::members::{Members, invalid};
use super::name::{self, FunctionName};
use super::route::Route;
use super::settings::{Settings, architecture};
use super::state::Function;
use super::upload::{no_source, take_zip};
use crate::call::{Error, Request};

impl Shared {
    pub(super) async fn update_function_code(
        self: &Arc<Self>,
        route: &Route,
        request: &Request,
    ) -> Result<Value, Error> {
        let asked = self.latest(route)?;
        let mut members = Members::parse("UpdateFunctionCode", &request.body)?;
        let zip = take_zip(&mut members, request, "UpdateFunctionCode")?.ok_or_else(no_source)?;
        let architecture = architecture(&mut members)?;
        let publish = members.take("Publish")?.unwrap_or(false);
        let dry_run = members.take("DryRun")?.unwrap_or(false);
        let revision: Option<String> = members.take("RevisionId")?;
        members.finish()?;
        let revised = |package: Package, function: &Function| {
            let mut content = function.latest.content.clone();
            content.code_sha256 = package.sha256;
            content.code_size = package.size;
            content.architecture = architecture.clone().unwrap_or(content.architecture);
            content
        };
        self.check_changeable(&asked, revision.as_deref())?;
        if dry_run {
            let package = code::inspect(&zip)?;
            return self.state.read(|state| {
                let function = state.function(&asked, &self.region)?;
                let latest = Configuration { content: revised(package, function), ..function.latest.clone() };
                Ok(latest.describe(&asked.name, &asked.arn(&self.region), &self.region))
            });
        }
        let _in_use = self.packages_in_use.read().await;
        let package = self.store_package(zip).await?;
        self.update(&asked, revision.as_deref(), publish, |function| Ok(revised(package, function)))
    }

    pub(super) fn update_function_configuration(
        self: &Arc<Self>,
        route: &Route,
        request: &Request,
    ) -> Result<Value, Error> {
        let asked = self.latest(route)?;
        let mut members = Members::parse("UpdateFunctionConfiguration", &request.body)?;
        let revision: Option<String> = members.take("RevisionId")?;
        let settings = Settings::take(&mut members)?;
        members.finish()?;
        if let Some(role) = &settings.role {
            self.check_role(role)?;
        }
        self.update(&asked, revision.as_deref(), false, |function| {
            let mut content = function.latest.content.clone();
            settings.apply(&mut content)?;
            Ok(content)
        })
    }

    /// Gives `$LATEST` a new content, and publishes it if asked to.
    fn update(
        self: &Arc<Self>,
        asked: &FunctionName,
        revision: Option<&str>,
        publish: bool,
        revise: impl FnOnce(&Function) -> Result<Content, Error>,
    ) -> Result<Value, Error> {
        let arn = asked.arn(&self.region);
        let (latest, version) = self.state.write(|state| {
            let function = state.function_mut(asked, &self.region)?;
            function.settled(&arn)?;
            function.check_revision(revision)?;
            let latest = function.latest.updated(revise(function)?);
            function.outgoing = Some(std::mem::replace(&mut function.latest, latest));
            let version = publish.then(|| function.publish(None).configuration.clone());
            Ok::<_, Error>((function.latest.clone(), version))
        })?;
        self.settle_later(&asked.name, &latest.generation);
        match version {
            None => Ok(latest.describe(&asked.name, &arn, &self.region)),
            Some(version) => {
                self.settle_later(&asked.name, &version.generation);
                let arn = name::arn(&self.region, &asked.name, Some(&version.version));
                Ok(version.describe(&asked.name, &arn, &self.region))
            }
        }
    }

    /// The function that an update names: `$LATEST`, with or without saying so.
    fn latest(&self, route: &Route) -> Result<FunctionName, Error> {
        let asked = route.function(&self.region)?;
        match asked.qualifier.as_deref() {
            None | Some("$LATEST") => Ok(FunctionName { qualifier: None, ..asked }),
            Some(_) => Err(invalid(
                "This operation is permitted on Lambda functions only. Aliases and versions do not support this operation.",
            )),
        }
    }

    fn check_changeable(&self, asked: &FunctionName, revision: Option<&str>) -> Result<(), Error> {
        self.state.read(|state| {
            let function = state.function(asked, &self.region)?;
            function.settled(&asked.arn(&self.region))?;
            function.check_revision(revision)
        })
    }
}
