//! Answers: values as XML.

use http::StatusCode;
use http::header::{ETAG, HeaderName, HeaderValue, LOCATION};
use serde::Serialize;

use super::NAMESPACE;
use crate::call::Response;
use crate::wire::document::element;
use crate::wire::xml::DECLARATION;
use crate::wire::{response, status};

/// An answer in the making.
pub(super) struct Answer(Response);

impl Answer {
    /// An answer without a body.
    pub(super) fn empty() -> Self {
        Self(response(StatusCode::NO_CONTENT, "text/xml", ""))
    }

    /// An answer whose body is `value` as an element `root`.
    pub(super) fn of(code: u16, root: &str, value: &impl Serialize) -> Self {
        let value = serde_json::to_value(value).unwrap_or_default();
        let root = element(root, &value, item).attribute("xmlns", NAMESPACE);
        Self(response(status(code), "text/xml", format!("{DECLARATION}{root}")))
    }

    /// An answer whose body is data.
    pub(super) fn data(content_type: &'static str, data: String) -> Self {
        Self(response(StatusCode::OK, content_type, data))
    }

    pub(super) fn etag(self, etag: &str) -> Self {
        self.header(ETAG, etag)
    }

    /// `Location`: the path of what was made.
    pub(super) fn location(self, path: &str) -> Self {
        self.header(LOCATION, &format!("https://cloudfront.amazonaws.com/2020-05-31/{path}"))
    }

    pub(super) fn header(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.0.headers.insert(name, value);
        }
        self
    }

    pub(super) fn done(self) -> Response {
        self.0
    }
}

/// What the items of a list are called.
fn item(list: &str) -> &'static str {
    match list {
        "Aliases" => "CNAME",
        "Origins" => "Origin",
        "CustomHeaders" => "OriginCustomHeader",
        "OriginSslProtocols" => "SslProtocol",
        "CacheBehaviors" => "CacheBehavior",
        "AllowedMethods" | "CachedMethods" => "Method",
        "FunctionAssociations" => "FunctionAssociation",
        "CustomErrorResponses" => "CustomErrorResponse",
        "GeoRestriction" => "Location",
        "Paths" => "Path",
        "Tags" => "Tag",
        "DistributionList" => "DistributionSummary",
        "InvalidationList" => "InvalidationSummary",
        "OriginAccessControlList" => "OriginAccessControlSummary",
        "ResponseHeadersPolicyList" => "ResponseHeadersPolicySummary",
        "FunctionList" => "FunctionSummary",
        "CustomHeadersConfig" => "ResponseHeadersPolicyCustomHeader",
        "RemoveHeadersConfig" => "ResponseHeadersPolicyRemoveHeader",
        "AliasICPRecordals" => "AliasICPRecordal",
        _ => "Item",
    }
}
