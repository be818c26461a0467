//! Pages of a list: `MaxItems`, `Marker`, `NextMarker`.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::members::invalid;
use super::route::Route;
use crate::call::Error;

/// Lambda's largest page.
const MOST: usize = 50;

/// The page that a request asks for.
pub(super) struct Page {
    start: usize,
    size: usize,
}

impl Page {
    /// Reads `MaxItems` (over 50 counts as 50) and `Marker`.
    pub(super) fn of(route: &Route) -> Result<Self, Error> {
        let size = match route.parameter("MaxItems") {
            None => MOST,
            Some(given) => match given.parse() {
                Ok(size @ 1..) => MOST.min(size),
                Ok(0) | Err(_) => return Err(invalid(format!("MaxItems is {given}: it must be 1 to 10000"))),
            },
        };
        let start = match route.parameter("Marker") {
            None => 0,
            Some(marker) => {
                let number = URL_SAFE_NO_PAD.decode(&marker).ok().and_then(|bytes| String::from_utf8(bytes).ok());
                let invalid = || invalid(format!("the Marker {marker} is none that this list gave"));
                number.and_then(|number| number.parse().ok()).ok_or_else(invalid)?
            }
        };
        Ok(Self { start, size })
    }

    /// The page of `items`, as the answer's member `name`.
    pub(super) fn cut(&self, items: Vec<Value>, name: &str) -> Value {
        let end = self.start.saturating_add(self.size);
        let more = items.len() > end;
        let page: Vec<Value> = items.into_iter().skip(self.start).take(self.size).collect();
        let mut answer = json!({ name: page });
        if more {
            answer["NextMarker"] = json!(URL_SAFE_NO_PAD.encode(end.to_string()));
        }
        answer
    }
}
