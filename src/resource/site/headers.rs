//! Headers as CloudFront's response headers policies have them: those for security each in a form of its own, which none of
//! the others may be. <https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_ResponseHeadersPolicySecurityHeadersConfig.html>

use std::collections::BTreeMap;

use aws_sdk_cloudfront::types::{
    FrameOptionsList, ReferrerPolicyList, ResponseHeadersPolicyConfig, ResponseHeadersPolicyContentSecurityPolicy,
    ResponseHeadersPolicyContentTypeOptions, ResponseHeadersPolicyCustomHeader, ResponseHeadersPolicyCustomHeadersConfig,
    ResponseHeadersPolicyFrameOptions, ResponseHeadersPolicyReferrerPolicy, ResponseHeadersPolicySecurityHeadersConfig,
    ResponseHeadersPolicyStrictTransportSecurity,
};
use aws_smithy_types::error::operation::BuildError;

use crate::stack;

const CSP: &str = "Content-Security-Policy";
const HSTS: &str = "Strict-Transport-Security";
const SNIFF: &str = "X-Content-Type-Options";
const FRAME: &str = "X-Frame-Options";
const REFERRER: &str = "Referrer-Policy";

/// Behind the value of a header that goes only where the object has none of the name.
const YIELDS: &str = " (unless the file has one)";

/// The policy `name` with `headers`, all of which go before what an object has.
pub(super) fn render(
    (name, comment): (&str, &str),
    headers: &BTreeMap<String, String>,
) -> Result<ResponseHeadersPolicyConfig, BuildError> {
    let mut security = ResponseHeadersPolicySecurityHeadersConfig::builder();
    let mut custom = Vec::new();
    for (header, value) in headers {
        let is = |known: &str| header.eq_ignore_ascii_case(known);
        if is(CSP) {
            let policy = ResponseHeadersPolicyContentSecurityPolicy::builder().content_security_policy(value);
            security = security.content_security_policy(policy.r#override(true).build()?);
        } else if is(HSTS) {
            let (age, subdomains, preload) = stack::hsts(value).unwrap_or_default();
            let policy = ResponseHeadersPolicyStrictTransportSecurity::builder().access_control_max_age_sec(age);
            let policy = policy.include_subdomains(subdomains).preload(preload).r#override(true);
            security = security.strict_transport_security(policy.build()?);
        } else if is(SNIFF) {
            let policy = ResponseHeadersPolicyContentTypeOptions::builder().r#override(true).build()?;
            security = security.content_type_options(policy);
        } else if is(FRAME) {
            let option = FrameOptionsList::from(value.to_ascii_uppercase().as_str());
            let policy = ResponseHeadersPolicyFrameOptions::builder().frame_option(option).r#override(true).build()?;
            security = security.frame_options(policy);
        } else if is(REFERRER) {
            let policy = ReferrerPolicyList::from(value.as_str());
            let policy = ResponseHeadersPolicyReferrerPolicy::builder().referrer_policy(policy).r#override(true).build()?;
            security = security.referrer_policy(policy);
        } else {
            let header = ResponseHeadersPolicyCustomHeader::builder().header(header).value(value).r#override(true);
            custom.push(header.build()?);
        }
    }
    let config = ResponseHeadersPolicyConfig::builder().name(name).comment(comment).security_headers_config(security.build());
    let config = match i32::try_from(custom.len()) {
        Ok(0) | Err(_) => config,
        Ok(quantity) => {
            let custom = ResponseHeadersPolicyCustomHeadersConfig::builder().quantity(quantity).set_items(Some(custom));
            config.custom_headers_config(custom.build()?)
        }
    };
    config.build()
}

/// The headers of a policy that was read, in the form of [`render`]'s; what that does not make is told by a name of its own.
pub(super) fn parse(config: &ResponseHeadersPolicyConfig) -> BTreeMap<String, String> {
    let mut headers = BTreeMap::new();
    let mut put = |name: &str, value: String, overrides: bool| {
        headers.insert(name.to_owned(), if overrides { value } else { format!("{value}{YIELDS}") });
    };
    if let Some(security) = config.security_headers_config() {
        if let Some(policy) = security.content_security_policy() {
            put(CSP, policy.content_security_policy().to_owned(), policy.r#override());
        }
        if let Some(policy) = security.strict_transport_security() {
            let subdomains = if policy.include_subdomains() == Some(true) { "; includeSubDomains" } else { "" };
            let preload = if policy.preload() == Some(true) { "; preload" } else { "" };
            let value = format!("max-age={}{subdomains}{preload}", policy.access_control_max_age_sec());
            put(HSTS, value, policy.r#override());
        }
        if let Some(policy) = security.content_type_options() {
            put(SNIFF, "nosniff".to_owned(), policy.r#override());
        }
        if let Some(policy) = security.frame_options() {
            put(FRAME, policy.frame_option().as_str().to_owned(), policy.r#override());
        }
        if let Some(policy) = security.referrer_policy() {
            put(REFERRER, policy.referrer_policy().as_str().to_owned(), policy.r#override());
        }
        if let Some(policy) = security.xss_protection() {
            put("X-XSS-Protection", policy.protection().to_string(), policy.r#override());
        }
    }
    for custom in config.custom_headers_config().map(aws_sdk_cloudfront::types::ResponseHeadersPolicyCustomHeadersConfig::items).unwrap_or_default() {
        put(custom.header(), custom.value().to_owned(), custom.r#override());
    }
    let others = [
        ("(CORS)", config.cors_config().is_some()),
        ("(Server-Timing)", config.server_timing_headers_config().is_some_and(aws_sdk_cloudfront::types::ResponseHeadersPolicyServerTimingHeadersConfig::enabled)),
        ("(removed)", config.remove_headers_config().is_some_and(|removed| removed.quantity() > 0)),
    ];
    for (name, _) in others.into_iter().filter(|(_, is_there)| *is_there) {
        put(name, "set outside of memoctl".to_owned(), true);
    }
    headers
}

/// `headers` as they are when they have been CloudFront's.
pub(super) fn normalised(headers: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    render(("headers", ""), headers).map_or_else(|_| headers.clone(), |config| parse(&config))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(headers: &[(&str, &str)]) -> BTreeMap<String, String> {
        headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn headers_come_back_as_they_were_made() {
        let headers = map(&[
            (CSP, "default-src 'none'"),
            (HSTS, "max-age=63072000; includeSubDomains; preload"),
            (SNIFF, "nosniff"),
            (FRAME, "DENY"),
            (REFERRER, "no-referrer"),
            ("Permissions-Policy", "camera=()"),
        ]);
        assert_eq!(normalised(&headers), headers);
        assert_eq!(normalised(&map(&[("x-frame-options", "deny")])), map(&[(FRAME, "DENY")]));
        assert_eq!(normalised(&map(&[])), map(&[]));
    }

    #[test]
    fn a_header_that_yields_and_headers_of_other_kinds_are_seen() {
        let custom = ResponseHeadersPolicyCustomHeader::builder().header("A").value("b").r#override(false).build().unwrap();
        let custom = ResponseHeadersPolicyCustomHeadersConfig::builder().quantity(1).items(custom).build().unwrap();
        let mut config = render(("a", ""), &map(&[])).unwrap();
        config.custom_headers_config = Some(custom);
        assert_eq!(parse(&config), map(&[("A", "b (unless the file has one)")]));
    }
}
