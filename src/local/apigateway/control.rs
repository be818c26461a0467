//! The control plane: each operation to what carries it out.

use serde_json::{Value, json};

use super::model::RestApi;
use super::routes::{labels, parameter};
use super::{ApiGateway, account, apis, deployments, error, import, inspect, stage, stage_update, tags};
use crate::call::{Error, Request};

impl ApiGateway {
    /// Carries out `operation`: the status of the answer and its body.
    pub(super) fn carry_out(&self, operation: &str, request: &Request) -> Result<(u16, Value), Error> {
        let labels = labels(request);
        let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
        let body: &[u8] = if request.body.is_empty() { b"{}" } else { &request.body };
        match (operation, labels.as_slice()) {
            ("CreateRestApi", []) => {
                let api = apis::create(body)?;
                let shown = apis::describe(&api);
                self.add(api, shown)
            }
            ("ImportRestApi", []) => {
                let (api, shown) = import::import(request)?;
                self.add(api, shown)
            }
            ("GetRestApis", []) => {
                let apis = self.store.read(|state| {
                    let listed = state.apis.values().filter(|api| !self.recent.hides(&api.about.id));
                    listed.map(apis::describe).collect()
                });
                inspect::page(apis, request).map(ok)
            }
            ("GetRestApi", [api]) => self.look(api, |api| Ok(apis::describe(api))),
            ("UpdateRestApi", [api]) => self.change(api, |api| apis::update(api, body)).map(ok),
            ("PutRestApi", [api]) => self.change(api, |api| import::put(api, request)).map(ok),
            ("DeleteRestApi", [id]) => {
                self.store.write(|state| state.apis.remove(*id).map(|_| ()).ok_or_else(|| error::no_such_api(id)))?;
                self.refresh(id);
                Ok((202, Value::Null))
            }
            ("TagResource", [arn]) => self.store.write(|state| tags::put(state, arn, request)).map(none),
            ("UntagResource", [arn]) => self.store.write(|state| tags::remove(state, arn, request)).map(none),
            ("GetTags", [arn]) => self.store.read(|state| tags::get(state, arn, &request.region)).map(ok),
            ("GetAccount", []) => Ok(ok(self.store.read(account::get))),
            ("UpdateAccount", []) => self.store.write(|state| account::update(state, body, &self.iam)).map(ok),
            _ => self.inspect(operation, &labels, request).unwrap_or_else(|| self.deploy(operation, &labels, request)),
        }
    }

    /// The operations that read what an API is made of; `None` for others.
    fn inspect(&self, operation: &str, labels: &[&str], request: &Request) -> Option<Result<(u16, Value), Error>> {
        let list = |api: &str, items: &dyn Fn(&RestApi) -> Result<Vec<Value>, Error>| {
            self.look(api, |api| inspect::page(items(api)?, request))
        };
        let found = |value: Option<Value>, what: &str| {
            value.ok_or_else(|| error::not_found(format!("Invalid {what} identifier specified")))
        };
        Some(match (operation, labels) {
            ("GetResources", [api]) => list(api, &|api| inspect::resources(&api.definition, request)),
            ("GetResource", [api, id]) => self.look(api, |api| inspect::resource(&api.definition, id, request)),
            ("GetMethod", [api, id, method]) => self.look(api, |api| inspect::method(&api.definition, id, method)),
            ("GetIntegration", [api, id, method]) => {
                self.look(api, |api| inspect::integration(&api.definition, id, method))
            }
            ("GetAuthorizers", [api]) => {
                list(api, &|api| Ok(api.definition.authorizers.values().map(inspect::value).collect()))
            }
            ("GetAuthorizer", [api, id]) => {
                self.look(api, |api| found(api.definition.authorizers.get(*id).map(inspect::value), "Authorizer"))
            }
            ("GetRequestValidators", [api]) => {
                list(api, &|api| Ok(api.definition.validators.values().map(inspect::value).collect()))
            }
            ("GetRequestValidator", [api, id]) => {
                self.look(api, |api| found(api.definition.validators.get(*id).map(inspect::value), "Request Validator"))
            }
            ("GetModels", [api]) => list(api, &|api| Ok(api.definition.models.values().map(inspect::value).collect())),
            ("GetModel", [api, name]) => {
                self.look(api, |api| found(api.definition.models.get(*name).map(inspect::value), "Model"))
            }
            ("GetGatewayResponses", [api]) => list(api, &|api| Ok(inspect::gateway_responses(&api.definition))),
            ("GetGatewayResponse", [api, name]) => {
                self.look(api, |api| inspect::gateway_response(&api.definition, name))
            }
            _ => return None,
        })
    }

