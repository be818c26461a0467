//! Alternate domain names and their certificate.
//! <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/CNAMEs.html>

use std::collections::BTreeSet;

use super::super::config::{DistributionConfig, ViewerCertificate};
use super::super::error::{invalid, invalid_argument};
use super::super::model::State;
use crate::call::Error;

/// Alternate domain names of a distribution.
const LIMIT: usize = 100;

const VERSIONS: [&str; 9] = [
    "SSLv3",
    "TLSv1",
    "TLSv1_2016",
    "TLSv1.1_2016",
    "TLSv1.2_2018",
    "TLSv1.2_2019",
    "TLSv1.2_2021",
    "TLSv1.2_2025",
    "TLSv1.3_2025",
];

/// Checks the names and the certificate, and has the configuration say what AWS says of its own certificate.
pub(super) fn check(config: &mut DistributionConfig, id: &str, state: &State) -> Result<(), Error> {
    if config.aliases.len() > LIMIT {
        let text = "Your request contains more CNAMEs than are allowed per distribution.";
        return Err(invalid("TooManyDistributionCNAMEs", text));
    }
    let mut names = BTreeSet::new();
    for alias in config.aliases.iter() {
        if !is_domain_name(alias) {
            return Err(invalid_argument(format!(
                "The parameter CNAME contains one or more parameters that are not valid: {alias}"
            )));
        }
        if !names.insert(alias.to_ascii_lowercase()) {
            return Err(invalid_argument("The parameter CNAME contains a name twice."));
        }
    }
    let others = state.distributions.iter().filter(|(other, _)| *other != id);
    let mut taken = others.flat_map(|(_, other)| other.config.aliases.iter());
    if taken.any(|other| names.contains(&other.to_ascii_lowercase())) {
        let text = "One or more of the CNAMEs you provided are already associated with a different resource.";
        return Err(Error::new(409, "CNAMEAlreadyExists", text));
    }
    certificate(&mut config.viewer_certificate, !names.is_empty())
}

fn certificate(certificate: &mut ViewerCertificate, has_names: bool) -> Result<(), Error> {
    let refuse = |text: &str| Err(invalid("InvalidViewerCertificate", text));
    if certificate.iam_certificate_id.is_some() {
        return Err(Error::not_implemented("certificates of IAM (IAMCertificateId)"));
    }
    if certificate.certificate.is_some() && certificate.certificate != certificate.acm_certificate_arn {
        return Err(Error::not_implemented("the deprecated Certificate: name an ACMCertificateArn"));
    }
    let Some(arn) = &certificate.acm_certificate_arn else {
        if has_names {
            return refuse(
                "To add an alternate domain name (CNAME) to a CloudFront distribution, you must attach a trusted certificate that validates your authorization to use the domain name. For more details, see: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/CNAMEs.html#alternate-domain-names-requirements",
            );
        }
        *certificate = ViewerCertificate {
            cloud_front_default_certificate: true,
            ssl_support_method: Some("vip".to_owned()),
            certificate_source: Some("cloudfront".to_owned()),
            ..ViewerCertificate::default()
        };
        return Ok(());
    };
    if certificate.cloud_front_default_certificate {
        return refuse("The viewer certificate must be either CloudFront's default certificate or one of ACM.");
    }
    // That there is such a certificate cannot be told: the local cloud has no ACM.
    if !arn.starts_with("arn:aws:acm:us-east-1:") || !arn.contains(":certificate/") {
        return refuse(
            "The specified SSL certificate doesn't exist, isn't in us-east-1 region, isn't valid, or doesn't include a valid certificate chain.",
        );
    }
    match certificate.ssl_support_method.as_deref() {
        Some("sni-only") => {}
        Some("vip" | "static-ip") => {
            return Err(Error::not_implemented("addresses of one's own for viewers without SNI (SSLSupportMethod)"));
        }
        _ => return refuse("The parameter SSLSupportMethod is required with a certificate of ACM."),
    }
    if !VERSIONS.contains(&certificate.minimum_protocol_version.as_str()) {
        return Err(invalid("InvalidMinimumProtocolVersion", "The parameter MinimumProtocolVersion is not valid."));
    }
    certificate.certificate = Some(arn.clone());
    certificate.certificate_source = Some("acm".to_owned());
    Ok(())
}

/// Whether `name` is a domain name, whose first label may be a wildcard.
fn is_domain_name(name: &str) -> bool {
    let rest = name.strip_prefix("*.").unwrap_or(name);
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    name.len() <= 253 && rest.contains('.') && rest.split('.').all(is_label)
}
