//! The table that `stack.toml` asks for.

use std::collections::{BTreeMap, BTreeSet};

use super::{Authorization, Authorizer, Integration, Operation, Route, Table, Target, cors, responses, service};
use crate::digest::Digest;
use crate::scope::{self, Scope};
use crate::stack::{Api, Backend, Guard, Route as StackRoute, RouteKey};

/// Every body is taken for binary, and passed on byte for byte: any other is taken for text in UTF-8, and what is none is
/// lost. Which answers are binary is told by the request's `Accept`, so that a list of types would not do.
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-payload-encodings-workflow.html>
const BINARY: &str = "*/*";

/// What the stack's functions are in AWS: by their name in `stack.toml`, the physical name and the content to pin.
pub type Functions = BTreeMap<String, (String, Digest)>;

/// The API that `api` asks for in `scope`.
pub fn wanted(api: &Api, functions: &Functions, scope: &Scope) -> Table {
    let credentials = scope.role_arn(&scope.gateway_role());
    // The stack is checked: each name that a route or an authorizer has is one of `functions`.
    let target = |name: &str| {
        functions.get(name).map_or(Target::Nothing, |(function, digest)| Target::Version {
            function: function.clone(),
            digest: digest.clone(),
        })
    };
    let identities = api.identities();
    let mut routes: BTreeMap<Operation, Route> = api
        .routes
        .iter()
        .map(|(key, route)| {
            let authorization = match route.guard.clone() {
                Some(Guard::Authorizer(name)) => Authorization::Authorizer(name),
                Some(Guard::Iam) => Authorization::Iam,
                None => Authorization::None,
            };
            let (integration, parameters) = match &route.backend {
                Backend::Function(name) => (proxy(target(name), &credentials, route.timeout), BTreeMap::new()),
                Backend::Service(service) => {
                    (service::integration((key, route), service, &identities), service::parameters(service))
                }
            };
            let operation = Operation { path: key.path.clone(), method: key.method.clone() };
            (operation, Route { parameters, ..proxied(integration, authorization) })
        })
        .collect();
    let binary = api.binary || api.services().next().is_some();
    if let Some(cors) = &api.cors {
        let mut methods: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for RouteKey { path, method } in api.routes.keys() {
            methods.entry(path).or_default().insert(method);
        }
        for (path, methods) in methods.iter().filter(|(_, methods)| !methods.contains("OPTIONS")) {
            let (operation, route) = cors::preflight(path, methods, cors, binary);
            routes.insert(operation, route);
        }
    }
    let authorizers = api.authorizers.iter().map(|(name, authorizer)| {
        let authorizer = Authorizer {
            kind: "REQUEST".to_owned(),
            target: target(&authorizer.function),
            credentials: Some(credentials.clone()),
            identity_source: Some("method.request.header.Authorization".to_owned()),
            identity_validation: None,
            ttl: authorizer.ttl,
        };
        (name.clone(), authorizer)
    });
    let exposure = api.cors.as_ref().map(cors::exposure).unwrap_or_default();
    let signed = api.routes.values().any(StackRoute::is_signed);
    Table {
        title: scope.api(),
        description: scope::marked(&api.description, &mark(scope)),
        authorizers: authorizers.collect(),
        responses: responses::responses(&exposure, signed),
        validators: BTreeMap::new(),
        binary_media_types: binary.then(|| BINARY.to_owned()).into_iter().collect(),
        routes,
    }
}

/// The mark in the description of the stack's API.
pub fn mark(scope: &Scope) -> String {
    scope.mark("api", "api")
}

fn proxied(integration: Integration, authorization: Authorization) -> Route {
    Route {
        integration,
        authorization,
        api_key_required: false,
        validator: None,
        parameters: BTreeMap::new(),
        // A proxy's answer is the function's, whatever is declared: but a document without any response is no OpenAPI.
        responses: BTreeMap::from([("200".to_owned(), BTreeSet::new())]),
    }
}

/// A Lambda proxy integration; `timeout` is in milliseconds.
fn proxy(target: Target, credentials: &str, timeout: u32) -> Integration {
    Integration {
        kind: "AWS_PROXY".to_owned(),
        target,
        method: Some("POST".to_owned()),
        vpc_link: None,
        any_authority: false,
        credentials: Some(credentials.to_owned()),
        timeout,
        passthrough: "WHEN_NO_MATCH".to_owned(),
        content_handling: None,
        request_parameters: BTreeMap::new(),
        request_templates: BTreeMap::new(),
        integration_responses: BTreeMap::new(),
    }
}
