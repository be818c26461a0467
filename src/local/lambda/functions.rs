//! `CreateFunction`, the Gets and the list, the two updates, `DeleteFunction`.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use super::Shared;
use super::code::{self, Package};
use super::configuration::{Configuration, Content, Logging};
use super::members::{Members, invalid};
use super::name::{self, FunctionName};
use super::page::Page;
use super::route::Route;
use super::settings::{Settings, architecture};
use super::state::{Function, conflict, not_found};
use super::tags;
use super::upload::{no_source, take_zip};
use crate::call::{Error, Request};

impl Shared {
    pub(super) async fn create_function(self: &Arc<Self>, request: &Request) -> Result<Value, Error> {
        let mut members = Members::parse("CreateFunction", &request.body)?;
        let asked = self.new_name(&members.require::<String>("FunctionName")?)?;
        let mut source = members.nested("Code")?.ok_or_else(no_source)?;
        let zip = take_zip(&mut source, request, "CreateFunction")?.ok_or_else(no_source)?;
        source.finish()?;
        let settings = Settings::take(&mut members)?;
        let architecture = architecture(&mut members)?;
        let tags = tags::checked(members.take("Tags")?.unwrap_or_default(), &BTreeMap::new())?;
        let publish = members.take("Publish")?.unwrap_or(false);
        if members.take::<String>("PackageType")?.is_some_and(|package| package != "Zip") {
            return Err(Error::not_implemented("the PackageType Image of lambda:CreateFunction"));
        }
        members.finish()?;
        settings.check_complete()?;
        let role = settings.role.clone().ok_or_else(|| invalid("The role is mandatory."))?;
        self.check_role(&role)?;
        if self.state.read(|state| state.functions.contains_key(&asked.name)) {
            return Err(exists(&asked.name));
        }

        let _in_use = self.packages_in_use.read().await;
        let package = self.store_package(zip).await?;
        let mut content = new_content(&asked.name, package, architecture);
        settings.apply(&mut content)?;
        let arn = asked.arn(&self.region);
        let function = self.state.write(|state| {
            if state.functions.contains_key(&asked.name) {
                return Err(exists(&asked.name));
            }
            let mut function = Function::new(Configuration::pending("$LATEST", content), tags);
            if publish {
                function.publish(None);
            }
            state.functions.insert(asked.name.clone(), function.clone());
            Ok::<_, Error>(function)
        })?;
        self.recent.made(&asked.name);
        let mut created = &function.latest;
        self.settle_later(&asked.name, &created.generation);
        if let Some(version) = function.versions.values().next().filter(|_| publish) {
            created = &version.configuration;
            self.settle_later(&asked.name, &created.generation);
        }
        Ok(created.describe(&asked.name, &arn, &self.region))
    }

    pub(super) fn get_function(&self, route: &Route) -> Result<Value, Error> {
        let asked = route.function(&self.region)?;
        self.state.read(|state| {
            let function = state.function(&asked, &self.region)?;
            let configuration = self.configuration(function, &asked)?;
            let location =
                format!("{}/_aws/lambda/code/{}", self.endpoint, code::hex_of(&configuration.content.code_sha256));
            let mut answer = json!({
                "Configuration": configuration.describe(&asked.name, &asked.arn(&self.region), &self.region),
                "Code": { "RepositoryType": "S3", "Location": location },
            });
            if !function.tags.is_empty() {
                answer["Tags"] = json!(function.tags);
            }
            if let Some(reserved) = function.reserved_concurrency {
                answer["Concurrency"] = json!({ "ReservedConcurrentExecutions": reserved });
            }
            Ok(answer)
        })
    }

    pub(super) fn get_function_configuration(&self, route: &Route) -> Result<Value, Error> {
        let asked = route.function(&self.region)?;
        self.state.read(|state| {
            let configuration = self.configuration(state.function(&asked, &self.region)?, &asked)?;
            Ok(configuration.describe(&asked.name, &asked.arn(&self.region), &self.region))
        })
    }

