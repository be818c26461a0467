//! The page: what it needs beside it, and paths that the API and it would both answer.

use super::Finding;
use crate::stack::declare::{Segment, segments};
use crate::stack::site::matches;
use crate::stack::{Api, Site, Stack, hsts};

/// Cache behaviours of a distribution beside the default one.
/// <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html>
const BEHAVIOURS: usize = 24;

pub(super) fn check(stack: &Stack) -> Vec<Finding> {
    let Some(site) = &stack.site else { return Vec::new() };
    let mut findings: Vec<Finding> = certificate(site).into_iter().collect();
    findings.extend(headers(site));
    let Some(api) = &stack.api else {
        findings.push(Finding::of_key(
            &["site"],
            "a page without an API: it is released by the API's stage, which this stack has none of".to_owned(),
            "add `[api]` with a route, such as `\"GET /healthz\"`",
        ));
        return findings;
    };
    findings.extend(routes_of_the_root(api));
    let paths = api.paths();
    let patterns = paths.len() + site.assets.len();
    if patterns > BEHAVIOURS {
        let message = format!(
            "the routes begin with {} paths and the page has {} patterns of assets: {patterns}, and a distribution takes \
             {BEHAVIOURS}",
            paths.len(),
            site.assets.len()
        );
        findings.push(
            Finding::of_key(&["api", "routes"], message, "put routes below one path: `/v1/...`").needs(&["site"]),
        );
    }
    let shadowed = site.assets.iter().filter(|pattern| {
        paths.iter().any(|path| {
            matches(pattern, path.trim_start_matches('/')) || matches(path.trim_start_matches('/'), pattern)
        })
    });
    findings.extend(shadowed.map(|pattern| {
        let message = format!("`{pattern}` are assets and routes of the API at once");
        Finding::of_value(&["site", "assets"], message, "keep the page's assets apart from the API's paths")
            .needs(&["api"])
    }));
    findings
}

/// Routes at the root, or with a variable there, would hide the page.
fn routes_of_the_root(api: &Api) -> Vec<Finding> {
    let hides = |path: &str| !matches!(segments(path).next(), Some(Segment::Literal(_)));
    let routes = api.routes.keys().filter(|key| hides(&key.path));
    routes
        .map(|key| {
            let message = format!("`{key}` would answer in place of the page");
            let help = "begin the route's path with a name: `/v1/...`; or take `[site]` out";
            Finding::of_key(&["api", "routes", &key.to_string()], message, help).needs(&["site"])
        })
        .collect()
}

/// <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cnames-and-https-requirements.html>
fn certificate(site: &Site) -> Option<Finding> {
    let certificate = &site.domain.as_ref()?.certificate;
    let region = certificate.split(':').nth(3)?;
    (region != "us-east-1" && certificate.starts_with("arn:aws:")).then(|| {
        let message = format!("the certificate is in {region}, and CloudFront takes those of us-east-1 alone");
        Finding::of_value(
            &["site", "domain", "certificate"],
            message,
            "request it in us-east-1, whatever the stack's region",
        )
    })
}

/// The policies of <https://www.w3.org/TR/referrer-policy/#referrer-policies>.
const REFERRER: [&str; 8] = [
    "no-referrer",
    "no-referrer-when-downgrade",
    "origin",
    "origin-when-cross-origin",
    "same-origin",
    "strict-origin",
    "strict-origin-when-cross-origin",
    "unsafe-url",
];

/// Headers that CloudFront sets itself, and so no policy may.
const KEPT: [&str; 8] =
    ["connection", "content-encoding", "content-length", "date", "server", "transfer-encoding", "via", "warning"];

fn headers(site: &Site) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut seen = std::collections::BTreeSet::new();
    for (name, value) in &site.headers {
        let at = ["site", "headers", name];
        if !seen.insert(name.to_lowercase()) {
            let message = format!("`{name}` stands here twice: the names of headers have no case");
            findings.push(Finding::of_key(&at, message, "take one of them out"));
        } else if name.eq_ignore_ascii_case("cache-control") {
            let message =
                "`Cache-Control` goes by the file: a year for `assets`, and asked after each time for all else";
            findings.push(Finding::of_key(
                &at,
                message.to_owned(),
                "take it out, and name in `assets` what never changes",
            ));
        } else if KEPT.contains(&name.to_lowercase().as_str()) {
            findings.push(Finding::of_key(&at, format!("CloudFront sets `{name}` itself"), "take it out"));
        } else if let Some(rule) = Some(value).filter(|value| !value.is_empty()).and_then(|value| fault(name, value)) {
            findings.push(Finding::of_value(&at, format!("CloudFront has no `{name}` of this value"), rule));
        }
    }
    findings
}

/// What CloudFront, which has a form of its own for some headers, can say by them.
/// <https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_ResponseHeadersPolicySecurityHeadersConfig.html>
fn fault(name: &str, value: &str) -> Option<&'static str> {
    let is = |known: &str| name.eq_ignore_ascii_case(known);
    if is("Strict-Transport-Security") && hsts(value).is_none() {
        return Some("it is `max-age=63072000`, with `; includeSubDomains` and `; preload` behind it or not");
    }
    if is("X-Content-Type-Options") && value != "nosniff" {
        return Some("it is `nosniff`, or empty to take it out");
    }
    if is("X-Frame-Options") && !["DENY", "SAMEORIGIN"].contains(&value) {
        return Some("it is `DENY` or `SAMEORIGIN`; `frame-ancestors` in the Content-Security-Policy says more");
    }
    if is("Referrer-Policy") && !REFERRER.contains(&value) {
        return Some("it is one of the policies of the standard, such as `no-referrer`, in lower case");
    }
    None
}
