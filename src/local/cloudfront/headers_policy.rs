//! A response headers policy.
//! <https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_ResponseHeadersPolicyConfig.html>

use serde::{Deserialize, Serialize};

use super::error::{invalid, invalid_argument};
use super::many::{Many, Refused};
use crate::call::Error;

/// Custom headers of a policy, and headers that it removes.
const HEADERS: usize = 10;
/// Characters of a Content-Security-Policy.
const POLICY: usize = 1783;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct ResponseHeadersPolicyConfig {
    #[serde(default)]
    pub(super) comment: String,
    pub(super) name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cors_config: Option<Refused>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) security_headers_config: Option<SecurityHeaders>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) server_timing_headers_config: Option<ServerTiming>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) custom_headers_config: Option<Many<CustomHeader>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) remove_headers_config: Option<Many<RemovedHeader>>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct SecurityHeaders {
    #[serde(rename = "XSSProtection", skip_serializing_if = "Option::is_none")]
    pub(super) xss_protection: Option<XssProtection>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) frame_options: Option<FrameOptions>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) referrer_policy: Option<ReferrerPolicy>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) content_security_policy: Option<ContentSecurityPolicy>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) content_type_options: Option<ContentTypeOptions>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) strict_transport_security: Option<StrictTransportSecurity>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct XssProtection {
    pub(super) r#override: bool,
    pub(super) protection: bool,
    #[serde(default)]
    pub(super) mode_block: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) report_uri: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct FrameOptions {
    pub(super) r#override: bool,
    pub(super) frame_option: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct ReferrerPolicy {
    pub(super) r#override: bool,
    pub(super) referrer_policy: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct ContentSecurityPolicy {
    pub(super) r#override: bool,
    pub(super) content_security_policy: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct ContentTypeOptions {
    pub(super) r#override: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct StrictTransportSecurity {
    pub(super) r#override: bool,
    #[serde(default)]
    pub(super) include_subdomains: bool,
    #[serde(default)]
    pub(super) preload: bool,
    pub(super) access_control_max_age_sec: u32,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct ServerTiming {
    pub(super) enabled: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) sampling_rate: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct CustomHeader {
    pub(super) header: String,
    pub(super) value: String,
    pub(super) r#override: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct RemovedHeader {
    pub(super) header: String,
}

/// A header that a policy sets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Set {
    pub(super) name: String,
    pub(super) value: String,
    /// Whether it replaces what the origin sent under that name.
    pub(super) replaces: bool,
}

impl ResponseHeadersPolicyConfig {
    /// Refuses what AWS refuses, and by name what is not done here.
    pub(super) fn check(&self) -> Result<(), Error> {
        if !(1..=128).contains(&self.name.len())
            || !self.name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
        {
            return Err(invalid_argument(
                "The parameter Name must have 1 to 128 characters of A-Z, a-z, 0-9, - and _.",
            ));
        }
        if self.comment.chars().count() > 128 {
            return Err(invalid_argument("The parameter Comment must have at most 128 characters."));
        }
        if self.cors_config.is_some() {
            return Err(Error::not_implemented("CORS in response headers policies (CorsConfig)"));
        }
        if self.server_timing_headers_config.as_ref().is_some_and(|timing| timing.enabled) {
            return Err(Error::not_implemented("Server-Timing headers (ServerTimingHeadersConfig)"));
        }
        if self.custom_headers_config.as_ref().is_some_and(|headers| headers.len() > HEADERS) {
            let text = "The number of custom headers in the response headers policy exceeds the maximum.";
            return Err(invalid("TooManyCustomHeadersInResponseHeadersPolicy", text));
        }
        if self.remove_headers_config.as_ref().is_some_and(|headers| headers.len() > HEADERS) {
            let text =
                "The number of headers in RemoveHeadersConfig in the response headers policy exceeds the maximum.";
            return Err(invalid("TooManyRemoveHeadersInResponseHeadersPolicy", text));
        }
        if let Some(security) = &self.security_headers_config {
            security.check()?;
        }
        let sets = self.sets();
        let is_header = |set: &&Set| {
            set.name.parse::<http::HeaderName>().is_ok() && http::HeaderValue::from_str(&set.value).is_ok()
        };
        if let Some(set) = sets.iter().find(|set| !is_header(set)) {
            return Err(invalid_argument(format!("The header {:?} is not valid.", set.name)));
        }
        Ok(())
    }

    /// The headers that the policy sets, with their values.
    /// <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/understanding-response-headers-policies.html>
    pub(super) fn sets(&self) -> Vec<Set> {
        let custom = self.custom_headers_config.iter().flat_map(Many::iter);
        let custom = custom.map(|custom| Set {
            name: custom.header.clone(),
            value: custom.value.clone(),
            replaces: custom.r#override,
        });
        self.security_headers_config.iter().flat_map(SecurityHeaders::sets).chain(custom).collect()
    }

    /// The headers of the origin that viewers do not get, in lower case.
    pub(super) fn removes(&self) -> Vec<String> {
        let removed = self.remove_headers_config.iter().flat_map(Many::iter);
        removed.map(|removed| removed.header.to_ascii_lowercase()).collect()
    }
}

impl SecurityHeaders {
    fn check(&self) -> Result<(), Error> {
        if self.frame_options.as_ref().is_some_and(|frame| !matches!(&*frame.frame_option, "DENY" | "SAMEORIGIN")) {
            return Err(invalid_argument("The parameter FrameOption must be DENY or SAMEORIGIN."));
        }
        let known = |policy: &ReferrerPolicy| REFERRER_POLICIES.contains(&policy.referrer_policy.as_str());
        if self.referrer_policy.as_ref().is_some_and(|policy| !known(policy)) {
            return Err(invalid_argument("The parameter ReferrerPolicy is not valid."));
        }
        if self.content_security_policy.as_ref().is_some_and(|csp| csp.content_security_policy.len() > POLICY) {
            let text = "The length of the Content-Security-Policy header value in the response headers policy exceeds the \
                        maximum.";
            return Err(invalid("TooLongCSPInResponseHeadersPolicy", text));
        }
        let both = |xss: &XssProtection| xss.mode_block && xss.report_uri.is_some();
        if self.xss_protection.as_ref().is_some_and(both) {
            return Err(invalid_argument("ModeBlock cannot be true where there is a ReportUri."));
        }
        Ok(())
    }

    fn sets(&self) -> Vec<Set> {
        let mut sets = Vec::new();
        let mut set = |name: &str, value: String, replaces| sets.push(Set { name: name.to_owned(), value, replaces });
        if let Some(transport) = &self.strict_transport_security {
            let subdomains = if transport.include_subdomains { "; includeSubDomains" } else { "" };
            let preload = if transport.preload { "; preload" } else { "" };
            let value = format!("max-age={}{subdomains}{preload}", transport.access_control_max_age_sec);
            set("strict-transport-security", value, transport.r#override);
        }
        if let Some(options) = &self.content_type_options {
            set("x-content-type-options", "nosniff".to_owned(), options.r#override);
        }
        if let Some(frame) = &self.frame_options {
            set("x-frame-options", frame.frame_option.clone(), frame.r#override);
        }
        if let Some(xss) = &self.xss_protection {
            let value = match (xss.protection, xss.mode_block, &xss.report_uri) {
                (false, ..) => "0".to_owned(),
                (true, true, _) => "1; mode=block".to_owned(),
                (true, false, Some(uri)) => format!("1; report={uri}"),
                (true, false, None) => "1".to_owned(),
            };
            set("x-xss-protection", value, xss.r#override);
        }
        if let Some(policy) = &self.referrer_policy {
            set("referrer-policy", policy.referrer_policy.clone(), policy.r#override);
        }
        if let Some(csp) = &self.content_security_policy {
            set("content-security-policy", csp.content_security_policy.clone(), csp.r#override);
        }
        sets
    }
}

const REFERRER_POLICIES: [&str; 8] = [
    "no-referrer",
    "no-referrer-when-downgrade",
    "origin",
    "origin-when-cross-origin",
    "same-origin",
    "strict-origin",
    "strict-origin-when-cross-origin",
    "unsafe-url",
];
