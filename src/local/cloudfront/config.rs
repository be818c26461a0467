//! A distribution's configuration, with AWS's defaults for what is left out.
//! <https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_DistributionConfig.html>

use serde::{Deserialize, Serialize};

use super::many::{Many, Refused};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct DistributionConfig {
    pub(super) caller_reference: String,
    #[serde(default)]
    pub(super) aliases: Many<String>,
    #[serde(default)]
    pub(super) default_root_object: String,
    pub(super) origins: Many<Origin>,
    #[serde(default)]
    pub(super) origin_groups: Many<Refused>,
    pub(super) default_cache_behavior: Behavior,
    #[serde(default)]
    pub(super) cache_behaviors: Many<Behavior>,
    #[serde(default)]
    pub(super) custom_error_responses: Many<CustomErrorResponse>,
    pub(super) comment: String,
    #[serde(default)]
    pub(super) logging: Logging,
    #[serde(default = "all_places")]
    pub(super) price_class: String,
    pub(super) enabled: bool,
    #[serde(default)]
    pub(super) viewer_certificate: ViewerCertificate,
    #[serde(default)]
    pub(super) restrictions: Restrictions,
    #[serde(default, rename = "WebACLId")]
    pub(super) web_acl_id: String,
    #[serde(default = "http2")]
    pub(super) http_version: String,
    #[serde(default, rename = "IsIPV6Enabled")]
    pub(super) is_ipv6_enabled: bool,
    #[serde(default)]
    pub(super) continuous_deployment_policy_id: String,
    #[serde(default)]
    pub(super) staging: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
#[expect(clippy::struct_field_names, reason = "the API's own names")]
pub(super) struct Origin {
    pub(super) id: String,
    pub(super) domain_name: String,
    #[serde(default)]
    pub(super) origin_path: String,
    #[serde(default)]
    pub(super) custom_headers: Many<OriginCustomHeader>,
    #[serde(rename = "S3OriginConfig", skip_serializing_if = "Option::is_none")]
    pub(super) s3_origin_config: Option<S3OriginConfig>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) custom_origin_config: Option<CustomOriginConfig>,
    #[serde(default = "three")]
    pub(super) connection_attempts: u32,
    #[serde(default = "ten")]
    pub(super) connection_timeout: u32,
    #[serde(default)]
    pub(super) origin_shield: Switch,
    #[serde(default)]
    pub(super) origin_access_control_id: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct OriginCustomHeader {
    pub(super) header_name: String,
    pub(super) header_value: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct S3OriginConfig {
    #[serde(default)]
    pub(super) origin_access_identity: String,
    #[serde(default = "thirty")]
    pub(super) origin_read_timeout: u32,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct CustomOriginConfig {
    #[serde(rename = "HTTPPort")]
    pub(super) http_port: u16,
    #[serde(rename = "HTTPSPort")]
    pub(super) https_port: u16,
    pub(super) origin_protocol_policy: String,
    #[serde(default = "protocols")]
    pub(super) origin_ssl_protocols: Many<String>,
    #[serde(default = "thirty")]
    pub(super) origin_read_timeout: u32,
    #[serde(default = "five")]
    pub(super) origin_keepalive_timeout: u32,
    #[serde(default = "ipv4")]
    pub(super) ip_address_type: String,
}

/// A cache behaviour; the default one has no path pattern.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct Behavior {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) path_pattern: Option<String>,
    pub(super) target_origin_id: String,
    #[serde(default)]
    pub(super) trusted_signers: Trusted,
    #[serde(default)]
    pub(super) trusted_key_groups: Trusted,
    pub(super) viewer_protocol_policy: String,
    #[serde(default)]
    pub(super) allowed_methods: AllowedMethods,
    #[serde(default)]
    pub(super) smooth_streaming: bool,
    #[serde(default)]
    pub(super) compress: bool,
    #[serde(default)]
    pub(super) lambda_function_associations: Many<Refused>,
    #[serde(default)]
    pub(super) function_associations: Many<FunctionAssociation>,
    #[serde(default)]
    pub(super) field_level_encryption_id: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(super) realtime_log_config_arn: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(super) cache_policy_id: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(super) origin_request_policy_id: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(super) response_headers_policy_id: String,
    #[serde(default)]
    pub(super) grpc_config: Switch,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) forwarded_values: Option<Refused>,
    #[serde(rename = "MinTTL", skip_serializing_if = "Option::is_none")]
    pub(super) min_ttl: Option<u64>,
    #[serde(rename = "DefaultTTL", skip_serializing_if = "Option::is_none")]
    pub(super) default_ttl: Option<u64>,
    #[serde(rename = "MaxTTL", skip_serializing_if = "Option::is_none")]
    pub(super) max_ttl: Option<u64>,
}

/// What is on or off.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct Switch {
    pub(super) enabled: bool,
}

