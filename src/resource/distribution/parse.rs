//! A distribution as CloudFront tells it, in the form that is compared.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_cloudfront::types::{
    CacheBehavior, DefaultCacheBehavior, DistributionConfig, EventType, Origin as SdkOrigin, OriginProtocolPolicy,
};

use super::{Behaviour, By, Origin, REST, Settings};
use crate::aws::Parts;
use crate::openapi::EDGE_KEY;
use crate::scope::{SYMBOLIC_API, Scope};

/// The origins, and the secret that the API is told.
pub(super) fn origins(
    config: &DistributionConfig,
    parts: &Parts,
    (scope, api): (&Scope, Option<&str>),
) -> (BTreeMap<String, Origin>, String) {
    let mut key = String::new();
    let mut origins = BTreeMap::new();
    for origin in config.origins().map(aws_sdk_cloudfront::types::Origins::items).unwrap_or_default() {
        let by = by(origin, parts);
        if by == By::Key {
            origin_key(origin).clone_into(&mut key);
        }
        let is_api = api.is_some_and(|api| scope.api_host(api) == origin.domain_name());
        let host = if is_api { scope.api_host(SYMBOLIC_API) } else { origin.domain_name().to_owned() };
        let path = origin.origin_path().unwrap_or_default().to_owned();
        origins.insert(origin.id().to_owned(), Origin { host, path, by });
    }
    (origins, key)
}

fn origin_key(origin: &SdkOrigin) -> &str {
    let headers = origin.custom_headers().map(aws_sdk_cloudfront::types::CustomHeaders::items).unwrap_or_default();
    let key = headers.iter().find(|header| header.header_name().eq_ignore_ascii_case(EDGE_KEY));
    key.map(aws_sdk_cloudfront::types::OriginCustomHeader::header_value).unwrap_or_default()
}

fn by(origin: &SdkOrigin, parts: &Parts) -> By {
    let headers = origin.custom_headers().map(aws_sdk_cloudfront::types::CustomHeaders::items).unwrap_or_default();
    let access = origin.origin_access_control_id().filter(|id| !id.is_empty());
    let custom = origin.custom_origin_config();
    let is_https = custom.is_some_and(|custom| *custom.origin_protocol_policy() == OriginProtocolPolicy::HttpsOnly);
    if access.is_some() && access == parts.access.as_ref().map(|(id, _)| id.as_str()) && headers.is_empty() {
        By::Signature
    } else if access.is_none() && is_https && headers.len() == 1 && !origin_key(origin).is_empty() {
        By::Key
    } else {
        let names: Vec<&str> = headers.iter().map(aws_sdk_cloudfront::types::OriginCustomHeader::header_name).collect();
        let protocol = custom.map_or("S3", |custom| custom.origin_protocol_policy().as_str());
        By::Other(format!("{protocol}, access control {}, headers {names:?}", access.unwrap_or("none")))
    }
}

/// The behaviours by their patterns. Those that memoctl makes do not overlap, so their order is of no account.
pub(super) fn behaviours(config: &DistributionConfig, parts: &Parts) -> BTreeMap<String, Behaviour> {
    let others = config.cache_behaviors().map(aws_sdk_cloudfront::types::CacheBehaviors::items).unwrap_or_default();
    let others = others.iter().map(|behaviour| {
        let pattern = behaviour.path_pattern();
        let pattern = if pattern.starts_with('/') { pattern.to_owned() } else { format!("/{pattern}") };
        (pattern, behaviour_of(&as_default(behaviour), parts))
    });
    let rest = config.default_cache_behavior().map(|rest| (REST.to_owned(), behaviour_of(rest, parts)));
    others.chain(rest).collect()
}

/// The two kinds of behaviour have the same members, but for the pattern.
fn as_default(behaviour: &CacheBehavior) -> DefaultCacheBehavior {
    let built = DefaultCacheBehavior::builder()
        .target_origin_id(behaviour.target_origin_id())
        .viewer_protocol_policy(behaviour.viewer_protocol_policy().clone())
        .set_trusted_signers(behaviour.trusted_signers().cloned())
        .set_trusted_key_groups(behaviour.trusted_key_groups().cloned())
        .set_allowed_methods(behaviour.allowed_methods().cloned())
        .set_compress(behaviour.compress())
        .set_lambda_function_associations(behaviour.lambda_function_associations().cloned())
        .set_function_associations(behaviour.function_associations().cloned())
        .set_field_level_encryption_id(behaviour.field_level_encryption_id().map(str::to_owned))
        .set_realtime_log_config_arn(behaviour.realtime_log_config_arn().map(str::to_owned))
        .set_cache_policy_id(behaviour.cache_policy_id().map(str::to_owned))
        .set_origin_request_policy_id(behaviour.origin_request_policy_id().map(str::to_owned))
        .set_response_headers_policy_id(behaviour.response_headers_policy_id().map(str::to_owned));
    match built.build() {
        Ok(built) => built,
        Err(error) => unreachable!("a behaviour that was read has an origin and a protocol: {error}"),
    }
}