    /// The operations on deployments and stages: what changes what is served.
    fn deploy(&self, operation: &str, labels: &[&str], request: &Request) -> Result<(u16, Value), Error> {
        let body: &[u8] = if request.body.is_empty() { b"{}" } else { &request.body };
        match (operation, labels) {
            ("CreateDeployment", [api]) => self.release(api, |api| deployments::create(api, body)).map(created),
            ("GetDeployments", [api]) => self.look(api, |api| inspect::page(deployments::list(api), request)),
            ("GetDeployment", [api, id]) => {
                let embed = parameter(request, "embed");
                self.look(api, |api| deployments::get(api, id, embed.as_deref()))
            }
            ("UpdateDeployment", [api, id]) => self.change(api, |api| deployments::update(api, id, body)).map(ok),
            ("DeleteDeployment", [api, id]) => self.change(api, |api| deployments::delete(api, id)).map(accepted),
            ("CreateStage", [api]) => self.release(api, |api| stage::create(api, body)).map(created),
            ("GetStages", [api]) => {
                let deployment = parameter(request, "deploymentId");
                self.look(api, |api| Ok(json!({ "item": stage::list(api, deployment.as_deref()) })))
            }
            ("GetStage", [api, name]) => self.look(api, |api| stage::get(api, name)),
            ("UpdateStage", [api, name]) => {
                let log_role = self.store.read(|state| state.log_role.clone());
                self.release(api, |api| stage_update::update(api, name, body, log_role.as_deref())).map(ok)
            }
            ("DeleteStage", [api, name]) => self.release(api, |api| stage::delete(api, name)).map(accepted),
            ("FlushStageAuthorizersCache", [api, name]) => {
                self.look(api, |api| stage::get(api, name))?;
                if let Some(served) = self.serving(api, name) {
                    served.cache.clear();
                }
                Ok(accepted(Value::Null))
            }
            _ => Err(Error::not_implemented(operation)),
        }
    }

    fn add(&self, api: RestApi, shown: Value) -> Result<(u16, Value), Error> {
        self.store.write(|state| {
            if state.apis.len() >= 600 {
                return Err(error::limit_exceeded("Maximum number of REST APIs for this region has been reached: 600"));
            }
            self.recent.made(&api.about.id);
            state.apis.insert(api.about.id.clone(), api);
            Ok(created(shown))
        })
    }

    fn look(&self, api: &str, look: impl FnOnce(&RestApi) -> Result<Value, Error>) -> Result<(u16, Value), Error> {
        self.store.read(|state| look(state.api(api)?)).map(ok)
    }

    fn change(&self, api: &str, change: impl FnOnce(&mut RestApi) -> Result<Value, Error>) -> Result<Value, Error> {
        self.store.write(|state| change(state.api_mut(api)?))
    }

    /// A change that callers of the API may see.
    fn release(&self, api: &str, change: impl FnOnce(&mut RestApi) -> Result<Value, Error>) -> Result<Value, Error> {
        let shown = self.change(api, change)?;
        self.roll_out(api);
        Ok(shown)
    }
}

fn ok(body: Value) -> (u16, Value) {
    (200, body)
}

fn created(body: Value) -> (u16, Value) {
    (201, body)
}

fn accepted(body: Value) -> (u16, Value) {
    (202, body)
}

fn none(body: Value) -> (u16, Value) {
    (204, body)
}
