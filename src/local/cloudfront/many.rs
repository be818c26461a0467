//! CloudFront's lists: how many items, and the items.

use serde::{Deserialize, Deserializer, Serialize};

use crate::wire::document::INCONSISTENT;

/// A list with its length: `<Quantity>2</Quantity><Items>...</Items>`. The two must agree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Many<T> {
    quantity: usize,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    items: Vec<T>,
}

/// An item that the local cloud does not look into: where it stands the request is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Refused;

impl<T> Many<T> {
    pub(super) fn iter(&self) -> std::slice::Iter<'_, T> {
        self.items.iter()
    }

    pub(super) fn len(&self) -> usize {
        self.items.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.items.is_empty()
    }
}

impl<T> From<Vec<T>> for Many<T> {
    fn from(items: Vec<T>) -> Self {
        Self { quantity: items.len(), items }
    }
}

impl<T> Default for Many<T> {
    fn default() -> Self {
        Vec::new().into()
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Many<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields, rename_all = "PascalCase", bound = "T: Deserialize<'de>")]
        struct Written<T> {
            quantity: usize,
            #[serde(default = "Vec::new")]
            items: Vec<T>,
        }
        let Written { quantity, items } = Written::deserialize(deserializer)?;
        if quantity != items.len() {
            return Err(serde::de::Error::custom(INCONSISTENT));
        }
        Ok(items.into())
    }
}

impl<'de> Deserialize<'de> for Refused {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        serde::de::IgnoredAny::deserialize(deserializer).map(|_| Self)
    }
}
