//! Lists by pages: `MaxItems` and `Marker` in, `IsTruncated` and `Marker` out.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::names;
use crate::call::Error;
use crate::wire::query::{Parameters, validation_error};
use crate::wire::xml::Element;

/// Adds to `result` a list `name` with one page of `items`, which are sorted by their keys, and where the page ends.
pub(super) fn page(
    result: Element,
    name: &str,
    items: Vec<(String, Element)>,
    parameters: &Parameters,
) -> Result<Element, Error> {
    let most = parameters.get("MaxItems").map_or(Ok(100), |text| names::number("maxItems", text, 1, 1000))? as usize;
    let after = parameters.get("Marker").map(decode).transpose()?;
    let mut rest = items.into_iter().filter(|(key, _)| after.as_ref().is_none_or(|after| key > after));
    let page: Vec<_> = rest.by_ref().take(most).collect();
    let marker = rest.next().and(page.last()).map(|(key, _)| URL_SAFE_NO_PAD.encode(key));
    Ok(result
        .with(Element::text("IsTruncated", marker.is_some()))
        .maybe("Marker", marker)
        .with(Element::members(name, page.into_iter().map(|(_, item)| item))))
}

fn decode(marker: &str) -> Result<String, Error> {
    let bytes = URL_SAFE_NO_PAD.decode(marker).ok();
    bytes.and_then(|bytes| String::from_utf8(bytes).ok()).ok_or_else(|| validation_error("Invalid Marker."))
}