fn behaviour_of(live: &DefaultCacheBehavior, parts: &Parts) -> Behaviour {
    let methods = live.allowed_methods().map(aws_sdk_cloudfront::types::AllowedMethods::items).unwrap_or_default();
    let mut others = BTreeSet::new();
    let mut rewrites = false;
    for function in live.function_associations().map(aws_sdk_cloudfront::types::FunctionAssociations::items).unwrap_or_default() {
        if *function.event_type() == EventType::ViewerRequest && Some(function.function_arn()) == parts.rewrites.as_ref().map(|(arn, _)| arn.as_str()) {
            rewrites = true;
        } else {
            others.insert(format!("{}: {}", function.event_type().as_str(), function.function_arn()));
        }
    }
    for function in live.lambda_function_associations().map(aws_sdk_cloudfront::types::LambdaFunctionAssociations::items).unwrap_or_default() {
        others.insert(format!("{}: {}", function.event_type().as_str(), function.lambda_function_arn()));
    }
    let mut other = |is_there: bool, what: String| {
        if is_there {
            others.insert(what);
        }
    };
    other(live.trusted_signers().is_some_and(aws_sdk_cloudfront::types::TrustedSigners::enabled), "trusted signers".to_owned());
    other(live.trusted_key_groups().is_some_and(aws_sdk_cloudfront::types::TrustedKeyGroups::enabled), "trusted key groups".to_owned());
    for (what, id) in [("field-level encryption", live.field_level_encryption_id()), ("log", live.realtime_log_config_arn())] {
        let id = id.unwrap_or_default();
        other(!id.is_empty(), format!("{what}: {id}"));
    }
    let policy = live.response_headers_policy_id().filter(|id| !id.is_empty());
    let ours = policy.is_some() && policy == parts.headers.as_ref().map(|(id, _)| id.as_str());
    other(policy.is_some() && !ours, format!("headers: {}", policy.unwrap_or_default()));
    Behaviour {
        origin: live.target_origin_id().to_owned(),
        methods: methods.iter().map(|method| method.as_str().to_owned()).collect(),
        cache: live.cache_policy_id().unwrap_or_default().to_owned(),
        forwards: live.origin_request_policy_id().filter(|id| !id.is_empty()).map(str::to_owned),
        viewers: live.viewer_protocol_policy().as_str().to_owned(),
        compress: live.compress() == Some(true),
        headers: ours,
        rewrites,
        others,
    }
}

pub(super) fn settings(config: &DistributionConfig) -> Settings {
    let certificate = config.viewer_certificate();
    let own = certificate.and_then(|one| one.acm_certificate_arn().or(one.iam_certificate_id())).map(str::to_owned);
    let mut others = BTreeSet::new();
    let mut other = |is_there: bool, what: String| {
        if is_there {
            others.insert(what);
        }
    };
    let firewall = config.web_acl_id().unwrap_or_default();
    other(!firewall.is_empty(), format!("firewall: {firewall}"));
    other(config.logging().is_some_and(aws_sdk_cloudfront::types::LoggingConfig::enabled), "access logs".to_owned());
    let told = config.custom_error_responses().map(aws_sdk_cloudfront::types::CustomErrorResponses::items).unwrap_or_default();
    for page in told.iter().filter(|page| page.response_page_path().is_some_and(|path| !path.is_empty())) {
        other(true, format!("a page for {}", page.error_code()));
    }
    other(config.origin_groups().is_some_and(|groups| groups.quantity() > 0), "groups of origins".to_owned());
    other(config.staging() == Some(true), "it is a staging distribution".to_owned());
    let restricted = config.restrictions().and_then(|restrictions| restrictions.geo_restriction());
    let restricted = restricted.filter(|geo| geo.restriction_type().as_str() != "none");
    other(restricted.is_some(), "it is restricted to places".to_owned());
    Settings {
        enabled: config.enabled(),
        index: config.default_root_object().unwrap_or_default().to_owned(),
        aliases: config.aliases().map(aws_sdk_cloudfront::types::Aliases::items).unwrap_or_default().iter().cloned().collect(),
        minimum_tls: match (&own, certificate.and_then(|one| one.minimum_protocol_version())) {
            (Some(_), Some(version)) => version.as_str().to_owned(),
            // What CloudFront has for its own name is no choice.
            _ => "TLSv1".to_owned(),
        },
        certificate: own,
        price_class: config.price_class().map(|class| class.as_str().to_owned()).unwrap_or_default(),
        http: config.http_version().map(|version| version.as_str().to_owned()).unwrap_or_default(),
        ipv6: config.is_ipv6_enabled() == Some(true),
        errors: told.iter().map(|told| (told.error_code(), told.error_caching_min_ttl().unwrap_or(10))).collect(),
        others,
    }
}
