//! CORS for a REST API: a MOCK `OPTIONS` beside the methods of each path. (API Gateway's own CORS setting is for HTTP
//! APIs only.)

use std::collections::{BTreeMap, BTreeSet};

use super::{Authorization, Integration, IntegrationResponse, Operation, Route, Target, responses};
use crate::stack::Cors;

/// A preflight's answer for a path that has `methods`; `binary` where the API takes every body for binary.
pub(super) fn preflight(path: &str, methods: &BTreeSet<&str>, cors: &Cors, binary: bool) -> (Operation, Route) {
    let methods = if methods.contains("ANY") { "*".to_owned() } else { list(methods) };
    let mut headers: BTreeMap<&str, String> = origin(cors).into_iter().collect();
    headers.insert("Access-Control-Allow-Methods", methods);
    headers.insert("Access-Control-Allow-Headers", list(&cors.headers));
    headers.insert("Access-Control-Max-Age", cors.max_age.to_string());
    headers.extend(responses::FIXED.map(|(name, value)| (name, value.to_owned())));
    let mut parameters: BTreeMap<String, String> =
        headers.iter().map(|(name, value)| (format!("method.response.header.{name}"), format!("'{value}'"))).collect();
    parameters.insert("method.response.header.X-Request-Id".to_owned(), "context.requestId".to_owned());
    let declared = headers.keys().copied().chain(["X-Request-Id"]).map(str::to_owned).collect();
    let integration = Integration {
        kind: "MOCK".to_owned(),
        target: Target::Nothing,
        method: None,
        vpc_link: None,
        any_authority: false,
        credentials: None,
        timeout: 29_000,
        // What has no template would be passed through, and a mock fails on what is no JSON: 415 instead of 500.
        passthrough: "NEVER".to_owned(),
        // A mock fails on a body that counts as binary, even on none.
        content_handling: binary.then(|| "CONVERT_TO_TEXT".to_owned()),
        request_parameters: BTreeMap::new(),
        request_templates: BTreeMap::from([("application/json".to_owned(), r#"{"statusCode":204}"#.to_owned())]),
        integration_responses: BTreeMap::from([(
            "204".to_owned(),
            IntegrationResponse { pattern: None, parameters, templates: BTreeMap::new() },
        )]),
    };
    let route = Route {
        integration,
        authorization: Authorization::None,
        api_key_required: false,
        validator: None,
        parameters: BTreeMap::new(),
        responses: BTreeMap::from([("204".to_owned(), declared)]),
    };
    (Operation { path: path.to_owned(), method: "OPTIONS".to_owned() }, route)
}

/// The headers that API Gateway's own answers need, so that a page may read them.
pub(super) fn exposure(cors: &Cors) -> BTreeMap<&'static str, String> {
    let mut headers: BTreeMap<&str, String> = origin(cors).into_iter().collect();
    if !cors.expose.is_empty() {
        headers.insert("Access-Control-Expose-Headers", list(&cors.expose));
    }
    headers
}

/// The stage variables by which handlers know what to send: API Gateway adds nothing to what a proxied function answers.
/// What a variable's value may not hold (API reference, `CreateStage`), `*` above all, is left out, and means the default.
pub fn variables(cors: &Cors) -> BTreeMap<&'static str, String> {
    let fits = |value: &str| {
        (1..=512).contains(&value.len())
            && value.chars().all(|c| c.is_ascii_alphanumeric() || "-._~:/?#&=,".contains(c))
    };
    let origin = cors.origins.first().map(|origin| ("cors_origin", origin.clone()));
    let values = origin.into_iter().chain([("cors_expose", list(&cors.expose))]);
    values.filter(|(_, value)| fits(value)).collect()
}

/// A mock's answer is fixed, so it can name one origin, or all.
fn origin(cors: &Cors) -> Option<(&'static str, String)> {
    cors.origins.first().map(|origin| ("Access-Control-Allow-Origin", origin.clone()))
}

fn list<T: AsRef<str>>(items: impl IntoIterator<Item = T>) -> String {
    items.into_iter().map(|item| item.as_ref().to_owned()).collect::<Vec<_>>().join(",")
}
