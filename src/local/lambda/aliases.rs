//! Aliases: names for versions, with a second version for a share of the invocations.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::Shared;
use super::members::{Members, Violations, invalid};
use super::name::{self, FunctionName};
use super::page::Page;
use super::route::Route;
use super::state::{Alias, Function, check_revision, conflict, not_found};
use crate::call::{Error, Request};
use crate::wire::request_id as uuid;

impl Shared {
    pub(super) fn create_alias(&self, route: &Route, request: &Request) -> Result<Value, Error> {
        let asked = route.function(&self.region)?;
        let mut members = Members::parse("CreateAlias", &request.body)?;
        let name: String = members.require("Name")?;
        check_name(&name)?;
        let version: String = members.require("FunctionVersion")?;
        let description: Option<String> = members.take("Description")?;
        let weights = take_weights(&mut members)?.unwrap_or_default();
        members.finish()?;
        self.state.write(|state| {
            let function = state.function_mut(&asked, &self.region)?;
            let arn = name::arn(&self.region, &asked.name, Some(&name));
            if function.aliases.contains_key(&name) {
                return Err(conflict(format!("Alias already exists: {arn}")));
            }
            let alias = Alias {
                additional: self.routing(function, &asked, &version, weights)?,
                version,
                description: description.unwrap_or_default(),
                revision_id: uuid(),
            };
            let description = describe(&name, &alias, &arn);
            function.aliases.insert(name, alias);
            Ok(description)
        })
    }

    pub(super) fn get_alias(&self, route: &Route) -> Result<Value, Error> {
        let (asked, name, arn) = self.alias(route)?;
        self.state.read(|state| {
            let alias = state.function(&asked, &self.region)?.aliases.get(name).ok_or_else(|| no_alias(&arn))?;
            Ok(describe(name, alias, &arn))
        })
    }

    pub(super) fn update_alias(&self, route: &Route, request: &Request) -> Result<Value, Error> {
        let (asked, name, arn) = self.alias(route)?;
        let mut members = Members::parse("UpdateAlias", &request.body)?;
        let version: Option<String> = members.take("FunctionVersion")?;
        let description: Option<String> = members.take("Description")?;
        let weights = take_weights(&mut members)?;
        let revision: Option<String> = members.take("RevisionId")?;
        members.finish()?;
        self.state.write(|state| {
            let function = state.function_mut(&asked, &self.region)?;
            let mut alias = function.aliases.get(name).cloned().ok_or_else(|| no_alias(&arn))?;
            check_revision(revision.as_deref(), &alias.revision_id)?;
            alias.version = version.unwrap_or(alias.version);
            alias.description = description.unwrap_or(alias.description);
            let weights = weights.unwrap_or_else(|| alias.additional.take().into_iter().collect());
            alias.additional = self.routing(function, &asked, &alias.version, weights)?;
            alias.revision_id = uuid();
            let description = describe(name, &alias, &arn);
            function.aliases.insert(name.to_owned(), alias);
            Ok(description)
        })
    }

    /// Deleting an alias that is not there is no error, as on AWS.
    pub(super) fn delete_alias(&self, route: &Route) -> Result<(), Error> {
        let (asked, name, _) = self.alias(route)?;
        self.state.write(|state| {
            let function = state.function_mut(&asked, &self.region)?;
            function.aliases.remove(name);
            function.policies.remove(name);
            Ok(())
        })
    }

    pub(super) fn list_aliases(&self, route: &Route) -> Result<Value, Error> {
        let asked = route.function(&self.region)?;
        let version = route.parameter("FunctionVersion");
        let aliases = self.state.read(|state| {
            let aliases = state.function(&asked, &self.region)?.aliases.iter();
            let wanted = aliases.filter(|(_, alias)| version.as_ref().is_none_or(|version| *version == alias.version));
            let describe = |(name, alias): (&String, &Alias)| {
                describe(name, alias, &name::arn(&self.region, &asked.name, Some(name)))
            };
            Ok::<_, Error>(wanted.map(describe).collect())
        })?;
        Ok(Page::of(route)?.cut(aliases, "Aliases"))
    }

