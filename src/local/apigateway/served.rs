//! What a stage serves: its deployment, compiled.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use http::Method as Verb;

use super::access_log::AccessLog;
use super::authorizer::Authorizer;
use super::backend::Backend;
use super::cache::Cache;
use super::definition::{AWS_IAM, Definition, IntegrationType, Method, Settings};
use super::expression::Expression;
use super::failure::Answer;
use super::gateway_response::{TYPES, Type};
use super::http_proxy::HttpProxy;
use super::method_settings::MethodSetting;
use super::mock::Mock;
use super::model::{RestApi, Strings};
use super::proxy::Proxy;
use super::routing::{Match, Tree};
use super::stage::Stage;
use super::throttle::Bucket;

/// A stage with its deployment, ready to answer.
#[derive(Debug)]
pub(super) struct Served {
    pub(super) region: String,
    pub(super) api: String,
    pub(super) stage: String,
    pub(super) deployment: String,
    pub(super) variables: Strings,
    pub(super) settings: Settings,
    pub(super) access_log: Option<AccessLog>,
    pub(super) cache: Arc<Cache>,
    tree: Tree,
    resources: Vec<Resource>,
    answers: HashMap<&'static str, Answer>,
    /// The share of requests (0.0 to 100.0) that goes elsewhere, and what serves them.
    canary: Option<(f64, Box<Self>)>,
}

/// A resource and what answers its methods.
#[derive(Debug)]
pub(super) struct Resource {
    pub(super) id: String,
    pub(super) path: String,
    methods: HashMap<Verb, Route>,
    any: Option<Route>,
}

/// A method of a resource.
#[derive(Debug)]
pub(super) struct Route {
    pub(super) guard: Guard,
    pub(super) throttle: Option<Bucket>,
    /// Parameters that must be there, and their names.
    pub(super) required: Vec<(Expression, String)>,
    pub(super) integration: Integration,
}

/// Who tells whether a caller may go on.
#[derive(Debug)]
pub(super) enum Guard {
    None,
    /// `AWS_IAM`
    Iam,
    /// `CUSTOM`
    Authorizer(Arc<Authorizer>),
}

#[derive(Debug)]
pub(super) enum Integration {
    Proxy(Proxy),
    Http(HttpProxy),
    Mock(Mock),
}

impl Served {
    /// Compiles what `stage` of `api` serves; `before` is what it served until now, whose authorizers' cache goes on.
    ///
    /// `None` when the stage's deployment is not there, which no operation allows.
    pub(super) fn compile(api: &RestApi, stage: &Stage, (region, before): (&str, Option<&Self>)) -> Option<Self> {
        let deployment = api.deployments.get(&stage.deployment_id)?;
        let definition = &*deployment.definition;
        let authorizers: HashMap<&str, Arc<Authorizer>> = definition
            .authorizers
            .iter()
            .map(|(id, authorizer)| (id.as_str(), Arc::new(Authorizer::compile(authorizer, &stage.variables))))
            .collect();
        let mut tree = Tree::default();
        let mut resources = Vec::new();
        for resource in definition.resources.values().filter(|resource| !resource.resource_methods.is_empty()) {
            tree.add(&resource.path, resources.len());
            let mut compiled =
                Resource { id: resource.id.clone(), path: resource.path.clone(), methods: HashMap::new(), any: None };
            for (name, method) in &resource.resource_methods {
                let setting = setting(stage, &resource.path, name);
                let Some(route) = Route::compile(method, definition, (&stage.variables, setting, &authorizers)) else {
                    continue;
                };
                match Verb::from_bytes(name.as_bytes()) {
                    Ok(verb) if name != "ANY" => drop(compiled.methods.insert(verb, route)),
                    _ => compiled.any = Some(route),
                }
            }
            resources.push(compiled);
        }
        let settings = stage.access_log_settings.as_ref();
        let served = Self {
            region: region.to_owned(),
            api: api.about.id.clone(),
            stage: stage.stage_name.clone(),
            deployment: deployment.id.clone(),
            variables: stage.variables.clone(),
            settings: definition.settings.clone(),
            access_log: settings.and_then(|settings| AccessLog::compile(settings, &deployment.id)),
            cache: before.map(|before| Arc::clone(&before.cache)).unwrap_or_default(),
            tree,
            resources,
            answers: TYPES.iter().map(|kind| (kind.name, Answer::compile(*kind, definition))).collect(),
            canary: None,
        };
        let canary = stage.as_canary().and_then(|(percent, stage)| {
            // The cache is the stage's, so that both share it.
            Some((percent, Box::new(Self::compile(api, &stage, (region, Some(&served)))?)))
        });
        Some(Self { canary, ..served })
    }

