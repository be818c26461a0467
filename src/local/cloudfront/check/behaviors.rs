//! Cache behaviours.
//! <https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_CacheBehavior.html>

use std::collections::BTreeSet;

use super::super::config::{Behavior, DistributionConfig};
use super::super::error::{invalid, invalid_argument, no_headers_policy};
use super::super::managed::{CachePolicy, OriginRequestPolicy};
use super::super::model::State;
use super::super::routes;
use crate::call::Error;

/// Cache behaviours of a distribution.
const LIMIT: usize = 25;
/// Characters of a path pattern.
const PATTERN: usize = 255;

/// The sets of methods that a behaviour can allow.
const METHODS: [&[&str]; 3] =
    [&["GET", "HEAD"], &["GET", "HEAD", "OPTIONS"], &["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]];

pub(super) fn check(config: &DistributionConfig, state: &State) -> Result<(), Error> {
    if config.cache_behaviors.len() > LIMIT {
        return Err(invalid("TooManyCacheBehaviors", "You cannot create more cache behaviors for the distribution."));
    }
    if config.default_cache_behavior.path_pattern.is_some() {
        return Err(invalid_argument("The default cache behavior cannot have a PathPattern."));
    }
    let mut patterns = BTreeSet::new();
    for behavior in config.cache_behaviors.iter() {
        let pattern = behavior.path_pattern.as_deref().unwrap_or_default();
        if pattern.is_empty() || pattern.len() > PATTERN || !pattern.bytes().all(is_of_a_pattern) {
            return Err(invalid_argument("The parameter PathPattern is not valid."));
        }
        if !patterns.insert(pattern.trim_start_matches('/')) {
            return Err(invalid_argument(format!(
                "There are several cache behaviors with the path pattern {pattern}."
            )));
        }
    }
    config.behaviors().try_for_each(|behavior| check_one(behavior, config, state))
}

/// <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesCacheBehavior.html>
fn is_of_a_pattern(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_-.*$/~\"'@:+&?=()%,!;".contains(&byte)
}

fn check_one(behavior: &Behavior, config: &DistributionConfig, state: &State) -> Result<(), Error> {
    refuse_what_is_not_done(behavior)?;
    if !config.origins.iter().any(|origin| origin.id == behavior.target_origin_id) {
        return Err(Error::new(404, "NoSuchOrigin", "One or more of your origins or origin groups do not exist."));
    }
    if !matches!(behavior.viewer_protocol_policy.as_str(), "allow-all" | "https-only" | "redirect-to-https") {
        return Err(invalid_argument("The parameter ViewerProtocolPolicy is not valid."));
    }
    check_methods(behavior)?;
    if behavior.cache_policy_id.is_empty() {
        return Err(invalid_argument("The parameter ForwardedValues is required."));
    }
    CachePolicy::of(&behavior.cache_policy_id)?;
    OriginRequestPolicy::of(&behavior.origin_request_policy_id)?;
    let headers = &behavior.response_headers_policy_id;
    if !headers.is_empty() && !state.headers_policies.contains_key(headers) {
        return Err(no_headers_policy());
    }
    check_functions(behavior, state)
}

/// Refuses, by name, what the local cloud does not do.
fn refuse_what_is_not_done(behavior: &Behavior) -> Result<(), Error> {
    let has_ttl = behavior.min_ttl.or(behavior.default_ttl).or(behavior.max_ttl).is_some();
    let refused = [
        (behavior.trusted_signers.enabled || behavior.trusted_signers.quantity > 0, "trusted signers (TrustedSigners)"),
        (
            behavior.trusted_key_groups.enabled || behavior.trusted_key_groups.quantity > 0,
            "key groups (TrustedKeyGroups)",
        ),
        (behavior.smooth_streaming, "Smooth Streaming"),
        (!behavior.lambda_function_associations.is_empty(), "Lambda@Edge (LambdaFunctionAssociations)"),
        (!behavior.field_level_encryption_id.is_empty(), "field-level encryption (FieldLevelEncryptionId)"),
        (!behavior.realtime_log_config_arn.is_empty(), "real-time logs (RealtimeLogConfigArn)"),
        (behavior.grpc_config.enabled, "gRPC (GrpcConfig)"),
        (behavior.forwarded_values.is_some(), "legacy cache settings (ForwardedValues): name a CachePolicyId"),
        (has_ttl, "legacy cache settings (MinTTL, DefaultTTL, MaxTTL): name a CachePolicyId"),
    ];
    match refused.iter().find(|(is_asked, _)| *is_asked) {
        Some((_, what)) => Err(Error::not_implemented(what)),
        None => Ok(()),
    }
}

fn check_methods(behavior: &Behavior) -> Result<(), Error> {
    let methods = &behavior.allowed_methods;
    if methods.quantity != methods.items.len() {
        let text = "The value of Quantity and the size of Items don't match.";
        return Err(invalid("InconsistentQuantities", text));
    }
    let allowed: BTreeSet<&str> = methods.items.iter().map(String::as_str).collect();
    let cached: BTreeSet<&str> = methods.cached_methods.iter().map(String::as_str).collect();
    let is_one_of =
        |given: &BTreeSet<&str>, sets: &[&[&str]]| sets.iter().any(|set| set.iter().copied().eq(given.iter().copied()));
    if !is_one_of(&allowed, &METHODS) {
        return Err(invalid_argument("The parameter AllowedMethods contains an unsupported set of methods."));
    }
    if !is_one_of(&cached, &METHODS[..2]) || !cached.is_subset(&allowed) {
        return Err(invalid_argument("The parameter CachedMethods contains an unsupported set of methods."));
    }
    if cached.contains("OPTIONS") {
        return Err(Error::not_implemented("caching of answers to OPTIONS (CachedMethods)"));
    }
    Ok(())
}

fn check_functions(behavior: &Behavior, state: &State) -> Result<(), Error> {
    let mut events = BTreeSet::new();
    for association in behavior.function_associations.iter() {
        if !matches!(association.event_type.as_str(), "viewer-request" | "viewer-response") {
            let text = "CloudFront Functions can be associated with viewer-request and viewer-response events only.";
            return Err(invalid("InvalidFunctionAssociation", text));
        }
        if !events.insert(association.event_type.as_str()) {
            let text = "A cache behavior can have one function for each event type.";
            return Err(invalid("InvalidFunctionAssociation", text));
        }
        let arn = &association.function_arn;
        let name = arn.rsplit('/').next().unwrap_or_default();
        let is_published = state.functions.get(name).is_some_and(|function| function.live.is_some());
        if *arn != routes::arn("function", name) || !is_published {
            let text = format!("The function ARN {arn} is of no function that is published to the stage LIVE.");
            return Err(invalid("InvalidFunctionAssociation", text));
        }
    }
    Ok(())
}