    pub(super) fn list_functions(&self, route: &Route) -> Result<Value, Error> {
        let all = match route.parameter("FunctionVersion").as_deref() {
            None => false,
            Some("ALL") => true,
            Some(other) => {
                let mut violations = super::members::Violations::default();
                violations.check(false, "functionVersion", other, "Member must satisfy enum value set: [ALL]");
                return violations.finish().map(|()| Value::Null);
            }
        };
        let summaries = self.state.read(|state| {
            let functions = state.functions.iter().filter(|(name, _)| !self.recent.hides(name));
            functions
                .flat_map(|(name, function)| {
                    if all {
                        self.summaries(name, function)
                    } else {
                        vec![function.latest.summarize(name, &name::arn(&self.region, name, None))]
                    }
                })
                .collect::<Vec<_>>()
        });
        Ok(Page::of(route)?.cut(summaries, "Functions"))
    }

    /// `$LATEST` and the published versions, each with its own ARN.
    pub(super) fn summaries(&self, name: &str, function: &Function) -> Vec<Value> {
        let versions = function.versions.values().map(|version| &version.configuration);
        let all = std::iter::once(&function.latest).chain(versions);
        all.map(|one| one.summarize(name, &name::arn(&self.region, name, Some(&one.version)))).collect()
    }

    pub(super) fn delete_function(self: &Arc<Self>, route: &Route) -> Result<(), Error> {
        let asked = route.function(&self.region)?;
        match asked.qualifier.as_deref() {
            None => {
                let gone = self.state.write(|state| {
                    super::state::active(&state.function(&asked, &self.region)?.latest)?;
                    state.functions.remove(&asked.name).ok_or_else(|| not_found(&asked.arn(&self.region)))
                })?;
                let versions = gone.versions.values().map(|version| &version.configuration);
                for configuration in versions.chain([&gone.latest]).chain(&gone.outgoing) {
                    self.fleet.retire(&configuration.generation);
                }
                self.concurrency.forget(&asked.name, &self.state);
            }
            Some("$LATEST") => {
                return Err(invalid("$LATEST version cannot be deleted without deleting the function."));
            }
            Some(alias) if name::is_alias(alias) => {
                return Err(invalid("Deletion of aliases is not currently supported."));
            }
            Some(version) => {
                let gone = self.state.write(|state| {
                    let function = state.function_mut(&asked, &self.region)?;
                    function.remove_version(version)
                })?;
                if let Some(gone) = gone {
                    self.fleet.retire(&gone.generation);
                }
            }
        }
        self.sweep_later();
        Ok(())
    }

    /// The name that a new function gets, at most 64 characters.
    fn new_name(&self, given: &str) -> Result<FunctionName, Error> {
        let asked = FunctionName::parse(given, None, &self.region)?;
        if asked.name.len() > 64 || asked.qualifier.is_some() {
            let constraint = "Member must have length less than or equal to 64";
            return Err(invalid(format!(
                "1 validation error detected: Value '{given}' at 'functionName' failed to satisfy constraint: {constraint}"
            )));
        }
        Ok(asked)
    }

    /// The configuration that `asked` names, or 404.
    fn configuration<'a>(&self, function: &'a Function, asked: &FunctionName) -> Result<&'a Configuration, Error> {
        function.configuration(asked.qualifier.as_deref()).ok_or_else(|| not_found(&asked.arn(&self.region)))
    }

    /// Lambda must be able to assume the role when it is set.
    pub(super) fn check_role(&self, role: &str) -> Result<(), Error> {
        if self.iam.trusts(role, "lambda.amazonaws.com") {
            return Ok(());
        }
        Err(invalid("The role defined for the function cannot be assumed by Lambda."))
    }
}

fn new_content(name: &str, package: Package, architecture: Option<String>) -> Content {
    Content {
        code_sha256: package.sha256,
        code_size: package.size,
        runtime: String::new(),
        handler: String::new(),
        role: String::new(),
        description: String::new(),
        timeout: 3,
        memory: 128,
        environment: None,
        tracing: "PassThrough".to_owned(),
        architecture: architecture.unwrap_or_else(|| "x86_64".to_owned()),
        ephemeral_storage: 512,
        logging: Logging::of(name),
    }
}

fn exists(name: &str) -> Error {
    conflict(format!("Function already exist: {name}"))
}