    /// What serves the next request: this, or by chance its canary.
    pub(super) fn pick(&self) -> &Self {
        match &self.canary {
            None => self,
            Some((percent, canary)) => {
                // A machine without randomness sends nothing to the canary.
                let random = f64::from(getrandom::u32().unwrap_or(u32::MAX)) / (f64::from(u32::MAX) + 1.0);
                if random * 100.0 < *percent { canary } else { self }
            }
        }
    }

    /// The resource that `path` leads to.
    pub(super) fn find<'a>(&'a self, path: &'a str) -> Option<(&'a Resource, Vec<(&'a str, &'a str)>)> {
        let Match { resource, parameters } = self.tree.find(path)?;
        Some((self.resources.get(resource)?, parameters))
    }

    /// How the API answers failures of a type.
    pub(super) fn answer(&self, kind: Type) -> Option<&Answer> {
        self.answers.get(kind.name)
    }
}

impl Resource {
    /// What answers `verb`, if anything does.
    pub(super) fn route(&self, verb: &Verb) -> Option<&Route> {
        self.methods.get(verb).or(self.any.as_ref())
    }
}

impl Route {
    fn compile(
        method: &Method,
        definition: &Definition,
        (variables, setting, authorizers): (&Strings, Option<&MethodSetting>, &HashMap<&str, Arc<Authorizer>>),
    ) -> Option<Self> {
        let integration = method.method_integration.as_ref()?;
        let validator = method.request_validator_id.as_ref().and_then(|id| definition.validators.get(id));
        let required = method.request_parameters.iter().filter(|(_, required)| **required);
        let required = required
            .filter(|_| validator.is_some_and(|validator| validator.validate_request_parameters))
            .filter_map(|(name, _)| Some((Expression::parse(name)?, name.splitn(4, '.').nth(3)?.to_owned())));
        let throttle = setting
            .filter(|setting| setting.throttling_rate_limit >= 0.0 && setting.throttling_burst_limit >= 0)
            .map(|setting| Bucket::new(setting.throttling_rate_limit, setting.throttling_burst_limit.into()));
        Some(Self {
            guard: match method.authorizer_id.as_deref().and_then(|id| authorizers.get(id)) {
                Some(authorizer) => Guard::Authorizer(Arc::clone(authorizer)),
                None if method.authorization_type == AWS_IAM => Guard::Iam,
                None => Guard::None,
            },
            throttle,
            required: required.collect(),
            integration: match integration.kind {
                IntegrationType::Mock => Integration::Mock(Mock::compile(integration)),
                IntegrationType::HttpProxy => Integration::Http(HttpProxy::compile(integration, variables)),
                IntegrationType::AwsProxy => Integration::Proxy(Proxy {
                    backend: Backend::new(
                        integration.uri.as_deref().unwrap_or_default(),
                        integration.credentials.as_deref(),
                        variables,
                    ),
                    timeout: Duration::from_millis(integration.timeout_in_millis),
                    is_post: integration.http_method.as_deref() == Some("POST"),
                    method: method.http_method.clone(),
                }),
            },
        })
    }
}

/// The settings of a method: its own, else those of all methods of the stage.
fn setting<'a>(stage: &'a Stage, path: &str, method: &str) -> Option<&'a MethodSetting> {
    let own = format!("{}/{method}", path.replace('/', "~1"));
    stage.method_settings.get(&own).or_else(|| stage.method_settings.get("*/*"))
}