    /// The function, the alias's name and its ARN, of a path that ends in an alias.
    fn alias<'a>(&self, route: &'a Route) -> Result<(FunctionName, &'a str, String), Error> {
        let asked = FunctionName { qualifier: None, ..route.function(&self.region)? };
        let name = route.label(1);
        let arn = name::arn(&self.region, &asked.name, Some(name));
        Ok((asked, name, arn))
    }

    /// Checks where an alias points: the version exists, and so does the one other version with a weight.
    fn routing(
        &self,
        function: &Function,
        asked: &FunctionName,
        version: &str,
        weights: BTreeMap<String, f64>,
    ) -> Result<Option<(String, f64)>, Error> {
        let exists = |version: &str| match function.version(version) {
            Some(_) => Ok(()),
            None => Err(not_found(&name::arn(&self.region, &asked.name, Some(version)))),
        };
        exists(version)?;
        if weights.len() > 1 {
            return Err(invalid("Number of items in AdditionalVersionWeights cannot be greater than 1"));
        }
        let Some((other, weight)) = weights.into_iter().next() else {
            return Ok(None);
        };
        check_weight(&other, weight)?;
        if other == version {
            return Err(invalid(format!(
                "Invalid function version {version}. \
                 Function version {version} is already included in routing configuration."
            )));
        }
        if version == "$LATEST" {
            return Err(invalid("$LATEST is not supported for an alias pointing to more than 1 version"));
        }
        exists(&other)?;
        Ok(Some((other, weight)))
    }
}

/// `RoutingConfig`; an empty one clears the weights.
fn take_weights(members: &mut Members) -> Result<Option<BTreeMap<String, f64>>, Error> {
    let Some(mut routing) = members.nested("RoutingConfig")? else {
        return Ok(None);
    };
    let weights = routing.take("AdditionalVersionWeights")?.unwrap_or_default();
    routing.finish()?;
    Ok(Some(weights))
}

fn check_weight(version: &str, weight: f64) -> Result<(), Error> {
    let mut violations = Violations::default();
    let value = format!("{{{version}={weight}}}");
    let range = "Map value must satisfy constraint: [Member must have value less than or equal to 1.0, \
                 Member must have value greater than or equal to 0.0, Member must not be null]";
    violations.check((0.0..=1.0).contains(&weight), "routingConfig.additionalVersionWeights", &value, range);
    let pattern = "Map keys must satisfy constraint: [Member must have length less than or equal to 1024, \
                   Member must have length greater than or equal to 1, \
                   Member must satisfy regular expression pattern: [0-9]+, Member must not be null]";
    let number = !version.is_empty() && version.bytes().all(|byte| byte.is_ascii_digit());
    violations.check(number, "routingConfig.additionalVersionWeights", &value, pattern);
    violations.finish()
}

fn check_name(name: &str) -> Result<(), Error> {
    let mut violations = Violations::default();
    let pattern = "Member must satisfy regular expression pattern: (?!^[0-9]+$)([a-zA-Z0-9-_]+)";
    violations.check(name::is_alias(name), "name", name, pattern);
    violations.check(name.len() <= 128, "name", name, "Member must have length less than or equal to 128");
    violations.finish()
}

fn describe(name: &str, alias: &Alias, arn: &str) -> Value {
    let mut description = json!({
        "AliasArn": arn,
        "Name": name,
        "FunctionVersion": alias.version,
        "Description": alias.description,
        "RevisionId": alias.revision_id,
    });
    if let Some((version, weight)) = &alias.additional {
        description["RoutingConfig"] = json!({ "AdditionalVersionWeights": { version: weight } });
    }
    description
}

pub(super) fn no_alias(arn: &str) -> Error {
    Error::new(404, "ResourceNotFoundException", format!("Cannot find alias arn: {arn}"))
}
