//! Origins.
//! <https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_Origin.html>

use std::collections::BTreeSet;

use super::super::config::{DistributionConfig, Origin};
use super::super::edge::Place;
use super::super::error::{invalid, invalid_argument};
use super::super::model::State;
use crate::call::Error;

/// Origins of a distribution, and custom headers of an origin.
const LIMIT: usize = 25;
const HEADERS: usize = 10;
/// Headers that CloudFront does not add to requests.
/// <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/add-origin-custom-headers.html>
const FORBIDDEN: [&str; 26] = [
    "cache-control",
    "connection",
    "content-length",
    "cookie",
    "host",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-range",
    "if-unmodified-since",
    "max-forwards",
    "pragma",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "range",
    "request-range",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "via",
    "x-real-ip",
    "x-forwarded-proto",
    "expect",
    "accept-encoding",
];

pub(super) fn check(config: &DistributionConfig, state: &State) -> Result<(), Error> {
    if config.origins.is_empty() {
        return Err(invalid_argument("A distribution must have at least one origin."));
    }
    if config.origins.len() > LIMIT {
        return Err(invalid("TooManyOrigins", "You cannot create more origins for the distribution."));
    }
    let mut ids = BTreeSet::new();
    for origin in config.origins.iter() {
        if origin.id.is_empty() || !ids.insert(&origin.id) {
            return Err(invalid_argument("The origins of a distribution must have ids that are unique."));
        }
        check_one(origin, state)?;
    }
    Ok(())
}

fn check_one(origin: &Origin, state: &State) -> Result<(), Error> {
    if origin.origin_shield.enabled {
        return Err(Error::not_implemented("Origin Shield (OriginShield)"));
    }
    let path = &origin.origin_path;
    if !path.is_empty() && (!path.starts_with('/') || path.ends_with('/') || path.len() > 255) {
        return Err(invalid_argument("The parameter OriginPath must begin with a slash and not end with one."));
    }
    if !(1..=3).contains(&origin.connection_attempts) || !(1..=10).contains(&origin.connection_timeout) {
        let text = "ConnectionAttempts must be between 1 and 3, ConnectionTimeout between 1 and 10 seconds.";
        return Err(invalid_argument(text));
    }
    check_headers(origin)?;
    let place = Place::of(&origin.domain_name)?;
    match (&origin.s3_origin_config, &origin.custom_origin_config) {
        (Some(_), Some(_)) | (None, None) => {
            Err(invalid_argument("An origin must have either an S3OriginConfig or a CustomOriginConfig."))
        }
        (Some(s3), None) => {
            if !matches!(place, Place::Bucket(_)) {
                let text = "The parameter Origin DomainName does not refer to a valid S3 bucket.";
                return Err(invalid("InvalidOrigin", text));
            }
            if !s3.origin_access_identity.is_empty() {
                let both = !origin.origin_access_control_id.is_empty();
                let text =
                    "An origin cannot contain both an origin access control (OAC) and an origin access identity (OAI).";
                return Err(if both {
                    invalid("IllegalOriginAccessConfiguration", text)
                } else {
                    Error::not_implemented("origin access identities (OriginAccessIdentity)")
                });
            }
            check_access_control(origin, state)
        }
        (None, Some(custom)) => {
            if !matches!(custom.origin_protocol_policy.as_str(), "http-only" | "https-only" | "match-viewer") {
                return Err(invalid_argument("The parameter OriginProtocolPolicy is not valid."));
            }
            if !(1..=120).contains(&custom.origin_read_timeout) {
                let text = "The parameter OriginReadTimeout must be between 1 and 120 seconds.";
                return Err(invalid("InvalidOriginReadTimeout", text));
            }
            match place {
                Place::Api(_) if !origin.origin_access_control_id.is_empty() => Err(invalid(
                    "InvalidDomainNameForOriginAccessControl",
                    "An origin access control is associated with an origin whose domain name is not supported.",
                )),
                // API Gateway answers HTTPS alone.
                Place::Api(_) if custom.origin_protocol_policy == "http-only" => {
                    Err(Error::not_implemented("http-only to API Gateway, which answers HTTPS alone"))
                }
                Place::Api(_) => Ok(()),
                Place::Bucket(_) => Err(Error::not_implemented("a bucket as a custom origin (CustomOriginConfig)")),
            }
        }
    }
}

fn check_access_control(origin: &Origin, state: &State) -> Result<(), Error> {
    let id = &origin.origin_access_control_id;
    if !id.is_empty() && !state.access_controls.contains_key(id) {
        return Err(invalid("InvalidOriginAccessControl", "The specified origin access control does not exist."));
    }
    Ok(())
}

fn check_headers(origin: &Origin) -> Result<(), Error> {
    if origin.custom_headers.len() > HEADERS {
        return Err(invalid("TooManyOriginCustomHeaders", "Your request contains too many origin custom headers."));
    }
    let mut names = BTreeSet::new();
    for header in origin.custom_headers.iter() {
        let name = header.header_name.to_ascii_lowercase();
        let is_forbidden =
            FORBIDDEN.contains(&name.as_str()) || name.starts_with("x-amz-") || name.starts_with("x-edge-");
        let is_valid =
            name.parse::<http::HeaderName>().is_ok() && http::HeaderValue::from_str(&header.header_value).is_ok();
        if is_forbidden || !is_valid || !names.insert(name) {
            return Err(invalid_argument(format!("The parameter HeaderName {} is not valid.", header.header_name)));
        }
    }
    Ok(())
}
