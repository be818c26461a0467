//! Answers: values as XML.

use http::StatusCode;
use http::header::{ETAG, HeaderName, HeaderValue, LOCATION};
use serde::Serialize;
use serde_json::Value;

use super::NAMESPACE;
use crate::call::Response;
use crate::wire::xml::{DECLARATION, Element};
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
        let root = element(root, &value).attribute("xmlns", NAMESPACE);
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

fn element(name: &str, value: &Value) -> Element {
    match value {
        Value::Null => Element::new(name),
        Value::String(text) => Element::text(name, text),
        Value::Bool(_) | Value::Number(_) => Element::text(name, value),
        Value::Array(items) => {
            items.iter().fold(Element::new(name), |list, child| list.with(element(item("", name), child)))
        }
        Value::Object(members) => members.iter().fold(Element::new(name), |parent, (member, value)| {
            parent.with(match value {
                Value::Array(items) if member == "Items" => items
                    .iter()
                    .fold(Element::new("Items"), |list, child| list.with(element(item(name, member), child))),
                _ => element(member, value),
            })
        }),
    }
}

/// What the items of the list `parent` are called.
fn item(parent: &str, member: &str) -> &'static str {
    match parent {
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
        _ if member == "AliasICPRecordals" => "AliasICPRecordal",
        _ => "Item",
    }
}
