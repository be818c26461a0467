//! Routes to services: variables and mappings that lead nowhere, headers that API Gateway keeps to itself, and what would
//! let a caller say who it is.

use std::collections::BTreeSet;

use super::Finding;
use crate::stack::declare::{Segment, segments, variables};
use crate::stack::{Api, Route, RouteKey, Service, Stack, nearest};

/// Headers that no mapping may set: API Gateway answers 500 to every request of a method that does.
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html>
const KEPT: [&str; 4] = ["content-length", "transfer-encoding", "x-amzn-trace-id", "x-amzn-apigateway-api-id"];
/// Headers that API Gateway takes out on the way to an HTTP endpoint, mapped or not.
const DROPPED: [&str; 4] = ["expect", "proxy-authenticate", "te", "via"];
/// Headers that say where a request goes or what it holds, and so cannot say who calls.
const TAKEN: [&str; 5] = ["host", "content-type", "content-encoding", "accept-encoding", "authorization"];

pub(super) fn check(stack: &Stack) -> Vec<Finding> {
    let Some(api) = &stack.api else { return Vec::new() };
    let mut findings = Vec::new();
    for (key, route) in &api.routes {
        if let Some(service) = route.backend.service() {
            // Of a name that leads nowhere the check of names tells.
            if service.name.as_ref().is_none_or(|name| stack.services.contains_key(name)) {
                findings.extend(url(key, service));
            }
            findings.extend(headers(key, service, api));
            findings.extend(mappings((key, route), service));
            findings.extend(identity(key, service));
        }
    }
    findings
}

/// A fault of the value of a route's `rest`.
fn fault(key: &RouteKey, rest: &[&str], message: String, help: impl Into<String>) -> Finding {
    let route = key.to_string();
    let path: Vec<&str> = ["api", "routes", &route].into_iter().chain(rest.iter().copied()).collect();
    Finding::of_value(&path, message, help)
}

fn variables_of(key: &RouteKey) -> BTreeSet<&str> {
    let name = |segment| match segment {
        Segment::Literal(_) => None,
        Segment::Variable(name) | Segment::Greedy(name) => Some(name),
    };
    segments(&key.path).filter_map(name).collect()
}

fn unknown_variable(name: &str, key: &RouteKey) -> String {
    let known = variables_of(key);
    if known.is_empty() {
        return format!("the path of `{key}` has no variables");
    }
    nearest::help(name, "the variables of the path are", known)
}

fn url(key: &RouteKey, service: &Service) -> Vec<Finding> {
    let known = variables_of(key);
    let place = if service.name.is_some() { "path" } else { "url" };
    let mut findings: Vec<Finding> = variables(&service.url)
        .filter(|name| !known.contains(name))
        .map(|name| {
            let message = format!("there is no variable `{{{name}}}` in the route's path");
            fault(key, &[place], message, unknown_variable(name, key))
        })
        .collect();
    // SDK, `Integration`: "Standard 80 and 443 ports are supported as well as custom ports above 1024."
    let authority = service.url.split('/').nth(2).unwrap_or_default();
    if let Some((_, port)) = authority.split_once(':')
        && !matches!(port.parse(), Ok(80 | 443 | 1_025..=65_535u32))
    {
        let message = format!("API Gateway does not connect to port {port}");
        let place = if service.name.is_some() { "service" } else { "url" };
        findings.push(fault(key, &[place], message, "it connects to 80, 443 and those from 1025 to 65535"));
    }
    if !service.verify_certificate && service.url.starts_with("http://") {
        let message = "there is no certificate where the URL starts with `http://`".to_owned();
        findings.push(fault(key, &["verify_certificate"], message, "take it out, or write `https://`"));
    }
    findings
}

fn headers(key: &RouteKey, service: &Service, api: &Api) -> Vec<Finding> {
    let identities = api.identities();
    let mut seen = BTreeSet::new();
    let mut findings = Vec::new();
    for name in service.headers.keys() {
        let lower = name.to_lowercase();
        let at = |message: String, help: &str| {
            Finding::of_key(&["api", "routes", &key.to_string(), "headers", name], message, help)
        };
        if let Some(refusal) = kept(&lower) {
            findings.push(at(format!("{refusal}: `{name}`"), "take it out"));
        } else if identities.iter().any(|identity| identity.eq_ignore_ascii_case(name)) {
            let message = format!("`{name}` tells a service who calls, and is set by `identity` alone");
            findings.push(at(message, "give this header, or the one of `identity`, another name"));
        } else if !seen.insert(lower) {
            let message = format!("`{name}` stands here twice: the names of headers have no case");
            findings.push(at(message, "take one of them out"));
        }
    }
    findings
}

fn kept(lower: &str) -> Option<&'static str> {
    match lower {
        name if KEPT.contains(&name) => Some("API Gateway sets this header itself"),
        "x-origin-key" => Some("this header is for the stack's own functions, and no service gets it"),
        name if DROPPED.contains(&name) => Some("API Gateway takes this header out"),
        _ => None,
    }
}

fn mappings((key, route): (&RouteKey, &Route), service: &Service) -> Vec<Finding> {
    let known = variables_of(key);
    let headers = service.headers.iter().map(|mapping| ("headers", mapping));
    let query = service.query.iter().map(|mapping| ("query", mapping));
    let mut findings = Vec::new();
    for (section, (name, value)) in headers.chain(query) {
        if let Some(variable) = value.strip_prefix("method.request.path.")
            && !known.contains(variable)
        {
            let message = format!("there is no variable `{{{variable}}}` in the route's path");
            findings.push(fault(key, &[section, name], message, unknown_variable(variable, key)));
        }
        if value.starts_with("context.authorizer.") && route.authorizer().is_none() {
            let message =
                format!("`{value}` is nothing on a route without an authorizer: what the caller sends would pass");
            findings.push(fault(key, &[section, name], message, "add an `authorizer`, or map something that is there"));
        }
    }
    findings
}

fn identity(key: &RouteKey, service: &Service) -> Option<Finding> {
    let lower = service.identity.to_lowercase();
    let reason = kept(&lower).or_else(|| {
        TAKEN.contains(&lower.as_str()).then_some("this header has a meaning of its own, and cannot tell who calls")
    })?;
    let message = format!("{reason}: `{}`", service.identity);
    Some(fault(key, &["identity"], message, "name one that nothing else uses, such as `X-Caller`"))
}
