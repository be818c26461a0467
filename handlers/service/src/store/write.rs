//! Writes with conditions, and what comes of them.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

use super::item::{Attribute, Item};

/// One write, or one check beside others in a transaction.
#[derive(Clone, Debug)]
pub struct Write {
    pub(super) verb: Verb,
    pub(super) condition: Option<String>,
    pub(super) names: HashMap<String, String>,
    pub(super) values: HashMap<String, AttributeValue>,
}

#[derive(Clone, Debug)]
pub(super) enum Verb {
    Put(Item),
    /// The key, and what follows `SET`.
    Update(Item, String),
    Delete(Item),
    Check(Item),
}

impl Write {
    fn new(verb: Verb) -> Self {
        Self { verb, condition: None, names: HashMap::new(), values: HashMap::new() }
    }

    /// Writes `item` whole.
    pub fn put(item: Item) -> Self {
        Self::new(Verb::Put(item))
    }

    /// Changes the item with the key (`pk`, `sk`), making it when there is none: `set` is what follows `SET` in an
    /// update expression; ADD and REMOVE clauses may follow there.
    pub fn update(pk: &str, sk: &str, set: &str) -> Self {
        Self::new(Verb::Update(Item::new(pk, sk), set.to_owned()))
    }

    /// Deletes the item with the key (`pk`, `sk`), if there is one.
    pub fn delete(pk: &str, sk: &str) -> Self {
        Self::new(Verb::Delete(Item::new(pk, sk)))
    }

    /// Writes nothing: the condition has to hold for the rest of the transaction.
    pub fn check(pk: &str, sk: &str) -> Self {
        Self::new(Verb::Check(Item::new(pk, sk)))
    }

    /// Writes only when `condition` holds (a condition expression).
    #[must_use]
    pub fn when(mut self, condition: &str) -> Self {
        self.condition = Some(condition.to_owned());
        self
    }

    /// Gives the placeholder `name` (`:epoch`) its value.
    #[must_use]
    pub fn value(mut self, name: &str, value: impl Attribute) -> Self {
        self.values.insert(name.to_owned(), value.into_attribute());
        self
    }

    /// Gives the placeholder `placeholder` (`#name`) its attribute name, for names that DynamoDB reserves.
    #[must_use]
    pub fn name(mut self, placeholder: &str, name: &str) -> Self {
        self.names.insert(placeholder.to_owned(), name.to_owned());
        self
    }

    /// The item that it stores, its key at least; a deletion and a check store none.
    pub(super) fn stores(&self) -> Option<&Item> {
        match &self.verb {
            Verb::Put(item) | Verb::Update(item, _) => Some(item),
            Verb::Delete(_) | Verb::Check(_) => None,
        }
    }

    /// The write with `nonce` in what it stores.
    pub(super) fn signed(mut self, nonce: &str) -> Self {
        match &mut self.verb {
            Verb::Put(item) => {
                item.0.insert(NONCE.to_owned(), nonce.into_attribute());
            }
            Verb::Update(_, set) => {
                *set = format!("SET #nonce = :nonce, {set}");
                self.names.insert("#nonce".to_owned(), NONCE.to_owned());
                self.values.insert(":nonce".to_owned(), nonce.into_attribute());
            }
            Verb::Delete(_) | Verb::Check(_) => {}
        }
        self
    }
}

/// The attribute that tells whose write an item shows.
pub(super) const NONCE: &str = "nonce";

/// What came of a write or a transaction.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// All of it is stored.
    Written,
    /// Nothing is stored; for each write, in order, whether its condition held.
    Refused(Vec<Held>),
}

/// Whether the condition of one write of a refused transaction held.
#[derive(Clone, Debug, PartialEq)]
pub enum Held {
    Yes,
    /// It did not, for the item as it stands; `None` when there is no such item.
    No(Option<Item>),
}

impl Outcome {
    /// The outcome of the writes with `nonce`, of which `held` tells which conditions held.
    pub(super) fn of(held: Vec<Held>, nonce: &str) -> Self {
        let ours = |held: &Held| match held {
            Held::Yes | Held::No(None) => false,
            Held::No(Some(item)) => item.text(NONCE).is_ok_and(|shown| shown == nonce),
        };
        if held.iter().any(ours) { Self::Written } else { Self::Refused(held) }
    }

    /// Whether it is stored.
    pub fn is_written(&self) -> bool {
        *self == Self::Written
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_condition_that_shows_our_own_nonce_is_success() {
        let shown = Item::new("a", "b").set(NONCE, "ours");
        assert_eq!(Outcome::of(vec![Held::Yes, Held::No(Some(shown))], "ours"), Outcome::Written);
    }

    #[test]
    fn a_failed_condition_that_shows_another_nonce_is_a_refusal() {
        let held = vec![Held::No(Some(Item::new("a", "b").set(NONCE, "theirs")))];
        assert_eq!(Outcome::of(held.clone(), "ours"), Outcome::Refused(held));
    }

    #[test]
    fn an_update_stores_the_nonce_beside_its_own_change() {
        let write = Write::update("a", "b", "n = :n ADD c :one").signed("x");
        assert!(matches!(write.verb, Verb::Update(_, set) if set == "SET #nonce = :nonce, n = :n ADD c :one"));
    }
}
