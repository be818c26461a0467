//! Lists by pages: `Marker` and `MaxItems`.

use serde_json::{Value, json};

use super::error::invalid_argument;
use crate::call::Error;
use crate::wire::query::Parameters;

/// The items of a page at most, unless the request says otherwise.
const PAGE: usize = 100;

/// A page of `items`, each with its id, in their order: from the one after `Marker`.
pub(super) fn page(items: Vec<(String, Value)>, parameters: &Parameters) -> Result<Value, Error> {
    let most = match parameters.get("MaxItems") {
        None => PAGE,
        Some(given) => given
            .parse::<usize>()
            .ok()
            .filter(|most| *most > 0)
            .ok_or_else(|| invalid_argument("The parameter MaxItems is not valid."))?,
    };
    let marker = parameters.get("Marker").unwrap_or_default();
    let start = match marker {
        "" => 0,
        marker => items
            .iter()
            .position(|(id, _)| id == marker)
            .map(|at| at + 1)
            .ok_or_else(|| invalid_argument("The parameter Marker is not valid."))?,
    };
    let more = items.len() - start > most;
    let page: Vec<(String, Value)> = items.into_iter().skip(start).take(most).collect();
    let mut list = json!({ "Marker": marker, "MaxItems": most, "IsTruncated": more, "Quantity": page.len() });
    if let Some((last, _)) = page.last().filter(|_| more) {
        list["NextMarker"] = last.clone().into();
    }
    if !page.is_empty() {
        list["Items"] = page.into_iter().map(|(_, item)| item).collect();
    }
    Ok(list)
}

/// The page in the form of those lists that tell neither where they began nor whether there is more: `NextMarker` does.
pub(super) fn without_marker(mut page: Value) -> Value {
    if let Some(members) = page.as_object_mut() {
        members.remove("Marker");
        members.remove("IsTruncated");
    }
    page
}