/// Signers of private content.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct Trusted {
    pub(super) enabled: bool,
    pub(super) quantity: u64,
    #[serde(skip_serializing)]
    items: Option<Vec<Refused>>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct AllowedMethods {
    pub(super) quantity: usize,
    pub(super) items: Vec<String>,
    #[serde(default = "reading")]
    pub(super) cached_methods: Many<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct FunctionAssociation {
    #[serde(rename = "FunctionARN")]
    pub(super) function_arn: String,
    pub(super) event_type: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct CustomErrorResponse {
    pub(super) error_code: u16,
    #[serde(default)]
    pub(super) response_page_path: String,
    #[serde(default)]
    pub(super) response_code: String,
    #[serde(default = "ten_seconds", rename = "ErrorCachingMinTTL")]
    pub(super) error_caching_min_ttl: u64,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "PascalCase")]
pub(super) struct Logging {
    pub(super) enabled: bool,
    pub(super) include_cookies: bool,
    pub(super) bucket: String,
    pub(super) prefix: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "PascalCase")]
pub(super) struct ViewerCertificate {
    pub(super) cloud_front_default_certificate: bool,
    #[serde(rename = "IAMCertificateId", skip_serializing_if = "Option::is_none")]
    pub(super) iam_certificate_id: Option<String>,
    #[serde(rename = "ACMCertificateArn", skip_serializing_if = "Option::is_none")]
    pub(super) acm_certificate_arn: Option<String>,
    #[serde(rename = "SSLSupportMethod", skip_serializing_if = "Option::is_none")]
    pub(super) ssl_support_method: Option<String>,
    pub(super) minimum_protocol_version: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) certificate: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) certificate_source: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct Restrictions {
    pub(super) geo_restriction: GeoRestriction,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct GeoRestriction {
    pub(super) restriction_type: String,
    pub(super) quantity: usize,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) items: Vec<String>,
}

impl Default for AllowedMethods {
    fn default() -> Self {
        Self { quantity: 2, items: vec!["HEAD".to_owned(), "GET".to_owned()], cached_methods: reading() }
    }
}

impl Default for ViewerCertificate {
    fn default() -> Self {
        Self {
            cloud_front_default_certificate: false,
            iam_certificate_id: None,
            acm_certificate_arn: None,
            ssl_support_method: None,
            minimum_protocol_version: "TLSv1".to_owned(),
            certificate: None,
            certificate_source: None,
        }
    }
}

impl Default for GeoRestriction {
    fn default() -> Self {
        Self { restriction_type: "none".to_owned(), quantity: 0, items: Vec::new() }
    }
}

impl DistributionConfig {
    /// All behaviours in the order in which they are tried; the default one is the last.
    pub(super) fn behaviors(&self) -> impl Iterator<Item = &Behavior> {
        self.cache_behaviors.iter().chain([&self.default_cache_behavior])
    }
}

fn reading() -> Many<String> {
    vec!["HEAD".to_owned(), "GET".to_owned()].into()
}

fn protocols() -> Many<String> {
    vec!["TLSv1".to_owned(), "SSLv3".to_owned()].into()
}

fn all_places() -> String {
    "PriceClass_All".to_owned()
}

fn http2() -> String {
    "http2".to_owned()
}

fn ipv4() -> String {
    "ipv4".to_owned()
}

fn three() -> u32 {
    3
}

fn five() -> u32 {
    5
}

fn ten() -> u32 {
    10
}

fn thirty() -> u32 {
    30
}

fn ten_seconds() -> u64 {
    10
}
