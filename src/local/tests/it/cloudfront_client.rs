//! Distributions of a cloud, made by calls as an SDK makes them, and asked as viewers ask.

use std::fmt::Write as _;

use crate::apigateway_client::{Answer, Gateway, signature};

pub(crate) const CACHING_OPTIMIZED: &str = "658327ea-f89d-4fab-a63d-7e88639e58f6";
pub(crate) const CACHING_DISABLED: &str = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad";
pub(crate) const ALL_VIEWER_EXCEPT_HOST: &str = "b689b0a8-53d0-40ab-baf2-68738e2966ac";

/// A distribution: its id and its domain name.
pub(crate) struct Distribution {
    pub(crate) id: String,
    pub(crate) domain_name: String,
}

/// A behaviour with this path pattern, empty for the default one; `more` are further elements.
pub(crate) fn behavior(pattern: &str, origin: &str, cache_policy: &str, more: &str) -> String {
    let pattern = if pattern.is_empty() { String::new() } else { element("PathPattern", pattern) };
    let rest = element("TargetOriginId", origin)
        + &element("ViewerProtocolPolicy", "redirect-to-https")
        + &element("CachePolicyId", cache_policy);
    format!("{pattern}{rest}{more}")
}

/// All methods, which not every behaviour allows.
pub(crate) fn every_method() -> String {
    let methods: Vec<String> = ["GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"]
        .iter()
        .map(|method| element("Method", method))
        .collect();
    element("AllowedMethods", &many(&methods))
}

/// An API as the origin `api`; `more` are further elements.
pub(crate) fn api(id: &str, stage: &str, more: &str) -> String {
    let custom =
        element("HTTPPort", "80") + &element("HTTPSPort", "443") + &element("OriginProtocolPolicy", "https-only");
    element("Id", "api")
        + &element("DomainName", &format!("{id}.execute-api.us-east-1.amazonaws.com"))
        + &element("OriginPath", &format!("/{stage}"))
        + &element("CustomOriginConfig", &(custom + more))
}

/// A bucket as the origin `bucket`.
pub(crate) fn bucket(name: &str, control: &str) -> String {
    element("Id", "bucket")
        + &element("DomainName", &format!("{name}.s3.us-east-1.amazonaws.com"))
        + &element("S3OriginConfig", &element("OriginAccessIdentity", ""))
        + &element("OriginAccessControlId", control)
}

/// A distribution's configuration.
pub(crate) fn config(reference: &str, origins: &[String], default: &str, behaviors: &[String]) -> String {
    let wrap = |name: &str, all: &[String]| many(&all.iter().map(|one| element(name, one)).collect::<Vec<_>>());
    let members = element("CallerReference", reference)
        + &element("Origins", &wrap("Origin", origins))
        + &element("DefaultCacheBehavior", default)
        + &element("CacheBehaviors", &wrap("CacheBehavior", behaviors))
        + &element("Comment", "")
        + &element("Enabled", "true");
    format!(
        r#"<DistributionConfig xmlns="http://cloudfront.amazonaws.com/doc/2020-05-31/">{members}</DistributionConfig>"#
    )
}

pub(crate) fn element(name: &str, content: &str) -> String {
    format!("<{name}>{content}</{name}>")
}

pub(crate) fn many(items: &[String]) -> String {
    let mut list = element("Quantity", &items.len().to_string());
    if !items.is_empty() {
        let _ = write!(list, "<Items>{}</Items>", items.concat());
    }
    list
}

/// The text of the last element `name` in an answer: what a thing is made of comes before its own id.
pub(crate) fn text_of(answer: &Answer, name: &str) -> String {
    let (start, end) = (format!("<{name}>"), format!("</{name}>"));
    let text = answer.text().rsplit_once(&start).and_then(|(_, rest)| rest.split_once(&end)).map(|(text, _)| text);
    text.unwrap_or_else(|| panic!("no {name} in {}", answer.text())).to_owned()
}

impl Gateway {
    /// A call to CloudFront, whose path follows the version of the API.
    pub(crate) fn cloudfront(&self, method: &str, path: &str, if_match: Option<&str>, body: &str) -> Answer {
        let authorization = signature("cloudfront");
        let mut headers = vec![("content-type", "application/xml"), ("authorization", authorization.as_str())];
        headers.extend(if_match.map(|version| ("if-match", version)));
        self.send(method, &format!("/2020-05-31/{path}"), &headers, body.to_owned().into())
    }

    /// Makes a distribution.
    pub(crate) fn distribution(&self, config: &str) -> Distribution {
        let made = self.cloudfront("POST", "distribution", None, config);
        assert_eq!(made.status, 201, "{}", made.text());
        Distribution { id: text_of(&made, "Id"), domain_name: text_of(&made, "DomainName") }
    }

    /// A viewer's request.
    pub(crate) fn view(
        &self,
        distribution: &Distribution,
        (method, path): (&str, &str),
        headers: &[(&str, &str)],
        body: &str,
    ) -> Answer {
        self.send_to(&distribution.domain_name, (method, path), headers, body.to_owned().into())
    }
}
