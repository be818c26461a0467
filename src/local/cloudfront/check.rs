//! Whether a distribution's configuration is one that AWS takes, and one that the local cloud can serve.

mod behaviors;
mod domains;
mod origins;

use super::config::DistributionConfig;
use super::error::{invalid, invalid_argument};
use super::model::State;
use crate::call::Error;

/// Characters of a comment, and of the default root object's name.
const COMMENT: usize = 128;
const ROOT: usize = 255;

/// Error codes for which there can be a page or a time of caching.
/// <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/creating-custom-error-pages.html>
const ERRORS: [u16; 12] = [400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504, 412];

/// Checks `config` of the distribution `id`, and gives it back as it is kept.
pub(super) fn config(mut config: DistributionConfig, id: &str, state: &State) -> Result<DistributionConfig, Error> {
    refuse_what_is_not_done(&config)?;
    if config.comment.chars().count() > COMMENT {
        return Err(invalid_argument("The parameter Comment is too big."));
    }
    if config.caller_reference.is_empty() {
        return Err(invalid_argument("The parameter CallerReference is required."));
    }
    let root = &config.default_root_object;
    if root.len() > ROOT || root.starts_with('/') || !root.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(invalid("InvalidDefaultRootObject", "The parameter DefaultRootObject is not valid."));
    }
    if !matches!(config.price_class.as_str(), "PriceClass_100" | "PriceClass_200" | "PriceClass_All") {
        return Err(invalid_argument("The parameter PriceClass is not valid."));
    }
    if !matches!(config.http_version.as_str(), "http1.1" | "http2" | "http3" | "http2and3") {
        return Err(invalid_argument("The parameter HttpVersion is not valid."));
    }
    origins::check(&config, state)?;
    behaviors::check(&config, state)?;
    error_responses(&config)?;
    domains::check(&mut config, id, state)?;
    Ok(config)
}

/// Refuses, by name, what the local cloud does not do.
fn refuse_what_is_not_done(config: &DistributionConfig) -> Result<(), Error> {
    let refused = [
        (!config.origin_groups.is_empty(), "origin groups (OriginGroups)"),
        (config.logging.enabled, "standard logs of distributions (Logging)"),
        (!config.web_acl_id.is_empty(), "web ACLs (WebACLId)"),
        (!config.continuous_deployment_policy_id.is_empty() || config.staging, "staging distributions"),
        (config.restrictions.geo_restriction.restriction_type != "none", "geographic restrictions (GeoRestriction)"),
    ];
    match refused.iter().find(|(is_asked, _)| *is_asked) {
        Some((_, what)) => Err(Error::not_implemented(what)),
        None => Ok(()),
    }
}

fn error_responses(config: &DistributionConfig) -> Result<(), Error> {
    let mut codes = std::collections::BTreeSet::new();
    for response in config.custom_error_responses.iter() {
        if !ERRORS.contains(&response.error_code) || !codes.insert(response.error_code) {
            return Err(invalid("InvalidErrorCode", "The parameter ErrorCode is not valid."));
        }
        let (page, code) = (&response.response_page_path, &response.response_code);
        if page.is_empty() != code.is_empty() {
            let text = "ResponsePagePath and ResponseCode must be given together, or neither of them.";
            return Err(invalid_argument(text));
        }
        if !page.is_empty() && !page.starts_with('/') {
            return Err(invalid_argument("The parameter ResponsePagePath must begin with a slash."));
        }
        let is_code = |code: &String| *code == "200" || code.parse().is_ok_and(|code: u16| ERRORS.contains(&code));
        if !code.is_empty() && !is_code(code) {
            return Err(invalid("InvalidResponseCode", "The parameter ResponseCode is not valid."));
        }
    }
    Ok(())
}
