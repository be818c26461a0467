//! Routes to what runs already: API Gateway's HTTP proxy integration, which passes method, headers, query string and body
//! on as they came, and maps parameters on the way.
//!
//! What AWS does there, where its documentation is silent, is as recorded against AWS by localstack
//! (`tests/aws/services/apigateway/test_apigateway_http.py`, `test_http_proxy_integration_request_data_mappings`): a
//! mapped header takes the place of one of that name that the caller sent; a mapped parameter of the query string is
//! added to those that the caller sent, so that it proves nothing. `Host` and `Content-Encoding` of the caller are not
//! passed on.
//!
//! **Nobody can pretend to be somebody.** What AWS makes of a mapping without a value is not recorded, and the caller's own
//! header may pass then. So each header that tells a service of the API who calls is mapped on every route to a service,
//! and always to something that is there: `context.authorizer.principalId`, which API Gateway demands of an authorizer's
//! answer, `context.identity.userArn`, which a signed request has, or, on a route that anybody may call, the fixed text [`NOBODY`]; empty text might count as none.

use std::collections::{BTreeMap, BTreeSet};

use super::{Integration, Target};
use crate::stack::{Guard, Route, RouteKey, Service, variables};

/// What a service is told of a caller whom nobody has asked who it is: the mark that web servers' logs have for it.
pub(super) const NOBODY: &str = "-";

/// The header by which functions know that a request comes from the page's distribution.
pub const EDGE_KEY: &str = "X-Origin-Key";

/// The integration of a route to `service`; `identities` are the headers that tell any service of the API who calls.
pub(super) fn integration(
    (key, route): (&RouteKey, &Route),
    service: &Service,
    identities: &BTreeSet<&str>,
) -> Integration {
    let path = variables(&service.url)
        .map(|name| (format!("integration.request.path.{name}"), format!("method.request.path.{name}")));
    let query =
        service.query.iter().map(|(name, value)| (format!("integration.request.querystring.{name}"), value.clone()));
    let header = |(name, value): (&str, String)| (format!("integration.request.header.{name}"), value);
    Integration {
        kind: "HTTP_PROXY".to_owned(),
        target: Target::Uri(service.url.clone()),
        method: Some(key.method.clone()),
        vpc_link: service.vpc_link.clone(),
        any_authority: !service.verify_certificate,
        credentials: None,
        timeout: route.timeout,
        passthrough: "WHEN_NO_MATCH".to_owned(),
        content_handling: None,
        request_parameters: path.chain(query).chain(headers(route, service, identities).map(header)).collect(),
        request_templates: BTreeMap::new(),
        integration_responses: BTreeMap::new(),
    }
}

fn headers<'a>(
    route: &'a Route,
    service: &'a Service,
    identities: &'a BTreeSet<&'a str>,
) -> impl Iterator<Item = (&'a str, String)> {
    let others = identities.iter().filter(|name| !name.eq_ignore_ascii_case(&service.identity));
    let others = others.map(|name| (*name, format!("'{NOBODY}'")));
    let caller = match &route.guard {
        Some(Guard::Authorizer(_)) => "context.authorizer.principalId".to_owned(),
        Some(Guard::Iam) => "context.identity.userArn".to_owned(),
        None => format!("'{NOBODY}'"),
    };
    // AWS drops `Content-Encoding` from an answer, and a client could not read what is still compressed.
    let plain = (!service.headers.keys().any(|name| name.eq_ignore_ascii_case("Accept-Encoding")))
        .then(|| ("Accept-Encoding", "'identity'".to_owned()));
    // What the page's distribution says to the stack's functions alone.
    let key = [(EDGE_KEY, format!("'{NOBODY}'"))];
    let own = service.headers.iter().map(|(name, value)| (name.as_str(), value.clone()));
    plain.into_iter().chain(key).chain(own).chain(others).chain([(service.identity.as_str(), caller)])
}

/// The parameters of the method that the mappings take, none of them required: API Gateway knows those that are declared.
pub(super) fn parameters(service: &Service) -> BTreeMap<String, bool> {
    let taken = service.headers.values().chain(service.query.values());
    taken.filter(|value| value.starts_with("method.request.")).map(|value| (value.clone(), false)).collect()
}
